from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from server.clock import DAY_MS, HOUR_MS, MINUTE_MS
from server.demo.journeys import PURPOSES, QUIET_MS, Journey, Plan, Step, journeys
from server.dialects import native
from server.model import Event, Position
from tests.samples import hit

NOW = 1_795_000_000_000
PLAN = Plan(url="http://127.0.0.1:8000/")
CAST = journeys(PLAN, now=NOW)
GAP_MS = 30 * MINUTE_MS


def events(journey: Journey) -> Iterator[dict[str, Any]]:
    """The visitor's events, each once."""
    for step in journey.steps:
        if not step.resend:
            yield from step.body["events"]


ALL = [event for journey in CAST for event in events(journey)]


def test_the_same_plan_and_now_make_the_same_journeys() -> None:
    assert journeys(PLAN, now=NOW) == CAST
    other = Plan(url=PLAN.url, seed=2)
    assert journeys(other, now=NOW) != CAST


def test_more_visitors_change_nothing_for_those_who_came_already() -> None:
    assert journeys(Plan(url=PLAN.url, visitors=20), now=NOW) == CAST[:20]


def test_everything_happened_within_the_days_and_is_over_by_now() -> None:
    times = [event["at"] for event in ALL]
    assert min(times) >= NOW - PLAN.days * DAY_MS
    assert max(times) < NOW - QUIET_MS + HOUR_MS
    assert max(times) - min(times) > (PLAN.days - 1) * DAY_MS


def test_a_short_plan_stays_short() -> None:
    brief = journeys(Plan(days=1, visitors=50), now=NOW)
    assert min(e["at"] for j in brief for e in events(j)) >= NOW - DAY_MS


def test_every_hit_is_one_that_the_collector_understands() -> None:
    for journey in CAST:
        for step in journey.steps:
            body = msgspec.json.encode({**step.body, "sent_at": NOW})
            for decoded in native.decode(hit(body, received_at=NOW), Position(src=1, off=1)):
                assert isinstance(decoded, tuple)
                event: Event = decoded[0]
                assert event.client_ahead_ms == 0
                assert event.session_id == 0
                assert event.resend == step.resend


def test_ids_are_uuids_of_their_time_and_belong_to_one_event() -> None:
    ids = [uuid.UUID(event["id"]) for event in ALL]
    assert len(set(ids)) == len(ids)
    assert {known.version for known in ids} == {7}
    assert [known.int >> 80 for known in ids] == [event["at"] for event in ALL]


def test_an_order_has_a_number_of_its_own_and_a_customer_who_is_nobody() -> None:
    orders = [event for event in ALL if event["name"] == "purchase"]
    assert len({order["props"]["transaction_id"] for order in orders}) == len(orders)
    for order in orders:
        assert order["user"]["email"].endswith("@example.com")
        assert order["user"]["phone"].startswith("+33 6 39 98 ")
        assert order["url"] == "http://127.0.0.1:8000/demo/thank-you"
    assert all("user" not in event for event in ALL if event["name"] != "purchase")


def test_a_page_s_hits_are_numbered_and_its_events_stand_in_order() -> None:
    for journey in CAST:
        pages: dict[str, list[Step]] = {}
        for step in journey.steps:
            if not step.resend:
                pages.setdefault(step.body["page"]["id"], []).append(step)
        for steps in pages.values():
            assert [step.body["page"]["seq"] for step in steps] == list(range(1, len(steps) + 1))
            assert steps[0].body["events"][0]["name"] == "page_view"
        times = [event["at"] for event in events(journey)]
        assert times == sorted(times)


def test_a_visitor_s_sessions_lie_apart_and_the_steps_of_one_do_not() -> None:
    for journey in CAST:
        times = [event["at"] for event in events(journey)]
        gaps = [after - before for before, after in pairwise(times)]
        assert sum(gap > GAP_MS for gap in gaps) == journey.sessions - 1
        assert all(gap < GAP_MS or gap > HOUR_MS for gap in gaps)


def test_within_the_site_each_page_names_the_one_before() -> None:
    for journey in CAST:
        views = [event for event in events(journey) if event["name"] == "page_view"]
        for before, view in pairwise(views):
            if view["at"] - before["at"] < GAP_MS:
                assert view["referrer"] == before["url"]
                assert "?" not in view["url"]


def test_a_resend_is_the_same_hit_marked_as_sent_before() -> None:
    resends = 0
    for journey in CAST:
        for before, step in pairwise(journey.steps):
            if step.resend:
                marked = [{**event, "try": 1} for event in before.body["events"]]
                assert step.body == {**before.body, "events": marked}
                resends += 1
    assert 0.01 < resends / sum(len(journey.steps) for journey in CAST) < 0.06


def test_consent_is_mixed_and_says_whether_a_cookie_may_be_set() -> None:
    people = [journey for journey in CAST if not journey.is_bot]
    mix: Counter[int] = Counter()
    for journey in people:
        consents = [step.body["consent"] for step in journey.steps]
        assert consents == [consents[0]] * len(consents)
        purposes = consents[0]["purposes"]
        granted = [purpose for purpose in PURPOSES if purposes[purpose] == "granted"]
        assert journey.choice == str(int(purposes["analytics_storage"] == "granted"))
        assert consents[0]["source"] == "gtag"
        mix[len(granted)] += 1
    shares = {granted: count / len(people) for granted, count in mix.items()}
    assert shares == {
        4: pytest.approx(0.62, abs=0.08),
        1: pytest.approx(0.15, abs=0.06),
        0: pytest.approx(0.23, abs=0.07),
    }


def test_bots_come_without_consent_and_say_who_they_are() -> None:
    bots = [journey for journey in CAST if journey.is_bot]
    assert 4 <= len(bots) <= 25
    assert {bot.choice for bot in bots} == {"0"}
    named = {
        name for bot in bots for name in ("Googlebot", "GPTBot", "curl") if name in bot.user_agent
    }
    assert named == {"Googlebot", "GPTBot", "curl"}


def test_visitors_are_many_kinds_of_people() -> None:
    assert len({journey.user_agent for journey in CAST}) >= 18
    assert len({journey.language for journey in CAST}) >= 8
    landings = [next(events(journey)) for journey in CAST]
    urls = " ".join(page["url"] for page in landings)
    assert [word in urls for word in ("gclid=", "fbclid=", "ttclid=")] == [True] * 3
    referrers = {page["referrer"] for page in landings}
    assert {"", "https://www.google.com/", "https://chatgpt.com/"} <= referrers
    assert any(".example/" in referrer for referrer in referrers)


def test_there_are_enough_events_and_each_step_of_the_funnel_has_fewer() -> None:
    counts = Counter(event["name"] for event in ALL)
    funnel = ("page_view", "view_item", "add_to_cart", "view_cart", "begin_checkout", "purchase")
    steps = [counts[name] for name in funnel]
    assert steps == sorted(steps, reverse=True)
    assert 2_500 < len(ALL) < 4_500
    assert 0.03 < counts["purchase"] / sum(journey.sessions for journey in CAST) < 0.12
    assert counts["file_download"] > 0 < counts["click"]


def test_evenings_are_busier_than_nights() -> None:
    hours = Counter(
        (event["at"] // HOUR_MS + 2) % 24
        for journey in CAST
        if journey.language == "fr-FR"
        for event in events(journey)
    )
    assert sum(hours[hour] for hour in (19, 20, 21)) > 5 * sum(hours[hour] for hour in (2, 3, 4))
