"""Train the networks of this field, compare them, and measure what they need."""

from __future__ import annotations

import logging
import os
import sys

NEEDS = "training needs: pip install -e '.[train]'"

try:
    from fer_edge.command.output import ready_streams
    from fer_edge.command.parser import Parser
    from fer_edge.errors import ArgumentError, FerEdgeError
    from fer_edge.native_logs.tensorflow_log import TENSORFLOW_NEWS, stderr_without
    from train.commands import COMMANDS
    from train.errors import RunError
except ImportError as missing:
    sys.exit(f"train: {missing}; {NEEDS}")


def main() -> int:
    """Run one command; 0 if it went well, 1 after an error, 2 where the command line is wrong, 130
    after Ctrl-C."""
    with ready_streams():
        return _run()


def _run() -> int:
    parser = Parser(prog="python -m train", description=__doc__)
    parser.set_defaults(needs_keras=True, goes_on_by="")
    commands = parser.add_subparsers(required=True, metavar="command")
    for command in COMMANDS:
        command.add(commands)
    try:
        args = parser.parse_args()
    except ArgumentError as error:
        print(f"train: {error}", file=sys.stderr)
        return 2
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        if args.needs_keras:
            _import_keras()
        args.run_command(args)
    except FerEdgeError as error:
        print(f"train: {error}", file=sys.stderr)
        return 2 if isinstance(error, ArgumentError) else 1
    except ImportError as error:
        print(f"train: {error}; {NEEDS}", file=sys.stderr)
        return 1
    except OSError as error:
        # Errors that no module has turned into its own, such as a full disk.
        print(f"train: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"train: stopped{args.goes_on_by}", file=sys.stderr)
        return 130
    return 0


def _import_keras() -> None:
    """Imported here, so that its backend's log lines stay out of ours, and `--help` need not
    wait.

    Raises:
        RunError: KERAS_BACKEND names no backend.
        ImportError: Keras or its backend is missing.
    """
    # Hides its log lines during a training; some lines at its import come anyway.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with stderr_without(TENSORFLOW_NEWS):
        try:
            import keras
        except ValueError as error:
            raise RunError(f"Keras cannot start: {error}; look at KERAS_BACKEND") from error

        # Its backend looks for devices at the first tensor, and logs those that it lacks.
        keras.ops.zeros(())
    # TensorFlow warns if one function is traced often. It takes Keras's `predict` of all networks
    # for one function, so five networks cause the warning.
    logging.getLogger("tensorflow").addFilter(_is_not_of_retracing)


def _is_not_of_retracing(record: logging.LogRecord) -> bool:
    return "triggered tf.function retracing" not in record.getMessage()


if __name__ == "__main__":
    sys.exit(main())
