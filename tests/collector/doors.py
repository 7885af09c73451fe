"""A collector on a real journal, with a clock in the test's hand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from server import journal
from server.collector.collector import Collector
from server.collector.site import make_site
from server.collector.used_links import UsedLinks
from server.containers.model import Container, Cookie, CookieMode, Links
from server.envelope import unseal
from server.identity import KeyRing
from server.journal import Journal, Mark, SegmentWriter, Shed, look
from server.model import Hit, Visitor
from tests.samples import NOON

KEYS = KeyRing(("a-key-of-at-least-thirty-two-characters",))
SHOP = "https://www.shop.example"
CUPS, RUGS = "https://www.cups.example", "https://rugs.example"
BRAND = Links(domains=["cups.example", "rugs.example"])
BODY = b'{"v":1,"events":[{"name":"page_view"}]}'


def reserve_for(shed: Shed, folder: Path) -> int:
    """A reserve that this disk misses by as much as it takes."""
    free = look(folder, 0).free_bytes
    return {Shed.NOTHING: 0, Shed.ORDINARY: 2 * free, Shed.CONVERSIONS: 1 << 60}[shed]


class Door:
    """Seven containers: one always sets its cookie, one asks first, one keeps another's cookie, one
    asks and adopts another's, two of one brand that link to each other, and one that
    believes none of them."""

    def __init__(
        self, folder: Path, *, max_pending_bytes: int = 1_000_000, reserve_bytes: int = 0
    ) -> None:
        self.folder = folder / "w0"
        self.now = NOON
        used = folder / "links"
        used.mkdir(parents=True, exist_ok=True)
        self.used = UsedLinks(used)
        containers = [
            Container(id="shop", sites=[SHOP], cookie=Cookie(mode=CookieMode.ALWAYS)),
            Container(id="asks", sites=[SHOP]),
            Container(id="keeps", sites=[SHOP], cookie=Cookie(mode=CookieMode.ALWAYS),
                      keep_cookies=["_ga"]),
            Container(id="adopts", sites=[SHOP], cookie=Cookie(adopt=["_ga"])),
            Container(id="cups", sites=[CUPS], links=BRAND),
            Container(id="rugs", sites=[RUGS], links=BRAND),
            Container(id="alone", sites=[RUGS], links=Links(domains=["rugs.example"])),
        ]  # fmt: skip
        self.collector = Collector(
            sites={
                container.id: make_site(container, KEYS, used=self.used) for container in containers
            },
            journal=Journal(
                SegmentWriter(self.folder, now=self.clock),
                max_pending_bytes=max_pending_bytes,
                reserve_bytes=reserve_bytes,
            ),
            trusted=(),
            now=self.clock,
            refusals=Counter(),
        )

    def clock(self) -> int:
        return self.now

    def hits(self) -> list[Hit]:
        records = journal.read(self.folder, Mark()).records
        return [unseal(record.payload) for record in records]

    def visitors(self) -> list[Visitor | None]:
        return [hit.visitor for hit in self.hits()]
