from __future__ import annotations

from msgspec.structs import replace

from server.delivery import Delivered, Denied, Mixed, Outcome, Refused, Response, Retry
from server.pipeline.forwarder.tried import Tried, ending, judge
from server.pipeline.queue import Job
from tests.pipeline.forwarder.bulk import BULK, ready
from tests.samples import NOON

URL = "http://x.example"


def judged(mixed: Outcome | Mixed, **headers: str) -> Tried:
    one = ready(1, URL, replace(BULK, judge=lambda _: mixed))
    answer = Response(status=207, headers=headers)
    return judge(answer, one, {"KEY": "s3cr3t"}, began=0.0, now=NOON)


def test_a_partner_is_well_that_took_or_judged_one_event() -> None:
    for mixed, whole in (
        (Mixed({0: Retry("busy")}, Delivered()), Delivered()),
        (Mixed({0: Retry("busy"), 1: Refused("bad")}), Refused("bad")),
        (Mixed({0: Retry("busy"), 1: Retry("busy")}), Retry("busy")),
        (Mixed({0: Retry("busy"), 1: Denied("no")}), Denied("no")),
        (Retry("busy"), Retry("busy")),
    ):
        assert judged(mixed).whole(2) == whole


def test_secrets_are_in_no_part_of_what_is_told() -> None:
    tried = judged(Mixed({1: Refused("bad", "key s3cr3t", "s3cr3t")}, Retry("busy", "s3cr3t!")))
    assert tried.outcome == Retry("busy", "$secret.KEY!")
    assert tried.parts == {1: Refused("bad", "key $secret.KEY", "$secret.KEY")}


def test_a_pause_that_a_single_event_is_given_counts_for_it() -> None:
    tried = judged(Mixed({0: Retry("busy")}, Delivered()), **{"retry-after": "30"})
    assert [ending(ready(1, URL), tried, place, 2).after_s for place in (0, 1)] == [30.0, None]
    assert judged(Mixed({0: Retry("busy", "", 7.0)})).after_s == 7.0


def test_one_event_that_is_denied_twice_among_others_is_refused_for_itself() -> None:
    tried = judged(Mixed({0: Denied("not_yours", "this account", "E7")}, Delivered()))
    once = ready(1, URL)
    twice = replace(once, job=Job(delivery=once.job.delivery, attempts=1))
    told = [ending(one, tried, 0, 2) for one in (once, twice)]
    assert [(one.outcome, one.reason, one.code) for one in told] == [
        ("paused", "not_yours", "E7"),
        ("refused", "not_yours", "E7"),
    ]


def test_an_ending_says_until_when_its_partner_takes_it() -> None:
    one = ready(1, URL)
    expires_at = one.sending.event.occurred_at + BULK.window_ms
    assert ending(one, judged(Delivered()), 0, 1).expires_at == expires_at
