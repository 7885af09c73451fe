"""What a container says of a Piano Analytics tag."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from server.destinations.contract import Host

Property = Annotated[
    str,
    Meta(pattern=r"^[a-z][a-z0-9_]{0,127}$", description="a property: small letters, digits and _"),
]


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The site in Piano, and what is sent beyond what every event says."""

    endpoint: Host
    """Your collection domain: Data Collection Portal, Collection Domains; such as
    `https://abcdefg.pa-cd.com`, or one of your own."""
    site_id: (
        Annotated[int, Meta(ge=1)]
        | Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,14}$", description="a number")]
    )
    """The number of the site in Piano."""
    path: Annotated[
        str, Meta(pattern=r"^[A-Za-z0-9._-]{1,64}$", description="one part of a path")
    ] = "event"
    """Where the domain collects."""
    event_name: (
        Annotated[
            str,
            Meta(
                pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$",
                description="a name in Piano's data model, such as click.action",
            ),
        ]
        | None
    ) = None
    """The name in Piano of all of this tag's events; left out: by the table, or its own."""
    params: dict[Property, Any] = field(default_factory=dict)
    """Further properties; they beat the event's own, and `null` leaves one out. `cart_id` is one
    that Piano wants of carts."""
    send_device: bool = False
    """Sends the visitor's address and user agent, from which Piano tells place and device."""
