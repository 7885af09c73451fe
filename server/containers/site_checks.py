"""What is wrong with what a container says of its site, beyond types."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from server.containers.explain import Fault, Path_, hint, shown
from server.containers.model import RESERVED_IDS, SELF, Paths
from server.containers.tag_checks import mapping, texts, unknown
from server.containers.templates import TEMPLATES

LINKS_NOTHING = "needs `cookie: mode` consent or always: no other may be known on two sites"
ADOPTS_NOTHING = "needs `mode` consent or always: another's cookie would outlive an exempt identity"
BROWSERS_OWN = frozenset({
    "closed", "document", "event", "frames", "history", "length", "localStorage", "location",
    "name", "navigator", "opener", "origin", "parent", "performance", "screen", "self",
    "sessionStorage", "status", "top", "undefined", "window",
})  # fmt: skip
"""What is the browser's own in each page, and cannot be a function, or had better not."""


def site_faults(tree: dict[str, Any]) -> Iterator[Fault]:
    """Its id, its function's name, its origins, its time zone, its cookie, its paths."""
    id_ = tree.get("id")
    if isinstance(id_, str) and id_ in RESERVED_IDS:
        yield Fault(("id",), f"{id_!r} is a path of the collector's own")
    yield from _line_faults(tree)
    called = tree.get("global_name")
    if isinstance(called, str) and called in BROWSERS_OWN:
        yield Fault(("global_name",), f"{called!r} is the browser's own")
    zone = tree.get("timezone", "UTC")
    if isinstance(zone, str) and zone not in _zones():
        near = hint(zone, _zones())
        yield Fault(("timezone",), f"{shown(zone)!r} is not an IANA time zone{near}")
    for index, site in texts(tree.get("sites")):
        if site != SELF and not _is_origin(site):
            exact = "sites match exactly: name each, such as https://www.example.com"
            expected = exact if "*" in site else "expected https://www.example.com, without a path"
            yield Fault(("sites", index), f"{shown(site)!r} is not an origin; {expected}")
    cookie = mapping(tree.get("cookie"))
    if cookie.get("adopt") and cookie.get("mode") in ("exempt", "never"):
        yield Fault(("cookie", "adopt"), ADOPTS_NOTHING)
    if mapping(tree.get("links")).get("domains") and cookie.get("mode") in ("exempt", "never"):
        yield Fault(("links", "domains"), LINKS_NOTHING)
    yield from _path_faults(mapping(tree.get("paths")))
    yield from unknown(tree, "templates", "template", tuple(TEMPLATES))


@cache
def _zones() -> frozenset[str]:
    """Looked up once: it opens the file of each time zone."""
    return frozenset(available_timezones())


def _line_faults(tree: dict[str, Any]) -> Iterator[Fault]:
    cookie, paths = mapping(tree.get("cookie")), mapping(tree.get("paths"))
    named: dict[Path_, Any] = {(key,): tree.get(key) for key in ("id", "currency", "global_name")}
    named |= {("cookie", key): cookie.get(key) for key in ("name", "domain")}
    named |= {("paths", key): paths.get(key) for key in ("tag", "hit", "link")}
    domains = texts(mapping(tree.get("links")).get("domains"))
    named |= {("links", "domains", index): domain for index, domain in domains}
    for path, name in named.items():
        if isinstance(name, str) and name.endswith("\n"):  # the patterns' `$` lets it pass
            yield Fault(path, "ends with a line break")


def _path_faults(paths: dict[str, Any]) -> Iterator[Fault]:
    known = Paths()
    tag, hit, link = (paths.get(key, getattr(known, key)) for key in ("tag", "hit", "link"))
    if len({str(path) for path in (tag, hit, f"{hit}.gif", link)}) < 4:
        yield Fault(("paths",), "`tag`, `hit` and `link` need paths of their own")


def _is_origin(site: str) -> bool:
    try:
        parts = urlsplit(site)
        bare = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bare == site and "*" not in site
