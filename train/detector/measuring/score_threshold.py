"""Which score threshold a detector gets: by its false faces in pictures that show no face."""

from __future__ import annotations

import bisect
import itertools
import logging
from collections.abc import Sequence

from train.detector.candidate_detectors import SearchingDetector
from train.detector.data.pictures import FACELESS, SELECTED_FACELESS_EVERY, Picture
from train.detector.measuring.views import PICTURE_ASPECTS, PICTURE_SIDES_PIXELS, view_of
from train.errors import DatasetError

log = logging.getLogger(__name__)

FALSE_FACES_A_PICTURE = 0.015
"""How many false faces a picture without a face may have, on average, at the shipped threshold:
one in 70 pictures. With none, the one thing that looks most like a face would decide alone."""
LOWEST_HUNDREDTHS, HIGHEST_HUNDREDTHS = 30, 95
"""Of the thresholds that can be chosen."""


def faceless(pictures: Sequence[Picture]) -> list[Picture]:
    """The pictures that surely show no face.

    Raises:
        DatasetError: there is none, so no score threshold can be chosen.
    """
    some = [picture for picture in pictures if picture.is_faceless]
    if not some:
        raise DatasetError(
            f"no score threshold can be chosen: expected pictures of {' or '.join(FACELESS)} "
            f"without a face; one in {SELECTED_FACELESS_EVERY} is held out for that"
        )
    return some


def choose_score_threshold(detector: SearchingDetector, pictures: Sequence[Picture]) -> float:
    """The lowest threshold, in hundredths, with at most FALSE_FACES_A_PICTURE.

    The runtime's sizes and shapes of pictures count alike. It is found by bisection. A view may
    have a face again at a higher threshold. But all views together were never seen to have more.
    If no threshold is high enough, it is the highest one, and a warning says so.

    Args:
        detector: searches as the runtime does.
        pictures: those without a face count.

    Raises:
        DatasetError: see `faceless`.
    """
    views = list(itertools.product(PICTURE_SIDES_PIXELS, faceless(pictures), PICTURE_ASPECTS))
    allowed = int(FALSE_FACES_A_PICTURE * len(views))

    def are_few(hundredths: int) -> bool:
        false_faces = 0
        # They are drawn anew each time: all of them together would take 500 MB.
        for side, picture, shape in views:
            view = view_of(picture, side, shape)
            false_faces += len(detector.search(view, hundredths / 100).scores)
            if false_faces > allowed:
                return False
        return True

    hundredths = range(LOWEST_HUNDREDTHS, HIGHEST_HUNDREDTHS + 1)
    place = bisect.bisect_left(hundredths, True, key=are_few)
    if place == len(hundredths):
        log.warning(
            "even at a score threshold of %.2f there are more than %d false faces in %d pictures",
            HIGHEST_HUNDREDTHS / 100,
            allowed,
            len(views),
        )
        place -= 1
    return hundredths[place] / 100
