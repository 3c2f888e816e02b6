"""From pictures of faces to a trained network: run `python -m train --help` in the checkout."""
