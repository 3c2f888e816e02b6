"""From a picture and a face to what the model sees."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_edge import Box, PictureError
from fer_edge.model_input import model_input
from fer_edge.models.card import InputSpec
from fer_edge.pictures.image import checked_image
from fer_edge.pictures.picture_file import read_picture
from tests.runtime.scripted import seen

GREY = InputSpec(48, 48, "grey", 0.0)
random = np.random.default_rng(0)
PICTURE = random.integers(0, 256, (60, 80, 3), dtype=np.uint8)


def test_a_face_of_the_right_size_is_not_touched() -> None:
    face = PICTURE[:48, :48, 0]
    assert (model_input(face, Box(0, 0, 48, 48), GREY)[..., 0] == face).all()


def test_the_luma_of_a_colour_picture_is_opencvs() -> None:
    expected = cv2.cvtColor(PICTURE, cv2.COLOR_BGR2GRAY)[5:53, 7:55]
    assert (model_input(PICTURE, Box(7, 5, 48, 48), GREY)[..., 0] == expected).all()


def test_an_rgb_model_sees_red_first() -> None:
    spec = InputSpec(48, 48, "rgb", 0.0)
    assert (model_input(PICTURE, Box(0, 0, 48, 48), spec) == PICTURE[:48, :48, ::-1]).all()
    assert (
        model_input(PICTURE[..., 0], Box(0, 0, 48, 48), spec)[..., 2] == PICTURE[:48, :48, 0]
    ).all()


def test_what_lies_outside_repeats_the_edge() -> None:
    image = np.tile(np.arange(100, 180, dtype=np.uint8), (60, 1))
    crop = model_input(image, Box(-24, 0, 48, 48), GREY)[..., 0]
    assert (crop[:, :24] == 100).all()
    assert (crop[:, 24:] == np.arange(100, 124)).all()


def test_what_a_leaning_face_has_outside_repeats_the_edge() -> None:
    even = np.full_like(PICTURE, 200)
    assert (model_input(even, Box(-24, -24, 48, 48), GREY, 30.0) == 200).all()


def test_a_margin_shows_more_around_the_face() -> None:
    image = np.zeros((200, 200), np.uint8)
    image[50:150, 50:150] = 255
    tight = model_input(image, Box(50, 50, 100, 100), GREY)
    wide = model_input(image, Box(50, 50, 100, 100), InputSpec(48, 48, "grey", 0.5))
    assert (tight == 255).all()
    assert (wide == 255).mean() == pytest.approx(1 / 1.5**2, abs=0.03)


def test_a_large_face_is_averaged_not_sampled() -> None:
    stripes = np.zeros((480, 480), np.uint8)
    # The middle of ten columns is no average of them, as it is of stripes that alternate.
    stripes[:, ::5] = 250
    assert (abs(model_input(stripes, Box(0, 0, 480, 480), GREY).astype(int) - 50) <= 1).all()


def test_a_small_face_is_enlarged_without_steps() -> None:
    ramp = np.tile(np.arange(0, 240, 10, dtype=np.uint8), (24, 1))
    enlarged = model_input(ramp, Box(0, 0, 24, 24), GREY)[..., 0].astype(int)
    assert np.diff(enlarged[:, 2:-2], axis=1).min() > 0


@pytest.mark.parametrize("roll", [-170.0, -30.0, -8.0, 15.0, 45.0, 90.0])
@pytest.mark.parametrize("side", [60, 130, 300])
def test_a_leaning_face_comes_out_upright(roll: float, side: int, portrait: Path) -> None:
    picture = read_picture(portrait)
    centre = (230.0, 240.0)
    # Pixel centres lie half a pixel right of and below their indices.
    turn = cv2.getRotationMatrix2D((centre[0] - 0.5, centre[1] - 0.5), -roll, 1.0)
    leaning = np.asarray(cv2.warpAffine(picture, turn, picture.shape[1::-1]), np.uint8)
    square = Box(centre[0] - side / 2, centre[1] - side / 2, side, side)
    expected = model_input(picture, square, GREY).astype(int)
    found = model_input(leaning, square, GREY, roll).astype(int)
    as_it_lies = model_input(leaning, square, GREY).astype(int)
    assert np.abs(found - expected).mean() < 4
    assert np.abs(found - expected).mean() < 0.5 * np.abs(as_it_lies - expected).mean()


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_face_that_leans_by_quarter_turns_keeps_its_pixels(turns: int) -> None:
    square = Box(16, 6, 48, 48)
    upright = model_input(PICTURE, square, GREY)[..., 0].astype(int)
    leaning = model_input(PICTURE, square, GREY, 90.0 * turns)[..., 0]
    assert np.abs(leaning - np.rot90(upright, turns)).max() <= 1


@pytest.mark.parametrize("roll", [-179.0, -135.0, -90.0, -30.0, 0.0, 45.0, 90.0, 120.0, 179.0])
def test_the_lean_is_known_all_the_way_round(roll: float) -> None:
    upright = seen(Box(0, 0, 100, 100))
    turn = math.radians(roll)
    turned = tuple(
        (x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn))
        for x, y in upright.landmarks
    )
    assert dataclasses.replace(upright, landmarks=turned).roll == pytest.approx(roll)


def test_a_face_without_roll_is_cut_as_ever() -> None:
    assert (
        model_input(PICTURE, Box(3, 4, 40, 40), GREY, 0.0)
        == model_input(PICTURE, Box(3, 4, 40, 40), GREY)
    ).all()


def test_a_square_beside_the_picture_is_an_error() -> None:
    with pytest.raises(PictureError, match="outside the picture of 80x60"):
        model_input(PICTURE, Box(100, 0, 20, 20), GREY)
    with pytest.raises(PictureError, match="outside the picture of 80x60"):
        model_input(PICTURE, Box(100, 0, 20, 20), GREY, 10.0)


@given(
    st.floats(-200, 200),
    st.floats(-200, 200),
    st.floats(0.1, 400),
    st.sampled_from([0.0, 0.3]),
    st.floats(-180, 180),
)
def test_every_square_gives_a_crop_or_the_error(
    x: float, y: float, side: float, margin: float, roll: float
) -> None:
    spec = InputSpec(24, 32, "grey", margin)
    try:
        crop = model_input(PICTURE, Box(x, y, side, side), spec, roll)
    except PictureError:
        return
    assert crop.shape == (24, 32, 1)
    assert crop.dtype == np.uint8


@pytest.mark.parametrize(
    "thing",
    [
        None,
        [[1, 2], [3, 4]],
        np.zeros((4, 4)),
        np.zeros((4, 4), np.int8),
        np.zeros((0, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((1, 4, 4, 3), np.uint8),
        np.zeros(16, np.uint8),
    ],
)
def test_what_is_no_picture_is_told_so(thing: Any) -> None:
    with pytest.raises(PictureError):
        checked_image(thing)


def test_a_channel_axis_of_one_is_dropped() -> None:
    assert checked_image(np.zeros((4, 5, 1), np.uint8)).shape == (4, 5)
