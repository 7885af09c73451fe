"""What a container says of a TikTok tag."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from server.destinations.contract import Host, Secret


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The pixel, and what is sent beyond what every event says."""

    pixel_code: Annotated[
        str, Meta(pattern=r"^[A-Za-z0-9]{1,100}$", description="letters and digits")
    ]
    """Of the data source: Events Manager, under its name; such as C4T8V5JC77UFQN0PKGJG."""
    access_token: Secret
    """Of the same: Events Manager, Settings, Events API."""
    event_name: str | None = None
    """TikTok's name for this tag's events, or one of your own; left out: by the table below. A
    pixel in the page that still says `CompletePayment` or `SubmitForm` wants the same name here."""
    params: dict[str, Any] = field(default_factory=dict)
    """Further fields of `properties`; they beat the event's own, and `null` leaves one out."""
    event_source: Literal["web", "crm", "offline"] = "web"
    """Where it happened; `pixel_code` is then the id of a CRM or offline event set."""
    test_event_code: str | None = None
    """Shows the events under Test events in Events Manager."""
    limited_data_use: bool = False
    """Always asks TikTok for limited data use (states of the US); it is asked for anyway where the
    visitor denies `ad_personalization`."""
    send_user_data: bool = True
    """Sends hashed e-mail, phone, name, postcode and ids, and the place in clear, where the visitor
    grants `ad_user_data`."""
    send_device: bool = True
    """Sends the visitor's address, user agent and language in clear."""
    api_version: Annotated[
        str, Meta(pattern=r"^v[0-9]{1,3}\.[0-9]$", description="such as v1.3")
    ] = "v1.3"
    """Of TikTok's API for Business."""
    endpoint: Host = "https://business-api.tiktok.com"
    """TikTok's host."""
