"""What a container says of a Matomo tag."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from server.destinations.contract import Secret

Number = Annotated[int, Meta(ge=1)]
OWN = frozenset({"idsite", "rec", "token_auth"})
"""Parameters that the other settings say."""


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The site in Matomo, and what is sent beyond what every event says."""

    endpoint: Annotated[
        str,
        Meta(
            extra={"url": True},
            pattern=r"^https?://[^/\s?#]+(/[^\s?#]*)?$",
            description="http:// or https://, a host and perhaps a path",
        ),
    ]
    """Where Matomo is, such as `https://stats.example.com/` or `https://example.matomo.cloud`."""
    site_id: Number | Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,9}$", description="a number")]
    """The number of the website in Matomo."""
    token_auth: Secret
    """Of a user who may write to the site: Personal, Security, Auth tokens. Of a superuser, Matomo
    tells which events were wrong."""
    goals: dict[str, Number] = field(default_factory=dict)
    """Our event's name → the number of the goal that it is: `generate_lead: 3`."""
    visitor_cookie: (
        Annotated[
            str,
            Meta(
                pattern=r"^_pk_id\.[0-9]{1,10}\.[0-9a-f]{4}$",
                description="a name such as _pk_id.1.1fff",
            ),
        ]
        | None
    ) = None
    """Matomo's own cookie in the page, so that both count the same visitor."""
    event_name: str | None = None
    """Sends all of this tag's events as Matomo events with this action."""
    params: dict[str, Any] = field(default_factory=dict)
    """Further parameters such as `dimension1` or `e_c`; they beat the event's own, and `null`
    leaves one out."""
    send_device: bool = False
    """Sends the visitor's address and user agent, and with them the user's id."""

    def __post_init__(self) -> None:
        """Raises ValueError for parameters that would send events elsewhere."""
        for name in self.params:
            if name in OWN:
                raise ValueError(f"params: {name} is said by a setting of its own")
