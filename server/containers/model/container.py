"""The container itself: all that one site's file may say."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, field

from server.containers.model.page_tag import PageTag
from server.containers.model.site import Consent, Cookie, Links, Observe, Paths
from server.containers.model.tag import Tag, Transformation
from server.containers.model.trigger import Trigger
from server.containers.model.variable import Variable
from server.containers.model.words import (
    ContainerId,
    CookieName,
    Currency,
    GlobalName,
    Name,
    Note,
    Site,
)


class Container(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One site's configuration; `id` is in every URL of the container."""

    id: ContainerId
    """In every address of the container: `/shop/tag.js`."""
    name: str = ""
    """For people."""
    note: Note = ""
    """For people too."""
    version: int = 0
    """Set when it is published."""
    sites: Annotated[list[Site], Meta(min_length=1)]
    """Origins that may send hits, exactly: `https://www.example.com`; `self`: the collector's."""
    timezone: str = "UTC"
    """Of days, hours and schedules: `Europe/Paris`."""
    currency: Currency = "EUR"
    """Of amounts whose event names none."""
    paths: Paths = field(default_factory=Paths)
    """Other names for what is served under the id."""
    global_name: GlobalName = "freehold"
    """The function that pages call, for the snippet and the tag: another name for lists of
    blockers that know ours."""
    cookie: Cookie = field(default_factory=Cookie)
    """How visitors are recognised."""
    links: Links = field(default_factory=Links)
    """The brand's other domains."""
    keep_cookies: list[CookieName] = field(default_factory=list)
    """Cookies of your own host that are kept with a hit, by name, beside those that a tag's
    destination or a variable reads; no other cookie ever is."""
    consent: Consent = field(default_factory=Consent)
    """Whose word counts, and what counts without one."""
    observe: Observe = field(default_factory=Observe)
    """What the tag watches in the page."""
    pixel: bool = False
    """Where a page or a browser leaves the tag no request but images, hits go in the addresses of
    such, and so into the access logs of whatever stands before the collector."""
    folders: dict[Name, str] = field(default_factory=dict)
    """Names to sort things by, and what each is for."""
    templates: list[str] = field(default_factory=list)
    """Sets of triggers and variables that come ready."""
    variables: dict[Name, Variable] = field(default_factory=dict)
    """Values with a name: `{{ name }}`."""
    triggers: dict[Name, Trigger] = field(default_factory=dict)
    """When tags fire."""
    transformations: dict[Name, Transformation] = field(default_factory=dict)
    """What some tags do not see, or see otherwise."""
    tags: dict[Name, Tag] = field(default_factory=dict)
    """Who is sent what."""
    page_tags: dict[Name, PageTag] = field(default_factory=dict)
    """What runs in the visitor's page, for partners that no server can tell."""

    @property
    def cookie_name(self) -> str:
        """The name the browser sees."""
        return self.cookie.name or f"fh_{self.id}"
