"""Changed models with the right checksum: each must run, or be refused with a ModelError.

    python -m tests.runtime.model_mutations edge --seeds 0 8000

makes so many changes of a shipped model, each determined by its seed. Each one is loaded and run in
a child process of bounded memory and time. It prints what did neither: a crash, a hang, another
error, or too much memory. `--unchecked` leaves the check of the flatbuffer out, which shows what
the check is for.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import signal
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

import fer_edge.interpreter
from fer_edge import EmotionClassifier, FerEdgeError, ModelError
from fer_edge.command.timing import peak_memory_mb
from fer_edge.detectors import FaceDetector
from fer_edge.models import DETECTOR_NAMES, find_model
from fer_edge.models.file import attach_card, read_model

SECONDS = 30
"""For one model, on a busy machine; a shipped one takes a hundredth of a second."""
ADDRESS_SPACE = 4 << 30
MOST_RESIDENT_MB = 700
"""Megabytes that a child may have had at once: some 150 MB, and what a run may take (256 MiB)."""
SIZES = (0, 1, 2, 3, 4, 7, 8, 15, 16, 32, 63, 64, 96, 127, 128, 255, 256, 1000, 4096, 65535)
EXTREMES = (1 << 31, (1 << 31) - 1, (1 << 32) - 1, (1 << 32) - 2, 1 << 30, 1 << 20, 1 << 16)
FLOATS = (0.0, -1.0, float("nan"), float("inf"), 1e-38, 1e-45, 3e38, 1e10, 1e-10, 300.0, 0.5)
LARGE = 64
"""Bytes: longer runs of weights are no structure, and changing them breaks nothing."""


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


def load_and_run(name: str, path: Path) -> None:
    """Load a model as the runtime does, and run it; the detector at two sizes.

    Raises:
        ModelError: it is refused.
    """
    if name in DETECTOR_NAMES:
        detector = FaceDetector(path)
        for shape in ((320, 320), (256, 320)):
            detector.detect(np.zeros(shape, np.uint8))
    else:
        classifier = EmotionClassifier(path)
        spec = classifier.card.input
        for count in (1, 3):
            pictures = np.zeros((count, spec.height, spec.width, spec.channels), np.uint8)
            classifier.probabilities(pictures)


def child(name: str, first: int, last: int) -> None:
    """Try the seeds in this process; one line for each, before and after."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if os.environ.get("UNCHECKED"):
        fer_edge.interpreter.check_model = lambda content: Unchecked()  # type: ignore
    model = read_model(find_model(name))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "changed.tflite"
        for seed in range(first, last):
            print("try", seed, flush=True)
            attach_card(mutated(model.content, seed), model.card, path)
            signal.alarm(SECONDS)
            try:
                load_and_run(name, path)
                end = "ran"
            except ModelError:
                end = "refused"
            except FerEdgeError as error:
                end = f"another error of ours: {error!r}"
            except Exception as error:
                end = f"{type(error).__name__}: {error}"
            signal.alarm(0)
            if peak_memory_mb() > MOST_RESIDENT_MB:
                end = "took too much memory"
            print("end", seed, end, flush=True)
            if end.startswith("took"):
                return


class Unchecked:
    """Stands where the check's result is."""

    def fitted(self, shape: tuple[int, ...]) -> None:
        """Anything fits."""


def failures(name: str, first: int, last: int, unchecked: bool = False) -> tuple[int, list[str]]:
    """How many changed models ran, and what became of those that neither ran nor were refused."""
    ran, failed = 0, []
    while first < last:
        done = subprocess.run(
            [sys.executable, "-m", __spec__.name, name, "--child", str(first), str(last)],
            capture_output=True,
            text=True,
            errors="replace",
            env={**os.environ, "UNCHECKED": "1" if unchecked else ""},
        )
        seed = first - 1
        for line in done.stdout.splitlines():
            word, number, *end = line.split(" ", 2)
            if word == "try":
                seed = int(number)
            elif end == ["ran"]:
                ran += 1
            elif word == "end" and end != ["refused"]:
                failed.append(f"{number}: {end[0]}")
        if done.returncode:
            if seed < first:
                raise RuntimeError(done.stderr)
            failed.append(f"{seed}: exit {done.returncode}: {done.stderr[-200:]!r}")
        first = seed + 1
    return ran, failed


def main() -> int:
    """0 if no change did harm."""
    parser = argparse.ArgumentParser(prog="python -m tests.runtime.model_mutations")
    parser.add_argument("model")
    parser.add_argument("--seeds", type=int, nargs=2, default=(0, 8000))
    parser.add_argument("--unchecked", action="store_true")
    parser.add_argument("--child", type=int, nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        child(args.model, *args.child)
        return 0
    ran, failed = failures(args.model, args.seeds[0], args.seeds[1], args.unchecked)
    print(f"{args.model}: {ran} ran, {len(failed)} did harm", *failed, sep="\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
