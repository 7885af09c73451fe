"""What a container says of an X tag."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from server.destinations.contract import Host, Secret

EventId = Annotated[
    str,
    Meta(pattern=r"^(tw-[a-z0-9]+-)?[a-z0-9]{2,20}$", description="an id such as tw-o8z6j-o87ne"),
]
"""Of an event in X's Events Manager."""


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The pixel, how X lets us in, and which event of the account each of ours is."""

    pixel_id: Annotated[str, Meta(pattern=r"^[a-z0-9]{3,20}$", description="an id such as o8z6j")]
    """Of the pixel: Ads Manager, Events Manager."""
    event_ids: dict[str, EventId] = field(default_factory=dict)
    """Our event's name → the id that it has in the account: `purchase: tw-o8z6j-o87ne`."""
    event_name: EventId | None = None
    """The id of all of this tag's events; beats `event_ids`."""
    pixel_token: Secret | None = None
    """From Events Manager: Install Pixel, Conversion API, Generate access token. Enough alone."""
    consumer_key: Secret | None = None
    """Of an application with access to the Ads API; with the three below in place of the token."""
    consumer_secret: Secret | None = None
    """Of the same application."""
    access_token: Secret | None = None
    """Of a user who manages the account's ads."""
    access_token_secret: Secret | None = None
    """Of the same user."""
    endpoint: Host = "https://ads-api.x.com"
    """X's host."""
    api_version: Annotated[
        str, Meta(pattern=r"^[0-9]{1,3}$", description="a version such as 12")
    ] = "12"
    """Of the Ads API."""
    params: dict[str, Any] = field(default_factory=dict)
    """Further fields of a conversion, such as `description`; they beat the event's own, and `null`
    leaves one out."""
    send_user_data: bool = True
    """Sends hashed e-mail and phone where the visitor grants `ad_user_data`."""
    send_device: bool = True
    """Sends the visitor's address and user agent beside what tells X whose it is."""

    def __post_init__(self) -> None:
        """Raises ValueError where nothing could ever be sent."""
        if not self.event_ids and self.event_name is None:
            raise ValueError("event_ids: X takes an event by its id in the account: name one")
        keys = (
            self.consumer_key,
            self.consumer_secret,
            self.access_token,
            self.access_token_secret,
        )
        if self.pixel_token is None and None in keys:
            raise ValueError(
                "pixel_token: expected it, or consumer_key, consumer_secret, access_token and"
                " access_token_secret"
            )
