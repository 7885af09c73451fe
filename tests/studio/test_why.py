from __future__ import annotations

from msgspec.structs import replace

from server.containers.decide import Plan, compile_container
from server.containers.model import Container, Purpose, Tag, Trigger
from server.delivery import Attempt, delivery_id
from server.destinations import tag_types
from server.model import Withheld
from server.studio.why import Grave, Held, Known, Pending, in_words, why
from tests.samples import NOON, VISITOR_ID, event

EVENT = event(
    name="purchase",
    url="https://shop.example/thanks",
    value="24.0000",
    currency="EUR",
    consent={"analytics_storage": "granted"},
    consent_source="gtag",
    occurred_at=1_760_000_000_000,
    received_at=1_760_000_000_500,
)


def plan(**tags: Tag) -> Plan:
    triggers = {"carts": Trigger(event="add_to_cart"), "orders": Trigger(event="purchase")}
    made = Container(id="demo", sites=["self"], triggers=triggers, tags=tags)
    return compile_container(made, tag_types())


def hook(trigger: str = "orders", *needs: Purpose) -> Tag:
    return Tag(
        type="webhook",
        fires_on=[trigger],
        needs_consent=list(needs),
        settings={"url": "https://partner.example/in"},
    )


def attempt(number: int, outcome: str, **more: object) -> Attempt:
    made = Attempt(
        src=1,
        off=number,
        container_id="demo",
        attempted_at=EVENT.occurred_at + number * 1000,
        delivery_id=delivery_id(EVENT.event_id, "demo", "hook"),
        event_id=EVENT.event_id,
        visitor_id=VISITOR_ID,
        tag="hook",
        destination="webhook",
        event_name="purchase",
        occurred_at=EVENT.occurred_at,
        attempt=number,
        outcome=outcome,
    )
    return replace(made, **more)


def lines(known: Known, at: Plan | None) -> list[str]:
    return list(why(known, at))


def test_the_event_is_told_first() -> None:
    assert lines(Known(event=EVENT), plan())[:4] == [
        f"Event {EVENT.event_id}: purchase, 2025-10-09 08:53:20 UTC",
        "  container demo, https://shop.example/thanks",
        "  value 24 EUR",
        "  consent (by gtag): analytics_storage granted",
    ]


def test_each_attempt_is_a_line() -> None:
    attempts = [
        attempt(1, "retry", status=503, duration_ms=12, reason="http_503",
                next_at=EVENT.occurred_at + 2000),
        attempt(2, "delivered", status=204, duration_ms=9),
    ]  # fmt: skip
    assert lines(Known(event=EVENT, attempts=attempts), plan(hook=hook()))[4:] == [
        "",
        "Tag hook (webhook)",
        "  2025-10-09 08:53:21 UTC: failed, and is tried again; attempt 1, HTTP 503 after 12 ms; "
        "http_503; again at 2025-10-09 08:53:22 UTC",
        "  2025-10-09 08:53:22 UTC: delivered; attempt 2, HTTP 204 after 9 ms",
    ]


def test_what_the_partner_was_told_is_named_and_not_shown() -> None:
    told = attempt(
        1,
        "refused",
        status=400,
        reason="http_400",
        code="2804019",
        bytes=1234,
        fields=("event_name", "user_data.em"),
        match_keys=("email",),
        body_hash="0" * 32,
        consent=("ad_storage", "ad_user_data"),
    )
    assert lines(Known(event=EVENT, attempts=[told]), plan(hook=hook()))[6:] == [
        "  2025-10-09 08:53:21 UTC: refused: a dead letter; attempt 1, HTTP 400 after 0 ms; "
        "the partner's code 2804019; http_400",
        "    said in 1,234 bytes, 2 fields: event_name, user_data.em",
        "    to recognise the visitor by: email",
        "    with consent to ad_storage and ad_user_data",
    ]


def test_what_was_withheld_says_which_consent_was_missing() -> None:
    held = replace(EVENT, withheld=[Withheld(tag="hook", reason="consent:ad_storage,ad_user_data")])
    found = lines(Known(event=held), plan(hook=hook()))
    assert found[-1] == ("  withheld: the visitor had not consented to ad_storage and ad_user_data")


def test_a_vendor_s_number_is_told_as_one() -> None:
    assert in_words("consent:ad_storage,tcf:755") == (
        "the visitor had not consented to ad_storage and TCF vendor 755"
    )


def test_a_tag_that_did_not_fire_says_which_condition_said_no() -> None:
    found = lines(Known(event=EVENT), plan(hook=hook("carts")))
    assert found[5:7] == ["Tag hook (webhook)", "  not fired, as the container is now:"]
    assert "`purchase`" in found[7]
    assert "`add_to_cart`" in found[7]


def test_what_is_still_owed_says_until_when_and_why_the_tag_waits() -> None:
    known = Known(
        event=EVENT,
        attempts=[attempt(1, "retry", status=500)],
        pending=[Pending(tag="hook", attempts=1, due_at=EVENT.occurred_at + 9000)],
        held=[Held(tag="hook", reason="not_answering", detail="timeout", since=NOON)],
    )
    found = lines(known, plan(hook=hook()))
    assert found[-2] == (
        "  owed: tried again after 1 attempts at 2025-10-09 08:53:29 UTC, or as soon as it may be"
    )
    assert found[-1].startswith("  the tag waits since ")
    assert found[-1].endswith(": not_answering, timeout")
    waits = Known(event=EVENT, pending=[Pending(tag="hook", attempts=0, due_at=0)])
    assert lines(waits, plan(hook=hook()))[-1] == "  owed: waits for its turn, not tried yet"


def test_who_paused_a_tag_is_told_and_how_it_goes_on() -> None:
    known = Known(
        event=EVENT,
        pending=[Pending(tag="hook", attempts=0, due_at=0)],
        held=[Held(tag="hook", reason="paused", detail="by ada: their release", since=NOON)],
    )
    found = lines(known, plan(hook=hook()))
    assert found[-2].startswith("  the tag is paused since ")
    assert found[-2].endswith(", by ada: their release; it goes on after")
    assert found[-1] == "    freehold deliveries resume demo/hook"


def test_a_dead_letter_says_until_when_and_how_it_is_sent_again() -> None:
    grave = Grave(tag="hook", died_at=EVENT.occurred_at, reason="http_422",
                  until=EVENT.occurred_at + 60_000)  # fmt: skip
    found = lines(Known(event=EVENT, now=grave.until, dead=[grave]), plan(hook=hook()))
    assert found[6:] == [
        "  a dead letter since 2025-10-09 08:53:20 UTC: http_422",
        "    until 2025-10-09 08:54:20 UTC it can be sent again, once what was wrong is put right:",
        f"    freehold deliveries replay --tag demo/hook --event {EVENT.event_id}",
    ]
    late = lines(Known(event=EVENT, now=grave.until + 1, dead=[grave]), plan(hook=hook()))
    assert late[-1] == "    too old for the partner: it cannot be sent any more"


def test_an_event_that_is_on_its_way_to_clickhouse_says_so() -> None:
    known = Known(event=EVENT, place="it is not in ClickHouse yet")
    assert lines(known, plan())[4] == "  it is not in ClickHouse yet"


def test_a_tag_that_was_taken_out_since_is_still_told() -> None:
    known = Known(event=EVENT, attempts=[attempt(1, "delivered", status=204)])
    assert "Tag hook" in lines(known, plan())
    gone = lines(known, None)
    assert "The container demo is not here any more." in gone
    assert "Tag hook" in gone


def test_a_container_without_tags_says_so() -> None:
    assert lines(Known(event=EVENT), plan())[-1] == "It has no tags: nothing is sent to anyone."


def test_consent_that_is_needed_only_now_is_told_as_such() -> None:
    found = lines(Known(event=EVENT), plan(hook=hook("orders", Purpose.AD_STORAGE)))
    assert found[-1] == (
        "  as the container is now, it would be withheld: "
        "the visitor had not consented to ad_storage"
    )
