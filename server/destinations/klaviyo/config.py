"""What a container says of a Klaviyo tag."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from server.destinations.contract import Host, Secret


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The account, and what is sent beyond what every event says."""

    api_key: Secret
    """A private key with the scope `events:write`: Settings, API keys; it begins with `pk_`."""
    api_version: Annotated[
        str, Meta(pattern=r"^\d{4}-\d\d-\d\d(\.pre)?$", description="a date such as 2026-04-15")
    ] = "2026-04-15"
    """The revision of Klaviyo's interface."""
    endpoint: Host = "https://a.klaviyo.com"
    """Klaviyo's host."""
    bulk: bool = False
    """Sends up to 1,000 events in one request, for sites with more than 50 a second: Klaviyo looks
    at them later, and does not tell what it leaves out then."""
    event_name: Annotated[str, Meta(min_length=1, max_length=127)] | None = None
    """The metric; left out: Klaviyo's where it has one, such as `Placed Order`, else the event's
    own name."""
    params: dict[str, Any] = field(default_factory=dict)
    """Further properties of the event; they beat the event's own, and `null` leaves one out."""
    profile: dict[str, Any] = field(default_factory=dict)
    """Properties of the visitor's profile of your own, such as `{tier: gold}`."""
    send_user_data: bool = False
    """Sends e-mail, phone, name and address in clear, and who came from an e-mail of Klaviyo's,
    where the visitor grants `ad_user_data`."""
    send_device: bool = False
    """Sends the visitor's address."""
