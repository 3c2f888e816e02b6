"""Which detection is which face."""

from __future__ import annotations

import pytest

from fer_edge.face import Box
from fer_edge.live.faces.motion import Motion
from fer_edge.live.faces.tracks import Tracks
from tests.measure.crossings import switches
from tests.runtime.scripted import seen, times

BOX = Box(100, 100, 80, 80)


@pytest.mark.parametrize(("faces", "most"), [(1, 0.0), (2, 0.5), (3, 1.0), (5, 4.0)])
def test_crossing_faces_seldom_switch_tracks(faces: int, most: float) -> None:
    assert switches(faces, 20_000) <= most


@pytest.mark.parametrize(("faces", "most"), [(1, 0.1), (2, 0.5), (3, 1.0), (5, 4.0)])
def test_they_seldom_do_where_the_tracker_looks_now_and_then(faces: int, most: float) -> None:
    assert switches(faces, 20_000, detect_every=0.2) <= most


def test_a_moving_face_is_expected_where_it_goes() -> None:
    motion = Motion(BOX, 0.0)
    for at in times(1, start=0.1):
        motion.expect(at)
        motion.see(BOX.moved(120 * at, -60 * at), at)
    x, y, spread = motion.expect(1.3)
    assert x == pytest.approx(140 + 120 * 1.3, abs=2)
    assert y == pytest.approx(140 - 60 * 1.3, abs=2)
    assert 0 < spread < 80
    # After a while unseen it is expected to stay, and might be farther away.
    late, later = motion.expect(3), motion.expect(4)
    assert late[:2] == later[:2]
    assert later[2] > late[2] > spread


def test_two_detections_of_a_known_face_are_no_newcomer() -> None:
    tracks = Tracks()
    for at in times(0.5):
        tracks.update([seen(BOX), seen(BOX.moved(8, 0), 0.7)], at)
    assert len(tracks.known) == 1


@pytest.mark.parametrize("step", [0.2, 0.5, 1.0, 5.0])
def test_at_low_rates_two_sights_in_a_row_are_a_face(step: float) -> None:
    tracks = Tracks()
    for number, is_seen in enumerate((True, False, True, False, True, True)):
        changes = tracks.update([seen(BOX)] if is_seen else [], number * step)
        assert len(changes.appeared) == (number == 5)


def test_a_sight_between_two_within_the_time_may_be_missed() -> None:
    tracks = Tracks()
    for at in (0.0, 0.1, 0.25):
        changes = tracks.update([] if at == 0.1 else [seen(BOX)], at)
    assert len(changes.appeared) == 1


def test_a_face_far_away_is_another_one() -> None:
    tracks = Tracks()
    for at in times(0.5):
        tracks.update([seen(BOX)], at)
    for at in times(0.5, start=0.5):
        tracks.update([seen(BOX.moved(400, 0))], at)
    assert [track.track_id for track in tracks.known] == [1, 2]


def test_a_face_that_comes_back_within_lost_after_keeps_its_track() -> None:
    tracks = Tracks(lost_after=1.5)
    for at in times(1):
        tracks.update([seen(BOX)], at)
    lost = [one for at in times(1.4, start=1.0) for one in tracks.update([], at).lost]
    assert lost == []
    changes = tracks.update([seen(BOX.moved(20, 0))], 2.4)
    assert [track.track_id for track, _ in changes.seen] == [1]
    assert changes.appeared == ()


def test_a_gap_between_two_frames_does_not_count_in_full() -> None:
    tracks = Tracks(lost_after=1.5)
    for at in times(1):
        tracks.update([seen(BOX)], at)
    assert tracks.update([], 4.0).lost == ()
    assert len(tracks.update([], 4.6).lost) == 1


def test_two_looks_within_the_time_make_a_face_though_a_frame_between_missed_it() -> None:
    tracks = Tracks()
    tracks.update([seen(BOX)], 0.0)
    tracks.update([], 0.1)
    assert len(tracks.update([seen(BOX)], 0.2).appeared) == 1
    tracks = Tracks()
    tracks.update([seen(BOX)], 0.0)
    tracks.update([], 0.2)
    tracks.update([], 0.35)
    assert tracks.update([seen(BOX)], 0.4).appeared == ()
