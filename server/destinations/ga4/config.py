"""What a container says of a GA4 tag."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from server.destinations.contract import Host, Secret
from server.destinations.ga4.names import is_event, is_param, is_user_property, nearest_event

OF_THE_EVENT = frozenset({"items", "timestamp_micros"})
"""Parameters that come from the event alone."""


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The stream, and what is sent beyond what every event says."""

    measurement_id: Annotated[
        str,
        Meta(pattern=r"^G-[A-Z0-9]{1,20}$", description="G- and capital letters or digits"),
    ]
    """Of the web stream: Admin, Data streams."""
    api_secret: Secret
    """Of the same stream: Measurement Protocol API secrets."""
    endpoint: Host = "https://www.google-analytics.com"
    """Google's host; `https://region1.google-analytics.com` collects in the European Union."""
    event_name: str | None = None
    """The name in GA4; left out: the event's own."""
    params: dict[str, Any] = field(default_factory=dict)
    """Further event parameters; they beat the event's own, and `null` leaves one out."""
    user_properties: dict[str, Any] = field(default_factory=dict)
    """What is said of the user: 25 at most, names of 24 letters, values of 36."""
    send_user_data: bool = False
    """Sends hashed e-mail, phone and address where the visitor grants `ad_user_data`."""
    send_ip: bool = False
    """Sends the visitor's address, from which GA4 tells the place, and not the place."""

    def __post_init__(self) -> None:
        """Raises ValueError for names that GA4 would silently ignore."""
        for name in self.params:
            if name in OF_THE_EVENT or not is_param(name):
                raise ValueError(f"params: GA4 takes no parameter {name!r}")
        for name in self.user_properties:
            if not is_user_property(name):
                raise ValueError(f"user_properties: GA4 takes no user property {name!r}")
        if self.event_name is not None and not is_event(self.event_name):
            near = nearest_event(self.event_name)
            raise ValueError(
                f"event_name: GA4 takes no event {self.event_name!r:.100}; did you mean {near}?"
            )
