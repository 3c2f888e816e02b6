"""How often tracks switch faces where faces cross: made-up walks with a fixed seed.

    python -m tests.measure.crossings

Faces of 50 to 110 pixels walk back and forth through a picture of 640x480, 30 frames a second. They
make 0.3 to 2.5 of their widths a second, and turn at its edges and now and then on the way. Boxes
have a jitter of 3 % of their side, and every tenth detection is missing. A face whose box overlaps
a nearer one's by an IoU of 0.4 or more is hidden. Every few seconds a face is hidden fully, each
for up to 0.3 seconds. A switch is counted whenever a face's track is another one than it was last.
"""

from __future__ import annotations

import argparse
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from fer_edge.face import Box, Detection, Face
from fer_edge.frame import Frame
from fer_edge.live.faces.tracks import Tracks
from fer_edge.live.tracking.cadence import Cadence

WIDTH, HEIGHT = 640, 480
JITTER, MISSES, HIDDEN, HIDING_IOU = 0.03, 0.10, 0.3, 0.4


@dataclass
class Walker:
    """A face that walks back and forth."""

    random: random.Random
    side: float = field(init=False)
    x: float = field(init=False)
    y: float = field(init=False)
    right: float = field(init=False)
    down: float = field(init=False)
    hidden_until: float = -1.0
    overlapped_since: float | None = None

    def __post_init__(self) -> None:
        self.side = self.random.uniform(50, 110)
        self.x = self.random.uniform(0, WIDTH)
        self.y = self.random.uniform(HEIGHT * 0.3, HEIGHT * 0.7)
        self.turn()

    def turn(self) -> None:
        speed = self.random.uniform(0.3, 2.5) * self.side
        self.right = self.random.choice((-1, 1)) * speed
        self.down = self.random.uniform(-0.2, 0.2) * speed

    def step(self, at: float, seconds: float) -> None:
        if self.random.random() < seconds / 4:
            self.turn()
        if self.random.random() < seconds / 5:
            self.hidden_until = at + self.random.uniform(0, HIDDEN)
        self.x += self.right * seconds
        self.y += self.down * seconds
        if not self.side / 2 < self.x < WIDTH - self.side / 2:
            self.right = abs(self.right) if self.x < WIDTH / 2 else -abs(self.right)
        if not HEIGHT * 0.2 < self.y < HEIGHT * 0.8:
            self.down = abs(self.down) if self.y < HEIGHT / 2 else -abs(self.down)

    @property
    def box(self) -> Box:
        return Box(self.x - self.side / 2, self.y - self.side / 2, self.side, self.side)


def frames(
    faces: int, count: int, rate: float = 30.0, seed: int = 0
) -> Iterator[tuple[float, dict[int, Detection]]]:
    """The time of each frame, and the detections by the number of the face."""
    chance = random.Random(seed)
    walkers = [Walker(chance) for _ in range(faces)]
    for number in range(count):
        at = number / rate
        for walker in walkers:
            walker.step(at, 1 / rate)
        found = {}
        for face, walker in enumerate(walkers):
            nearer = (one for one in walkers if one.side > walker.side)
            if not any(walker.box.iou(one.box) >= HIDING_IOU for one in nearer):
                walker.overlapped_since = None
            elif walker.overlapped_since is None:
                walker.overlapped_since = at
            since = walker.overlapped_since
            hidden = at < walker.hidden_until or (since is not None and at - since < HIDDEN)
            if not hidden and chance.random() >= MISSES:
                found[face] = detection(jittered(walker.box, chance))
        yield at, found


def jittered(box: Box, chance: random.Random) -> Box:
    left, top, across, along = (chance.gauss(0, JITTER) for _ in range(4))
    return Box(
        box.x + left * box.width,
        box.y + top * box.height,
        box.width * (1 + across),
        box.height * (1 + along),
    )


def detection(box: Box) -> Detection:
    return Detection(box, box.square(0.95), 0.9)


class Finder:
    """A recognizer that finds the faces that it is given."""

    def __init__(self) -> None:
        self.found: list[Detection] = []

    def detect(self, frame: Frame, within: Box | None = None) -> Sequence[Detection]:
        return [one for one in self.found if within is None or _holds(within, one.box)]

    def read(self, frame: Frame, detections: Sequence[Detection]) -> Sequence[Face]:
        raise NotImplementedError


def _holds(window: Box, box: Box) -> bool:
    """Whether all of a box that lies in the picture lies in a window, too."""
    return (
        window.x <= max(box.x, 0)
        and window.y <= max(box.y, 0)
        and min(box.x + box.width, WIDTH) <= window.x + window.width
        and min(box.y + box.height, HEIGHT) <= window.y + window.height
    )


def switches(
    faces: int, count: int, rate: float = 30.0, seed: int = 0, detect_every: float = 0.0
) -> float:
    """Switches in a thousand frames; `detect_every` as for a tracker."""
    tracks, cadence, finder = Tracks(), Cadence(), Finder()
    picture, interval = np.zeros((HEIGHT, WIDTH), np.uint8), 1 / rate
    last, switched = dict[int, int](), 0
    for at, found in frames(faces, count, rate, seed):
        finder.found = list(found.values())
        look = cadence.look(finder, Frame(picture, at), tracks, at, interval, detect_every)
        if look is None:
            tracks.wait(at, interval)
            continue
        changes = tracks.update(look.detections, at, interval)
        owner = {id(one): face for face, one in found.items()}
        for track, seen in changes.seen:
            face = owner[id(seen)]
            switched += last.get(face, track.track_id) != track.track_id
            last[face] = track.track_id
    return switched * 1000 / count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--frames", type=int, default=20_000)
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    for rate in (10.0, 15.0, 30.0):
        for faces, detect_every in itertools.product((1, 2, 3, 5), (0.0, 0.2)):
            rates = [
                switches(faces, arguments.frames, rate, seed, detect_every)
                for seed in range(arguments.seeds)
            ]
            told = ", ".join(f"{one:.2f}" for one in rates)
            way = f"every {detect_every} s" if detect_every else "in every frame"
            print(f"{rate:.0f}/s, {faces} faces, the whole {way}: {told} switches", flush=True)


if __name__ == "__main__":
    main()
