from __future__ import annotations

from server.demo.catalogue import (
    CATEGORIES,
    FREE_FROM_CENTS,
    PRODUCTS,
    SHIPPING_CENTS,
    VAT_PERCENT,
    shipping_cents,
    tax_cents,
)
from server.demo.shop import FOLDER


def test_a_product_is_an_item_in_ga4_s_words() -> None:
    assert PRODUCTS[0].item(quantity=2, index=3) == {
        "item_id": "CUP-1",
        "item_name": "Breakfast cup",
        "item_brand": "Kiln & Loom",
        "item_category": "stoneware",
        "price": 24.0,
        "quantity": 2,
        "index": 3,
    }


def test_delivery_is_free_from_eighty_euros() -> None:
    assert [shipping_cents(goods) for goods in (100, 7999, 8000)] == [490, 490, 0]


def test_the_price_includes_the_tax() -> None:
    assert [tax_cents(goods) for goods in (12000, 2400, 2900)] == [2000, 400, 483]


def test_the_shop_s_script_reckons_with_the_same_numbers() -> None:
    script = (FOLDER / "pages" / "shop.js").read_text(encoding="utf-8")
    shipping, free_from = f"{SHIPPING_CENTS / 100:g}", f"{FREE_FROM_CENTS / 100:g}"
    assert f"const SHIPPING = {{ cost: {shipping}, freeFrom: {free_from} }};" in script
    assert f"const VAT = {VAT_PERCENT / 100:g};" in script


def test_every_product_is_its_own_has_a_shelf_and_its_own_drawing() -> None:
    drawings = {p.slug: (FOLDER / f"templates/art/{p.slug}.svg").read_text() for p in PRODUCTS}
    assert len(set(drawings.values())) == len({p.item_id for p in PRODUCTS}) == len(PRODUCTS)
    assert {p.category for p in PRODUCTS} == {shelf.slug for shelf in CATEGORIES}
