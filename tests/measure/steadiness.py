"""How often the steady label of a still face changes, and how soon it follows a true change.

    python -m tests.measure.steadiness fer2013_folders.zip [clip.mp4 …]

Stills: a hundred faces of FER2013's PublicTest in scenes of their own, 48 to 170 pixels. Each is
shown for a minute at 15 frames a second, as by a cheap camera. It has noise of sigma 10, a pixel of
shake, light of 5 % more or less, and JPEG 50. Every change but the first label of a track counts.

Switches: two such faces in turns in one place, 0.4 to 1.5 seconds each, with different labels. Both
are read with at least --sure in the mean of EXPOSURES by the same camera (0 where the face is not
found). A face that the model itself reads now so, now so has no true label to follow. What counts
is the time from the switch to the exposure of the frame that tells the new label. A switch that was
never followed counts as the time to the next one.

Clips: how long each track kept each state, the last one left out, which the end cuts.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from pathlib import Path

import numpy as np

import fer_edge
from fer_edge.frame import Frame
from fer_edge.live import Tracker
from fer_edge.pictures.image import Image
from tests.measure.scenes import NoisyCamera, faces, scene

EXPOSURES = 20
SIDES = (48, 64, 80, 100, 130, 170)


def changes(
    recognizer: fer_edge.Recognizer, still: Image, seconds: float, seed: int, rate: float = 15.0
) -> tuple[int, int]:
    """Of the steady label in some seconds, but for each track's first; and how many tracks."""
    tracker, told, tracks = Tracker(recognizer), Counter[int | None](), 0
    for frame in NoisyCamera(seed).frames([still] * round(seconds * rate), rate):
        for event in tracker(frame)[1]:
            told[event.track_id] += event.kind == "change"
            tracks += event.kind == "appear"
    return sum(max(count - 1, 0) for count in told.values()), tracks


def sure(
    recognizer: fer_edge.Recognizer, stills: list[Image], least: float, sigma: float
) -> dict[int, str]:
    """The labels of the stills that are read with at least this probability in the mean."""
    told = {}
    for number, still in enumerate(stills):
        camera, sums = NoisyCamera(number, sigma), Counter[str]()
        for left in reversed(range(EXPOSURES)):
            for face in recognizer(camera.picture(still)).faces[:1]:
                sums.update(face.emotion.probabilities)
            if max(sums.values(), default=0.0) + left < least * EXPOSURES:
                break
        for label, summed in sums.most_common(1):
            if summed >= least * EXPOSURES:
                told[number] = label
    return told


def delays(
    recognizer: fer_edge.Recognizer,
    stills: list[Image],
    labels: dict[int, str],
    rate: float,
    pairs: int,
    sigma: float = 10.0,
) -> list[float]:
    """Seconds from each switch between two faces to the steady label that follows it.

    Args:
        recognizer: reads them.
        stills: the pictures.
        labels: what `sure` says of them.
        rate: frames a second.
        pairs: of faces, with seven switches each.
        sigma: of the camera's noise.
    """
    chance, late = random.Random(0), list[float]()
    for pair in range(pairs):
        first = chance.choice(list(labels))
        second = chance.choice([one for one, label in labels.items() if label != labels[first]])
        switches = [2 + chance.random()]
        while len(switches) < 8:
            switches.append(switches[-1] + chance.uniform(0.4, 1.5))
        tracker, camera, waiting = Tracker(recognizer), NoisyCamera(pair, sigma), False
        count = 0
        for number in range(int(switches[-1] * rate)):
            at = number / rate
            if at >= switches[count]:
                if waiting:
                    late.append(switches[count] - switches[count - 1])
                count, waiting = count + 1, True
            shown = second if count % 2 else first
            frame = Frame(camera.picture(stills[shown]), at, number, clock="recording")
            reading, _ = tracker(frame)
            if waiting and any(face.steady == labels[shown] for face in reading.faces):
                late.append(at - switches[count - 1])
                waiting = False
    return late


def states(recognizer: fer_edge.Recognizer, clip: Path) -> list[float]:
    """How long each steady state of each track lasted until the next, in seconds."""
    tracker, began, lasted = Tracker(recognizer), dict[int, tuple[str, float]](), list[float]()
    with fer_edge.open_camera(clip) as camera:
        for frame in camera:
            reading, _ = tracker(frame)
            for face in reading.faces:
                state, since = began.get(face.track_id, (face.steady, face.since))
                if state != face.steady:
                    lasted.append(face.since - since)
                began[face.track_id] = face.steady, face.since
    return lasted


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("archive", type=Path)
    parser.add_argument("clips", type=Path, nargs="*")
    parser.add_argument("--model", default="edge")
    parser.add_argument("--stills", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--sure", type=float, default=0.8)
    parser.add_argument("--sigma", type=float, default=10.0, help="noise of the switches")
    arguments = parser.parse_args()
    recognizer = fer_edge.Recognizer(arguments.model)
    for clip in arguments.clips:
        lasted = states(recognizer, clip)
        shortest = f", the shortest for {min(lasted):.2f} s" if lasted else ""
        print(f"{clip.name}: {len(lasted)} states that ended{shortest}", flush=True)
    pictures = faces(arguments.archive, max(arguments.stills, 100), seed=7)
    stills = [scene(one, SIDES[n % len(SIDES)], n) for n, one in enumerate(pictures)]
    same_size = [scene(one, 100, n) for n, one in enumerate(pictures)]
    labels = sure(recognizer, same_size, arguments.sure, arguments.sigma)
    for rate in (10.0, 15.0, 30.0) if arguments.pairs else ():
        late = delays(recognizer, same_size, labels, rate, arguments.pairs, arguments.sigma)
        print(
            f"switches at {rate:.0f}/s: {len(late)}, median {np.median(late) * 1e3:.0f} ms, "
            f"95 % within {np.quantile(late, 0.95) * 1e3:.0f} ms",
            flush=True,
        )
    if not arguments.stills:
        return
    told, found = 0, 0
    for number, still in enumerate(stills[: arguments.stills]):
        changed, tracks = changes(recognizer, still, arguments.seconds, number)
        told, found = told + changed, found + bool(tracks)
        if changed or tracks != 1:
            print(f"still {number}: {changed} changes, {tracks} tracks", flush=True)
    minutes = found * arguments.seconds / 60
    print(
        f"{told} changes in {minutes:.0f} minutes of {found} faces: {told / minutes:.2f} a minute"
    )


if __name__ == "__main__":
    main()
