"""What a reading says as JSON: strict, whatever a detector gives; its fields in their order."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fer_edge
from fer_edge import json_values
from fer_edge.pictures.image import Image

FIELDS = ["schema", "frame", "timestamp", "time", "position", "source", "size", "faces"]
OF_FACES = [
    "box",
    "score",
    "emotion",
    "probability",
    "sure",
    "probabilities",
    "landmarks",
    "roll",
]
EMOTION = fer_edge.Emotion("happy", 0.9, {"happy": 0.9, "sad": 0.1})


def strict(line: str) -> Any:
    """What a program in another language would make of it."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    line.encode("ascii")
    read = json.loads(line, parse_constant=refuse)
    json.dumps(read, ensure_ascii=False).encode("utf-8")
    return read


def reading(face: fer_edge.Face, **fields: Any) -> fer_edge.Reading:
    return fer_edge.Reading(3, 1.5, (face,), 0.001, 0.002, **fields)


def test_the_fields_and_their_order(recognizer: fer_edge.Recognizer) -> None:
    with fer_edge.open_camera("sample") as camera:
        told = strict(json.dumps(recognizer(next(camera)).to_json()))
    assert list(told) == FIELDS
    assert [list(face) for face in told["faces"]] == [OF_FACES]
    assert told["schema"] == 2
    assert told["position"] == 0
    assert told["size"] == [640, 480]
    assert told["source"] == "sample.jpg"
    moment = datetime.fromisoformat(told["time"])
    assert moment.tzinfo is not None
    assert abs(moment.timestamp() - time.time()) < 60
    (face,) = told["faces"]
    assert len(face["landmarks"]) == 5
    assert abs(face["roll"]) < 5


def test_only_recordings_have_a_position(recognizer: fer_edge.Recognizer) -> None:
    told = recognizer(np.zeros((48, 48), np.uint8)).to_json()
    assert list(told) == [name for name in FIELDS if name != "position"]


@given(st.lists(st.floats() | st.integers(), min_size=7, max_size=7), st.text())
def test_no_number_is_odd_and_no_text_either(numbers: list[float], text: str) -> None:
    x, y, width, height, score, *point = numbers
    try:
        face = fer_edge.Face(
            fer_edge.Box(x, y, width, height),
            score,
            EMOTION,
            landmarks=((point[0], point[1]),) * 5,
        )
    except fer_edge.FerEdgeError:
        return
    told = strict(json_values.line(reading(face, source=text + "\udce9").to_json()))
    assert told["source"] == json_values.text(text + "\udce9")


class Numpys:
    """A detector that gives what networks do: numpy's numbers."""

    def __init__(self, kind: type[np.generic]) -> None:
        self.kind = kind

    def detect(self, image: Image) -> Sequence[fer_edge.Detection]:
        number: Any = self.kind
        box = fer_edge.Box(number(4), number(4), number(40), number(40))
        points = tuple((number(part), number(part)) for part in (10, 12, 14, 16, 18))
        return [fer_edge.Detection(box, box.square(1.0), number(1), points)]


def parts(value: Any) -> Iterator[Any]:
    """The value, and all that is in it."""
    yield value
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from parts(part)


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int64, np.uint8, np.float16])
def test_numpys_numbers_do_not_get_in(kind: type[np.generic]) -> None:
    recognizer = fer_edge.Recognizer(detector=Numpys(kind))
    told = recognizer(np.zeros((48, 48, 3), np.uint8)).to_json()
    plain = {dict, list, str, bool, int, float, type(None)}
    assert {type(part) for part in parts(told)} <= plain
    assert len(strict(json.dumps(told))["faces"]) == 1


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf, 1e300])
@pytest.mark.parametrize("is_score", [True, False])
def test_a_detector_that_gives_no_numbers(odd: float, is_score: bool) -> None:
    class Odd:
        def detect(self, image: Image) -> Sequence[fer_edge.Detection]:
            box = fer_edge.Box(4, 4, 40, 40)
            score, place = (odd, 20.0) if is_score else (0.9, odd)
            return [fer_edge.Detection(box, box, score, ((place, place),) * 5)]

    recognizer, picture = fer_edge.Recognizer(detector=Odd()), np.zeros((48, 48, 3), np.uint8)
    expected = "scores of 0 to 1" if is_score else "landmarks of finite numbers"
    with pytest.raises(fer_edge.DetectionError, match=expected):
        recognizer(picture)


@pytest.mark.parametrize(
    "fields",
    [
        {"faces": None},
        {"faces": (1,)},
        {"frame": "1"},
        {"timestamp": math.nan},
        {"timestamp": True},
        {"wall_time": None},
        {"detection_seconds": 10**400},
        {"size": 5},
        {"clock": "sundial"},
        {"source": b"a"},
    ],
)
def test_wrong_fields_are_refused(fields: dict[str, Any]) -> None:
    right: dict[str, Any] = {
        "frame": 0,
        "timestamp": 0.0,
        "faces": (),
        "detection_seconds": 0.0,
        "classification_seconds": 0.0,
    }
    fer_edge.Reading(**right)
    with pytest.raises(fer_edge.ArgumentError):
        fer_edge.Reading(**{**right, **fields})


def test_times_are_in_utc_wherever_the_machine_is(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as here:
        here.setenv("TZ", "BRT+3")
        time.tzset()
        assert json_values.wall(0.0) == "1970-01-01T00:00:00.000+00:00"
    time.tzset()


def test_a_time_beyond_all_calendars_is_null() -> None:
    assert fer_edge.Reading(0, 0.0, (), 0, 0, wall_time=1e18).to_json()["time"] is None
