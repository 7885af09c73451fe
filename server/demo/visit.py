"""One visit to the demo shop: from page to page, into the cart, sometimes to an order.

landing ──▶ shelf ⇄ product ──▶ cart ──▶ checkout ──▶ thank you
              every arrow is taken by fewer than the one before; zeal takes more of them
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from msgspec import Struct, field

from server.demo.catalogue import (
    CATEGORIES,
    CURRENCY,
    PRODUCTS,
    SHOP,
    Product,
    shipping_cents,
    tax_cents,
)
from server.demo.tables.sources import Source

MAX_STOPS = 16
LONGEST_STAY_S = 150

_PRODUCTS = {f"/demo/p/{product.slug}": product for product in PRODUCTS}
_SHELVES = {f"/demo/c/{shelf.slug}": shelf for shelf in CATEGORIES}
_NAMES = {
    "/demo/": "Stoneware, linen and wood",
    "/demo/cart": "Cart",
    "/demo/checkout": "Checkout",
    "/demo/thank-you": "Thank you",
    "/demo/delivery": "Delivery and returns",
}


class Fact(Struct, frozen=True, kw_only=True):
    """What a visitor did on a page, so many milliseconds after it was shown."""

    name: str
    after_ms: int = 0
    props: dict[str, Any] = field(default_factory=dict)
    items: list[dict[str, Any]] = field(default_factory=list)


class Stop(Struct, frozen=True, kw_only=True):
    """One page of a visit."""

    path: str
    title: str
    facts: list[Fact]
    stay_ms: int


def walk(rng: Random, source: Source) -> Iterator[Stop]:
    """The pages of one visit, the landing first."""
    return _Visit(rng, source.zeal).pages(rng.choice(source.landings))


def cents_of(items: list[dict[str, Any]]) -> int:
    """What the lines of a cart cost together."""
    return sum(round(line["price"] * 100) * line["quantity"] for line in items)


class _Visit:
    """A visitor on the move: what is in the cart decides what comes next."""

    def __init__(self, rng: Random, zeal: float) -> None:
        self._rng = rng
        self._zeal = zeal
        self._cart: dict[str, int] = {}
        self._shelf = rng.choice(list(_SHELVES))

    def pages(self, path: str) -> Iterator[Stop]:
        at: str | None = path
        for _ in range(MAX_STOPS):
            if at is None:
                return
            stay_ms = int(min(max(self._rng.lognormvariate(3.3, 0.8), 4), LONGEST_STAY_S) * 1000)
            facts = [Fact(name="page_view"), *self._facts(at, stay_ms)]
            yield Stop(path=at, title=_title(at), facts=facts, stay_ms=stay_ms)
            at = self._next(at)

    def _facts(self, path: str, stay_ms: int) -> Iterator[Fact]:
        """What the page itself pushes, and what is done on it."""
        if path in _SHELVES:
            self._shelf = path
            yield _list(path)
        elif path in _PRODUCTS:
            yield from self._look_at(_PRODUCTS[path], stay_ms)
        elif path in _ORDER_EVENTS:
            items = self._items()
            value = cents_of(items) / 100
            yield Fact(
                name=_ORDER_EVENTS[path],
                after_ms=20,
                props={"currency": CURRENCY, "value": value, **_order(path, items)},
                items=items,
            )
            if path == "/demo/thank-you":
                self._cart.clear()
        elif path == "/demo/delivery" and self._rng.random() < 0.5:
            yield self._rng.choice(_LEAVING)

    def _look_at(self, product: Product, stay_ms: int) -> Iterator[Fact]:
        price = product.price_cents / 100
        props = {"currency": CURRENCY, "value": price}
        yield Fact(name="view_item", after_ms=20, props=props, items=[product.item()])
        if self._rng.random() < (0.4 if self._cart else min(0.11 * self._zeal, 0.3)):
            quantity = self._rng.choice((1, 1, 1, 2, 2, 4))
            self._cart[product.slug] = self._cart.get(product.slug, 0) + quantity
            items = [product.item(quantity=quantity)]
            props = {"currency": CURRENCY, "value": cents_of(items) / 100}
            yield Fact(name="add_to_cart", after_ms=stay_ms * 2 // 3, props=props, items=items)

    def _items(self) -> list[dict[str, Any]]:
        chosen = [product for product in PRODUCTS if product.slug in self._cart]
        return [p.item(quantity=self._cart[p.slug], index=i) for i, p in enumerate(chosen)]

    def _next(self, path: str) -> str | None:
        """The next page; None: the visit ends."""
        for moves, chance in self._ways(path):
            if self._rng.random() < chance:
                return moves()
        return None

    def _ways(self, path: str) -> Iterator[tuple[Callable[[], str], float]]:
        """Where one goes from here, asked in this order, each with its chance."""
        zeal = min(self._zeal, 1.6) ** 0.5
        if path == "/demo/checkout":
            yield (lambda: "/demo/thank-you"), 0.55 * zeal
        elif path == "/demo/cart":
            yield (lambda: "/demo/checkout"), 0.5 * zeal
            yield self._product, 0.4
        elif path == "/demo/thank-you":
            yield (lambda: "/demo/"), 0.15
        elif self._cart and path in _PRODUCTS:
            yield (lambda: "/demo/cart"), 0.4
            yield self._product, 0.55
            yield self._other_shelf, 0.5
        else:
            yield (lambda: "/demo/delivery"), 0.05
            yield self._product, 0.52 * zeal
            yield self._other_shelf, 0.4 * zeal

    def _product(self) -> str:
        slug = self._shelf.rpartition("/")[2]
        return self._rng.choice([p for p, product in _PRODUCTS.items() if product.category == slug])

    def _other_shelf(self) -> str:
        return self._rng.choice([path for path in _SHELVES if path != self._shelf])


_ORDER_EVENTS = {
    "/demo/cart": "view_cart",
    "/demo/checkout": "begin_checkout",
    "/demo/thank-you": "purchase",
}
_PDF = {"file_name": "/demo/sizes.pdf", "file_extension": "pdf", "link_text": "sizes.pdf"}
_CARRIER = {
    "outbound": True,
    "link_domain": "www.example.com",
    "link_url": "https://www.example.com/",
    "link_text": "its own site",
}
_LEAVING = (
    Fact(name="file_download", after_ms=3500, props=_PDF),
    Fact(name="click", after_ms=3500, props=_CARRIER),
)


def _title(path: str) -> str:
    known = _PRODUCTS.get(path) or _SHELVES.get(path)
    return f"{known.name if known else _NAMES[path]} · {SHOP}"


def _list(path: str) -> Fact:
    shelf = _SHELVES[path]
    products = [product for product in PRODUCTS if product.category == shelf.slug]
    return Fact(
        name="view_item_list",
        after_ms=20,
        props={"currency": CURRENCY, "item_list_id": shelf.slug, "item_list_name": shelf.name},
        items=[product.item(index=index) for index, product in enumerate(products)],
    )


def _order(path: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    """What only an order has; its number comes from the time, so it is added with the time."""
    if path != "/demo/thank-you":
        return {}
    goods = cents_of(items)
    return {"tax": tax_cents(goods) / 100, "shipping": shipping_cents(goods) / 100}
