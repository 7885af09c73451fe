"""What conversion APIs ask alike, since most are made after Meta's: when it was, whose it is, and
which products."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from server.delivery import Refused
from server.destinations.contract.destination import (
    Message,
    Sending,
    allows_user_data,
    has,
)
from server.destinations.contract.values import encode, money, number, stated
from server.destinations.contract.words import user_id, visitor_id
from server.model import Event, Item
from server.person import normalise
from server.person.hashing import Rule, hashed, hashes

DENIED = "denied"
RULES: Mapping[str, Rule] = {
    "em": ("email", normalise.email),
    "ph": ("phone", normalise.phone_digits),
    "fn": ("first_name", normalise.meta_name),
    "ln": ("last_name", normalise.meta_name),
    "ct": ("city", normalise.meta_city),
    "st": ("region", normalise.state),
    "zp": ("postcode", normalise.meta_postcode),
    "country": ("country", normalise.country_low),
}
"""Meta's fields of `user_data`, and its rules for them."""
MATCH_KEYS = {
    "email": has("user_data.em"),
    "phone": has("user_data.ph"),
    "name": has("user_data.ln"),
    "address": has("user_data.zp"),
    "external_id": has("user_data.external_id"),
    "ip": has("user_data.client_ip_address"),
    "user_agent": has("user_data.client_user_agent"),
}
"""Where Meta's `user_data` has them; clicks and browsers each partner calls by its own name."""


def by_settings(*names: str) -> Callable[[Sending, Message], str]:
    """Events may share a request when these settings are equal: those that it says once."""
    return lambda sending, _: encode([getattr(sending.config, name) for name in names]).decode()


def occurred_s(event: Event) -> int:
    """When it happened, seconds since 1970; never after it came, which partners refuse."""
    return min(event.occurred_at, event.received_at) // 1000


def user_data(sending: Sending, rules: Mapping[str, Rule] = RULES) -> dict[str, Any]:
    """The person in Meta's words: hashed as far as granted, each field a list; the device, in
    clear, as far as the tag says."""
    person = sending.person
    found = hashes(person, rules) if allows_user_data(sending) else {}
    device = {"client_ip_address": person.ip, "client_user_agent": person.user_agent}
    return {
        **{name: [digits] for name, digits in found.items()},
        "external_id": external_ids(sending),
        **(device if sending.config.send_device else {}),
    }


def external_ids(sending: Sending) -> list[str]:
    """Hashes of the site's own id of the user, and of ours of the visitor, as far as granted."""
    if not allows_user_data(sending):
        return []
    ids = (user_id(sending.event), visitor_id(sending.event))
    return [digits for id_ in ids if (digits := hashed(id_, normalise.solid))]


def denies_personalization(event: Event) -> bool:
    """Whether the visitor said no to ads that are chosen by what is known of them; who was not
    asked did not."""
    return event.consent.get("ad_personalization") == DENIED


def custom_data(event: Event, fields: Mapping[str, str]) -> dict[str, Any]:
    """What an order, a cart or a search says, in Meta's words; `fields` are those of a product,
    its id first."""
    products = contents(event.items, fields)
    id_ = next(iter(fields))
    return {
        "value": money(event.value),
        "currency": event.currency.upper(),
        "content_ids": [product[id_] for product in products],
        "contents": products,
        "order_id": event.transaction_id,
        "search_string": event.props.get("search_term"),
    }


def contents(items: Sequence[Item], fields: Mapping[str, str]) -> list[dict[str, Any]]:
    """Products by the partner's names, `{"id": "item_id", "item_price": "price"}`; those without
    an id no catalogue knows."""
    return [
        stated({name: _said(item, ours) for name, ours in fields.items()})
        for item in items
        if item.item_id
    ]


def quantity(items: Sequence[Item]) -> int | None:
    """How many pieces; None: there are no items, or they are not counted in pieces."""
    return _whole(sum(item.quantity for item in items)) if items else None


def missing_amount(said: Mapping[str, Any]) -> Refused | None:
    """Why a purchase, which has to say what it was worth, would not be taken."""
    if "value" not in said:
        return Refused("no_value", "a purchase needs a `value`, and the event has none")
    if "currency" not in said:
        return Refused("no_currency", "a purchase needs a `currency`: the container may name one")
    return None


def no_match_key(partner: str, *keys: str) -> Refused:
    """Why an event of nobody whom the partner could know is not sent: what it would know them by
    is not there, or neither visitor nor tag lets it go."""
    lacks = f"no {', '.join(keys[:-1])} or {keys[-1]}"
    return Refused("no_match_key", f"nothing tells {partner} whose it is: {lacks}")


def _said(item: Item, name: str) -> Any:
    value = getattr(item, name)
    if name in ("price", "discount"):
        return money(value)
    return _whole(value) if name == "quantity" else value


def _whole(amount: float) -> int | None:
    """Pieces; what is sold by weight is not told in them."""
    pieces = number(amount)
    return pieces if isinstance(pieces, int) and pieces > 0 else None
