"""The errors that users of fer_edge meet: a base class, and a class for each type of error.

Each is also the builtin error that fits, so other code can catch it. `except OSError` catches a
camera that vanished, and `except ValueError` a number out of its range.
"""

from __future__ import annotations

from typing import Any


class FerEdgeError(Exception):
    """Base of all errors of fer_edge; `str(error)` is one line that says what to do."""

    def __str__(self) -> str:
        return " ".join(super().__str__().splitlines())


class _SystemCallError(FerEdgeError, OSError):
    """`errno` is the number of the system's error that this one tells of; None without one."""

    @property
    def errno(self) -> int | None:
        """Looked up, so that no place that raises can forget it."""
        seen: set[int] = set()
        error: BaseException | None = self
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            if (number := _own_number(error)) is not None:
                return number
            error = error.__cause__
        return None

    @errno.setter
    def errno(self, number: int | None) -> None:
        self._errno = number

    def __reduce__(self) -> tuple[Any, ...]:
        """For `pickle` and `copy`, which forget the cause."""
        return type(self), self.args, vars(self) | {"_errno": self.errno}


def _own_number(error: BaseException) -> int | None:
    """Without those of OpenSSL, of name look-ups and of FFmpeg, which are not the system's."""
    number: Any = None
    if isinstance(error, _SystemCallError):
        own: Any = OSError.errno
        number = vars(error).get("_errno", own.__get__(error))
    elif isinstance(error, OSError) and type(error).__module__ == "builtins":
        number = error.errno
    return number if isinstance(number, int) else None


class ArgumentError(FerEdgeError, ValueError):
    """An argument has the wrong type, or a value that it may not have."""


class CameraError(_SystemCallError):
    """A camera, a stream or a recording could not be opened, or stopped giving frames."""


class CameraTimeoutError(CameraError, TimeoutError):
    """A camera or a stream gave no frame in the time that it was given."""


class StreamEndedError(FerEdgeError, ValueError):
    """A stream has ended or was closed, and is asked for what will never come."""


class PictureError(FerEdgeError, ValueError):
    """A file or an array is not a picture, or not one that can be read here."""


class PictureFileError(PictureError, _SystemCallError):
    """A picture's file could not be read: it is missing, or may not be read."""


class OutputError(_SystemCallError):
    """A result could not be written."""


class ModelError(FerEdgeError, ValueError):
    """A model file is cut short or foreign, or its card and its tensors disagree."""


class ModelFileError(ModelError, _SystemCallError):
    """A model's file could not be read: it is missing, or may not be read."""


class DetectionError(FerEdgeError, ValueError):
    """A detector gave something that is no detection. It has a wrong type, a number that is not
    finite, a side that is not above 0, or a score outside 0..1."""


class BackendMissingError(FerEdgeError, ImportError):
    """An optional package is not installed; the message says what to install."""
