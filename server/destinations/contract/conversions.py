"""What conversion APIs ask alike: when it was, whose it is, and which products."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from server.delivery import Refused
from server.destinations.contract.destination import (
    Message,
    Sending,
    allows_user_data,
)
from server.destinations.contract.values import encode, money, number, stated
from server.destinations.contract.words import user_id, visitor_id
from server.model import Event, Item
from server.person import normalise
from server.person.hashing import hashed

DENIED = "denied"


def by_settings(*names: str) -> Callable[[Sending, Message], str]:
    """Events may share a request when these settings are equal: those that it says once."""
    return lambda sending, _: encode([getattr(sending.config, name) for name in names]).decode()


def occurred_s(event: Event) -> int:
    """When it happened, seconds since 1970; never after it came, which partners refuse."""
    return min(event.occurred_at, event.received_at) // 1000


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


def contents(items: Sequence[Item], fields: Mapping[str, str]) -> list[dict[str, Any]]:
    """Products by the partner's names, `{"id": "item_id", "item_price": "price"}`; those without
    an id no catalogue knows."""
    return [
        stated({name: _said(item, ours) for name, ours in fields.items()})
        for item in items
        if item.item_id
    ]


def quantity(items: Sequence[Item]) -> int | float | None:
    """How many pieces; None: there are no items."""
    return number(sum(item.quantity for item in items)) if items else None


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
    return number(value) if name == "quantity" else value
