"""What a container says of a Pinterest tag."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from server.destinations.contract import Host, Secret

EventName = Literal[
    "add_payment_info",
    "add_to_cart",
    "add_to_wishlist",
    "checkout",
    "contact",
    "custom",
    "customize_product",
    "find_location",
    "initiate_checkout",
    "lead",
    "page_visit",
    "schedule",
    "search",
    "signup",
    "start_trial",
    "submit_application",
    "subscribe",
    "view_category",
    "view_content",
    "watch_video",
]
"""Pinterest takes no others."""


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ad account, and what is sent beyond what every event says."""

    ad_account_id: Annotated[str, Meta(pattern=r"^[0-9]{1,20}$", description="digits alone")]
    """Of the ad account: Ads Manager, in the address of its pages."""
    access_token: Secret
    """Of the same account: Ads Manager, Conversions, Set up API, conversion access token."""
    event_name: EventName | None = None
    """Pinterest's name for this tag's events; left out: by the table below."""
    params: dict[str, Any] = field(default_factory=dict)
    """Further fields of `custom_data`; they beat the event's own, and `null` leaves one out."""
    action_source: Literal["web", "offline"] = "web"
    """Where it happened."""
    validate_only: bool = False
    """Has Pinterest look at the events, and count none of them."""
    limited_data_use: bool = False
    """Always asks Pinterest for limited data processing (states of the US); it is asked for anyway
    where the visitor denies `ad_personalization`."""
    send_user_data: bool = True
    """Sends hashed e-mail, phone, name, address and ids where the visitor grants `ad_user_data`."""
    send_device: bool = True
    """Sends the visitor's address and user agent in clear; without them Pinterest knows somebody by
    e-mail alone."""
    api_version: Annotated[str, Meta(pattern=r"^v[0-9]{1,3}$", description="such as v5")] = "v5"
    """Of Pinterest's API."""
    endpoint: Host = "https://api.pinterest.com"
    """Pinterest's host."""
