"""Makes a container's JavaScript: the tag it serves as tag.js and the snippet that loads it.

    js_snippet/built/ core ── what the container observes, with its needs ── start ──▶ one function
    container ──▶ config, its argument ──▶ Script

The pieces are built by `make script`; they share one scope and are joined in a fixed order. Whoever
asks for the script gets the same bytes: nothing in it depends on the request, so it works behind
any host name and path prefix.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain

import brotli
from msgspec import Struct
from zopfli import gzip

from server.containers.model import ConsentMode, Container, CookieMode, Observe
from server.containers.page.compiled import page_tags
from server.resources import resource

CORE = ("core.js", "consent.js", "outbox.js", "transport.js", "ids.js")
LINKS = ("listen.js", "attribute.js", "words.js", "links.js")
NEEDS = {
    "data_layer": ("tap.js",),
    "outbound_links": LINKS,
    "downloads": LINKS,
    "engagement": ("listen.js",),
    "clicks": ("listen.js", "attribute.js", "element.js", "words.js"),
    "forms": ("listen.js", "attribute.js"),
    "video": ("listen.js",),
    "web_vitals": ("listen.js",),
    "errors": ("listen.js",),
    "rage_clicks": ("listen.js", "attribute.js", "element.js"),
}
"""Files that come before a feature's own; once, however many features need them."""
LAST = "start.js"
FEATURES = tuple(name for name in Observe.__struct_fields__ if name != "shims")
"""Keys of `observe` that have a file of their name."""

OPPOSED = dict.fromkeys(("ad_storage", "ad_user_data", "ad_personalization"), "denied")
"""What Global Privacy Control refuses."""

EAGER = "//# allFunctionsCalledOnLoad\n"
"""Chromium compiles functions when they are first called; with this, all of them while the script
comes in, beside the page's main thread."""

PERMISSIONS = {
    CookieMode.CONSENT: {"granted": 1},
    CookieMode.EXEMPT: {"granted": 1, "unset": 1},
    CookieMode.ALWAYS: {"granted": 1, "unset": 1},
    CookieMode.NEVER: {},
}
"""What `?c=` becomes by what the page said of analytics_storage; what is not named is 0."""


class Script(Struct, frozen=True, kw_only=True):
    """JavaScript ready to be served."""

    body: bytes
    gzip: bytes
    brotli: bytes
    etag: str
    """Weak: all encodings carry it."""


def tag_script(container: Container, *, hit_path: str, vendors: Sequence[int] = ()) -> Script:
    """The container's tag.js; `hit_path` is where hits go from the root: `/demo/hit`. `vendors` are
    those of the TCF whose consent its tags need."""
    in_page = page_tags(container)
    files = [*_files(container), *(["page_tags.js"] if in_page else []), LAST]
    code = "".join(_source(name) for name in dict.fromkeys(files))
    config = _config(container, hit_path, vendors) | ({"page_tags": in_page} if in_page else {})
    body = f"{EAGER}!function($){{try{{{code}}}catch{{}}}}({_literal(config)});".encode()
    return _compressed(body)


@lru_cache(maxsize=64)
def _compressed(body: bytes) -> Script:
    """In the formats that browsers take. Zopfli finds 2 % that zlib misses, in some 20 ms: once for
    a body, however often its container is published."""
    return Script(
        body=body,
        gzip=gzip.compress(body, numiterations=5),
        brotli=brotli.compress(body, mode=brotli.MODE_TEXT),
        etag=f'W/"{hashlib.sha256(body).hexdigest()[:16]}"',
    )


def snippet(container: Container, *, origin: str) -> str:
    """The HTML to paste; `origin` is the collector's: `https://t.example.com`, or with a path."""
    return f"<script>{_loader(container, _base(container, origin))}</script>"


def policy(container: Container, *, origin: str) -> list[str]:
    """What a Content-Security-Policy has to allow: the snippet by its hash, and where the tag, its
    hits, the pixel and what page tags load are. Beside `'strict-dynamic'` the hash alone lets the
    tag in."""
    base = _base(container, origin)
    scripts, images = _hosts(container, "script"), _hosts(container, "image")
    digest = hashlib.sha256(_loader(container, base).encode()).digest()
    return [
        f"script-src 'sha256-{b64encode(digest).decode()}' {base}{container.paths.tag}{scripts};",
        f"connect-src {base};",
        f"img-src {base}{container.paths.hit}.gif{images};",
    ]


def _hosts(container: Container, kind: str) -> str:
    """The origins from which the page tags of a type load."""
    tags = [tag for tag in container.page_tags.values() if tag.enabled and tag.type == kind]
    found = [re.match(r"https://[^/?#]+", tag.src) for tag in tags]
    return "".join(f" {origin}" for origin in dict.fromkeys(one[0] for one in found if one))


def _base(container: Container, origin: str) -> str:
    """Where browsers find what is served of the container."""
    return f"{origin.rstrip('/')}/{container.id}/"


def _loader(container: Container, base: str) -> str:
    code = _source("loader.js").replace("__NAME__", _literal(container.global_name))
    return code.replace("__TAG_URL__", _literal(base + container.paths.tag))


def _config(container: Container, hit_path: str, vendors: Sequence[int]) -> dict[str, object]:
    """What the pieces have to know of the container."""
    observe = container.observe
    config: dict[str, object] = {
        "name": container.global_name,
        "key": f"freehold.{container.id}.",
        "hit": posixpath.relpath(hit_path, f"/{container.id}"),
        "cookie": _permissions(container),
    }
    if container.consent.gpc:
        config["gpc"] = OPPOSED
    if vendors:
        config["vendors"] = vendors
    if container.consent.categories:
        config["categories"] = container.consent.categories
    for name in FEATURES:
        if isinstance(given := getattr(observe, name), dict | list):
            config[name] = given
    if container.links.domains:
        domains = "|".join(container.links.domains).replace(".", r"\.")
        config["links"], config["link"] = rf"(^|\.)({domains})$", f"{container.paths.link}?c=1"
    if observe.data_layer and observe.page_views:
        config["page_views"] = 1  # so that a page_view of the data layer is not counted again
    return config


def _permissions(container: Container) -> dict[str, int]:
    mode, waits = container.cookie.mode, container.consent.mode is ConsentMode.WAIT
    return PERMISSIONS[CookieMode.CONSENT if waits and PERMISSIONS[mode] else mode]


def _files(container: Container) -> Iterator[str]:
    yield from CORE
    if "unset" in _permissions(container):
        yield "unasked.js"
    if container.consent.opt_out:
        yield "opt_out.js"
    if container.consent.gpc:
        yield "gpc.js"
    if container.consent.mode is ConsentMode.WAIT:
        yield "wait.js"
    if container.consent.cmps:
        yield "find.js"
    if set(container.consent.cmps) - {"tcf"}:  # the TCF has purposes of its own
        yield "cmp.js"
    yield from (f"cmps/{name}.js" for name in container.consent.cmps)
    yield from _features(container.observe)
    if container.pixel:
        yield "pixel.js"
    if container.links.domains:
        yield from (*LINKS, "cross_domain.js")
    if container.observe.shims:
        yield from ("tap.js", "shim.js")
    yield from (f"shims/{name}.js" for name in container.observe.shims)


def _features(observe: Observe) -> tuple[str, ...]:
    """A feature's file is named after the key under `observe:` that switches it on."""
    names = [name for name in FEATURES if getattr(observe, name)]
    files = [[*NEEDS.get(name, ()), f"features/{name}.js"] for name in names]
    return tuple(dict.fromkeys(chain.from_iterable(files)))


def _source(name: str) -> str:
    return resource("js_snippet", "built", name).read_text(encoding="utf-8").rstrip("\n")


def _literal(value: object) -> str:
    """A value as JavaScript, in ASCII, that cannot end a script element."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")
