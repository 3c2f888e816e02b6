"""Files as FFmpeg reads them, which knows neither Python's errors nor Ctrl-C."""

from __future__ import annotations

import os
from typing import BinaryIO, Protocol


class Readable(Protocol):
    """What a stream is read from."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes, at least one; b"" at the end."""


class FFmpegFile:
    """Keeps what a read raised until FFmpeg has returned, which would lose it."""

    def __init__(self) -> None:
        self._error: BaseException | None = None

    def raise_error(self) -> None:
        """Raises what reading raised."""
        if self._error is not None:
            raise self._error


class StreamFile(FFmpegFile):
    """A stream. An error ends it for FFmpeg, which would ask again and wait again: Ctrl-C and the
    end of patience are errors as well. It is raised each time that is asked for."""

    def __init__(self, source: Readable) -> None:
        super().__init__()
        self._source = source

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end, and after an error."""
        if self._error is not None:
            return b""
        try:
            return self._source.read(size)
        except BaseException as error:
            self._error = error
            return b""


class RecordingFile(FFmpegFile):
    """A recording. Ctrl-C in the middle of a read must not look like the file's end, so it reads
    on, and raises it once."""

    def __init__(self, file: BinaryIO) -> None:
        """Args:
        file: seekable, opened for reading; closed by `close`.
        """
        super().__init__()
        self._file = file

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end."""
        try:
            return self._file.read(size)
        except KeyboardInterrupt as error:
            self._error = error
            return self._file.read(size)

    def raise_error(self) -> None:
        """Raises the KeyboardInterrupt that came during a read, once."""
        try:
            super().raise_error()
        finally:
            self._error = None

    def seek(self, offset: int, whence: int = 0) -> int:
        """Where the file then stands."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Where the file stands."""
        return self._file.tell()

    def peek(self, size: int, offset: int) -> bytes:
        """At most `size` bytes at `offset`, without moving."""
        return os.pread(self._file.fileno(), size, offset)

    def length(self) -> int:
        """The file's bytes."""
        return os.fstat(self._file.fileno()).st_size

    def close(self) -> None:
        """Close the file."""
        self._file.close()
