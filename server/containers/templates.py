"""Templates: sets of triggers and variables that come ready, by the name of what they are for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from server.containers.model import Container, Trigger, Variable
from server.containers.model.variable import EventField, ItemValues, Written

GA4_ECOMMERCE = (
    "view_promotion",
    "select_promotion",
    "view_item_list",
    "select_item",
    "view_item",
    "add_to_wishlist",
    "add_to_cart",
    "remove_from_cart",
    "view_cart",
    "begin_checkout",
    "add_shipping_info",
    "add_payment_info",
    "purchase",
    "refund",
)
"""GA4's e-commerce events, in the order of a visit."""
_LEADS = ("generate_lead", "qualify_lead", "close_convert_lead", "sign_up", "contact")
_ACCOUNTS = ("sign_up", "login")


class Template(Struct, frozen=True, kw_only=True):
    """What a container gets by naming it; what the container says itself under the same name
    counts instead."""

    about: str
    triggers: Mapping[str, Trigger]
    variables: Mapping[str, Variable]


def _mapping(**fields: str) -> Written:
    return Written(value={key: f"{{{{ {look} }}}}" for key, look in fields.items()})


TEMPLATES: Mapping[str, Template] = MappingProxyType(
    {
        "ga4_ecommerce": Template(
            about="GA4's e-commerce events, from the first list to the refund.",
            triggers={
                "ecommerce": Trigger(event=list(GA4_ECOMMERCE)),
                "promotions": Trigger(event=["view_promotion", "select_promotion"]),
                "product_lists": Trigger(event=["view_item_list", "select_item"]),
                "product_views": Trigger(event="view_item"),
                "cart_changes": Trigger(event=["add_to_cart", "remove_from_cart"]),
                "checkout_steps": Trigger(
                    event=["begin_checkout", "add_shipping_info", "add_payment_info"]
                ),
                "purchases": Trigger(event="purchase"),
                "refunds": Trigger(event="refund"),
            },
            variables={
                "item_ids": ItemValues(key="item_id"),
                "item_names": ItemValues(key="item_name"),
                "item_quantities": ItemValues(key="quantity"),
                "item_prices": ItemValues(key="price"),
                "coupon": EventField(field="props.coupon"),
                "order": _mapping(
                    id="event.transaction_id",
                    value="event.value",
                    currency="event.currency",
                    coupon="event.props.coupon",
                    shipping="event.nums.shipping",
                    tax="event.nums.tax",
                    items="event.items",
                ),
            },
        ),
        "leads": Template(
            about="Forms that were sent and what became of them, in GA4's words.",
            triggers={"leads": Trigger(event=list(_LEADS))},
            variables={
                "lead": _mapping(
                    value="event.value", currency="event.currency", source="event.props.lead_source"
                )
            },
        ),
        "accounts": Template(
            about="Signing up and logging in.",
            triggers={"accounts": Trigger(event=list(_ACCOUNTS))},
            variables={"method": EventField(field="props.method")},
        ),
        "page": Template(
            about="Where it happened and which campaign led there, a mapping each.",
            triggers={},
            variables={
                "page": _mapping(
                    url="event.url",
                    title="event.title",
                    referrer="event.referrer",
                    language="event.language",
                ),
                "campaign": _mapping(
                    source="event.campaign_source",
                    medium="event.campaign_medium",
                    name="event.campaign_name",
                    term="event.campaign_term",
                    content="event.campaign_content",
                    id="event.campaign_id",
                ),
            },
        ),
    }
)


def expanded(container: Container) -> Container:
    """The container with what its templates bring; its own words come first."""
    if not container.templates:
        return container
    triggers: dict[str, Trigger] = {}
    variables: dict[str, Variable] = {}
    for name in container.templates:
        triggers |= TEMPLATES[name].triggers
        variables |= TEMPLATES[name].variables
    return replace(
        container,
        triggers={**triggers, **container.triggers},
        variables={**variables, **container.variables},
    )
