"""The collector's process, apart from the others: it starts without what they alone need.

What it imports is what a site waits for when a collector has died, so ClickHouse, partners and
the demo's templates stay out.
"""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Mapping
from functools import partial

from msgspec.structs import replace
from starlette.routing import Route

from server.clock import now_ms
from server.collector.app import make_app, spare_collections
from server.collector.collector import Collector
from server.collector.hit_protocol import hit_paths, hit_protocol
from server.collector.script import snippet
from server.collector.site import Site, make_site
from server.collector.teller import Teller
from server.collector.used_links import UsedLinks
from server.collector.watch import Watch
from server.containers.chosen import go_on
from server.containers.cookies import cookies_read
from server.containers.model import Container, TagTypes
from server.containers.vendors import vendors_needed
from server.demo import DEMO
from server.destinations import tag_types
from server.folders import containers_folder, keys_file, links_folder, private
from server.identity import KeyRing, load_keys
from server.journal import FolderInUse, Journal, SegmentWriter, claim_slot
from server.serving import make_server
from server.settings import Settings


def run_collector(settings: Settings, fd: int) -> None:
    """One collector on an inherited socket, until SIGTERM."""
    keys = load_keys(keys_file(settings))
    folder, types = containers_folder(settings), tag_types()
    refusals, used = Counter[str](), UsedLinks(links_folder(settings))
    watch = Watch(
        folder,
        go_on(folder, settings.containers, types),
        types=types,
        make=lambda one: site_of(allowed(one.container, settings), keys, types, used),
        refusals=refusals,
    )
    sites = dict(watch.sites)
    collector = Collector(
        sites=sites,
        journal=Journal(_open_journal(settings), reserve_bytes=settings.disk_reserve),
        trusted=settings.trusted_proxies,
        now=now_ms,
        refusals=refusals,
    )
    pages = _shop(sites[DEMO].container, settings) if DEMO in sites else []
    spare_collections()
    door = socket.socket(fileno=fd)
    teller = Teller(collector, settings.data)
    protocol = hit_protocol(collector)
    swap = partial(_swap, sites, protocol.sites)
    beside = (lambda: watch.run(swap), lambda: used.run(now_ms))
    app = make_app(collector, pages=pages, teller=teller, beside=beside)
    server = make_server(app, protocol=protocol)
    teller.connections = lambda: len(server.server_state.connections)
    server.run(sockets=[door])


def allowed(container: Container, settings: Settings) -> Container:
    """The container as the operator lets it run."""
    return container if settings.page_tags else replace(container, page_tags={})


def site_of(container: Container, keys: KeyRing, types: TagTypes, used: UsedLinks) -> Site:
    """A container's site, with the cookies that its tags' destinations and its variables read, and
    the vendors whose consent its tags need."""
    read, vendors = cookies_read(container, types), vendors_needed(container, types)
    return make_site(container, keys, read=read, vendors=vendors, used=used)


def _swap(sites: dict[str, Site], paths: dict[bytes, Site], new: Mapping[str, Site]) -> None:
    """Puts other sites in place of those that are served. Nobody looks while it runs: it is called
    in the loop that serves, and waits for nothing."""
    sites.clear()
    sites.update(new)
    paths.clear()
    paths.update(hit_paths(new))


def _shop(container: Container, settings: Settings) -> list[Route]:
    from server.demo.shop import shop_routes

    recorder = f"http://{settings.demo_listen}/" if settings.demo_listen else ""
    return shop_routes(snippet(container, origin=""), recorder=recorder)


def _open_journal(settings: Settings) -> SegmentWriter:
    """The first journal that no other worker writes."""
    root = private(settings.data / "journal")
    while True:
        folder, slot = claim_slot(root)
        try:
            return SegmentWriter(folder, slot=slot, durability=settings.durability, now=now_ms)
        except FolderInUse:
            continue
