"""The analysts' questions, as they stand in clickhouse/queries, asked of the generated days."""

from __future__ import annotations

from datetime import UTC, datetime

from loadtests.store.generate import DAYS, FIRST_DAY_MS
from server.clock import DAY_MS
from server.resources import resource

_NAMES = (
    "visitors_by_channel",
    "top_pages",
    "sessions",
    "traffic_by_channel",
    "conversion_by_campaign",
    "funnel",
    "last_touch",
)
_LAST = datetime.fromtimestamp((FIRST_DAY_MS + (DAYS - 1) * DAY_MS) / 1000, UTC).date()


def _asked(name: str, days: int) -> str:
    sql = resource("clickhouse", "queries", f"{name}.sql").read_text(encoding="utf-8")
    return sql.replace("today() - 30", f"today() - {days}").replace("today()", f"toDate('{_LAST}')")


QUESTIONS = {f"{name}, {days} days": _asked(name, days) for name in _NAMES for days in (30, DAYS)}
