from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from server.delivery import Refused
from server.destinations.contract import (
    EVENT,
    PURCHASE,
    by_settings,
    contents,
    denies_personalization,
    external_ids,
    missing_amount,
    no_match_key,
    occurred_s,
    quantity,
    sample,
)
from server.model import NO_VISITOR, Item
from server.person.hashing import sha256_hex


class Config(Struct):
    send_user_data: bool = True
    token: str = "a"
    event_name: str | None = None


def test_events_share_a_request_where_what_it_says_once_is_the_same() -> None:
    group = by_settings("token")
    configs = (Config(), Config(event_name="x"), Config(token="b"))
    first, second, other = (group(sample(config, EVENT), {}) for config in configs)
    assert first == second != other


def test_nothing_happened_after_it_came() -> None:
    assert occurred_s(EVENT) == 1_760_000_030
    ahead = replace(EVENT, occurred_at=EVENT.received_at + 300_000)
    assert occurred_s(ahead) == EVENT.received_at // 1000


def test_ids_are_hashed_and_go_with_what_the_visitor_grants() -> None:
    ids = [sha256_hex("u-42"), sha256_hex(PURCHASE.visitor_id)]
    assert external_ids(sample(Config(), replace(PURCHASE, user_id=" U-42 "))) == ids
    assert external_ids(sample(Config(), replace(PURCHASE, visitor_id=NO_VISITOR))) == ids[:1]
    assert external_ids(sample(Config(), replace(PURCHASE, user_id=""))) == ids[1:]
    assert external_ids(sample(Config(send_user_data=False), PURCHASE)) == []
    assert external_ids(sample(Config(), PURCHASE, denied=("ad_user_data",))) == []


def test_who_is_not_asked_does_not_deny() -> None:
    assert denies_personalization(replace(EVENT, consent={"ad_personalization": "denied"}))
    assert not denies_personalization(replace(EVENT, consent={"ad_personalization": "unset"}))
    assert not denies_personalization(PURCHASE)


def test_products_are_told_by_their_ids_in_the_partners_words() -> None:
    items = [
        Item(item_id="a", price="9.9000", quantity=2.0, discount="1.0000"),
        Item(item_name="nameless"),
        Item(item_id="b", quantity=float("inf")),
        Item(item_id="c", quantity=0.5),
    ]
    words = {"id": "item_id", "price": "price", "off": "discount", "n": "quantity"}
    said = [
        [(name, float(value)) for name, value in one.items() if name != "id"]
        for one in contents(items, words)
    ]
    assert said == [[("price", 9.9), ("off", 1.0), ("n", 2.0)], [], []]
    assert [one["id"] for one in contents(items, words)] == ["a", "b", "c"]
    counts = [quantity(some) for some in (items[:2], items, items[3:], [])]
    assert counts == [3, None, None, None]


def test_a_purchase_without_its_amount_is_told_what_it_lacks() -> None:
    assert missing_amount({"value": 0, "currency": "EUR"}) is None
    lacks = [missing_amount({"currency": "EUR"}), missing_amount({"value": 1})]
    assert [one.reason for one in lacks if isinstance(one, Refused)] == ["no_value", "no_currency"]


def test_who_cannot_be_told_is_not_sent() -> None:
    told = "nothing tells Pigeon whose it is: no ring, colour or loft"
    assert no_match_key("Pigeon", "ring", "colour", "loft") == Refused("no_match_key", told)
