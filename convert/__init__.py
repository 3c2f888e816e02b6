"""From a finished run to an int8 `.tflite` that fer_edge runs: `python -m convert RUN`."""
