"""Events and a person that examples are made of: one visit to a shop, from the ad to the order."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from server.destinations.contract.destination import GRANTED, Sending
from server.model import Event, Item, Person

EVENT = Event(
    event_id="0199c000-0000-7000-8000-000000000001",
    src=1,
    off=0,
    idx=0,
    container_id="shop",
    visitor_id="0b6f2f6e-6a1c-4a57-8d0c-0d5f0f3a9c11",
    session_id=1_760_000_000,
    session_number=1,
    name="page_view",
    occurred_at=1_760_000_030_000,
    received_at=1_760_000_031_000,
    url="https://www.example.com/shoes",
    consent={"analytics_storage": GRANTED},
)
"""The least that an event says: `replace(EVENT, name="purchase", …)`."""

CONSENT = {
    "ad_storage": GRANTED,
    "analytics_storage": GRANTED,
    "ad_user_data": GRANTED,
    "ad_personalization": GRANTED,
}

PERSON = Person(
    ip="203.0.113.9",
    user_agent="Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0",
    email=" Jo.Doe@Gmail.com ",
    phone="06 12 34 56 78",
    first_name="Jo",
    last_name="Doe",
    street="1, rue de la Paix",
    city="Paris",
    region="IDF",
    postcode="75002",
    country="FR",
)
"""Whoever bought; click ids and partners' cookies are each partner's own to add."""

_SHOES = Item(
    item_id="SKU-1",
    item_name="Shoes",
    item_brand="Freewalk",
    item_category="Footwear",
    price="29.9500",
    quantity=2.0,
)
_LACES = Item(item_id="SKU-2", item_name="Laces", price="4.9500")

PAGE_VIEW = replace(
    EVENT,
    title="Shoes",
    host="www.example.com",
    path="/shoes",
    referrer="https://www.google.com/",
    language="fr-FR",
    country="FR",
    consent=CONSENT,
)
VIEW_ITEM = replace(
    PAGE_VIEW,
    name="view_item",
    value="29.9500",
    currency="EUR",
    items=[replace(_SHOES, quantity=1.0)],
)
ADD_TO_CART = replace(
    PAGE_VIEW, name="add_to_cart", value="59.9000", currency="EUR", items=[_SHOES]
)
PURCHASE = replace(
    PAGE_VIEW,
    name="purchase",
    user_id="u-42",
    url="https://www.example.com/thanks",
    path="/thanks",
    title="Thank you",
    value="64.8500",
    currency="EUR",
    transaction_id="T-1001",
    items=[_SHOES, _LACES],
    props={"coupon": "SPRING"},
)
LEAD = replace(PAGE_VIEW, name="generate_lead", value="15.0000", currency="EUR")
SIGN_UP = replace(PAGE_VIEW, name="sign_up", user_id="u-42", props={"method": "email"})


def sample(
    config: Any, event: Event, person: Person = PERSON, *, denied: tuple[str, ...] = (), **more: Any
) -> Sending:
    """An event on its way, of someone who denies some purposes; `more` is the sending's own."""
    answers = {purpose: "denied" if purpose in denied else GRANTED for purpose in event.consent}
    return Sending(event=replace(event, consent=answers), person=person, config=config, **more)
