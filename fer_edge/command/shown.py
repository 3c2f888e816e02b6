"""How names and messages look on a terminal: one line, and nothing that steers the terminal."""

from __future__ import annotations


def shown(value: object) -> str:
    """The text in one line, with \\x1b for what cannot be printed, \\xe9 for a file's odd byte."""
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in str(value))


def _escaped(letter: str) -> str:
    number = ord(letter)
    if 0xDC80 <= number <= 0xDCFF:
        # Python's stand-in for a byte of a file's name that is not UTF-8.
        number -= 0xDC00
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
