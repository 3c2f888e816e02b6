"""`python -m fer_edge` is `fer-edge`."""

import sys

from fer_edge.command.main import main

sys.exit(main())
