"""What a container says of its site: cookie, consent, what the tag observes, where it answers."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from server.containers.model.words import (
    AdoptedCookie,
    CategoryId,
    CookieDomain,
    CookieName,
    EventName,
    Leaf,
    LinkDomain,
    Parameter,
    Purpose,
    Region,
    Selector,
)

Answer = Literal["granted", "denied"]
Shim = Literal["matomo", "segment", "plausible", "posthog"]
"""Other tags whose calls can be answered."""
Cmp = Literal[
    "tcf",
    "didomi",
    "onetrust",
    "axeptio",
    "cookiebot",
    "usercentrics",
    "trustcommander",
    "tarteaucitron",
    "klaro",
]
"""Consent platforms that the tag can listen to."""


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
    adopt: list[AdoptedCookie] = field(default_factory=list)
    """Other tags' cookies that a new visitor's id is made of, so that imported history joins: the
    first that is there counts. Only where the mode is `consent` or `always`."""


class Paths(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Other names for what the collector serves under `/<id>/`: lists of blockers know ours."""

    tag: Leaf = "tag.js"
    """The script."""
    hit: Leaf = "hit"
    """Where the script sends hits; the pixel is beside it, with `.gif`."""
    link: Leaf = "link"
    """Where the script asks what a link to another domain of `links` takes along."""


class Links(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Links to other sites of the brand, over which a visitor stays the same one."""

    domains: Annotated[list[LinkDomain], Meta(max_length=50)] = field(default_factory=list)
    """All domains of the brand, each with its sub-domains: `[shop.example, other.example]`. Links
    to them take the visitor along, and who comes from them is believed. Only where the cookie's
    mode is `consent` or `always`."""


class Observe(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the tag watches in the page by itself; they start in this order."""

    commands: bool = True
    """`freehold('set' | 'identify' | 'reset', …)`: what goes with every later event of the page."""
    ecommerce: bool = False
    """GA4's e-commerce events as calls: `freehold('add_to_cart', item)`."""
    data_layer: bool = False
    """`dataLayer.push` and `gtag`: events with GA4's e-commerce objects, and consent."""
    page_views: bool = True
    """Also when the browser brings a page back from its cache."""
    history: bool = False
    """Page views of single-page applications, by the address's change."""
    outbound_links: bool = False
    """Events `click`, in GA4's words."""
    downloads: bool = False
    """Events `file_download`, in GA4's words."""
    engagement: bool = False
    """How long a page is looked at: `engagement_time_msec` on every event, `user_engagement`."""
    scroll: bool = False
    """Events `scroll`, at 25, 50, 75 and 90 percent of a page."""
    clicks: bool | dict[EventName, Selector] = False
    """Events that `data-fh-event` declares, and clicks on what is selected: `menu: "nav a"`."""
    forms: bool = False
    """Events `form_start`, `form_submit` and `form_abandon`; never what is filled in."""
    site_search: bool | list[Parameter] = False
    """Events `view_search_results`, by parameters of the address; left out: `q`, `s`, …"""
    video: bool = False
    """Events `video_start`, `video_progress` and `video_complete` of HTML5 videos."""
    web_vitals: bool = False
    """An event `web_vitals` a page load: how fast the page was, in Chrome's definitions."""
    errors: bool = False
    """Events `exception`: JavaScript errors, a few a page load."""
    rage_clicks: bool = False
    """Events `rage_click` and `dead_click`: somebody is stuck."""
    print_copy: bool = False
    """Events `print` and `copy`; never what was copied."""
    shims: Annotated[list[Shim], Meta(max_length=4)] = field(default_factory=list)
    """Calls for other tags that are answered in their place: `_paq`, `analytics`, `plausible()`,
    `posthog`; where a tag's own script is on the page, nothing is."""


class ConsentMode(StrEnum):
    """What the tag does before a visitor has answered to analytics_storage."""

    COOKIELESS = "cookieless"
    """Hits leave at once, without a cookie."""
    WAIT = "wait"
    """Nothing leaves the page: what happens waits in its memory, and goes with a refusal."""


class Default(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What counts for visitors of some regions who have not answered yet."""

    regions: list[Region] = field(default_factory=list)
    """Countries and regions, ISO 3166: `FR`, `US-CA`; left out: everywhere else."""
    purposes: dict[Purpose, Answer]
    """`granted`: as if they had agreed, until they refuse; `denied`: as everywhere."""


class Consent(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"cmps": "from"}
):
    """Whose word counts for consent, and what counts without one. A refusal always counts."""

    mode: ConsentMode = ConsentMode.COOKIELESS
    """What the tag does before the visitor has answered to analytics_storage."""
    gpc: bool = True
    """Global Privacy Control, a switch of the visitor's browser, refuses the three ad purposes."""
    opt_out: bool = True
    """`freehold.optOut()` in the page; the collector heeds an opt-out either way."""
    cmps: Annotated[list[Cmp], Meta(max_length=9)] = field(default_factory=list)
    """Consent platforms that the tag listens to; gtag's word comes with `observe: data_layer`."""
    categories: dict[CategoryId, Annotated[list[Purpose], Meta(min_length=1)]] = field(
        default_factory=dict
    )
    """Which purposes the platform's categories, vendors or services stand for, by their ids:
    `{C0002: [analytics_storage]}`; left out: the platform's usual ones. Not for `tcf`."""
    sources: list[str] = field(default_factory=list)
    """Who may declare that a visitor agreed, as the page names it: `gtag`, `banner`, your CMP's
    name; left out: whoever does."""
    defaults: list[Default] = field(default_factory=list)
    """By where the visitor is; the narrowest region counts. Regions need `FREEHOLD_GEO`."""
