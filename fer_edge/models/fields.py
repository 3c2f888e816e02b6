"""The fields of a card, each of the type and in the range that it must have.

A card is JSON that anybody may have written. Nothing is converted: "1" is no number, neither is
true, and 1.0 is no whole one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from fer_edge.errors import ModelError
from fer_edge.printable import printable

LONGEST_NAME_CHARACTERS = 64
"""Characters of a label, a name, a version."""
LONGEST_TEXT_CHARACTERS = 16384
"""Characters of a string in what says how a model was made: a command may name many files."""
MOST_LEVELS = 8
"""Levels of lists and objects within each other."""
MOST_VALUES = 4096
"""In one card."""


class Fields:
    """An object of a card, and where in the card it is, for errors."""

    def __init__(self, data: Any, where: str = "") -> None:
        """Take what JSON gave.

        Raises:
            ModelError: it is no object.
        """
        if not isinstance(data, dict):
            raise wrong(where or "the card", "an object", data)
        self._data, self._where = data, where

    def text(self, name: str) -> str:
        """A printable string of at least one character, at most LONGEST_NAME_CHARACTERS.

        Raises:
            ModelError: it is missing, or something else.
        """
        return _name(self._get(name), self._path(name))

    def file_name(self, name: str) -> str:
        """A string that can be part of a file's name, and never leads to another folder.

        Raises:
            ModelError: it is missing, something else, begins with a dot, or holds a slash.
        """
        value = self.text(name)
        if value.startswith(".") or set(value) & set("/\\:"):
            raise wrong(self._path(name), "a name without slashes and colons", value)
        return value

    def texts(self, name: str, least: int = 1) -> tuple[str, ...]:
        """A list of different strings as `text` gives them.

        Raises:
            ModelError: it is missing or something else, shorter than `least`, or repeats itself.
        """
        values = self._list(name)
        found = tuple(_name(value, self._path(name)) for value in values)
        if len(found) < least or len(set(found)) != len(found):
            raise wrong(self._path(name), f"{least} or more different strings", values)
        return found

    def whole(self, name: str, low: int, high: int) -> int:
        """A whole number from `low` to `high`.

        Raises:
            ModelError: it is missing, or something else.
        """
        return _whole(self._get(name), low, high, self._path(name))

    def wholes(self, name: str, low: int, high: int) -> tuple[int, ...]:
        """A list of such numbers.

        Raises:
            ModelError: it is missing, or something else.
        """
        return tuple(_whole(value, low, high, self._path(name)) for value in self._list(name))

    def number(self, name: str, low: float, high: float, default: Any = None) -> float:
        """A number from `low` to `high`.

        Raises:
            ModelError: it is something else, or missing where there is no `default`.
        """
        return _number(self._get(name, default), low, high, self._path(name))

    def shares(self, name: str, default: Any = None) -> dict[str, float]:
        """An object of numbers from 0 to 1.

        Raises:
            ModelError: it is something else, or missing where there is no `default`.
        """
        where = self._path(name)
        items = Fields(self._get(name, default), where)._data.items()
        return {_name(key, where): _number(value, 0, 1, f"{where}.{key}") for key, value in items}

    def names(self, name: str) -> dict[str, str]:
        """An object of strings as `text` gives them.

        Raises:
            ModelError: it is missing, or something else.
        """
        where = self._path(name)
        items = Fields(self._get(name), where)._data.items()
        return {_name(key, where): _name(value, f"{where}.{key}") for key, value in items}

    def inner(self, name: str) -> Fields:
        """An object.

        Raises:
            ModelError: it is missing, or something else.
        """
        return Fields(self._get(name), self._path(name))

    def tables(self, name: str) -> dict[str, dict[str, float]]:
        """An object of objects as `shares` gives them.

        Raises:
            ModelError: it is missing, or something else.
        """
        inner = self.inner(name)
        return {_name(key, inner._where): inner.shares(key) for key in inner._data}

    def choice(self, name: str, *allowed: str) -> str:
        """One of some strings.

        Raises:
            ModelError: it is missing, or another.
        """
        value = self.text(name)
        if value not in allowed:
            raise wrong(self._path(name), " or ".join(map(repr, allowed)), value)
        return value

    def free(self, name: str) -> Mapping[str, Any]:
        """An object of anything, for people to read; what cannot be printed in it is escaped.

        Raises:
            ModelError: it is missing, or something else.
        """
        where = self._path(name)
        found: dict[str, Any] = _printable(Fields(self._get(name), where)._data)
        return found

    def _get(self, name: str, default: Any = None) -> Any:
        value = self._data.get(name, default)
        if value is None:
            raise ModelError(f"the model's card has no {self._path(name)}; convert the model again")
        return value

    def _list(self, name: str) -> Sequence[Any]:
        value = self._get(name)
        if not isinstance(value, list | tuple) or not value:
            raise wrong(self._path(name), "a list that is not empty", value)
        return value

    def _path(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name


def wrong(where: str, expected: str, got: Any) -> ModelError:
    """The error for a field that is not what it must be."""
    shown = ascii(got)
    shown = shown if len(shown) <= 80 else f"{shown[:77]}..."
    return ModelError(f"in the model's card expected {expected} as {where}, got {shown}")


def check_size(data: Any) -> None:
    """Refuse a card that is too large or too deep to be one, or has numbers that JSON has not.

    Raises:
        ModelError: beyond MOST_VALUES, MOST_LEVELS or LONGEST_TEXT_CHARACTERS, or a
            number that is infinite, none, or beyond 64 bits.
    """
    waiting, count = [(data, 0)], 0
    while waiting:
        value, depth = waiting.pop()
        count += 1
        if count > MOST_VALUES or depth > MOST_LEVELS:
            raise ModelError("the model's card is too large or too deep; convert the model again")
        if isinstance(value, dict):
            waiting += [(one, depth + 1) for pair in value.items() for one in pair]
        elif isinstance(value, list | tuple):
            waiting += [(one, depth + 1) for one in value]
        elif isinstance(value, str):
            if len(value) > LONGEST_TEXT_CHARACTERS:
                raise wrong("a string", f"at most {LONGEST_TEXT_CHARACTERS} characters", value)
        elif isinstance(value, int):
            if not -(1 << 63) <= value < 1 << 63:
                raise ModelError("the model's card has a number of more than 64 bits")
        elif isinstance(value, float):
            if not math.isfinite(value):
                raise wrong("a number", "a finite one", value)
        elif value is not None:
            raise wrong("a value", "what JSON has", type(value).__name__)


def _printable(value: Any) -> Any:
    """A value of JSON whose strings can be written to any terminal: other characters as escapes."""
    if isinstance(value, dict):
        return {_printable(key): _printable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(one) for one in value]
    return printable(value) if isinstance(value, str) else value


def _name(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.isprintable() or not value.strip():
        raise wrong(where, "a printable string", value)
    if len(value) > LONGEST_NAME_CHARACTERS:
        raise wrong(where, f"at most {LONGEST_NAME_CHARACTERS} characters", value)
    return value


def _whole(value: Any, low: int, high: int, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise wrong(where, f"a whole number {low}..{high}", value)
    return value


def _number(value: Any, low: float, high: float, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise wrong(where, f"a number {low:g}..{high:g}", value)
    return float(value)
