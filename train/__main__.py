"""Train the networks of this field, compare them, and measure what they need."""

from __future__ import annotations

import argparse
import logging
import sys

from fer_edge.errors import FerEdgeError
from train.commands import COMMANDS


def main() -> int:
    """Run one command; 0 if it went well, 1 after an error, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m train", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    for command in COMMANDS:
        command.add(commands)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        args.run_command(args)
    except FerEdgeError as error:
        print(f"train: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("train: stopped; fit goes on with the same command and --resume", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
