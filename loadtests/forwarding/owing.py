"""What tags are owed: events of a shop, in spools as the sorter writes them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from server.clock import now_ms
from server.delivery import delivery_id
from server.destinations import DESTINATIONS
from server.destinations.contract import (
    ADD_TO_CART,
    LEAD,
    PAGE_VIEW,
    PERSON,
    PURCHASE,
    VIEW_ITEM,
)
from server.person.sealing import Seal
from server.pipeline.queue import Parcel, pack, pack_event
from server.pipeline.spools import open_spool, tag_spool
from server.pipeline.state import STATE_FILE, State, create_state

CONTAINER = "shop"
SEAL = Seal((b"\1" * 32,))
SECRETS = {"FREEHOLD_SECRET_TOKEN": "a-secret-of-a-benchmark"}
VISIT = (PAGE_VIEW, PAGE_VIEW, PAGE_VIEW, VIEW_ITEM, VIEW_ITEM, ADD_TO_CART, PURCHASE, LEAD)
FRAME = 500
"""Deliveries that the sorter commits at once."""


class Tag(Struct, frozen=True, kw_only=True):
    """A tag, named by its destination."""

    type: str
    settings: dict[str, Any]

    @property
    def spool(self) -> str:
        return tag_spool(CONTAINER, self.type)


def tags(url: str) -> dict[str, Tag]:
    """All that can be measured; their partners answer at `url`."""
    token = "$secret.TOKEN"
    made = (
        Tag(
            type="ga4",
            settings={"measurement_id": "G-LOAD000001", "api_secret": token, "endpoint": url},
        ),
        Tag(
            type="meta",
            settings={"pixel_id": "1234567890", "access_token": token, "endpoint": url},
        ),
        Tag(
            type="tiktok",
            settings={"pixel_code": "C4T8V5JC77UFQN0PKGJG", "access_token": token, "endpoint": url},
        ),
        Tag(type="webhook", settings={"url": f"{url}/hook", "secret": token}),
    )
    return {tag.type: tag for tag in made}


def owe(data: Path, owed: list[Tag], *, events: int) -> None:
    """Each tag is owed each of so many events, which have just happened."""
    create_state(data / STATE_FILE)
    state = State(data / STATE_FILE)
    payloads: dict[str, list[bytes]] = {tag.spool: [] for tag in owed}
    for parcel, spool in _parcels(owed, events):
        payloads[spool].append(pack(parcel))
    for spool, own in payloads.items():
        writer = open_spool(data, spool, state, now=now_ms)
        for start in range(0, len(own), FRAME):
            writer.write(own[start : start + FRAME])
        writer.sync()
        state.commit_sorted({}, {spool: writer.mark}, {f"{spool}.routed": len(own)})
        writer.close()
    state.close()


def _parcels(owed: list[Tag], events: int) -> Iterator[tuple[Parcel, str]]:
    now = now_ms()
    for number in range(events):
        event = replace(
            VISIT[number % len(VISIT)],
            event_id=str(uuid.UUID(int=(now << 80) | number)),
            visitor_id=str(uuid.UUID(int=(7 << 100) | number // 10)),
            occurred_at=now,
            received_at=now,
        )
        packed = pack_event(event)
        person = replace(PERSON, email=f"visitor{number // 10}@shop.example")
        for tag in owed:
            destination = DESTINATIONS[tag.type]
            yield (
                Parcel(
                    delivery_id=delivery_id(event.event_id, CONTAINER, tag.type),
                    container_id=CONTAINER,
                    tag=tag.type,
                    type=tag.type,
                    settings=tag.settings,
                    needs_consent=destination.consent,
                    event=packed,
                    person=SEAL.seal(person) if destination.needs_person else b"",
                ),
                tag.spool,
            )
