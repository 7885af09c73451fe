from __future__ import annotations

from msgspec.structs import replace

from server.delivery import Delivery
from server.pipeline.forwarder.consent import refusals
from server.pipeline.state import STATE_FILE, State, Withdrawal
from tests.pipeline.forwarder.owed import Forwarding, owed
from tests.samples import VISITOR_ID

URL = "https://partner.example"
PAGE = "0199c000-0000-7000-8000-00000000000a"


def refused(forwarding: Forwarding, *deliveries: Delivery) -> list[str]:
    state = State(forwarding.data / STATE_FILE)
    try:
        return refusals(deliveries, state)
    finally:
        state.close()


def take_back(forwarding: Forwarding, subject: str, at: int) -> None:
    purpose = "analytics_storage"
    forwarding.owe(
        withdrawals=[Withdrawal(container_id="shop", subject=subject, purpose=purpose, at=at)]
    )


def test_each_is_asked_for_itself(forwarding: Forwarding) -> None:
    first = owed(1, URL, occurred_at=1_000, received_at=2_000)
    late = owed(2, URL, occurred_at=5_000, received_at=5_000)
    denied = owed(3, URL, consent={"analytics_storage": "denied"})
    careless = replace(first, needs_consent=())
    assert refused(forwarding, first, late, denied) == ["", "", "consent:analytics_storage"]
    take_back(forwarding, VISITOR_ID, 3_000)
    assert refused(forwarding, first, late, denied, careless) == [
        "withdrawn:analytics_storage",
        "",
        "consent:analytics_storage",
        "",
    ]


def test_a_page_whose_visitor_is_not_known_takes_back_too(forwarding: Forwarding) -> None:
    one = owed(1, URL, occurred_at=1_000, received_at=1_000, page_id=PAGE)
    take_back(forwarding, PAGE, 1_500)
    assert refused(forwarding, one) == ["withdrawn:analytics_storage"]


def test_an_event_that_left_before_the_refusal_and_came_after_it_is_not_sent(
    forwarding: Forwarding,
) -> None:
    resent = owed(1, URL, occurred_at=1_000, received_at=9_000)
    take_back(forwarding, VISITOR_ID, 5_000)
    assert refused(forwarding, resent) == ["withdrawn:analytics_storage"]
