"""How a `.tflite` file carries its card: a ZIP behind the model, which interpreters ignore.

TFLite's own metadata travels in the same way. The ZIP's only member is `card.json`; beside the
card's fields it holds the CRC-32 of the model before it, so that a damaged model is refused
here and never reaches an interpreter, which might crash on it. (A cryptographic hash would cost
5 MB of memory for OpenSSL, and protect from nobody who can write the file.)
"""

from __future__ import annotations

import io
import json
import os
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from fer_edge.errors import ModelError
from fer_edge.models.card import ModelCard
from fer_edge.models.face_card import FaceCard

MEMBER = "card.json"
LARGEST_CARD = 1 << 20
"""Bytes; a larger member is not a card."""
LARGEST_MODEL = 1 << 28
"""Bytes; a larger file is not a model for small computers, and is not read into memory."""


Card = ModelCard | FaceCard


@dataclass(frozen=True)
class ModelFile:
    """A model that has been read and found whole."""

    card: Card
    """What it says of itself."""
    content: bytes
    """The TFLite flatbuffer, without the card."""


def attach_card(content: bytes, card: Card, path: Path) -> None:
    """Write a model and its card as one file, in one step.

    Args:
        content: a TFLite flatbuffer; a card that it already carries is replaced.
        card: what to attach.
        path: the file to write.
    """
    content = _without_card(content)
    fields = {**card.to_json(), "model_crc32": zlib.crc32(content)}
    buffer = io.BytesIO(content)
    buffer.seek(0, io.SEEK_END)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        # A fixed date: the same model and card give the same bytes.
        member = zipfile.ZipInfo(MEMBER, (1980, 1, 1, 0, 0, 0))
        member.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(member, json.dumps(fields, indent=1))
    half_written = path.with_suffix(".part")
    half_written.write_bytes(buffer.getvalue())
    os.replace(half_written, path)


def read_model(path: Path) -> ModelFile:
    """Read a model with its card.

    Raises:
        ModelError: unreadable, no model, cut short, damaged, or without a card.
    """
    try:
        if path.stat().st_size > LARGEST_MODEL:
            raise ModelError(
                f"{path} is larger than {LARGEST_MODEL} bytes: not a model for fer_edge"
            )
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"the model {path} cannot be read: {error.strerror}") from error
    if data[4:8] != b"TFL3":
        raise ModelError(f"{path} is not a TFLite model; expected a file made by python -m convert")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            member = archive.getinfo(MEMBER)
            if member.file_size > LARGEST_CARD:
                raise ModelError(f"{path} carries a card of {member.file_size} bytes; too large")
            fields = json.loads(archive.read(member))
            content = data[: member.header_offset]
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        raise ModelError(
            f"{path} carries no card: it is cut short, or a model of another project; "
            "copy it anew, or make it with python -m convert"
        ) from error
    except (ValueError, NotImplementedError, RuntimeError, OSError, zlib.error) as error:
        raise ModelError(f"{path}: the card is damaged ({error}); copy the file anew") from error
    card = _card(fields)
    if zlib.crc32(content) != fields.get("model_crc32"):
        raise ModelError(f"{path} is damaged: the model is not the one its card describes")
    return ModelFile(card, content)


def _card(fields: object) -> Card:
    if isinstance(fields, dict) and fields.get("task") == "face":
        return FaceCard.from_json(fields)
    return ModelCard.from_json(fields)


def _without_card(content: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return content[: archive.getinfo(MEMBER).header_offset]
    except (zipfile.BadZipFile, KeyError):
        return content
