"""What a container is: one site's configuration, as a marketer wrote it in YAML.

The file's keys are the fields' names. Defaults are the private choice.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct, field

RESERVED_IDS = frozenset({"healthz", "readyz", "metrics", "static", "console", "ping"})
SELF = "self"
"""In `sites`: the collector's own origin, as in a Content-Security-Policy."""

ContainerId = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{2,31}$")]
CookieName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
CookieDomain = Annotated[str, Meta(pattern=r"^[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?$")]
Site = Annotated[str, Meta(min_length=1, max_length=260)]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]


class CookieMode(StrEnum):
    """When the visitor's cookie may be set."""

    CONSENT = "consent"
    """Only on hits that say `?c=1`: the page has the visitor's consent."""
    EXEMPT = "exempt"
    """Audience measurement without consent: set unless `?c=0`, and its issue date never renewed."""
    ALWAYS = "always"
    """Set unless `?c=0`; for sites where no consent is asked by law."""
    NEVER = "never"
    """Neither read nor set."""


class Cookie(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The visitor's cookie on the collector's host."""

    mode: CookieMode = CookieMode.CONSENT
    name: CookieName | None = None
    """Default: `fh_` and the container's id."""
    domain: CookieDomain | None = None
    """Default: host-only. Name the site's own domain to share it between sub-domains."""
    days: Annotated[int, Meta(ge=1, le=400)] = 390
    """Browsers cap it at 400 days."""


class Observe(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the tag watches in the page by itself."""

    page_views: bool = True


class Container(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One site's configuration; `id` is in every URL of the container."""

    id: ContainerId
    name: str = ""
    version: int = 0
    sites: Annotated[list[Site], Meta(min_length=1)]
    """Origins that may send hits, exactly: `https://www.example.com`; `self`: the collector's."""
    cookie: Cookie = field(default_factory=Cookie)
    keep_cookies: list[CookieName] = field(default_factory=list)
    """Cookies of the page's host that are kept with a hit, by name; no other one ever is."""
    observe: Observe = field(default_factory=Observe)
    timezone: str = "UTC"
    currency: Currency = "EUR"

    @property
    def cookie_name(self) -> str:
        """The name the browser sees."""
        return self.cookie.name or f"fh_{self.id}"
