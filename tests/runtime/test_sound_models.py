"""No changed model reaches an interpreter that would crash on it, however right its checksum."""

from __future__ import annotations

import struct
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer_edge import ModelError
from fer_edge.interpreter import LARGEST_BATCH, Interpreter
from fer_edge.models.runnable import MOST_MEMORY_BYTES, check_model
from tests.runtime.harmful_models import CONTENTS, HARMFUL, Places
from tests.runtime.model_mutations import failures


@pytest.mark.parametrize("name", HARMFUL)
def test_a_harmful_change_is_refused_before_an_interpreter_sees_it(name: str) -> None:
    with pytest.raises(ModelError) as caught:
        check_model(HARMFUL[name]())
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", ["edge", "face-detector", "nano"])
def test_changed_models_run_or_are_refused(name: str) -> None:
    """A short part of what `python -m tests.runtime.model_mutations` does with 8,000 seeds."""
    ran, failed = failures(name, 0, 150)
    assert failed == []
    # Those whose weights alone were changed, which nobody can see.
    assert 10 <= ran <= 60


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(CONTENTS)), st.data())
def test_a_model_cut_anywhere_is_refused(name: str, data: st.DataObject) -> None:
    content = CONTENTS[name]
    cut = content[: data.draw(st.integers(0, len(content) - 1))]
    with pytest.raises(ModelError):
        check_model(cut)


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_no_model(data: bytes) -> None:
    with pytest.raises(ModelError):
        check_model(b"\x1c\0\0\0TFL3" + data)


def test_the_check_takes_milliseconds_and_sees_all_of_a_model() -> None:
    """Generously: it was measured at 3 to 7 ms."""
    times = []
    for _ in range(5):
        began = time.process_time()
        sound = check_model(CONTENTS["face-detector"])
        times.append(time.process_time() - began)
    assert min(times) < 0.1
    assert len(sound.steps) == 51
    assert sound.need.work == 106_769_600
    assert sound.need.memory < 3 << 20


def test_what_a_larger_picture_takes_is_known_before_it_is_taken() -> None:
    sound = check_model(CONTENTS["face-detector"])
    assert sound.fitted((1, 1280, 320, 4)).memory < MOST_MEMORY_BYTES // 7
    assert sound.fitted((1, 640, 160, 4)).work == 4 * sound.need.work
    with pytest.raises(ModelError, match="more than 256 MiB"):
        sound.fitted((1, 20_000, 5_000, 4))
    for shape in ((1, 320, 320), (1, 320, 80, 3), (0, 320, 80, 4), (1, -320, 80, 4)):
        with pytest.raises(ModelError):
            sound.fitted(shape)


def test_an_output_is_named_once() -> None:
    content = CONTENTS["face-detector"]
    outputs = Places(content).subgraph
    place, (first, second, _) = outputs._pointed("outputs"), outputs.integers("outputs")
    assert place is not None
    data = bytearray(content)
    struct.pack_into("<i", data, place + 8, first)
    with pytest.raises(ModelError, match=f"{first}, {first}"):
        check_model(bytes(data))
    assert first != second


def test_an_interpreter_refuses_what_would_take_its_memory_and_goes_on() -> None:
    interpreter = Interpreter(CONTENTS["face-detector"])
    picture = np.full((1, 320, 80, 4), 99, np.uint8)
    before = interpreter.run(picture)
    huge: Any = np.broadcast_to(np.uint8(0), (1, 20_000, 5_000, 4))
    with pytest.raises(ModelError, match=r"takes none of \(20000, 5000, 4\) \(.*256 MiB"):
        interpreter.run(huge)
    with pytest.raises(ModelError, match="takes 4 channels"):
        interpreter.run(np.zeros((1, 320, 80, 3), np.uint8))
    for one, other in zip(before, interpreter.run(picture), strict=True):
        assert np.array_equal(one, other)
    assert len(interpreter.run(np.zeros((LARGEST_BATCH + 1, 64, 16, 4), np.uint8))[0]) == 17
