"""What a container says of a Snapchat tag."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from server.destinations.contract import Host, Secret


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The pixel, and what is sent beyond what every event says."""

    pixel_id: Annotated[
        str,
        Meta(
            pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
            description="a UUID, as Events Manager shows it",
        ),
    ]
    """Of the pixel: Ads Manager, Events Manager."""
    access_token: Secret
    """Of the same organisation: Business Details, Conversions API Tokens."""
    event_name: (
        Annotated[
            str,
            Meta(
                pattern=r"^[A-Z][A-Z0-9_]{0,63}$",
                description="capital letters, such as CUSTOM_EVENT_1",
            ),
        ]
        | None
    ) = None
    """Snap's name for this tag's events; left out: by the table below."""
    params: dict[str, Any] = field(default_factory=dict)
    """Further fields of `custom_data`; they beat the event's own, and `null` leaves one out."""
    action_source: Literal["WEB", "OFFLINE"] = "WEB"
    """Where it happened."""
    validate_only: bool = False
    """Shows the events in Snap's test tool, and counts none of them."""
    limited_data_use: bool = False
    """Always asks Snap for limited data use (states of the US); it is asked for anyway where the
    visitor denies `ad_personalization`."""
    send_user_data: bool = True
    """Sends hashed e-mail, phone, name, address and ids where the visitor grants `ad_user_data`."""
    send_device: bool = True
    """Sends the visitor's address and user agent in clear; without them Snap knows somebody by
    e-mail and phone alone."""
    api_version: Annotated[str, Meta(pattern=r"^v[0-9]{1,3}$", description="such as v3")] = "v3"
    """Of the Conversions API."""
    endpoint: Host = "https://tr.snapchat.com"
    """Snap's host."""
