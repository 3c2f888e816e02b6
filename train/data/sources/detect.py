"""Finds out a dataset's form, and reads its faces."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from train.data.faces import Faces
from train.data.hidden import is_hidden
from train.data.sources.fer2013_table import read_table
from train.data.sources.folders import is_picture, read_folders
from train.data.sources.skipping import BadRows
from train.errors import DatasetError

FORMS = (
    "fer2013.tar.gz or .tar.xz, a CSV of pixel strings such as fer2013.csv (bare or zipped), or a "
    "folder of pictures by emotion, or its zip"
)


def read_source(path: Path, skip_bad: bool = False) -> Faces:
    """Read FER2013 or CK+ in whichever form it lies at `path`.

    Args:
        path: an archive (tar of any compression, zip), a CSV, or a folder.
        skip_bad: leave bad rows and pictures out, with a warning for each, instead of stopping.

    Raises:
        DatasetError: nothing there, none of the known forms, cut short, or a bad row.
    """
    if not path.exists():
        raise DatasetError(f"{path} does not exist; expected {FORMS}")
    bad = BadRows(path.name, skip_bad)
    with _troubles(path):
        if path.is_dir():
            faces = _read_directory(path, bad)
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                faces = _read_zip(archive, bad)
        elif tarfile.is_tarfile(path):
            with tarfile.open(path) as tar:
                faces = _read_tar(tar, bad)
        elif path.suffix.lower() == ".csv":
            with path.open("rb") as file:
                faces = _table(file, path.name, bad)
        else:
            raise DatasetError(f"{path} is cut short or of an unknown kind; expected {FORMS}")
    return dataclasses.replace(faces, skipped=len(bad.skipped), remarks=tuple(bad.remarks))


def is_named_as_fer2013(name: str) -> bool:
    """Tables of other data have the same columns, so the name says whether it is FER2013's."""
    return name.lower().startswith("fer2013")


@contextlib.contextmanager
def _troubles(path: Path) -> Iterator[None]:
    try:
        yield
    except (EOFError, OSError, tarfile.TarError, zipfile.BadZipFile, lzma.LZMAError) as error:
        raise DatasetError(f"{path} is damaged or cut short: {error}") from error
    except (zlib.error, NotImplementedError, RuntimeError) as error:
        raise DatasetError(f"{path} cannot be unpacked: {error}") from error


def _read_directory(path: Path, bad: BadRows) -> Faces:
    table = path / "fer2013.csv"
    if table.is_file():
        with table.open("rb") as file:
            return _table(file, table.name, bad)
    names = [file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file()]
    return read_folders(names, lambda name: (path / name).read_bytes(), bad)


def _read_zip(archive: zipfile.ZipFile, bad: BadRows) -> Faces:
    names = [info.filename for info in archive.infolist() if not info.is_dir()]
    for name in names:
        _check_stays_inside(name, bad)
    table = _table_among(names, bad)
    if table:
        with archive.open(table) as file:
            return _table(file, PurePosixPath(table).name, bad)
    return read_folders(names, archive.read, bad)


def _read_tar(tar: tarfile.TarFile, bad: BadRows) -> Faces:
    # In one pass: to go back to a member of a compressed tar would unpack it all again.
    for member in tar:
        _check_stays_inside(member.name, bad)
        if member.isfile() and PurePosixPath(member.name).name == "fer2013.csv":
            file = tar.extractfile(member)
            assert file is not None, "a regular file of a tar can be read"
            return _table(file, "fer2013.csv", bad)
    raise DatasetError(f"{bad.source} holds no fer2013.csv; expected {FORMS}")


def _table_among(names: list[str], bad: BadRows) -> str | None:
    """The table to read: the one that is called fer2013.csv, or the only one beside no pictures."""
    tables = [name for name in names if name.lower().endswith(".csv") and not is_hidden(name)]
    named = [name for name in tables if PurePosixPath(name).name == "fer2013.csv"]
    if len(named) == 1 or not tables:
        return named[0] if named else None
    beside = " beside pictures" if any(map(is_picture, names)) else ""
    if len(tables) > 1 or beside:
        raise DatasetError(
            f"{bad.source} holds {', '.join(tables)}{beside}: which of it are the faces? Leave "
            "only that there, or call the table fer2013.csv"
        )
    return tables[0]


def _check_stays_inside(name: str, bad: BadRows) -> None:
    parts = PurePosixPath(name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts:
        raise DatasetError(f"{bad.source} holds the path {name!r}, which climbs out of it")


def _table(file: IO[bytes], name: str, bad: BadRows) -> Faces:
    with io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as text:
        faces = read_table(text, bad)
    return dataclasses.replace(faces, is_fer2013=is_named_as_fer2013(name))
