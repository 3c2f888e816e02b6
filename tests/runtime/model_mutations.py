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
import resource
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import fer_edge.interpreter
from fer_edge import EmotionClassifier, FerEdgeError, ModelError
from fer_edge.command.peak_memory import peak_memory_mb
from fer_edge.detectors import FaceDetector
from fer_edge.models import DETECTOR_NAMES, find_model
from fer_edge.models.file import attach_card, read_model
from tests.runtime.model_changes import mutated

SECONDS = 30
"""For one model, on a busy machine; a shipped one takes a hundredth of a second."""
ADDRESS_SPACE = 4 << 30
MOST_RESIDENT_MB = 700
"""Megabytes that a child may have had at once: some 150 MB, and what a run may take (256 MiB)."""


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
            attach_card(mutated(model.content, seed), model.card, path, overwrite=True)
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
