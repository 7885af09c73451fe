"""What a container says of a tag that speaks as Segment's libraries do."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct, field

from server.destinations.contract import Host, Secret

Call = Literal["track", "page", "identify"]


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The source, and what is sent beyond what every event says."""

    write_key: Secret
    """Of an HTTP API source: Settings, API keys."""
    endpoint: Host = "https://api.segment.io"
    """Segment's host; `https://events.eu1.segmentapis.com` for workspaces in the European Union,
    or the data plane of RudderStack, which takes the same calls."""
    call: Call | None = None
    """`track`, `page` or `identify`; left out: `page` for page views, `track` for all else."""
    event_name: str | None = None
    """The name of the event or the page; left out: Segment's name where it has one, such as
    `Order Completed`, else the event's own."""
    params: dict[str, Any] = field(default_factory=dict)
    """Further properties, or traits with `call: identify`; they beat the event's own, and `null`
    leaves one out."""
    integrations: dict[str, Any] = field(default_factory=dict)
    """Which of Segment's destinations get it, as in `{All: true, Mixpanel: false}`."""
    send_user_data: bool = False
    """Sends e-mail, phone, name and address in clear, as traits, where the visitor grants
    `ad_user_data`."""
    send_device: bool = False
    """Sends the visitor's address and user agent."""
