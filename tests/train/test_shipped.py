"""The shipped model, measured: through the runtime's classifier, on faces that nobody chose by."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fer_edge import EmotionClassifier
from train.data.prepared import prepare
from train.data.sources import read_votes
from train.data.sources.votes import majority


def test_the_shipped_model_is_as_good_as_its_card_says(
    shared: Callable[[str], Path], cache: Path
) -> None:
    classifier = EmotionClassifier("edge")
    data = prepare(shared("data/fer2013.tar.xz"), cache)
    card = classifier.card
    assert card.labels == data.faces.labels
    assert card.origin["data"]["sha256"] == data.sha256

    private = data.faces.only("PrivateTest")
    said = classifier.probabilities(private.images).argmax(axis=1)
    people = majority(read_votes(shared("data/fer2013new.csv")).of(private))
    by_label = float((said == private.label).mean())
    by_people = float((said == people)[people >= 0].mean())
    # The other interpreter, or a newer one, may round a few faces to another answer.
    assert by_label == pytest.approx(card.accuracy["int8"]["fer2013"], abs=0.003)
    assert by_people == pytest.approx(card.accuracy["int8"]["ferplus"], abs=0.003)
    assert by_label >= 0.66
    assert by_people >= 0.82
