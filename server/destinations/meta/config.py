"""What a container says of a Meta tag."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from server.destinations.contract import Host, Secret

ActionSource = Literal[
    "website",
    "app",
    "email",
    "phone_call",
    "chat",
    "physical_store",
    "system_generated",
    "business_messaging",
    "other",
]


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The pixel, and what is sent beyond what every event says."""

    pixel_id: Annotated[str, Meta(pattern=r"^[0-9]{5,20}$", description="digits alone")]
    """Of the dataset (the pixel): Events Manager, Settings."""
    access_token: Secret
    """Of the same dataset: Events Manager, Settings, Conversions API."""
    app_secret: Secret | None = None
    """Of the app that the token belongs to, if it asks for `appsecret_proof`."""
    event_name: str | None = None
    """Meta's name for this tag's events, or one of your own; left out: by the table below."""
    params: dict[str, Any] = field(default_factory=dict)
    """Further fields of `custom_data`; they beat the event's own, and `null` leaves one out."""
    action_source: ActionSource = "website"
    """Where it happened."""
    test_event_code: str | None = None
    """Shows the events under Test events in Events Manager; they count all the same."""
    limited_data_use: bool = False
    """Always asks Meta for Limited Data Use (California and other states of the US); it is asked
    for anyway where the visitor denies `ad_personalization`."""
    send_user_data: bool = True
    """Sends hashed e-mail, phone, name, address and ids where the visitor grants `ad_user_data`."""
    send_device: bool = True
    """Sends the visitor's address and user agent in clear; Meta wants both of website events."""
    api_version: Annotated[
        str, Meta(pattern=r"^v[0-9]{1,3}\.[0-9]$", description="such as v25.0")
    ] = "v25.0"
    """Of the Graph API; Meta keeps one for about two years."""
    endpoint: Host = "https://graph.facebook.com"
    """Meta's host."""
