"""A temporary folder beside the output file."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from convert.errors import ConversionError
from fer_edge.errors import FerEdgeError, OutputError
from fer_edge.models.file import check_replaceable


@contextlib.contextmanager
def temporary_folder_beside(out: Path) -> Iterator[Path]:
    """A folder on the same disk, so that the finished file can be moved in one step; then it is
    removed.

    Raises:
        ConversionError: the place cannot be written to, now or later.
        ModelFileError: something else than a model is there.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if out.is_dir():
            raise ConversionError(f"{out} is a folder, expected the name of a file")
        check_replaceable(out)
        if out.exists() and not os.access(out, os.W_OK):
            raise ConversionError(f"{out} may not be written")
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".convert-") as temporary:
            yield Path(temporary)
    except OSError as error:
        # An `OutputError` names the draft, others say what is wrong.
        if isinstance(error, FerEdgeError) and not isinstance(error, OutputError):
            raise
        reason = os.strerror(error.errno) if error.errno else error
        raise ConversionError(f"{out} cannot be written: {reason}") from error
