"""What a container says of a HubSpot tag."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from server.destinations.contract import Host, Secret


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The account, and what is sent beyond what every event says."""

    access_token: Secret
    """Of a private app with the scope `analytics.behavioral_events.send`; it begins with `pat-`."""
    hub_id: Annotated[str, Meta(pattern=r"^[0-9]{1,20}$", description="digits alone")]
    """The account's number, which is in the full name of its events: `pe1234_purchase`."""
    event_name: (
        Annotated[
            str,
            Meta(
                pattern=r"^[a-z][a-z0-9_-]{0,99}$",
                description="a letter, then small letters, digits, _ and -",
            ),
        ]
        | None
    ) = None
    """The event's internal name in HubSpot, where it has to be defined first, with or without
    `pe<hub_id>_`; left out: the event's own name."""
    params: dict[str, Any] = field(default_factory=dict)
    """Properties that the event has in HubSpot, such as `{amount: "{{ event.value }}"}`: it
    refuses those that it does not know. They beat its own (page, campaign, place, device), and
    `null` leaves one out."""
    object_id: str | None = None
    """The number of the record that the event belongs to, where the site knows it."""
    api_version: Annotated[
        str, Meta(pattern=r"^(v3|\d{4}-\d\d)$", description="v3, or a date such as 2026-03")
    ] = "v3"
    """The version of HubSpot's interface."""
    endpoint: Host = "https://api.hubapi.com"
    """HubSpot's host."""
    send_user_data: bool = False
    """Sends the e-mail in clear, where the visitor grants `ad_user_data`: by it HubSpot knows the
    contact."""
