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
ANONYMOUS = Person(ip=PERSON.ip, user_agent=PERSON.user_agent)
"""Of whom nothing is known but the device."""

HASHED = {
    "em": ["b366fb677b78d9ee1a992860cb906c85f08bbecba30dc31c30dbc34135f4d9bc"],
    "ph": ["8a3e7886c9335e82e02299fa3e87b46e2de3b0c63d56003e30a5029394a47661"],
    "fn": ["c278ec5a69c34aace42773e41b1163e6ce40c906f2a14f807d39d1b2a1c2dff5"],
    "ln": ["799ef92a11af918e3fb741df42934f3b568ed2d93ac1df74f1b8d41a27932a6f"],
    "ct": ["1670f2e42fefa5044d59a65349e47c566009488fc57d7b4376dd5787b59e3c57"],
    "st": ["84f1cf20153ffa93b9fb7efed7055a71fc0c3b967ab072801877b928bb83205c"],
    "zp": ["de91f1787a94a068c252699f63c29de1d1b035adab4b6ee229e8fca187773ca4"],
    "country": ["67ad8f41a7bb0a18c45f3efd8f6a32bdcd832bcf8f3f2eb44006c03d53076e18"],
}
"""PERSON in Meta's words, which others took over."""
HASHED_USER = "16ec525b74b75626eb93ecad8acc749885fcf4e83c95b139342769a4ab1828a3"
HASHED_VISITOR = "9a370cc86c3c6852f2c7add250ee35f24cac2d419f86a726513d3753bbbcddcd"
"""The ids that external ids are made of."""
DEVICE = {
    "client_ip_address": "203.0.113.9",
    "client_user_agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0",
}

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
