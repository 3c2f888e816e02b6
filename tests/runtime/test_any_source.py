"""Whatever is passed to `open_camera`, it is opened, or refused with an error of ours."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from fer_edge import Camera, FerEdgeError, open_camera
from tests.runtime.videos import pictures, write_video

NUMBERS = some.one_of(
    some.integers(),
    some.integers(300, 2**63 - 1).map(np.int64),
    some.integers(-128, -1).map(np.int8),
    some.booleans(),
    some.floats(),
    some.complex_numbers(),
)
# Without addresses, which would be looked for on the network.
TEXTS = some.text(max_size=40).filter(lambda text: "://" not in text and not text.isdecimal())
NAMES = some.one_of(
    TEXTS, some.binary(max_size=40), TEXTS.filter(lambda t: "\0" not in t).map(Path)
)
SOURCES = some.one_of(
    NUMBERS,
    NAMES,
    some.lists(some.one_of(NAMES, NUMBERS, some.none()), max_size=4),
    some.dictionaries(NAMES.filter(lambda name: not isinstance(name, Path)), some.integers()),
    some.sampled_from([object(), int, print, ..., np.zeros((2, 2)), np.array(3.0), b"\xff\xfe"]),
)
OPTIONS = some.fixed_dictionaries(
    {},
    optional={
        "size": some.one_of(some.none(), some.tuples(some.integers(), some.integers()), NUMBERS),
        "fps": some.one_of(some.none(), NUMBERS, TEXTS),
        "rotate": some.one_of(some.sampled_from([0, 90, 180, 270, 90.0, "90", None]), NUMBERS),
        "mirror": some.one_of(some.booleans(), NUMBERS, some.none()),
        "realtime": some.one_of(some.booleans(), some.none(), some.integers()),
        "open_timeout": NUMBERS,
        "frame_timeout": NUMBERS,
    },
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("any")
    write_video(folder / "a.mp4", pictures(2, 64, 48))
    return folder


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(source=SOURCES, options=OPTIONS)
@example(source=-1, options={})
@example(source="\udce9.mp4", options={})
@example(source="\ud800", options={})
@example(source="sample", options={"size": (640, 480)})
@example(source="a.mp4", options={"rotate": np.int64(90)})
@example(source="a.mp4", options={"fps": float("nan")})
def test_it_is_opened_or_refused(
    source: Any, options: dict[str, Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    try:
        camera = open_camera(source, **options)
    except FerEdgeError as error:
        assert str(error)
        assert "\n" not in str(error)
        return
    with camera:
        assert isinstance(camera, Camera)
        # No device here may be meant by chance.
        assert isinstance(source, str | bytes | os.PathLike | list)
