"""The whole loop: from a tag's spool over a real socket to a partner, and into the ledger."""

from __future__ import annotations

import hashlib
import random
import threading
import uuid
from contextlib import closing

import pytest
from msgspec.structs import replace

from server import journal
from server.clock import HOUR_MS, now_ms
from server.errors import JournalUnwritable
from server.pipeline.dead import Chance, Wanted, letters, replay
from server.pipeline.forwarder import gate, lane, ledger
from server.pipeline.forwarder.breaker import Breaker
from server.pipeline.pauses import resume
from server.pipeline.queue import pack
from server.pipeline.spools import spool_folder
from server.pipeline.state import STATE_FILE, State, Withdrawal
from tests.partner import Asked, LocalPartner, Says
from tests.pipeline.forwarder.owed import Forwarding, owed
from tests.samples import VISITOR_ID


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries come sooner than they really do."""
    monkeypatch.setattr("server.pipeline.forwarder.backoff.FIRST_S", 0.1)


def ids(partner: LocalPartner) -> list[str]:
    return [asked.json()["event_id"] for asked in partner.asked]


def test_what_is_owed_is_sent_once_and_told(forwarding: Forwarding, partner: LocalPartner) -> None:
    deliveries = [owed(number, partner.url) for number in range(1, 4)]
    forwarding.owe(*deliveries)
    forwarding.start()
    forwarding.wait(lambda: forwarding.lane().delivered == 3, "three delivered")
    assert sorted(ids(partner)) == [one.event.event_id for one in deliveries]
    assert sorted(forwarding.outcomes()) == [(n, "delivered", "", 1, 204) for n in (1, 2, 3)]
    lane = forwarding.lane()
    assert (lane.waiting, lane.retrying, lane.dead, lane.reason) == (0, 0, 0, "")
    bodies = {asked.json()["event_id"]: asked.body for asked in partner.asked}
    for row in forwarding.told():
        body = bodies[row["event_id"]]
        assert row["body_hash"] == hashlib.sha256(body).hexdigest()[:32]
        assert row["bytes"] == len(body)
        assert {"event_id", "name", "consent.analytics_storage"} <= set(row["fields"])
        assert row["consent"] == ["analytics_storage"]


def test_what_a_restart_finds_done_is_not_sent_again(
    forwarding: Forwarding, partner: LocalPartner
) -> None:
    forwarding.owe(owed(1, partner.url))
    forwarding.start()
    forwarding.wait(lambda: forwarding.lane().delivered == 1, "one delivered")
    forwarding.stop()
    forwarding.owe(owed(2, partner.url))
    forwarding.start()
    forwarding.wait(lambda: forwarding.lane().delivered == 2, "the second delivered")
    assert len(partner.asked) == 2


def test_a_failure_is_tried_again_until_it_is_taken(
    forwarding: Forwarding, partner: LocalPartner, hurry: None
) -> None:
    partner.answers += [Says(status=503), Says(status=0)]
    forwarding.owe(owed(1, partner.url))
    forwarding.start()
    forwarding.wait(lambda: forwarding.lane().delivered == 1, "delivered at last")
    assert forwarding.outcomes() == [
        (1, "retry", "http_503", 1, 503),
        (1, "retry", "broken_answer", 2, 0),
        (1, "delivered", "", 3, 204),
    ]
    first, second, last = forwarding.told()
    assert first["next_at"] <= second["attempted_at"]
    assert second["next_at"] <= last["attempted_at"]
    assert {row["delivery_id"] for row in forwarding.told()} == {first["delivery_id"]}


@pytest.mark.parametrize("wrong", [Says(status=401), Says(status=503)])
def test_a_tag_that_is_resumed_does_not_wait_for_its_next_try(
    forwarding: Forwarding, partner: LocalPartner, wrong: Says, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.pipeline.forwarder.backoff.FIRST_S", 900)
    monkeypatch.setattr("server.pipeline.forwarder.backoff.SHORTEST_S", 600)
    partner.answers.append(wrong)
    forwarding.owe(owed(1, partner.url))
    forwarding.start()
    forwarding.wait(lambda: forwarding.lane().retrying == 1, "one waits for another try")
    with closing(State(forwarding.data / STATE_FILE)) as state:
        resume(state, forwarding.lane().spool)
    forwarding.wait(lambda: forwarding.lane().delivered == 1, "it is taken")
    assert len(partner.asked) == 2


def test_events_of_a_visitor_keep_their_order_through_failures_and_a_restart(
    forwarding: Forwarding, partner: LocalPartner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.pipeline.forwarder.backoff.FIRST_S", 0.1)
    monkeypatch.setattr("server.pipeline.forwarder.backoff.LONGEST_S", 0.4)
    monkeypatch.setattr("server.pipeline.forwarder.breaker.FIRST_PAUSE_S", 0.2)
    monkeypatch.setattr("server.pipeline.forwarder.breaker.LONGEST_PAUSE_S", 0.2)
    chance, taken = random.Random(1), list[tuple[str, int]]()

    def answer(asked: Asked) -> Says:
        if chance.random() < 0.3:
            return Says(status=503)
        body = asked.json()
        taken.append((body["visitor_id"], int(body["event_id"][-12:])))
        return Says()

    partner.always = answer
    visitors = [str(uuid.UUID(int=n + 1)) for n in range(3)]
    settings = {"in_order": True}
    deliveries = [
        owed(n, partner.url, settings=settings, visitor_id=visitors[n % 3]) for n in range(1, 31)
    ]
    forwarding.owe(*deliveries[:20])
    forwarding.start()
    partner.wait(5)
    forwarding.stop()
    forwarding.owe(*deliveries[20:])
    forwarding.start()
    forwarding.wait(lambda: forwarding.lane().delivered == 30, "all of them")
    for n, visitor_id in enumerate(visitors):
        own = list(dict.fromkeys(number for who, number in taken if who == visitor_id))
        assert own == [number for number in range(1, 31) if number % 3 == n]


def test_a_refusal_is_a_dead_letter_and_stops_nobody(
    forwarding: Forwarding, partner: LocalPartner
) -> None:
    bad = owed(2, partner.url).event.event_id
    partner.always = lambda asked: Says(status=422 if asked.json()["event_id"] == bad else 204)
    forwarding.owe(*(owed(number, partner.url) for number in (1, 2, 3)))
    forwarding.start()
    forwarding.wait(lambda: forwarding.lane().delivered == 2, "the others delivered")
    forwarding.wait(lambda: forwarding.lane().dead == 1, "one dead letter")
    assert (2, "refused", "http_422", 1, 422) in forwarding.outcomes()


def test_a_dead_letter_that_is_replayed_is_sent_again_beside_the_running_pipeline(
    forwarding: Forwarding, partner: LocalPartner
) -> None:
    partner.answers.append(Says(status=422))
    forwarding.owe(owed(1, partner.url))
    forwarding.start()
    forwarding.wait(lambda: forwarding.lane().dead == 1, "one dead letter")
    with closing(State(forwarding.data / STATE_FILE)) as state:
        found = list(letters(state, Wanted()))
        replay(state, found, Chance(windows={"webhook": HOUR_MS}, now=now_ms()))
    forwarding.wait(lambda: forwarding.lane().delivered == 1, "it is taken")
    assert forwarding.lane().dead == 0
    assert forwarding.outcomes() == [
        (1, "refused", "http_422", 1, 422),
        (1, "delivered", "", 2, 204),
    ]


def test_a_partner_that_is_gone_holds_up_itself_alone_and_gets_all_when_it_is_back(
    forwarding: Forwarding, partner: LocalPartner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.pipeline.forwarder.breaker.FIRST_PAUSE_S", 0.5)
    with LocalPartner() as gone:
        gone.stop()
        forwarding.owe(*(owed(number, gone.url, tag="gone") for number in range(1, 31)))
        forwarding.owe(*(owed(number, partner.url) for number in range(1, 31)))
        forwarding.start()
        forwarding.wait(lambda: forwarding.lane().delivered == 30, "the other tag's events")
        waiting = forwarding.lane("gone")
        forwarding.wait(lambda: forwarding.lane("gone").reason == "not_answering", "it is told")
        assert waiting.delivered == 0
        gone.start()
        forwarding.wait(lambda: forwarding.lane("gone").delivered == 30, "all of them")
        assert len(set(ids(gone))) == len(gone.asked) == 30
        forwarding.wait(lambda: forwarding.lane("gone").reason == "", "all is well again")


def test_a_pause_that_a_partner_asks_for_is_for_the_whole_tag(
    forwarding: Forwarding, partner: LocalPartner
) -> None:
    partner.answers.append(Says(status=429, headers={"Retry-After": "2"}))
    forwarding.owe(owed(1, partner.url))
    forwarding.start()
    partner.wait(1)
    forwarding.wait(lambda: len(forwarding.told()) == 1, "the first attempt")
    forwarding.owe(owed(2, partner.url))
    forwarding.wait(lambda: forwarding.lane().delivered == 2, "both in the end")
    assert partner.asked[1].at - partner.asked[0].at >= 1.9


def test_consent_taken_back_stops_what_is_on_its_way(
    forwarding: Forwarding, partner: LocalPartner
) -> None:
    first, second = owed(1, partner.url), owed(2, partner.url)
    taken_back = Withdrawal(
        container_id="shop",
        subject=VISITOR_ID,
        purpose="analytics_storage",
        at=second.event.received_at + 1,
    )
    after = second.event.received_at + 2
    later = owed(3, partner.url, received_at=after, occurred_at=after)
    forwarding.owe(first, second, later, withdrawals=[taken_back])
    forwarding.start()
    forwarding.wait(lambda: len(forwarding.told()) == 3, "three endings")
    assert sorted(forwarding.outcomes()) == [
        (1, "withheld", "withdrawn:analytics_storage", 0, 0),
        (2, "withheld", "withdrawn:analytics_storage", 0, 0),
        (3, "delivered", "", 1, 204),
    ]
    assert ids(partner) == [later.event.event_id]


def test_a_missing_secret_holds_the_tag_and_loses_nothing(
    forwarding: Forwarding, partner: LocalPartner
) -> None:
    settings = {"headers": {"X-Key": "$secret.HOOK_KEY"}}
    forwarding.owe(*(owed(number, partner.url, settings=settings) for number in (1, 2)))
    forwarding.start()
    forwarding.wait(lambda: forwarding.lane().reason == "secret_missing", "it says so")
    assert "set FREEHOLD_SECRET_HOOK_KEY" in forwarding.lane().detail
    assert partner.asked == []
    forwarding.environ["FREEHOLD_SECRET_HOOK_KEY"] = "s3cr3t"
    forwarding.wait(lambda: forwarding.lane().delivered == 2, "both, once it is there")
    assert {asked.headers["x-key"] for asked in partner.asked} == {"s3cr3t"}
    assert {row["outcome"] for row in forwarding.told()} == {"paused", "delivered"}


def test_refused_credentials_hold_the_tag_until_they_change(
    forwarding: Forwarding, partner: LocalPartner
) -> None:
    forwarding.environ["FREEHOLD_SECRET_HOOK_KEY"] = "old"
    denial = Says(status=401, body=b"no such key: old")
    partner.always = lambda asked: Says() if asked.headers["x-key"] == "new" else denial
    settings = {"headers": {"X-Key": "$secret.HOOK_KEY"}}
    forwarding.owe(*(owed(number, partner.url, settings=settings) for number in range(1, 9)))
    forwarding.start()
    forwarding.wait(lambda: forwarding.lane().reason == "credentials", "it says so")
    assert len(partner.asked) <= 4
    assert forwarding.lane().detail == "no such key: $secret.HOOK_KEY"
    forwarding.environ["FREEHOLD_SECRET_HOOK_KEY"] = "new"
    forwarding.wait(lambda: forwarding.lane().delivered == 8, "all with the new one")
    assert forwarding.lane().dead == 0
    assert b"old" not in b"".join(
        path.read_bytes() for path in spool_folder(forwarding.data, "ledger").glob("*.j")
    )


def test_one_event_that_a_partner_denies_does_not_stop_the_others(
    forwarding: Forwarding, partner: LocalPartner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "DENIED_S", (0.3, 0.3))
    monkeypatch.setattr(ledger, "DENIED_MS", 300)
    bad = owed(1, partner.url).event.event_id
    partner.always = lambda asked: Says(status=403 if asked.json()["event_id"] == bad else 204)
    forwarding.owe(*(owed(number, partner.url) for number in range(1, 60)))
    forwarding.start()
    forwarding.wait(lambda: forwarding.lane().delivered == 58, "all the others")
    forwarding.wait(lambda: forwarding.lane().dead == 1, "the one is refused for itself")
    assert ids(partner).count(bad) == 2


def test_a_secret_that_the_destination_does_not_take_holds_the_tag(
    forwarding: Forwarding, partner: LocalPartner
) -> None:
    forwarding.environ["FREEHOLD_SECRET_SIGN"] = "whsec_not base64"
    settings = {"secret": "$secret.SIGN"}
    forwarding.owe(*(owed(number, partner.url, settings=settings) for number in (1, 2)))
    forwarding.start()
    forwarding.wait(lambda: forwarding.lane().reason == "bad_secret", "it says so")
    assert "not base64" not in forwarding.lane().detail
    forwarding.environ["FREEHOLD_SECRET_SIGN"] = "a good one"
    forwarding.wait(lambda: forwarding.lane().delivered == 2, "both with the right one")
    assert forwarding.lane().dead == 0


def test_a_tag_that_was_given_another_secret_is_not_held_by_the_old_one(
    forwarding: Forwarding, partner: LocalPartner
) -> None:
    old = {"headers": {"X-Key": "$secret.OLD"}}
    new = {"headers": {"X-Key": "$secret.NEW"}}
    forwarding.environ["FREEHOLD_SECRET_NEW"] = "there"
    forwarding.needed = {"tag.shop.hook": frozenset({"NEW"})}
    forwarding.owe(owed(1, partner.url, settings=old), owed(2, partner.url, settings=new))
    forwarding.start()
    forwarding.wait(lambda: forwarding.lane().delivered == 1, "the new one")
    assert (1, "refused", "secret_missing", 0, 0) in forwarding.outcomes()


def test_a_tag_that_is_paused_sends_nothing_until_it_is_resumed_whoever_restarts(
    forwarding: Forwarding, partner: LocalPartner
) -> None:
    hold = threading.Event()
    partner.always = lambda asked: Says(hold=hold)
    forwarding.owe(*(owed(number, partner.url) for number in range(1, 21)))
    forwarding.start()
    partner.wait(4)
    forwarding.pause()
    forwarding.owe(owed(1, partner.url, tag="other"))
    forwarding.wait(lambda: len(partner.asked) == 5, "the other tag, so the pause was seen")
    hold.set()
    forwarding.wait(lambda: forwarding.lane().delivered == 4, "what was under way")
    assert (forwarding.lane().retrying, forwarding.lane().reason) == (16, "paused")
    forwarding.stop()
    forwarding.owe(owed(21, partner.url), owed(2, partner.url, tag="other"))
    forwarding.start()
    forwarding.wait(lambda: forwarding.lane("other").delivered == 2, "the other tag")
    assert len(partner.asked) == 6
    forwarding.resume()
    forwarding.wait(lambda: forwarding.lane().delivered == 21, "all of them")
    assert len(partner.asked) == 23


def test_a_corrected_address_frees_the_tag(
    forwarding: Forwarding, partner: LocalPartner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.pipeline.forwarder.breaker.FIRST_PAUSE_S", 0.2)
    monkeypatch.setattr("server.pipeline.forwarder.breaker.LONGEST_PAUSE_S", 0.2)
    with LocalPartner() as gone:
        gone.stop()
        wrong = gone.url
    forwarding.owe(*(owed(number, wrong) for number in range(1, 11)))
    forwarding.start()
    forwarding.wait(lambda: forwarding.lane().reason == "not_answering", "the old address")
    forwarding.owe(*(owed(number, partner.url) for number in range(11, 21)))
    forwarding.wait(lambda: forwarding.lane().delivered == 10, "the corrected one")


def test_what_waits_while_a_tag_is_paused_becomes_too_old_with_a_row(
    forwarding: Forwarding, partner: LocalPartner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "EXPIRE_EVERY_MS", 100)
    forwarding.pause()
    forwarding.owe(owed(1, partner.url, occurred_at=now_ms() - 73 * HOUR_MS))
    forwarding.start()
    forwarding.wait(lambda: forwarding.outcomes() == [(1, "expired", "too_old", 0, 0)], "its row")
    assert partner.asked == []


def test_what_waits_while_nothing_can_be_sent_becomes_too_old(
    forwarding: Forwarding, partner: LocalPartner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "EXPIRE_EVERY_MS", 100)
    settings = {"headers": {"X-Key": "$secret.NEVER"}}
    nearly = now_ms() - 72 * HOUR_MS + 6_000
    forwarding.owe(
        *(owed(number, partner.url, settings=settings, occurred_at=nearly) for number in range(99))
    )
    forwarding.start()
    forwarding.wait(lambda: forwarding.lane().reason == "secret_missing", "it waits")
    forwarding.wait(
        lambda: (forwarding.lane().retrying, forwarding.lane().waiting) == (0, 0), "all too old"
    )
    assert {row["outcome"] for row in forwarding.told()} == {"paused", "expired"}


def test_consent_that_ends_while_a_chunk_is_sent_stops_the_rest_of_it(
    forwarding: Forwarding, partner: LocalPartner
) -> None:
    hold = threading.Event()
    partner.always = lambda asked: Says(hold=hold)
    deliveries = [owed(number, partner.url) for number in range(1, 21)]
    forwarding.owe(*deliveries)
    forwarding.start()
    partner.wait(4)
    taken_back = Withdrawal(
        container_id="shop",
        subject=VISITOR_ID,
        purpose="analytics_storage",
        at=max(one.event.received_at for one in deliveries) + 1,
    )
    forwarding.owe(withdrawals=[taken_back])
    hold.set()
    forwarding.wait(lambda: len(forwarding.told()) == 20, "all have ended")
    assert len(partner.asked) == 4
    assert [outcome for _, outcome, *_ in forwarding.outcomes()].count("withheld") == 16


def test_a_stop_in_the_middle_of_a_chunk_notes_what_was_taken(
    forwarding: Forwarding, partner: LocalPartner
) -> None:
    slow = threading.Event()

    def answer(_: object) -> Says:
        slow.wait(0.3)
        return Says()

    partner.always = answer
    forwarding.owe(*(owed(number, partner.url) for number in range(1, 41)))
    forwarding.start()
    partner.wait(4)
    forwarding.stop()
    slow.set()
    forwarding.start()
    forwarding.wait(lambda: forwarding.lane().delivered == 40, "all in the end")
    assert sorted(ids(partner)) == sorted(set(ids(partner)))


def test_a_lane_that_sends_nothing_does_not_hold_up_another(
    forwarding: Forwarding, partner: LocalPartner
) -> None:
    old = now_ms() - 80 * HOUR_MS
    one = owed(1, partner.url, tag="old", occurred_at=old)
    payloads = [pack(replace(one, delivery_id=f"{number:032x}")) for number in range(20_000)]
    forwarding.owe_many("tag.shop.old", payloads)
    forwarding.owe(owed(2, partner.url))
    forwarding.start()
    forwarding.wait(lambda: forwarding.lane().delivered == 1, "the other tag's")
    assert forwarding.lane("old").waiting > 0


def test_a_frame_of_thousands_is_taken_in_small_steps(
    forwarding: Forwarding, partner: LocalPartner
) -> None:
    payloads = [pack(owed(number, partner.url)) for number in range(1, 251)]
    forwarding.owe_many("tag.shop.hook", payloads)
    forwarding.start()
    forwarding.wait(lambda: forwarding.lane().delivered >= 100, "the first steps")
    forwarding.stop()
    forwarding.start()
    forwarding.wait(lambda: forwarding.lane().delivered == 250, "all of them")
    assert sorted(ids(partner)) == sorted(set(ids(partner)))
    assert forwarding.lane().waiting == 0


def test_a_full_disk_sends_nothing_twice(
    forwarding: Forwarding, partner: LocalPartner, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = threading.Event()
    full.set()
    write = journal.SegmentWriter.write

    def writes(writer: journal.SegmentWriter, payloads: list[bytes]) -> object:
        if full.is_set() and writer.folder.name == "ledger":
            raise JournalUnwritable("no space left")
        return write(writer, payloads)

    monkeypatch.setattr(journal.SegmentWriter, "write", writes)
    forwarding.owe(owed(1, partner.url))
    forwarding.start()
    partner.wait(1)
    full.clear()
    forwarding.wait(lambda: forwarding.lane().delivered == 1, "noted once there is room")
    assert len(partner.asked) == 1


def test_a_stop_waits_for_answers_a_little_and_owes_what_had_none(
    forwarding: Forwarding, partner: LocalPartner, hurry: None
) -> None:
    hold = threading.Event()
    partner.answers.append(Says(hold=hold))
    forwarding.owe(owed(1, partner.url))
    forwarding.start()
    partner.wait(1)
    forwarding.stop()
    hold.set()
    assert forwarding.outcomes() == [(1, "retry", "interrupted", 1, 0)]
    forwarding.start()
    forwarding.wait(lambda: forwarding.lane().delivered == 1, "after the start")


def test_delivered_segments_of_a_spool_are_deleted(
    forwarding: Forwarding, partner: LocalPartner
) -> None:
    forwarding.owe(owed(1, partner.url))
    forwarding.close()
    forwarding._writers.clear()
    forwarding.owe(owed(2, partner.url))
    folder = spool_folder(forwarding.data, "tag.shop.hook")
    assert len(journal.segments(folder)) == 2
    forwarding.start()
    forwarding.wait(lambda: forwarding.lane().delivered == 2, "both delivered")
    forwarding.wait(lambda: len(journal.segments(folder)) == 1, "the older segment is gone")


def test_the_times_that_tests_shorten_are_real() -> None:
    assert Breaker().wait_s(0) == 0
    assert gate.DENIED_S == (60.0, 900.0)
