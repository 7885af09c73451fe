from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from server.clock import HOUR_MS
from server.delivery import Delivery, delivery_id
from server.pipeline.dead import (
    KEPT_MS,
    Chance,
    Letter,
    Replayed,
    Wanted,
    delivery_of,
    forget,
    letters,
    replay,
)
from server.pipeline.queue import Dead, Job, Queue, Settlement
from server.pipeline.state import STATE_FILE, State, create_state
from tests.samples import NOON, event

SPOOL = "tag.shop.hook"
PAST = f"{SPOOL}.backfill"
WINDOWS = {"webhook": 72 * HOUR_MS}
LATER = Chance(windows=WINDOWS, now=NOON + 9)


@pytest.fixture
def state(data: Path) -> Iterator[State]:
    create_state(data / STATE_FILE)
    state = State(data / STATE_FILE)
    yield state
    state.close()


def dead(number: int, *, reason: str = "http_400", **more: int) -> Dead:
    """The letter of event `number`, which died so many ms after it."""
    made = event(number, name="purchase", occurred_at=more.get("occurred_at", NOON))
    delivery = Delivery(
        delivery_id=delivery_id(made.event_id, "shop", "hook"),
        container_id="shop",
        tag="hook",
        type="webhook",
        event=made,
        person=b"sealed",
    )
    died_at = NOON + number
    return Dead(delivery=delivery, died_at=died_at, reason=reason, detail="no", attempts=2)


def bury(state: State, *those: Dead, spool: str = SPOOL) -> None:
    Queue(state).commit(Settlement(spool=spool, dead=list(those)), {})


def numbers(state: State, wanted: Wanted) -> list[int]:
    return [int(letter.event_id[-12:]) for letter in letters(state, wanted)]


def test_a_letter_says_what_died_when_and_why(state: State) -> None:
    one = dead(1)
    bury(state, one)
    assert list(letters(state, Wanted())) == [
        Letter(
            spool=SPOOL,
            delivery_id=one.delivery.delivery_id,
            event_id=one.delivery.event.event_id,
            died_at=NOON + 1,
            reason="http_400",
            detail="no",
            attempts=2,
            type="webhook",
            name="purchase",
            occurred_at=NOON,
            has_person=True,
        )
    ]
    assert delivery_of(state, next(letters(state, Wanted()))) == one.delivery


def test_letters_are_found_by_tag_time_reason_and_event_the_newest_first(state: State) -> None:
    bury(state, dead(1), dead(2, reason="bad_settings"), dead(3))
    bury(state, dead(4), spool=PAST)
    bury(state, dead(5), spool="tag.shop.hook-two")
    assert numbers(state, Wanted()) == [5, 4, 3, 2, 1]
    assert numbers(state, Wanted(spool=SPOOL)) == [4, 3, 2, 1]
    assert numbers(state, Wanted(spool=SPOOL, since=NOON + 3)) == [4, 3]
    assert numbers(state, Wanted(reason="bad_settings")) == [2]
    assert numbers(state, Wanted(event_id=event(3).event_id)) == [3]


def test_a_replayed_letter_is_due_at_once_whole_and_counted(state: State) -> None:
    bury(state, dead(1))
    bury(state, dead(2), spool=PAST)
    found = list(letters(state, Wanted()))
    assert replay(state, found, LATER) == Replayed(sent=2)
    queue = Queue(state)
    assert queue.due(SPOOL, now=NOON + 9, limit=9) == [Job(delivery=dead(1).delivery, attempts=2)]
    assert queue.due(PAST, now=NOON + 9, limit=9) == [Job(delivery=dead(2).delivery, attempts=2)]
    [lane] = queue.lanes([SPOOL])
    assert (lane.dead, lane.retrying, lane.replayed) == (0, 2, 2)
    assert replay(state, found, LATER) == Replayed()  # it is not dead any more


def test_what_is_too_old_or_has_no_destination_stays_dead(state: State) -> None:
    bury(state, dead(1, occurred_at=NOON - 72 * HOUR_MS), dead(2))
    found = list(letters(state, Wanted()))
    assert replay(state, found, LATER) == Replayed(sent=1, too_old=1)
    assert numbers(state, Wanted()) == [1]
    assert replay(state, found, replace(LATER, windows={})) == Replayed(too_old=2)


def test_a_dry_replay_only_counts(state: State) -> None:
    bury(state, dead(1))
    found = list(letters(state, Wanted()))
    assert replay(state, found, replace(LATER, is_dry=True)) == Replayed(sent=1)
    assert numbers(state, Wanted()) == [1]


def test_a_letter_may_be_made_anew_or_found_to_be_wanted_no_more(state: State) -> None:
    bury(state, dead(1), dead(2))

    def remake(delivery: Delivery) -> Delivery | None:
        is_first = delivery.event.off == 1
        return replace(delivery, settings={"url": "https://new.example/"}) if is_first else None

    found = list(letters(state, Wanted()))
    dry = replay(state, found, replace(LATER, remake=remake, is_dry=True))
    assert (
        dry == replay(state, found, replace(LATER, remake=remake)) == Replayed(sent=1, unwanted=1)
    )
    [job] = Queue(state).due(SPOOL, now=NOON + 9, limit=9)
    assert job.delivery.settings == {"url": "https://new.example/"}
    assert numbers(state, Wanted()) == [2]


def test_many_letters_are_replayed(state: State) -> None:
    bury(state, *(dead(number) for number in range(1_100)))
    found = list(letters(state, Wanted()))
    assert replay(state, found, LATER) == Replayed(sent=1_100)
    assert Queue(state).lanes([SPOOL])[0].retrying == 1_100


def test_a_person_goes_when_the_partner_takes_the_event_no_more_the_letter_later(
    state: State,
) -> None:
    bury(state, dead(1))

    def persons(now: int, windows: dict[str, int]) -> list[bool]:
        forget(state, windows, now=now)
        return [letter.has_person for letter in letters(state, Wanted())]

    over = NOON + 72 * HOUR_MS
    assert persons(over, WINDOWS) == [True]
    assert persons(over + 1, WINDOWS) == [False]
    kept = delivery_of(state, next(letters(state, Wanted())))
    assert kept == replace(dead(1).delivery, person=b"")
    assert persons(NOON + 1 + KEPT_MS, WINDOWS) == [False]
    assert persons(NOON + 2 + KEPT_MS, WINDOWS) == []


def test_a_person_for_a_destination_that_is_not_here_goes(state: State) -> None:
    bury(state, dead(1))
    forget(state, {"ga4": 1}, now=NOON)
    assert [letter.has_person for letter in letters(state, Wanted())] == [False]
