"""Whatever is passed to what `fer_edge` exports: it works, or raises a FerEdgeError of one line."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fer_edge
from tests.runtime.hostile import HOSTILE
from tests.runtime.surface_calls import Call, classifier, detector, recognizer
from tests.runtime.surface_cases import CASES

NOT_CALLED = {"Camera", "Detector", "__version__"}
"""What others make subclasses of, and what is no function."""
GIVEN = {"Event", "LiveFace", "LiveReading", "Reader", "Stats", "Work"}
"""What a stream makes."""
ERRORS = [error for error in vars(fer_edge).values() if isinstance(error, type)]
ERRORS = [error for error in ERRORS if issubclass(error, fer_edge.FerEdgeError)]


def test_every_name_has_its_case() -> None:
    called = {name.split(".")[0].removesuffix("()") for name in CASES}
    known = called | NOT_CALLED | GIVEN | {error.__name__ for error in ERRORS}
    assert set(fer_edge.__all__) <= known


def _parts(annotation: Any) -> Iterator[type]:
    """The classes in an annotation."""
    for part in typing.get_args(annotation):
        yield from _parts(part)
    one = typing.get_origin(annotation) or annotation
    if isinstance(one, type):
        yield one


def _given_by(kind: type) -> Iterator[type]:
    """The classes that a class's public methods and properties give, as they are annotated."""
    for name in dir(kind):
        member = inspect.getattr_static(kind, name)
        if not name.startswith("_") or name == "__call__":
            yield from _parts(typing.get_type_hints(getattr(member, "fget", member)).get("return"))


@pytest.mark.parametrize("kind", [fer_edge.Stream, fer_edge.Tracker])
def test_what_the_live_layer_gives_has_a_name_to_annotate_it_with(kind: type) -> None:
    ours = {one for one in _given_by(kind) if one.__module__.startswith("fer_edge.")}
    assert fer_edge.Work in ours
    assert {one.__name__ for one in ours} <= set(fer_edge.__all__)


@pytest.mark.parametrize("name", CASES)
def test_the_right_arguments_work(name: str) -> None:
    call, right = CASES[name]
    call(**right)


@pytest.mark.parametrize("name", CASES)
@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
)
@given(data=st.data())
def test_what_hostile_arguments_raise_is_one_line(name: str, data: st.DataObject) -> None:
    call, right = CASES[name]
    replaced = data.draw(st.sets(st.sampled_from(sorted(right)), min_size=1, max_size=2))
    given_arguments = {**right, **{key: data.draw(HOSTILE, label=key) for key in replaced}}
    try:
        call(**given_arguments)
    except fer_edge.FerEdgeError as error:
        text = str(error)
        assert text.strip()
        assert len(text.splitlines()) == 1
        assert len(text) < 20_000


@pytest.mark.parametrize("call", [recognizer, classifier, detector])
def test_threads_that_no_machine_has_are_refused(call: Call) -> None:
    with pytest.raises(fer_edge.FerEdgeError):
        call(threads=100_000)


@pytest.mark.parametrize("kind", ERRORS)
@given(arguments=st.lists(HOSTILE, max_size=3))
def test_errors_can_always_be_shown(kind: type[Exception], arguments: list[object]) -> None:
    assert len(str(kind(*arguments)).splitlines()) <= 1
