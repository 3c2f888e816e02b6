"""How a `.tflite` file carries its card: a ZIP behind the model, which interpreters ignore.

TFLite's own metadata travels in the same way. The ZIP's only member is `card.json`. It holds
the card's fields and the CRC-32 of the model before it, so that a damaged model is refused here.
A cryptographic hash would cost 5 MB of memory for OpenSSL. It would not help against people who
can write the file: `fer_edge.models.runnable` does not trust the model's bytes either.
"""

from __future__ import annotations

import contextlib
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fer_edge.errors import ModelError, ModelFileError, OutputError
from fer_edge.models.card import ModelCard
from fer_edge.models.card_member import CARD_FILE_NAME, split
from fer_edge.models.detector_card import DetectorCard, is_of_detector
from fer_edge.models.file_content import file_content
from fer_edge.models.json_text import parsed_json
from fer_edge.printable import printable
from fer_edge.whole_file import write_whole

Card = ModelCard | DetectorCard


@dataclass(frozen=True)
class ModelFile:
    """A model that has been read and found whole."""

    card: Card
    """What it says of itself."""
    content: bytes
    """The TFLite flatbuffer, without the card; its structure has not been looked at."""


def attach_card(content: bytes, card: Card, path: Path, *, overwrite: bool = False) -> None:
    """Write a model and its card as one file, in one step.

    Args:
        content: a TFLite flatbuffer; a card that it already carries is replaced.
        card: what to attach.
        path: the file to write.
        overwrite: whether an existing file may be replaced.

    Raises:
        ModelError: nobody could read the card, or the model carries other files than a card.
        OutputError: there is such a file, or it cannot be written.
    """
    # Only here: at runtime models are read, without a library that would follow any directory.
    import zipfile

    content = _bare(content)
    fields = {**card.to_json(), "model_crc32": zlib.crc32(content)}
    buffer = io.BytesIO(content)
    buffer.seek(0, io.SEEK_END)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        # A fixed date: the same model and card give the same bytes.
        member = zipfile.ZipInfo(CARD_FILE_NAME, (1980, 1, 1, 0, 0, 0))
        member.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(member, json.dumps(fields, indent=1, allow_nan=False))
    try:
        write_whole(path, buffer.getvalue(), overwrite=overwrite)
    except FileExistsError as error:
        if path.is_dir():
            raise OutputError(f"{printable(path)} is a folder: expected a file's name") from error
        raise OutputError(
            f"{printable(path)} is there already: name another file, or give overwrite=True"
        ) from error
    except OSError as error:
        raise OutputError(f"{printable(path)} cannot be written: {error.strerror}") from error


def check_replaceable(path: Path) -> None:
    """A model may take the place of a model or of an empty file, but of nothing else.

    Raises:
        ModelFileError: something else has this name, or it cannot be looked at.
    """
    name, head = printable(path), b""
    try:
        is_there, is_file = path.exists(), path.is_file()
        if is_file:
            with path.open("rb") as file:
                head = file.read(8)
    except OSError as error:
        raise ModelFileError(f"{name} cannot be read: {error.strerror or error}") from error
    if is_there and not is_file:
        raise ModelFileError(f"{name} is no regular file, and is not replaced")
    if head and head[4:] != b"TFL3":
        raise ModelFileError(f"{name} is no TFLite model, and is not replaced: name another file")


def read_model(path: Path) -> ModelFile:
    """Read a model with its card.

    Raises:
        ModelFileError: it is missing, may not be read, or is no file.
        ModelError: no model, cut short, damaged, too large, or without a card.
    """
    data, name = file_content(path), printable(path)
    if data[4:8] != b"TFL3":
        raise ModelError(f"{name} is not a TFLite model; expected a file made by python -m convert")
    with named_in_errors(path):
        found = split(data)
        if found is None:
            raise ModelError(
                "it carries no card: it is cut short, or a model of another tool; copy it anew, "
                "make it with python -m convert, or give it a card (docs/model-files.md)"
            )
        fields = parsed_json(found.member)
        reader = DetectorCard if is_of_detector(fields) else ModelCard
        card = reader.from_json(fields)
    assert isinstance(fields, dict)
    crc = fields.get("model_crc32")
    if type(crc) is not int or crc != zlib.crc32(found.content):
        raise ModelError(f"{name} is damaged: the model is not the one its card describes")
    return ModelFile(card, found.content)


@contextlib.contextmanager
def named_in_errors(path: Path) -> Iterator[None]:
    """Inside the block errors of a model begin with its file's name."""
    try:
        yield
    except ModelError as error:
        raise type(error)(f"{printable(path)}: {error}") from error


def _bare(content: bytes) -> bytes:
    """A model without the card that it may carry."""
    try:
        found = split(content)
        content = found.content if found else content
        carries_more = split(content) is not None
    except ModelError:
        carries_more = True
    if carries_more:
        raise ModelError(
            f"the model already carries files, beside which {CARD_FILE_NAME} cannot be read"
        )
    return content
