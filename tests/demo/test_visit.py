from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from server.demo.catalogue import PRODUCTS
from server.demo.shop import shop_routes
from server.demo.tables.sources import RETURNS, SOURCES, Source
from server.demo.visit import LONGEST_STAY_S, MAX_STOPS, Fact, Stop, cents_of, walk

KEEN = Source(1, "", ("/demo/p/breakfast-cup",), 9.0)
IDLE = Source(1, "", ("/demo/",), 0.01)


def visits(source: Source, number: int = 400) -> list[list[Stop]]:
    return [list(walk(Random(seed), source)) for seed in range(number)]


def named(visit: list[Stop], name: str) -> list[Fact]:
    return [fact for stop in visit for fact in stop.facts if fact.name == name]


def test_the_same_chance_makes_the_same_visit() -> None:
    assert list(walk(Random(5), KEEN)) == list(walk(Random(5), KEEN))


def test_every_way_in_leads_to_pages_that_the_shop_has() -> None:
    paths = {route.path for route in shop_routes("")}
    for source in (*SOURCES, *RETURNS):
        assert set(source.landings) <= paths
        for visit in visits(source, 30):
            assert visit[0].path in source.landings
            assert {stop.path for stop in visit} <= paths
            assert len(visit) <= MAX_STOPS
            assert max(stop.stay_ms for stop in visit) <= LONGEST_STAY_S * 1000


def test_each_page_is_counted_first_and_pushes_what_the_shop_pushes() -> None:
    pushed = {
        "c": "view_item_list", "p": "view_item", "cart": "view_cart",
        "checkout": "begin_checkout", "thank-you": "purchase",
    }  # fmt: skip
    for visit in visits(KEEN):
        for stop in visit:
            first, *rest = [fact.name for fact in stop.facts]
            expected = pushed.get(stop.path.split("/")[2])
            assert first == "page_view"
            assert rest[:1] == [expected] if expected else set(rest) <= {"click", "file_download"}


def test_nobody_pays_for_what_was_not_put_into_the_cart() -> None:
    bought = 0
    for visit in visits(KEEN):
        cart: Counter[str] = Counter()
        for fact in (fact for stop in visit for fact in stop.facts):
            if fact.name == "add_to_cart":
                cart.update({fact.items[0]["item_id"]: fact.items[0]["quantity"]})
            elif fact.name in {"view_cart", "begin_checkout", "purchase"}:
                assert {line["item_id"]: line["quantity"] for line in fact.items} == cart
                assert fact.props["value"] == cents_of(fact.items) / 100
            if fact.name == "purchase":
                cart.clear()
                bought += 1
    assert bought > 20


def test_an_order_says_its_tax_and_its_delivery() -> None:
    orders = [order for visit in visits(KEEN) for order in named(visit, "purchase")]
    for order in orders:
        value = order.props["value"]
        assert order.props == {
            "currency": "EUR",
            "value": value,
            "tax": pytest.approx(value - value / 1.2, abs=0.01),
            "shipping": 0.0 if value >= 80 else 4.9,
        }
    assert {len(order.items) for order in orders} >= {1, 2, 3}


def test_zeal_takes_visitors_further() -> None:
    keen, idle = visits(KEEN), visits(IDLE)
    pages = [sum(map(len, found)) for found in (idle, keen)]
    orders = [sum(len(named(visit, "purchase")) for visit in found) for found in (idle, keen)]
    assert pages[0] * 2 < pages[1]
    assert orders[0] == 0 < orders[1]


def test_what_a_cart_costs_is_added_in_cents() -> None:
    spoon = next(product for product in PRODUCTS if product.slug == "serving-spoon")
    assert cents_of([spoon.item(quantity=3), PRODUCTS[0].item()]) == 6750
