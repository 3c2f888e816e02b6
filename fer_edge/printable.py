"""Makes names, messages and values fit for a line of text."""

from __future__ import annotations

LONGEST_CHARACTERS = 80
"""Characters of a value in a message."""


def printable(value: object) -> str:
    r"""The text in one line, without control characters and without what UTF-8 cannot hold.

    Linux takes any bytes for a file's name. Those that are not UTF-8 look like `caf\xe9.mp4`, and
    what cannot be printed as Python writes it: `\n`, `\x1b`.
    """
    text = str(value)
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in text)


def brief(value: object) -> str:
    """A value's `repr`, cut to a length that fits a message."""
    try:
        text = printable(repr(value))
    except Exception:
        # A whole number of thousands of digits, or an object whose repr fails.
        return f"an object of type {type(value).__name__}"
    return text if len(text) <= LONGEST_CHARACTERS else f"{text[: LONGEST_CHARACTERS - 3]}..."


def said_by(error: BaseException) -> str:
    """What an error says, in one line; its type's name if it says nothing."""
    return " ".join(str(error).split()) or type(error).__name__


def _escaped(letter: str) -> str:
    number = ord(letter)
    if 0xDC80 <= number <= 0xDCFF:
        # Python's replacement for a byte of a file's name that is not UTF-8.
        return f"\\x{number - 0xDC00:02x}"
    return repr(letter)[1:-1]
