"""A container as the collector uses it: what is looked up for each hit, made once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from server.clock import DAY_MS
from server.collector.script import Script, tag_script
from server.collector.used_links import UsedLinks
from server.containers.model import SELF, Container, Cookie, CookieMode
from server.identity import KeyRing, Signer
from server.studio.preview import PATH, PURPOSE

if TYPE_CHECKING:
    from server.collector.linker import Linker


class Site(Struct, frozen=True, kw_only=True):
    """One container, ready to serve."""

    container: Container
    cookie: Cookie
    signer: Signer
    previewer: Signer
    """Signs previews of this container."""
    max_age_ms: int | None
    """Age at which an identity ends whatever happens: only in exempt mode."""
    origins: frozenset[bytes]
    takes_self: bool
    """Whether pages of the collector's own host may send."""
    script: Script
    kept_cookies: tuple[str, ...]
    """Cookies of the site's own host that go with a hit: those that the container names, and
    those that its tags' destinations read."""
    linker: Linker | None = None
    """Of a container that lists other sites of its brand."""
    draft: Site | None = None
    """What a browser gets that previews the container's draft."""

    leaves: Mapping[str, str]
    """What each of its paths is, by the last part of it: `hit`, `hit.gif`, `tag.js`, `link`
    or `preview`."""

    @property
    def opt_out_cookie(self) -> str:
        """The name of the cookie that says that a visitor opted out."""
        return f"fh_optout_{self.container.id}"

    def may_identify(self, choice: str) -> bool:
        """Whether the cookie is read and set, given the hit's `?c=` (`1`, `0`, `2` or nothing)."""
        if choice in ("0", "2") or self.cookie.mode is CookieMode.NEVER:
            return False
        return choice == "1" or self.cookie.mode is not CookieMode.CONSENT

    def allows(self, origin: bytes, host: bytes) -> bool:
        """Whether a page of this origin may send hits; `host` is what the request was sent to."""
        if origin in self.origins:
            return True
        return self.takes_self and origin in (b"http://" + host, b"https://" + host)


def make_site(
    container: Container,
    keys: KeyRing,
    *,
    read: Iterable[str] = (),
    vendors: Sequence[int] = (),
    used: UsedLinks | None = None,
) -> Site:
    """Everything of a container that does not change from hit to hit; `read` are the cookies that
    its tags' destinations read, `vendors` those whose consent its tags need. `used` knows the links
    that were used: without it there are none."""
    cookie, paths = container.cookie, container.paths
    linker = _linker(container, keys, used)
    return Site(
        container=container,
        cookie=cookie,
        signer=keys.signer(container.id),
        previewer=keys.signer(container.id, PURPOSE),
        max_age_ms=cookie.days * DAY_MS if cookie.mode is CookieMode.EXEMPT else None,
        origins=frozenset(site.encode() for site in container.sites if site != SELF),
        takes_self=SELF in container.sites,
        script=tag_script(container, hit_path=f"/{container.id}/{paths.hit}", vendors=vendors),
        leaves={
            PATH: PATH,
            **({paths.link: "link"} if linker else {}),
            paths.hit: "hit",
            f"{paths.hit}.gif": "hit.gif",
            paths.tag: "tag.js",
        },
        kept_cookies=tuple(dict.fromkeys((*container.keep_cookies, *read))),
        linker=linker,
    )


def _linker(container: Container, keys: KeyRing, used: UsedLinks | None) -> Linker | None:
    if used is None or not container.links.domains:
        return None
    # Here and not above: a collector without links starts without cryptography.
    from server.collector.linker import Linker

    return Linker(keys, container.links.domains, used)


def with_draft(site: Site, draft: Site | None) -> Site:
    """The site with another one for previews, whose pages may send hits to its own paths."""
    if draft is None:
        return site
    return replace(site, draft=draft, leaves={**draft.leaves, **site.leaves})
