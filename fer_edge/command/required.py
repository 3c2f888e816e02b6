"""Whether numpy and OpenCV are here: without them nothing of `fer_edge` can be imported.

pip installs both. They can still be missing in a checkout. OpenCV is broken beside a numpy
that it was not built for, or where a desktop library is missing that another build of it needs.
"""

from __future__ import annotations

import importlib

from fer_edge.command.begin import is_the_command
from fer_edge.command.output import complain
from fer_edge.errors import BackendMissingError
from fer_edge.printable import printable

PACKAGES = {"numpy": "numpy", "cv2": "opencv-python-headless"}
"""The modules, and what pip calls their packages."""
LONGEST_MESSAGE_LINES = 6
"""An error with more lines is a page of advice."""
FAILED = 1
"""The command's exit code."""


def check() -> None:
    """Import them; the command ends with one line if that fails.

    Raises:
        BackendMissingError: one is missing, or cannot be imported.
    """
    for module, package in PACKAGES.items():
        try:
            importlib.import_module(module)
        except Exception as error:
            # OpenCV beside a numpy that it was not built for raises more than ImportError.
            wrong = BackendMissingError(
                f"fer_edge needs {package}, and it cannot be imported "
                f"({printable(_short(error))}): pip install {package}"
            )
            if not is_the_command():
                raise wrong from error
            complain(f"fer-edge: {wrong}")
            raise SystemExit(FAILED) from None


def _short(error: BaseException) -> BaseException:
    """The error, or its cause: numpy answers a missing library with a page of advice."""
    is_page = len(str(error).splitlines()) > LONGEST_MESSAGE_LINES
    return error.__cause__ if is_page and error.__cause__ else error


check()
