"""Types of settings that a container's checks know: what is secret, an address, a header."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

Secret = Annotated[str, Meta(extra={"secret": True}, min_length=1)]
"""A setting that a container may only name: `$secret.NAME`."""
Url = Annotated[
    str,
    Meta(extra={"url": True}, pattern=r"^https?://", description="http:// or https://"),
]
"""An address: the container names its host, and an event may only fill what follows it."""
Host = Annotated[
    str,
    Meta(
        extra={"url": True},
        pattern=r"^https?://[^/\s?#]+$",
        description="http:// or https:// and a host, without a path",
    ),
]
"""Where a partner is asked, without the path: another region's host, or a recorder."""
HeaderName = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$", description="a header, such as X-Shop"),
]
Headers = Annotated[dict[HeaderName, str], Meta(extra={"headers": True})]
"""Headers of requests; those that let somebody in, a container may only name."""
