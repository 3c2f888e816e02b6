"""Events for a consumer that does not read: changes become one, faces never come or go unseen."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Iterable

import pytest

from fer_edge.live import Event, EventKind
from fer_edge.live.delivery import event_queue
from fer_edge.live.delivery.event_queue import EventQueue, merged
from fer_edge.live.delivery.outlet import Ended
from fer_edge.live.delivery.presence import Presence
from tests.runtime.live_events import event

LABELS = ("unsure", "happy", "sad", "neutral")


def all_of(queue: EventQueue) -> list[Event]:
    queue.finish()
    found = [queue.take(0) for _ in range(len(queue))]
    with pytest.raises(Ended):
        queue.take(0)
    return [one for one in found if one is not None]


def visits(count: int, seed: int, changes: int) -> list[Event]:
    """Faces that come, change and go, up to three at once."""
    chance = random.Random(seed)
    present: dict[int, str] = {}
    tracks = itertools.count(1)
    events = []
    for _ in range(count):
        if not present or (len(present) < 3 and chance.random() < 0.3):
            track = next(tracks)
            present[track] = "unsure"
            events.append(event("appear", track, after="unsure"))
        track = chance.choice(list(present))
        for _ in range(chance.randrange(changes)):
            after = chance.choice([label for label in LABELS if label != present[track]])
            events.append(event("change", track, present[track], after, chance.random()))
            present[track] = after
        if chance.random() < 0.3:
            events.append(event("leave", track, before=present.pop(track)))
    return events


def test_who_reads_in_time_gets_every_event_numbered_without_gaps() -> None:
    queue = EventQueue()
    for number, each in enumerate(visits(500, seed=1, changes=5)):
        queue.put(each)
        taken = queue.take(0)
        assert taken is not None
        assert (taken.kind, taken.track_id, taken.before, taken.after, taken.held) == (
            each.kind, each.track_id, each.before, each.after, each.held
        )  # fmt: skip
        assert taken.sequence == number


@pytest.mark.parametrize("seed", range(20))
def test_nobody_reads_and_no_appear_or_leave_is_lost(seed: int) -> None:
    events = visits(400, seed, changes=12)
    queue = EventQueue(capacity=50)
    for each in events:
        queue.put(each)
    left = all_of(queue)
    assert [e.sequence for e in left] == list(range(len(left)))
    for kind in ("appear", "leave"):
        assert [e.track_id for e in left if e.kind == kind] == [
            e.track_id for e in events if e.kind == kind
        ]
    states: dict[int | None, str | None] = {}
    for e in left:
        if e.kind == "appear":
            states[e.track_id] = e.after
        else:
            # Each begins with the label that the one before ended with.
            assert e.before == states[e.track_id]
            states[e.track_id] = e.after


def test_a_face_that_changes_for_ever_stays_in_a_bounded_queue() -> None:
    queue = EventQueue(capacity=20)
    queue.put(event("appear", 1, after="unsure"))
    for before, after in itertools.islice(itertools.pairwise(itertools.cycle(LABELS)), 10_001):
        queue.put(event("change", 1, before, after, 0.5))
        assert len(queue) <= 42
    left = all_of(queue)
    assert left[0].kind == "appear"
    assert left[-1].after == "happy"


def test_after_a_backlog_changes_become_one_as_early_as_before() -> None:
    queue = EventQueue(capacity=16)
    for track in range(1, 200):
        queue.put(event("appear", track, after="unsure"))
    while len(queue):
        queue.take(0)
    for place in range(40):
        before, after = ("happy", "sad") if place % 2 else ("sad", "happy")
        queue.put(event("change", 1, before, after))
    assert len(queue) <= 17


def test_merged_changes_tell_the_first_label_and_how_long_it_held() -> None:
    one, two = merged(
        [
            event("appear", 1, after="unsure"),
            event("change", 1, "unsure", "sad", 0.7),
            event("change", 1, "sad", "happy", 0.4),
        ]
    )
    assert one.kind == "appear"
    assert (two.before, two.after, two.held) == ("unsure", "happy", 0.7)


def test_changes_that_lead_back_are_no_change() -> None:
    assert not merged([event("change", 1, "sad", "happy"), event("change", 1, "happy", "sad")])


def test_interruptions_that_are_over_become_one() -> None:
    down, up = event("interrupted"), event("resumed")
    assert [e.kind for e in merged([down, up] * 5)] == ["interrupted", "resumed"]
    assert [e.kind for e in merged([down, up] * 5 + [down])] == ["interrupted"]
    assert [e.kind for e in merged([up, down] * 5)] == ["resumed", "interrupted"]
    assert [e.kind for e in merged([up, down, up, down, up])] == [
        "resumed",
        "interrupted",
        "resumed",
    ]


def test_after_a_whole_lifetime_unread_the_oldest_visits_are_forgotten_in_pairs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    queue = EventQueue(capacity=10, most=100)
    for track in range(1000):
        queue.put(event("appear", track, after="unsure"))
        if track != 5:
            queue.put(event("leave", track, before="unsure"))
    assert "nobody reads" in caplog.text
    left = all_of(queue)
    assert [e.sequence for e in left] == list(range(len(left)))
    assert len(left) <= 120
    assert queue.forgotten >= 900
    came = [e.track_id for e in left if e.kind == "appear"]
    went = [e.track_id for e in left if e.kind == "leave"]
    assert set(came) - set(went) == {5}
    assert came[-1] == went[-1] == 999


def test_nobody_reads_and_little_work_is_done_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []

    def count(events: Iterable[Event]) -> list[Event]:
        kept = merged(events)
        looked.append(len(kept))
        return kept

    monkeypatch.setattr(event_queue, "merged", count)
    queue = EventQueue(capacity=10, most=1000)
    for track in range(10_000):
        queue.put(event("appear", track, after="unsure"))
        queue.put(event("leave", track, before="unsure"))
        assert len(queue) <= 1010
    # Each merge looks at all that wait: a few looks for each event, not hundreds.
    assert sum(looked) < 20 * 20_000


def test_a_patient_put_waits_for_the_consumer() -> None:
    queue = EventQueue(capacity=3)

    def fill() -> None:
        for track in range(100):
            queue.put(event("appear", track), patient=True)
        queue.finish()

    thread = threading.Thread(target=fill)
    thread.start()
    found = []
    for _ in range(100):
        assert len(queue) <= 3
        found.append(queue.take(10))
    thread.join(10)
    assert [e and e.track_id for e in found] == list(range(100))


def test_hurrying_frees_a_patient_put() -> None:
    queue = EventQueue(capacity=1)
    queue.put(event("appear", 1))
    threading.Timer(0.05, queue.hurry).start()
    queue.put(event("appear", 2), patient=True)
    assert [e.track_id for e in all_of(queue)] == [1, 2]


def test_who_comes_late_is_told_of_several_faces_in_the_order_of_the_events() -> None:
    presence = Presence()
    told = [
        event("appear", 1, after="unsure", sequence=0),
        event("appear", 2, after="unsure", sequence=1),
        event("change", 1, "unsure", "sad", sequence=2),
        event("interrupted", sequence=3),
        event("change", 2, "unsure", "happy", sequence=4),
    ]
    for one in told:
        presence.remember(None, [one])
    assert presence.events() == told


def test_an_error_comes_after_what_was_left() -> None:
    queue = EventQueue()
    queue.put(event("appear", 1))
    queue.finish(ValueError("broken"))
    assert queue.take() is not None
    with pytest.raises(ValueError, match="broken"):
        queue.take()


def test_waiting_ends_when_the_time_is_over() -> None:
    began = time.monotonic()
    assert EventQueue().take(0.05) is None
    assert time.monotonic() - began >= 0.05


@pytest.mark.parametrize("kind", ["appear", "leave", "held"])
def test_a_consumer_of_one_kind_that_never_reads_is_bounded_too(
    kind: EventKind, caplog: pytest.LogCaptureFixture
) -> None:
    queue = EventQueue(capacity=10, most=100)
    for track in range(1000):
        queue.put(event(kind, track, after="happy"))
    assert "nobody reads" in caplog.text
    left = all_of(queue)
    assert [e.sequence for e in left] == list(range(len(left)))
    assert 80 <= len(left) <= 120
    assert len(left) + queue.forgotten == 1000
    assert [e.track_id for e in left] == list(range(1000 - len(left), 1000))
