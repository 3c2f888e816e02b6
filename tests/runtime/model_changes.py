"""Changes of a model's bytes, each determined by a seed."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable

import numpy as np

SIZES = (0, 1, 2, 3, 4, 7, 8, 15, 16, 32, 63, 64, 96, 127, 128, 255, 256, 1000, 4096, 65535)
EXTREMES = (1 << 31, (1 << 31) - 1, (1 << 32) - 1, (1 << 32) - 2, 1 << 30, 1 << 20, 1 << 16)
FLOATS = (0.0, -1.0, float("nan"), float("inf"), 1e-38, 1e-45, 3e38, 1e10, 1e-10, 300.0, 0.5)


def mutated(content: bytes, seed: int) -> bytes:
    """A model, changed in one to three ways; the same seed gives the same bytes."""
    chance = random.Random(seed)
    data = bytearray(content)
    structure = _structure(content)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        chance.choice(CHANGES)(data, structure, chance)
    return bytes(data)


def _structure(content: bytes) -> list[int]:
    """Where offsets, sizes and options are: words among others that are 0 or small numbers."""
    words = np.frombuffer(content[: len(content) // 4 * 4], "<u4")
    small = ((words < 1 << 16) | (words > 0xFFFF0000)).astype(np.float32)
    near = np.convolve(small, np.ones(16, np.float32), "same")
    return [int(place) * 4 for place in np.flatnonzero(near >= 6)]


Change = Callable[[bytearray, list[int], random.Random], None]


def _word(data: bytearray, structure: list[int], chance: random.Random) -> int:
    return min(chance.choice(structure), len(data) - 4) if len(data) > 8 else 0


def _flip(data: bytearray, structure: list[int], chance: random.Random) -> None:
    for _ in range(chance.randint(1, 8)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _flip_in_structure(data: bytearray, structure: list[int], chance: random.Random) -> None:
    for _ in range(chance.randint(1, 3)):
        place = _word(data, structure, chance) + chance.randrange(4)
        data[place] ^= 1 << chance.randrange(8)


def _set_word(data: bytearray, structure: list[int], chance: random.Random) -> None:
    place = _word(data, structure, chance)
    struct.pack_into("<I", data, place, chance.choice(SIZES + EXTREMES))


def _nudge_word(data: bytearray, structure: list[int], chance: random.Random) -> None:
    place = _word(data, structure, chance)
    (before,) = struct.unpack_from("<I", data, place)
    after = chance.choice((before + 1, before - 1, before * 2, before // 2, before + 4, before - 4))
    struct.pack_into("<I", data, place, after % (1 << 32))


def _set_size(data: bytearray, structure: list[int], chance: random.Random) -> None:
    """A small number (a side, an index, a stride) becomes another."""
    for _ in range(200):
        place = _word(data, structure, chance)
        (before,) = struct.unpack_from("<I", data, place)
        if 0 < before < 1024:
            struct.pack_into("<I", data, place, chance.choice((*SIZES, before * 2, before + 1)))
            return


def _set_byte(data: bytearray, structure: list[int], chance: random.Random) -> None:
    """A type, a padding, an activation, a version becomes another."""
    place = _word(data, structure, chance) + chance.randrange(4)
    data[place] = chance.choice((0, 1, 2, 3, 4, 5, 6, 9, 17, 25, 32, 114, 127, 128, 255))


def _set_float(data: bytearray, structure: list[int], chance: random.Random) -> None:
    """A scale becomes a number that kernels may not expect."""
    for _ in range(2000):
        place = chance.randrange(len(data) // 4 - 1) * 4
        (before,) = struct.unpack_from("<f", data, place)
        if 1e-7 < before < 2:
            after = chance.choice((*FLOATS, before * 1e3, before * 1e6, before / 1e6))
            struct.pack_into("<f", data, place, after)
            return


def _overwrite(data: bytearray, structure: list[int], chance: random.Random) -> None:
    place = _word(data, structure, chance)
    length = min(chance.choice((1, 4, 8, 32, 256)), len(data) - place)
    data[place : place + length] = chance.choice((bytes(length), chance.randbytes(length)))


def _copy(data: bytearray, structure: list[int], chance: random.Random) -> None:
    """A word of the structure is where another was: an offset or an index that is a real one."""
    one, other = (_word(data, structure, chance) for _ in range(2))
    data[one : one + 4] = data[other : other + 4]


def _truncate(data: bytearray, structure: list[int], chance: random.Random) -> None:
    del data[chance.randrange(8, len(data)) :]


def _insert(data: bytearray, structure: list[int], chance: random.Random) -> None:
    place = _word(data, structure, chance)
    data[place:place] = chance.choice((bytes(4), bytes(64), chance.randbytes(16)))


def _remove(data: bytearray, structure: list[int], chance: random.Random) -> None:
    place = _word(data, structure, chance)
    del data[place : place + chance.choice((1, 4, 64))]


CHANGES: tuple[Change, ...] = (
    *(_flip, _flip_in_structure, _set_word, _nudge_word, _set_size, _set_size, _set_byte),
    *(_set_byte, _set_float, _overwrite, _copy, _truncate, _insert, _remove),
)
