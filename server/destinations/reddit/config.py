"""What a container says of a Reddit tag."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from server.destinations.contract import Host, Secret

METADATA = frozenset({"conversion_id", "currency", "value", "item_count", "products"})
"""What Reddit takes about a conversion; it refuses other fields."""
MAX_NAME_CHARS = 64


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The pixel, and what is sent beyond what every event says."""

    pixel_id: Annotated[
        str,
        Meta(pattern=r"^[a-z][0-9]_[A-Za-z0-9]{1,40}$", description="an id such as a2_abc123"),
    ]
    """Of the pixel: Ads Manager, Events Manager."""
    access_token: Secret
    """Of the same page: Conversions API, Generate Access Token. It does not end."""
    endpoint: Host = "https://ads-api.reddit.com"
    """Reddit's host."""
    api_version: Annotated[
        str, Meta(pattern=r"^v[0-9]{1,2}(\.[0-9]{1,2})?$", description="a version such as v3")
    ] = "v3"
    """Of the Ads API."""
    event_name: Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CHARS)] | None = None
    """One of Reddit's names such as `LEAD`, or a custom conversion's; left out: by the table."""
    params: dict[str, Any] = field(default_factory=dict)
    """Further fields of `metadata`; they beat the event's own, and `null` leaves one out."""
    send_user_data: bool = True
    """Sends hashed e-mail, phone and user id where the visitor grants `ad_user_data`."""
    send_device: bool = True
    """Sends the visitor's address, hashed, user agent and screen."""
    test_id: Annotated[str, Meta(min_length=1)] | None = None
    """From Event Testing in Ads Manager: events are shown there, one a request, and not counted."""

    def __post_init__(self) -> None:
        """Raises ValueError for what Reddit would refuse each event for."""
        for name in self.params:
            if name not in METADATA:
                known = ", ".join(sorted(METADATA))
                raise ValueError(f"params: Reddit takes no {name!r:.100}, but {known}")
