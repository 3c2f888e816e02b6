"""Making a finished network's probabilities mean what they say: one temperature, by PublicTest.

Guo et al., "On Calibration of Modern Neural Networks", 2017 (arXiv:1706.04599), section 4.2. A bias
for each emotion beside it (vector scaling) was tried, fitted on one half of PublicTest and measured
on the other. It was worth 0.7 points of what most people say. It cost recall of what is rare there,
but not everywhere: on CK+, 64.5 % fell to 62.7 %.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from train.data.faces import Faces
from train.data.sources import Votes
from train.emotion.measuring.inference import logits_of
from train.emotion.run import EmotionRun
from train.emotion.selection import selection
from train.emotion.truths import truth_of, truths_asked
from train.run.command import command
from train.run.files import write_json
from train.run.lock import locked
from train.run.network_file import load_network


def calibrate(run: EmotionRun, faces: Faces, votes: Votes | None, truth: str | None) -> None:
    """Fit on PublicTest, and put the temperature into the run's card.

    Args:
        run: a finished one.
        faces: all splits of its dataset.
        votes: FER+'s, or none.
        truth: what is to be likeliest, the dataset's label ("fer2013") or what most people said
            ("ferplus"). None: what a head was made for; without heads "ferplus", where there are
            votes.

    Raises:
        RunError: the run is not finished, or has two heads.
        DatasetError: no PublicTest, votes of other faces, or none where they are the truth.
    """
    run.check_one_head()
    card, network = run.read_card(), load_network(run.model_file)
    settings = run.read_settings()
    public = selection(faces, settings).only("PublicTest")
    (truth,) = truths_asked(settings, votes, truth)
    right = truth_of(public, votes, truth)
    logits = logits_of(network, public.images[right >= 0], card.input)
    temperature = likeliest_temperature(np.asarray(logits, np.float64), right[right >= 0])
    calibration = {"on": "PublicTest", "truth": truth, "command": command()}
    card = dataclasses.replace(
        card, temperature=temperature, origin={**card.origin, "calibration": calibration}
    )
    with locked(run.folder):
        write_json(run.card_file, card.to_json())
    print(f"temperature {temperature:.3f}")


def likeliest_temperature(logits: npt.NDArray[np.float64], right: npt.NDArray[np.int64]) -> float:
    """What to divide logits by, so that the right answers are likeliest, 0.05..20.

    Args:
        logits: (faces, classes).
        right: (faces,), class numbers.
    """

    def loss(slope: float) -> float:
        """The cross entropy, convex in the temperature's inverse."""
        told = log_softmax(slope * logits, axis=1)
        return -float(np.take_along_axis(told, right[:, None], axis=1).mean())

    found = minimize_scalar(loss, bounds=(1 / 20, 20), method="bounded", options={"xatol": 1e-6})
    return round(float(1 / found.x), 4)
