"""What a container says of an Amplitude tag."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from server.destinations.contract import Host


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The project, and what is sent beyond what every event says."""

    api_key: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$", description="32 of 0-9 and a-f")]
    """Of the project: Settings, Projects; it is in the page of whoever uses Amplitude's script."""
    endpoint: Host = "https://api2.amplitude.com"
    """Amplitude's host; `https://api.eu.amplitude.com` for projects in the European Union."""
    upload: Literal["httpapi", "batch"] = "httpapi"
    """`httpapi` shows events at once, and takes 30 a second of one visitor; `batch` takes 1,000."""
    event_name: str | None = None
    """The name in Amplitude; left out: the event's own."""
    params: dict[str, Any] = field(default_factory=dict)
    """Further event properties; they beat the event's own, and `null` leaves one out."""
    user_properties: dict[str, Any] = field(default_factory=dict)
    """What is said of the user from this event on."""
    send_device: bool = False
    """Sends the visitor's address, from which Amplitude tells the place, and not the place."""
