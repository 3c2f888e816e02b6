"""How long two versions take for a frame, in turns: python -m tests.measure.frame_time OLD [PAIRS]

OLD is a folder with another version's `fer_edge` (`git archive COMMIT fer_edge | tar x -C OLD`).
Both are loaded into this process, and the time is this thread's own, so that what else the machine
does matters little. Run it where the new version lies.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import cv2
import numpy as np

PAIRS, CALLS, WARM_UP = 60, 10, 20


def loaded(folder: Path) -> dict[str, ModuleType]:
    """The modules of the `fer_edge` that lies in a folder, whichever was loaded before."""
    for name in [name for name in sys.modules if name.split(".")[0] == "fer_edge"]:
        del sys.modules[name]
    sys.path.insert(0, str(folder))
    import fer_edge
    import fer_edge.cameras.sample
    import fer_edge.recognizer

    sys.path.pop(0)
    assert Path(fer_edge.__file__).is_relative_to(folder), fer_edge.__file__
    return {name: part for name, part in sys.modules.items() if name.startswith("fer_edge")}


def seconds(call: Callable[[], object]) -> float:
    began = time.thread_time()
    for _ in range(CALLS):
        call()
    return (time.thread_time() - began) / CALLS


def told(name: str, old: Callable[[], object], new: Callable[[], object], pairs: int) -> None:
    """Print the old time, and the median of the ratios with the 95 % interval of a bootstrap."""
    for _ in range(WARM_UP):
        old(), new()
    times = []
    for number in range(pairs):
        if number % 2:
            times.append((seconds(old), seconds(new)))
        else:
            times.append((seconds(new), seconds(old))[::-1])
    before, after = np.array(times).T
    ratios = after / before
    random = np.random.default_rng(1)
    medians = [np.median(random.choice(ratios, pairs)) for _ in range(5000)]
    low, high = np.percentile(medians, [2.5, 97.5])
    print(
        f"{name:44} old {1e3 * np.median(before):.3f} ms, new {1e3 * np.median(after):.3f} ms, "
        f"ratio {np.median(ratios):.3f} (95 %: {low:.3f} to {high:.3f}), {pairs} pairs",
        flush=True,
    )


def picture(modules: dict[str, ModuleType], side: int) -> Any:
    """640x480 with one face: a portrait, `side` pixels large, whose box is a fifth of that."""
    portrait = cv2.imread(
        str(Path(str(modules["fer_edge.cameras"].__file__)).with_name("sample.jpg"))
    )
    assert portrait is not None
    small = cv2.resize(portrait, (side, side), interpolation=cv2.INTER_AREA)
    edges = ((480 - side) // 2,) * 2 + ((640 - side) // 2,) * 2
    return cv2.copyMakeBorder(small, *edges, cv2.BORDER_CONSTANT, value=(90, 90, 90))


def halved(frame: Any) -> Any:
    """As detection sees it: grey, 320x240."""
    small = cv2.resize(frame, (320, 240), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)


def main() -> None:
    cv2.setNumThreads(1)
    old = loaded(Path(sys.argv[1]).resolve())
    new = loaded(Path(__file__).resolve().parents[2])
    pairs = int(sys.argv[2]) if len(sys.argv) > 2 else PAIRS
    frame = picture(new, 480)
    small, doubtful = halved(frame), halved(picture(new, 210))
    plain = np.full_like(small, 120)
    before, after = (one["fer_edge.recognizer"].Recognizer() for one in (old, new))
    ways = {
        "detection at 320x240, one face": lambda who: who.detector.detect(small),
        "detection at 320x240, one doubtful face": lambda who: who.detector.detect(doubtful),
        "detection at 320x240, nobody": lambda who: who.detector.detect(plain),
        "frame of 640x480, one face": lambda who: who(frame),
    }
    for name, way in ways.items():
        told(name, lambda way=way: way(before), lambda way=way: way(after), pairs)  # type: ignore[misc]
    search = new["fer_edge.detectors.search"]
    every = search.looks
    with mock.patch.object(search, "looks", lambda *size: every(*size)[:1]):
        search.planned.cache_clear()
        for name, way in ways.items():
            name = f"{name}, no second look"
            told(name, lambda way=way: way(before), lambda way=way: way(after), pairs)  # type: ignore[misc]
    search.planned.cache_clear()
    (box,) = (one.box.square(2.0) for one in after.detect(frame))
    told(
        "window of twice the face, beside a whole frame",
        lambda: after.detect(frame),
        lambda: after.detect(frame, within=box),
        pairs,
    )


if __name__ == "__main__":
    main()
