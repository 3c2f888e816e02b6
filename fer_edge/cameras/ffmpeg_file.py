"""Files for FFmpeg, which knows neither Python's errors nor Ctrl-C."""

from __future__ import annotations

import os
from typing import BinaryIO, Protocol


class Readable(Protocol):
    """What a stream is read from."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes, at least one; b"" at the end."""


class StreamFile:
    """A stream. After an error, also Ctrl-C or a timeout, it looks ended to FFmpeg, which would
    otherwise read and wait again. The error is kept until FFmpeg has returned."""

    def __init__(self, source: Readable) -> None:
        self.given = 0
        """Bytes that FFmpeg got so far."""
        self._source = source
        self._error: BaseException | None = None

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end, and after an error."""
        if self._error is not None:
            return b""
        try:
            data = self._source.read(size)
        except BaseException as error:
            self._error = error
            return b""
        self.given += len(data)
        return data

    def raise_error(self) -> None:
        """Raises what reading raised."""
        if self._error is not None:
            raise self._error


class RecordingFile:
    """A recording. FFmpeg calls no function written in Python: Ctrl-C in one would look like the
    file's end and be lost."""

    def __init__(self, file: BinaryIO) -> None:
        """Args:
        file: a file on the disk, opened for reading; closed by `close`.
        """
        self._file = file
        self.read, self.seek, self.tell = file.read, file.seek, file.tell

    def peek(self, size: int, offset: int) -> bytes:
        """At most `size` bytes at `offset`, without moving."""
        return os.pread(self._file.fileno(), size, offset)

    def length(self) -> int:
        """The file's bytes."""
        return os.fstat(self._file.fileno()).st_size

    def close(self) -> None:
        """Close the file."""
        self._file.close()
