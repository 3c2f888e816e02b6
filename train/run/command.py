"""The command line that is running, for the record."""

from __future__ import annotations

import shlex
import sys


def command() -> str:
    """As it can be typed again in the checkout."""
    return shlex.join(["python", "-m", "train", *sys.argv[1:]])
