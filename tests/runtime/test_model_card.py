"""Every field of a card has its type and its range, and anything else is refused in one line."""

from __future__ import annotations

import copy
import dataclasses
import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer_edge import ModelError
from fer_edge.models import find_model, shipped_models
from fer_edge.models.card import ModelCard
from fer_edge.models.detector_card import DetectorCard
from fer_edge.models.fields import LONGEST_TEXT_CHARACTERS, MOST_LEVELS, MOST_VALUES
from fer_edge.models.file import read_model
from fer_edge.models.json_text import parsed_json

CARDS: dict[str, type[ModelCard] | type[DetectorCard]] = {
    "edge": ModelCard,
    "face-detector": DetectorCard,
}
FIELDS: dict[str, dict[str, Any]] = {
    name: json.loads(json.dumps(read_model(find_model(name)).card.to_json())) for name in CARDS
}
YOUNGER = {"calibration_error", "priors", "priors_power"}
"""Fields that older cards lack."""
NAN, INFINITY = float("nan"), float("inf")
NO_NUMBERS: tuple[Any, ...] = ("1", True, None, NAN, INFINITY, -INFINITY, [1], {}, 10**400)
NO_WHOLES: tuple[Any, ...] = (*NO_NUMBERS, 1.0, 0, -1, 1 << 40)
NO_NAMES: tuple[Any, ...] = (
    "",
    " ",
    "a" * 65,
    "a\nb",
    "\x1b[2J",
    "\ud800",
    "a\0",
    7,
    True,
    None,
    ["a"],
    b"a",
)
NO_FILES = (*NO_NAMES, "/etc/passwd", "../up", "..", "a/b", "a\\b", "c:x", ".hidden")

WRONG: dict[str, list[tuple[str, tuple[Any, ...]]]] = {
    "edge": [
        ("schema", (*NO_WHOLES, 2)),
        ("task", ("face", "detection", "weather", None, 1)),
        ("name", NO_FILES),
        ("labels", (None, "happy", ["happy"], ["a", "a"], ["a", 7], {"a": 1}, [])),
        ("labels", tuple(["happy", name] for name in NO_NAMES)),
        ("input.height", (*NO_WHOLES, 4097, 48.0)),
        ("input.width", (*NO_WHOLES, 4097)),
        ("input.colour", ("cmyk", "GREY", None, 1, ["grey"])),
        ("input.margin", (*NO_NUMBERS, -0.01, 4.1)),
        ("input", (None, [], 48, "48x48")),
        ("temperature", (*NO_NUMBERS, 0, -1, 0.009, 101)),
        ("accuracy", (None, [], 3, {"int8": 0.7}, {"int8": {"fer2013": "0.7"}})),
        ("accuracy", tuple({"int8": {"fer2013": one}} for one in (NAN, 1.01, -0.1, True, None))),
        ("calibration_error", ([], {"fer2013": NAN}, {"fer2013": 2}, {"fer2013": "0"})),
        ("priors", ([], {"happy": 1.0}, {"happy": NAN}, "even")),
        ("priors_power", (*(one for one in NO_NUMBERS if one is not None), -0.1, 1.1)),
        ("versions", (None, [], {"keras": 3}, {"keras": None}, {"keras": "3\n"}, {"k\n": "3"})),
        ("minimum_runtime", (None, 1, "soon", "", "1" * 65, ["0.1"])),
        ("origin", (None, [], "a dataset", 7)),
    ],
    "face-detector": [
        ("schema", (True, 2, "1")),
        ("task", ("emotion", "faces", ["face"], None)),
        ("name", NO_FILES),
        (
            "strides",
            (
                *(one for one in NO_WHOLES if one != [1]),
                [],
                [0],
                [8.0],
                [True, 2],
                ["8", "16"],
                [8, 24],
                [16, 8],
                [1024],
            ),
        ),
        ("landmarks", (None, [], "eye", ["eye", "eye"], ["eye", 7], ["eye\n"])),
        ("score_threshold", (*NO_NUMBERS, 0, 1)),
        ("iou_threshold", (*NO_NUMBERS, -0.1, 1.1)),
        ("square_side", (*NO_NUMBERS, 0, 4.1)),
        ("square_down", (*NO_NUMBERS, -2.1, 2.1)),
        ("origin", (None, [], "a dataset")),
        ("accuracy", (None, [], 1)),
        ("versions", (None, [], {"keras": 3})),
        ("minimum_runtime", (None, "soon")),
        ("searched_once", (*NO_WHOLES, 31, 4097)),
    ],
}
CASES = [
    pytest.param(name, path, value, id=f"{name}-{path}-{ascii(value)[:24]}")
    for name, cases in WRONG.items()
    for path, values in cases
    for value in values
    # What some fields may be though others may not.
    if not (path == "schema" and value == 1 and type(value) is int)
]


def changed(name: str, path: str, value: Any) -> dict[str, Any]:
    fields = copy.deepcopy(FIELDS[name])
    inner = fields
    *way, last = path.split(".")
    for key in way:
        inner = inner[key]
    inner[last] = value
    return fields


@pytest.mark.parametrize("name", shipped_models())
def test_no_shipped_card_names_a_folder_of_the_machine_that_made_it(name: str) -> None:
    card = json.dumps(read_model(find_model(name)).card.to_json())
    assert not re.findall(r"""(?:^|[\s"'=])(/\w[^\s"']*)""", card)


@pytest.mark.parametrize("name", shipped_models())
def test_shipped_cards_are_as_they_were_written(name: str) -> None:
    card = read_model(find_model(name)).card
    assert type(card).from_json(json.loads(json.dumps(card.to_json()))) == card


@pytest.mark.parametrize(("name", "path", "value"), CASES)
def test_a_wrong_field_is_refused_in_one_line(name: str, path: str, value: Any) -> None:
    with pytest.raises(ModelError) as caught:
        CARDS[name].from_json(changed(name, path, value))
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 400


@pytest.mark.parametrize(
    ("name", "key"),
    [(name, key) for name in CARDS for key in FIELDS[name] if key not in YOUNGER],
)
def test_each_field_that_is_missing_is_named(name: str, key: str) -> None:
    fields = {other: value for other, value in FIELDS[name].items() if other != key}
    with pytest.raises(ModelError, match=key):
        CARDS[name].from_json(fields)


def test_fields_of_later_versions_are_left_alone() -> None:
    card = ModelCard.from_json({**FIELDS["edge"], "licence": {"name": "MIT", "years": [2026]}})
    assert card == ModelCard.from_json(FIELDS["edge"])


@pytest.mark.parametrize(
    "value",
    [
        NAN,
        INFINITY,
        1 << 64,
        -(1 << 64),
        "a" * (LONGEST_TEXT_CHARACTERS + 1),
        [0] * (MOST_VALUES + 1),
    ],
)
@pytest.mark.parametrize("place", ["origin", "later"])
def test_what_nobody_reads_has_bounds_too(place: str, value: Any) -> None:
    with pytest.raises(ModelError):
        ModelCard.from_json(changed("edge", place, {"deep": [{"er": value}]}))


def test_depth_is_bounded() -> None:
    deep: Any = 1
    for level in range(MOST_LEVELS + 2):
        deep = [deep] if level % 2 else {"in": deep}
    with pytest.raises(ModelError, match="too deep"):
        ModelCard.from_json(changed("edge", "origin", {"deep": deep}))


def test_what_cannot_be_printed_is_escaped_where_people_read_it() -> None:
    """A dataset's folder may have any name, and the training of a night must not be lost for it."""
    fields = changed("edge", "origin", {"command": "\x1b[2Jfit caf\udce9 ünter\n", "n": [1, "\0"]})
    origin = ModelCard.from_json(fields).origin
    assert origin == {"command": "\\x1b[2Jfit caf\\xe9 ünter\\n", "n": [1, "\\x00"]}


def test_nobody_writes_a_card_that_nobody_reads() -> None:
    card = ModelCard.from_json(FIELDS["edge"])
    with pytest.raises(ModelError, match="labels"):
        dataclasses.replace(card, labels=("happy", "a" * 65)).to_json()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.sampled_from(sorted(CARDS)), st.data(), JSON)
def test_any_value_in_any_field_is_taken_or_refused(
    name: str, data: st.DataObject, to: Any
) -> None:
    key = data.draw(st.sampled_from(sorted(FIELDS[name])))
    try:
        card = CARDS[name].from_json({**FIELDS[name], key: to})
    except ModelError as error:
        assert str(error).isprintable()
    else:
        json.dumps(card.to_json(), allow_nan=False)


@settings(deadline=None)
@given(JSON)
def test_any_document_is_refused(document: Any) -> None:
    for read in (ModelCard.from_json, DetectorCard.from_json):
        with pytest.raises(ModelError):
            read(document)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1, "a": 2}',
        b'{"a": "\xff"}',
        b"\xff\xfe{\0}\0",
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b'{"a": ' + b"9" * 10_000 + b"}",
    ],
    ids=lambda text: ascii(text[:16]),
)
def test_json_is_parsed_strictly(text: bytes) -> None:
    def read() -> None:
        # Some Pythons parse integers of any length; the card's own bounds refuse them.
        ModelCard.from_json({**FIELDS["edge"], **parsed_json(text)})

    with pytest.raises(ModelError):
        read()
