"""What a container says of a Microsoft Advertising tag."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from server.destinations.contract import Host, Secret


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The UET tag, and what is sent beyond what every event says."""

    tag_id: Annotated[
        str, Meta(pattern=r"^[0-9]{1,20}$", description="the digits of a UET tag's id")
    ]
    """Of the UET tag: Conversions, UET tag."""
    access_token: Secret
    """Of the same tag: Set up tagging, Use Conversions API."""
    event_name: str | None = None
    """The event's action, as a conversion goal has it; left out: the event's own name, but for page
    views, which Microsoft has a kind of their own for."""
    params: dict[str, Any] = field(default_factory=dict)
    """Further fields of `customData`, such as `eventCategory`; they beat the event's own, and
    `null` leaves one out."""
    send_user_data: bool = True
    """Sends hashed e-mail, phone and user id, and an id of the visitor, where they grant
    `ad_user_data`."""
    send_device: bool = True
    """Sends IP address and user agent in clear."""
    api_version: Annotated[str, Meta(pattern=r"^v[0-9]{1,3}$", description="such as v1")] = "v1"
    """Of Microsoft's interface."""
    endpoint: Host = "https://capi.uet.microsoft.com"
    """Microsoft's host."""
