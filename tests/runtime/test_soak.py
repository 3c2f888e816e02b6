"""Thousands of frames through the whole stream leave nothing behind; measure/soak.py has more."""

from __future__ import annotations

from tests.runtime.endurance import ROUND, endure, recognizer


def test_thousands_of_frames_leave_nothing_behind() -> None:
    rounds, reads = 10, recognizer()
    # What libraries open when they are first used stays open.
    endure(ROUND, ROUND, reads)
    seen = endure(rounds * ROUND, 2 * ROUND, reads)
    assert seen.frames == rounds * ROUND
    # One visit a round: the same number comes and goes, and each is greeted.
    assert seen.kinds["appear"] == seen.kinds["leave"] >= rounds
    assert seen.greeted >= rounds
    assert seen.leaked <= seen.left
    # Of 200,000 frames 2 MB may be left; so few tell only of what grows with each.
    assert seen.ended_mb - seen.begun_mb < 4
