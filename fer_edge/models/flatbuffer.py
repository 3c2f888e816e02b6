"""Reading a FlatBuffer of which no byte is trusted.

Libraries read FlatBuffers by following offsets, and only C++ has a verifier. An offset that was
changed leads such a reader anywhere. Here the bounds and the alignment of each offset are checked
before it is followed, as the verifier of C++ does. A table begins with the distance to its vtable,
which holds the place of each field, or 0 (https://flatbuffers.dev/internals/).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fer_edge.errors import ModelError

MOST_TABLES = 4096
"""In one vector: the largest model that `convert` writes has some 200 tensors."""


LONGEST_TEXT_BYTES = 1 << 16
"""Of a string. Thousands of tables may share one, and each reads it."""


def damaged(what: str) -> ModelError:
    """The error for bytes that are no model."""
    return ModelError(f"the model is damaged: {what}; copy the file anew, or convert it again")


@dataclass(frozen=True)
class Layout:
    """A table's definition in the schema."""

    name: str
    """As the schema calls it."""
    fields: tuple[str, ...]
    """In the order of their numbers, from 0 on."""


class Table:
    """One table of a FlatBuffer; what it points to is checked when it is asked for."""

    __slots__ = ("_data", "_layout", "_offsets", "_place", "_size")
    _offsets: dict[str, int]

    def __init__(self, data: bytes, place: int, layout: Layout) -> None:
        """Check where the table and its vtable lie.

        Args:
            data: the whole FlatBuffer.
            place: where in it the table begins.
            layout: what the schema says of it.

        Raises:
            ModelError: either reaches outside the data, or has fields that the schema lacks.
        """
        self._data, self._place, self._layout = data, place, layout
        vtable = place - _number(data, place, "<i", layout.name)
        length = _number(data, vtable, "<H", layout.name)
        self._size = _number(data, vtable + 2, "<H", layout.name)
        if length < 4 or length % 2 or vtable + length > len(data):
            raise damaged(f"the vtable of a {layout.name} has {length} bytes at {vtable}")
        if self._size < 4 or place + self._size > len(data):
            raise damaged(f"a {layout.name} of {self._size} bytes at {place}")
        offsets = struct.unpack_from(f"<{length // 2 - 2}H", data, vtable + 4)
        if any(offsets[len(layout.fields) :]):
            raise damaged(f"a {layout.name} has more fields than {len(layout.fields)}")
        self._offsets = dict(zip(layout.fields, offsets, strict=False))

    def refuse(self, *fields: str) -> None:
        """Refuse fields that no model of ours has.

        Raises:
            ModelError: one of them is there.
        """
        for field in fields:
            if self._offsets.get(field):
                raise ModelError(
                    f"the model's {self._layout.name} has the field {field}, which fer_edge does "
                    "not run; expected a model made by python -m convert"
                )

    def integer(self, field: str, form: str, default: int = 0) -> int:
        """A number, or a boolean as 0 or 1.

        Args:
            field: its name in the layout.
            form: as `struct` writes its type: "b", "B", "H", "i", "I", "Q".
            default: what an absent field means.

        Raises:
            ModelError: it lies outside the table, or is not aligned.
        """
        place = self._find(field, struct.calcsize(form))
        return default if place is None else _number(self._data, place, f"<{form}", self._where())

    def child(self, field: str, layout: Layout) -> Table | None:
        """The table that a field points to; None if the field is absent.

        Raises:
            ModelError: it lies outside the data.
        """
        place = self._pointed(field)
        return None if place is None else Table(self._data, place, layout)

    def children(self, field: str, layout: Layout) -> list[Table]:
        """A vector of tables; empty if the field is absent.

        Raises:
            ModelError: one lies outside the data, or there are more than MOST_TABLES.
        """
        place = self._pointed(field)
        if place is None:
            return []
        count = self._count(place, 4, field)
        if count > MOST_TABLES:
            raise damaged(f"{count} tables in {self._where()}.{field}")
        starts = range(place + 4, place + 4 + 4 * count, 4)
        return [Table(self._data, self._follow(start), layout) for start in starts]

    def vector(self, field: str, kind: str) -> npt.NDArray[Any] | None:
        """A vector of numbers, in place; None if the field is absent.

        Args:
            field: its name in the layout.
            kind: numpy's name of one number: "<i4", "<i8", "<f4", "u1".

        Raises:
            ModelError: it reaches outside the data, or is not aligned.
        """
        place = self._pointed(field)
        if place is None:
            return None
        width = np.dtype(kind).itemsize
        count = self._count(place, width, field)
        if (place + 4) % width:
            raise damaged(f"the vector {self._where()}.{field} is not aligned")
        return np.frombuffer(self._data, kind, count, place + 4)

    def integers(self, field: str) -> tuple[int, ...]:
        """A vector of 32-bit integers; empty if the field is absent.

        Raises:
            ModelError: see `vector`; or there are more than MOST_TABLES.
        """
        numbers = self.vector(field, "<i4")
        if numbers is None:
            return ()
        if len(numbers) > MOST_TABLES:
            raise damaged(f"{len(numbers)} numbers in {self._where()}.{field}")
        return tuple(int(number) for number in numbers)

    def text(self, field: str) -> str:
        """A string; empty if the field is absent.

        Raises:
            ModelError: it reaches outside the data, is not UTF-8, or is very long.
        """
        place = self._pointed(field)
        if place is None:
            return ""
        count = self._count(place, 1, field)
        if count > LONGEST_TEXT_BYTES:
            raise damaged(f"the string {self._where()}.{field} has {count} bytes")
        if self._data[place + 4 + count : place + 5 + count] != b"\0":
            raise damaged(f"the string {self._where()}.{field} does not end")
        try:
            return self._data[place + 4 : place + 4 + count].decode("utf-8")
        except UnicodeDecodeError:
            raise damaged(f"the string {self._where()}.{field} is not UTF-8") from None

    def _find(self, field: str, width: int) -> int | None:
        """Where a field lies."""
        offset: int = self._offsets.get(field, 0)
        if not offset:
            return None
        if offset < 4 or offset + width > self._size or (self._place + offset) % width:
            raise damaged(f"the field {self._where()}.{field} lies {offset} bytes in")
        return self._place + offset

    def _pointed(self, field: str) -> int | None:
        """Where what a field points to lies."""
        place = self._find(field, 4)
        return None if place is None else self._follow(place)

    def _follow(self, place: int) -> int:
        distance = _number(self._data, place, "<I", self._where())
        target = place + distance
        # All that is pointed to begins with 32 bits: the distance to a vtable, or a length.
        if distance == 0 or target % 4 or target + 4 > len(self._data):
            raise damaged(f"an offset of {distance} bytes at {place}")
        return target

    def _count(self, place: int, width: int, field: str) -> int:
        count = _number(self._data, place, "<I", self._where())
        if place + 4 + count * width > len(self._data):
            raise damaged(f"{self._where()}.{field} has {count} elements at {place}")
        return count

    def _where(self) -> str:
        return self._layout.name


def root(data: bytes, identifier: bytes, layout: Layout) -> Table:
    """The table that a FlatBuffer begins with.

    Args:
        data: the whole of it.
        identifier: the four bytes that the schema marks its files with.
        layout: what the schema says of the root.

    Raises:
        ModelError: another identifier, or an offset that leads outside.
    """
    if len(data) < 12 or data[4:8] != identifier:
        raise damaged(f"it does not begin as a {identifier.decode()} file")
    place = _number(data, 0, "<I", layout.name)
    if place % 4 or place + 4 > len(data):
        raise damaged(f"its root lies at {place}")
    return Table(data, place, layout)


def layout(name: str, fields: str) -> Layout:
    """A table's definition, from its fields' names in one string."""
    return Layout(name, tuple(fields.split()))


def _number(data: bytes, place: int, form: str, what: str) -> int:
    width = struct.calcsize(form)
    if place < 0 or place + width > len(data) or place % min(width, 4):
        raise damaged(f"a {what} lies at {place} of {len(data)} bytes")
    (number,) = struct.unpack_from(form, data, place)
    return int(number)
