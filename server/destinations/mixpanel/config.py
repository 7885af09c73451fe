"""What a container says of a Mixpanel tag."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from server.destinations.contract import Host, Secret


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The project, and what is sent beyond what every event says."""

    token: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$", description="32 of 0-9 and a-f")]
    """The project token, from the project's settings; it is in the page of whoever uses Mixpanel's
    script."""
    service_account: str | None = None
    """The user name of a service account, to be let in by it and not by the token; with
    `service_secret` and `project_id`."""
    service_secret: Secret | None = None
    """The secret of the service account."""
    project_id: (
        Annotated[str, Meta(pattern=r"^[0-9]{1,20}$", description="digits alone")] | None
    ) = None
    """The project's number, which a service account needs."""
    endpoint: Host = "https://api.mixpanel.com"
    """Mixpanel's host; `https://api-eu.mixpanel.com` or `https://api-in.mixpanel.com` for projects
    in the European Union or India."""
    event_name: str | None = None
    """The name in Mixpanel; left out: the event's own."""
    params: dict[str, Any] = field(default_factory=dict)
    """Further properties; they beat the event's own, and `null` leaves one out."""
    send_device: bool = False
    """Sends the visitor's address, from which Mixpanel tells the place, and not the place."""

    def __post_init__(self) -> None:
        """Raises ValueError for half a service account."""
        parts = (self.service_account, self.service_secret, self.project_id)
        if any(parts) and not all(parts):
            raise ValueError(
                "service_account, service_secret and project_id belong together; or leave them all"
                " out, and the token lets in"
            )
