"""Rows of `events` and `event_context`, read back as they were when they were written.

Times are ms again, an empty page has no id, and money is decimal text with four places.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from server.model import Event, EventContext, Item


def in_ms(*times: str) -> str:
    """Columns of times as ms, for `* REPLACE (…)`."""
    return ", ".join(f"toUnixTimestamp64Milli({name}) AS {name}" for name in times)


EVENTS = (
    "SELECT event_id, * REPLACE (if(page_id = 0, '', toString(page_id)) AS page_id, "
    f"toString(value) AS value, {in_ms('occurred_at', 'received_at')}) FROM freehold.events"
)
CONTEXTS = f"SELECT * REPLACE ({in_ms('received_at')}) FROM freehold.event_context"
"""What begins a question whose lines, as JSONEachRow, can be decoded here; a condition on a time
names its table, or it means the ms."""


class _Line(Item, frozen=True, kw_only=True):
    """An item as ClickHouse writes it: Decimals are numbers."""

    price: Decimal | None = None  # type: ignore[assignment]
    discount: Decimal | None = None  # type: ignore[assignment]


class _Row(Event, frozen=True, kw_only=True):
    items: list[_Line] = msgspec.field(default_factory=list)  # type: ignore[assignment]


_EVENT = msgspec.json.Decoder(_Row, strict=False)
_CONTEXT = msgspec.json.Decoder(EventContext, strict=False)


def decode_event(line: bytes) -> Event:
    """The event of one line."""
    row = _EVENT.decode(line)
    fields = {name: getattr(row, name) for name in Event.__struct_fields__}
    fields["value"] = None if row.value is None else _money(Decimal(row.value))
    fields["items"] = [_item(one) for one in row.items]
    return Event(**fields)


def decode_context(line: bytes) -> EventContext:
    """The context of one line."""
    return _CONTEXT.decode(line)


def _item(line: _Line) -> Item:
    fields = {name: getattr(line, name) for name in Item.__struct_fields__}
    for name in ("price", "discount"):
        fields[name] = None if fields[name] is None else _money(fields[name])
    return Item(**fields)


def _money(amount: Decimal) -> str:
    return f"{amount:.4f}"
