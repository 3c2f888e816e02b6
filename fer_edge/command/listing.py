"""Which pictures the names on the command line mean."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2

from fer_edge.cameras.choose import PICTURE_SUFFIXES, left_out
from fer_edge.cameras.sources import names_a_camera
from fer_edge.printable import printable

log = logging.getLogger(__name__)

SUFFIXES = (*PICTURE_SUFFIXES, *((".gif",) if cv2.haveImageWriter("a.gif") else ()))
"""Of files that a folder is searched for: GIF from OpenCV 4.11 on, where it was built with it. As a
source, a GIF is a recording."""


def listed(names: Sequence[Path], failed: Callable[[str], None]) -> list[Path]:
    """The files to read, in the order of the names; those of a folder in the order of their paths.

    A folder is searched with the folders in it, for files with a picture's suffix. What begins with
    a dot is hidden and left out, and so are folders that are only linked to.

    Args:
        names: files and folders. A file is taken whatever its suffix is.
        failed: called with one line about each folder that cannot be read.
    """
    files: list[Path] = []
    for name in names:
        if not os.path.lexists(name) and (what := _for_watch(str(name))):
            failed(
                f"{what}: photo reads files and folders; fer-edge watch reads cameras, - and URLs"
            )
            continue
        if not os.path.isdir(name):
            files.append(name)
            continue
        others: list[Path] = []
        linked: list[Path] = []
        unread: list[str] = []
        found = list(_pictures_in(name, others, linked, unread.append))
        for line in unread:
            failed(line)
        if others:
            log.info(left_out(name, len(others)))
        if linked:
            log.info(
                "%s: left out, folders that are only linked to: %d, such as %s",
                printable(name),
                len(linked),
                printable(linked[0]),
            )
        if not found and not unread:
            failed(f"{printable(name)} holds no pictures; expected files in {', '.join(SUFFIXES)}")
        files += found
    return files


def _for_watch(name: str) -> str:
    """What it names that is no file, for people; empty where it may be one."""
    # A path has one slash where an address has two. An address may hold a password.
    if re.match(r"\s*[\w+.-]{2,}:/", name):
        return "an address"
    return name if name in ("-", "sample") or names_a_camera(name) else ""


def _pictures_in(
    folder: Path, others: list[Path], linked: list[Path], failed: Callable[[str], None]
) -> Iterator[Path]:
    """The pictures of a folder and of those in it.

    What else it holds is added to `others`. Folders that are only linked to are added to `linked`.
    """
    # Folders still to be read, the next one last: no recursion, so that no depth is too deep.
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        try:
            with os.scandir(path) as entries:
                inside = sorted(
                    (entry for entry in entries if not entry.name.startswith(".")),
                    key=lambda entry: entry.name,
                )
                folders = [Path(e.path) for e in inside if e.is_dir(follow_symlinks=False)]
                linked += [Path(e.path) for e in inside if e.is_symlink() and os.path.isdir(e.path)]
                # The reader refuses by name what is no file, such as a broken link or a pipe.
                files = [Path(e.path) for e in inside if not os.path.isdir(e.path)]
        except OSError as error:
            failed(f"the folder {printable(path)} cannot be read: {error.strerror}")
            continue
        waiting += reversed(folders)
        for file in files:
            if file.suffix.lower() in SUFFIXES:
                yield file
            else:
                others.append(file)
