"""What a container says of a conversion of LinkedIn's."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from server.destinations.contract import Host, Secret

PARAMS = ("amount", "currencyCode")


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The conversion rule, and what is sent beyond what every event says."""

    conversion_id: Annotated[
        str, Meta(pattern=r"^[0-9]{1,20}$", description="the digits of a conversion rule's id")
    ]
    """Of a rule whose source is the Conversions API: Campaign Manager, Conversion tracking."""
    access_token: Secret
    """From Campaign Manager or an application of yours, with the permission `rw_conversions`."""
    params: dict[str, Any] = field(default_factory=dict)
    """The value's `amount` and `currencyCode`; they beat what the event says, and `null` leaves one
    out."""
    send_user_data: bool = True
    """Sends the hashed e-mail where the visitor grants `ad_user_data`."""
    send_name: bool = False
    """Sends first and last name and the country, in clear, where the visitor grants
    `ad_user_data` and `send_user_data` is on."""
    send_device: bool = True
    """Sends the IP address in clear, as far as it is one of IPv4."""
    api_version: Annotated[
        str, Meta(pattern=r"^20[0-9]{2}(0[1-9]|1[0-2])$", description="year and month: 202605")
    ] = "202605"
    """LinkedIn ends each about a year after it came."""
    endpoint: Host = "https://api.linkedin.com"
    """LinkedIn's host."""

    def __post_init__(self) -> None:
        """Raises ValueError for what LinkedIn does not know."""
        for name in self.params:
            if name not in PARAMS:
                raise ValueError(f"params: expected {', '.join(PARAMS)}, not {name!r:.60}")
