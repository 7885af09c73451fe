"""What the demo shop sells: the shop's pages and the played visitors both take it from here."""

from __future__ import annotations

from msgspec import Struct

SHOP = "Kiln & Loom"
CURRENCY = "EUR"
VAT_PERCENT = 20
"""Included in every price."""
SHIPPING_CENTS = 490
FREE_FROM_CENTS = 8000
"""Orders of so much are delivered free."""


class Category(Struct, frozen=True, kw_only=True):
    """One shelf of the shop."""

    slug: str
    name: str
    line: str


class Product(Struct, frozen=True, kw_only=True):
    """One thing for sale; its drawing is `templates/art/<slug>.svg`."""

    slug: str
    item_id: str
    name: str
    category: str
    price_cents: int
    line: str
    text: str
    facts: tuple[tuple[str, str], ...]

    def item(self, *, quantity: int = 1, index: int = 0) -> dict[str, str | int | float]:
        """A line of a list, a cart or an order, in GA4's words."""
        return {
            "item_id": self.item_id,
            "item_name": self.name,
            "item_brand": SHOP,
            "item_category": self.category,
            "price": self.price_cents / 100,
            "quantity": quantity,
            "index": index,
        }


def shipping_cents(goods_cents: int) -> int:
    """What delivery costs on top of the goods."""
    return 0 if goods_cents >= FREE_FROM_CENTS else SHIPPING_CENTS


def tax_cents(goods_cents: int) -> int:
    """The value added tax that the goods' price includes."""
    return round(goods_cents * VAT_PERCENT / (100 + VAT_PERCENT))


CATEGORIES = (
    Category(
        slug="stoneware",
        name="Stoneware",
        line="Thrown by hand, glazed twice, fired hot enough for every day.",
    ),
    Category(
        slug="linen",
        name="Linen",
        line="Woven from long flax and washed soft before it reaches you.",
    ),
    Category(
        slug="wood",
        name="Wood",
        line="Oak and beech, oiled, to be used, rinsed and used again.",
    ),
)

PRODUCTS = (
    Product(
        slug="breakfast-cup",
        item_id="CUP-1",
        name="Breakfast cup",
        category="stoneware",
        price_cents=2400,
        line="A generous cup with a sage glaze",
        text="Wide enough for a morning's coffee and light enough to hold while you wake up. "
        "The foot stays unglazed, so that you feel the clay.",
        facts=(
            ("Holds", "32 cl"),
            ("Size", "9 cm high, 9.5 cm across"),
            ("Care", "Dishwasher and microwave"),
        ),
    ),
    Product(
        slug="soup-bowl",
        item_id="BOWL-1",
        name="Soup bowl",
        category="stoneware",
        price_cents=2900,
        line="Deep, round and steady on the table",
        text="A bowl for soup, for noodles, for salad, for fruit. It stacks, and it keeps warm "
        "what was warm.",
        facts=(
            ("Holds", "65 cl"),
            ("Size", "7 cm high, 17 cm across"),
            ("Care", "Dishwasher and microwave"),
        ),
    ),
    Product(
        slug="water-jug",
        item_id="JUG-1",
        name="Water jug",
        category="stoneware",
        price_cents=5800,
        line="Pours clean, keeps cool",
        text="A tall jug with a lip that does not drip. Water on the table, milk in the kitchen, "
        "tulips on Sunday.",
        facts=(
            ("Holds", "120 cl"),
            ("Size", "22 cm high, 12 cm across"),
            ("Care", "Dishwasher"),
        ),
    ),
    Product(
        slug="tea-towel",
        item_id="TOWEL-1",
        name="Tea towel",
        category="linen",
        price_cents=1600,
        line="Dries glasses without a trace",
        text="Heavy linen with an indigo stripe and a loop to hang it by. Better with every wash.",
        facts=(
            ("Cloth", "100 % linen, 240 g/m²"),
            ("Size", "50 by 70 cm"),
            ("Care", "60 °C"),
        ),
    ),
    Product(
        slug="napkins",
        item_id="NAPKIN-4",
        name="Napkins, set of four",
        category="linen",
        price_cents=3600,
        line="Four colours that go together",
        text="Soft, large and stitched with a mitred corner. Four tones, so that everyone "
        "finds their own again at supper.",
        facts=(
            ("Cloth", "100 % linen, 170 g/m²"),
            ("Size", "45 by 45 cm each"),
            ("Care", "60 °C"),
        ),
    ),
    Product(
        slug="kitchen-apron",
        item_id="APRON-1",
        name="Kitchen apron",
        category="linen",
        price_cents=4900,
        line="Long strings, one deep pocket",
        text="Cut wide enough to wrap, with strings that tie in front. The pocket takes a towel "
        "and a spoon.",
        facts=(
            ("Cloth", "100 % linen, 260 g/m²"),
            ("Size", "One size, 72 by 88 cm"),
            ("Care", "60 °C"),
        ),
    ),
    Product(
        slug="oak-board",
        item_id="BOARD-1",
        name="Oak board",
        category="wood",
        price_cents=4200,
        line="One piece of oak, for bread and cheese",
        text="Cut from a single plank, with the grain running all the way. A hole to hang it by, "
        "a round edge to lift it.",
        facts=(
            ("Wood", "European oak, oiled"),
            ("Size", "42 by 20 by 2 cm"),
            ("Care", "Rinse, dry upright"),
        ),
    ),
    Product(
        slug="serving-spoon",
        item_id="SPOON-1",
        name="Serving spoon",
        category="wood",
        price_cents=1450,
        line="Carved beech with a long handle",
        text="Reaches the bottom of the pot and does not scratch it. A small hollow in the "
        "handle rests on the rim.",
        facts=(
            ("Wood", "Beech, oiled"),
            ("Size", "32 cm long"),
            ("Care", "Rinse and dry"),
        ),
    ),
    Product(
        slug="salt-box",
        item_id="SALT-1",
        name="Salt box",
        category="wood",
        price_cents=3800,
        line="Opens with one finger",
        text="The lid stands open by itself on two brass pins, for hands that are busy cooking. "
        "Closed, it keeps flakes dry beside the stove.",
        facts=(
            ("Wood", "Oak and brass"),
            ("Size", "11 by 9 by 8 cm"),
            ("Care", "Wipe dry"),
        ),
    ),
)
