"""What a container is: one site's configuration, as a marketer wrote it in YAML.

The file's keys are the fields' names. Defaults are the private choice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta, Struct, field

RESERVED_IDS = frozenset({"healthz", "readyz", "metrics", "static", "console", "ping"})
SELF = "self"
"""In `sites`: the collector's own origin, as in a Content-Security-Policy."""

ContainerId = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9-]{2,31}$",
        description="3 to 32 of a-z, 0-9 and -, a letter first",
    ),
]
CookieName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
CookieDomain = Annotated[str, Meta(pattern=r"^[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?$")]
Site = Annotated[str, Meta(min_length=1, max_length=260)]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$", description="three capitals such as EUR")]
Name = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9_-]{0,63}$",
        description="at most 64 of a-z, 0-9, _ and -, a letter first",
    ),
]
"""Of a tag or a trigger."""
EventName = Annotated[str, Meta(min_length=1, max_length=100)]
Scalar = bool | int | float | str


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
    """What the tag watches in the page by itself; they start in this order."""

    data_layer: bool = False
    """`dataLayer.push` and `gtag`: events with GA4's e-commerce objects, and consent."""
    page_views: bool = True
    history: bool = False
    """Page views of single-page applications, by the address's change."""
    outbound_links: bool = False
    downloads: bool = False


class Condition(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"negate": "not", "one_of": "in"},
):
    """One comparison, in GTM's words; exactly one operator.

    What is missing or empty makes every operator false, so `not` makes it true.
    """

    value: str
    """What is looked at: `"{{ event.path }}"`."""
    negate: bool = False
    ignore_case: bool = False
    equals: Scalar | None = None
    contains: str | None = None
    starts_with: str | None = None
    ends_with: str | None = None
    matches: str | None = None
    """RE2, anywhere in the value's first 2,048 characters; 512 characters at most, and no large
    counts of large classes, such as `.{0,1000}b.{0,900}`."""
    one_of: list[Scalar] | None = None
    greater: float | None = None
    greater_or_equal: float | None = None
    less: float | None = None
    less_or_equal: float | None = None


class Trigger(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a tag fires: on these events, if all conditions hold."""

    event: EventName | list[EventName] = field(default_factory=list)
    """One name or several; left out: every event."""
    when: list[Condition] = field(default_factory=list)


class Purpose(StrEnum):
    """What a visitor is asked to consent to, in the words of Google's Consent Mode."""

    AD_STORAGE = "ad_storage"
    ANALYTICS_STORAGE = "analytics_storage"
    AD_USER_DATA = "ad_user_data"
    AD_PERSONALIZATION = "ad_personalization"


class Tag(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"settings": "with"}
):
    """What a partner is sent, and when."""

    type: str
    """The destination."""
    fires_on: Annotated[list[str], Meta(min_length=1)]
    """Triggers of the container, or `all_events`, `all_pages`; one of them is enough."""
    needs_consent: list[Purpose] | None = None
    """All must be granted; left out: what the destination asks for; `[]`: none."""
    settings: dict[str, Any] = field(default_factory=dict)
    """The destination's settings; texts may hold `{{ event.… }}`, secrets are `$secret.NAME`."""


def no_cookies(_: Mapping[str, Any]) -> tuple[str, ...]:
    """A tag that reads no cookies."""
    return ()


class TagType(Struct, frozen=True, kw_only=True):
    """What a container has to know of a destination; handed in by whoever loads it."""

    name: str
    config: type[Struct]
    secrets: frozenset[str]
    """Settings that must be `$secret.NAME`."""
    urls: frozenset[str] = frozenset()
    """Settings that are addresses: an event fills no more than what follows the host."""
    headers: frozenset[str] = frozenset()
    """Settings that are HTTP headers: those that let somebody in must be `$secret.NAME`."""
    consent: tuple[str, ...]
    needs_person: bool
    cookies: Callable[[Mapping[str, Any]], tuple[str, ...]] = no_cookies
    """Of the site's own host, by the tag's settings as they are written."""


TagTypes = Mapping[str, TagType]


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
    triggers: dict[Name, Trigger] = field(default_factory=dict)
    tags: dict[Name, Tag] = field(default_factory=dict)
    timezone: str = "UTC"
    currency: Currency = "EUR"

    @property
    def cookie_name(self) -> str:
        """The name the browser sees."""
        return self.cookie.name or f"fh_{self.id}"
