"""Faces read once and kept: a cache of arrays, keyed by the hash of what they were read from."""

from __future__ import annotations

import json
import logging
import os
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from train.data.faces import Faces
from train.data.hashes import hash_of
from train.data.sources import read_source
from train.data.sources.detect import is_named_as_fer2013
from train.errors import DatasetError

log = logging.getLogger(__name__)

DEFAULT_CACHE_FOLDER = Path("runs/cache")
"""The folder of the cache, if nobody names another."""
CACHE_VERSION = 8
"""Part of the key: it grows when the same source is read into other arrays."""


@dataclass(frozen=True)
class Prepared:
    """Faces and where they came from."""

    faces: Faces
    """All splits."""
    source: str
    """The source's file name."""
    sha256: str
    """Of the source's bytes; of a folder, of its files' names and bytes."""
    was_cached: bool
    """Whether reading the source was spared."""


def prepare(source: Path, cache_folder: Path, skip_bad: bool = False) -> Prepared:
    """Faces of a source, from the cache if it holds them.

    A cache entry is written under another name and then renamed, so it is whole or absent; one
    that cannot be read is made again. A source read with `skip_bad` has its own entry.

    Raises:
        DatasetError: see `read_source`; or the source or the cache may not be used.
    """
    try:
        digest = hash_of(source) if source.exists() else ""
    except OSError as error:
        raise DatasetError(f"{source} cannot be read: {error.strerror or error}") from error
    # A table's content does not say whether it is FER2013's.
    named = "-fer2013" if is_named_as_fer2013(source.name) else ""
    skipped = "-skipped" if skip_bad else ""
    entry_file = cache_folder / f"{digest[:32]}-{CACHE_VERSION}{named}{skipped}.npz"
    faces = _load(entry_file)
    was_cached = faces is not None
    if faces is None:
        if source.exists():
            _check_writable(cache_folder)
            log.info("reading %s, which is kept in %s", source, cache_folder)
        faces = read_source(source, skip_bad)
        _store(faces, entry_file)
    else:
        _tell_again(faces, source)
    return Prepared(faces, source.name, digest, was_cached)


def _tell_again(faces: Faces, source: Path) -> None:
    """What was told when the source was read."""
    if faces.skipped:
        log.warning(
            "%s: %d bad rows or pictures are left out; they were named when it was first read",
            source,
            faces.skipped,
        )
    for line in faces.remarks:
        log.warning("%s", line)


def _check_writable(cache_folder: Path) -> None:
    """Fails at once, not after ten seconds of reading a source that cannot be kept."""
    try:
        cache_folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=cache_folder):
            pass
    except OSError as error:
        raise DatasetError(
            f"the cache {cache_folder} cannot be written: {error.strerror or error}; name another "
            "folder by --cache"
        ) from error


def _store(faces: Faces, entry_file: Path) -> None:
    half_written = entry_file.with_suffix(f".{os.getpid()}.part")
    try:
        _write(faces, half_written)
        os.replace(half_written, entry_file)
    except OSError as error:
        half_written.unlink(missing_ok=True)
        raise DatasetError(
            f"the cache {entry_file.parent} cannot be written: {error.strerror or error}"
        ) from error


def _write(faces: Faces, path: Path) -> None:
    facts = json.dumps(
        {
            "labels": faces.labels,
            "is_fer2013_table": faces.is_fer2013_table,
            "is_fer2013": faces.is_fer2013,
            "skipped": faces.skipped,
            "remarks": faces.remarks,
        }
    )
    with path.open("wb") as file:
        np.savez(
            file,
            images=faces.images,
            label=faces.label,
            split=faces.split,
            row=faces.row,
            person=faces.person,
            facts=np.frombuffer(facts.encode(), np.uint8),
        )


def _load(entry_file: Path) -> Faces | None:
    try:
        with entry_file.open("rb") as file, np.load(file) as arrays:
            facts = json.loads(arrays["facts"].tobytes())
            return Faces(
                images=arrays["images"],
                label=arrays["label"],
                split=arrays["split"],
                labels=tuple(facts["labels"]),
                row=arrays["row"],
                person=arrays["person"],
                is_fer2013_table=facts["is_fer2013_table"],
                is_fer2013=facts["is_fer2013"],
                skipped=facts["skipped"],
                remarks=tuple(facts["remarks"]),
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
