"""What Amplitude's answers mean: it tells of single events, and has then taken none of the others.

https://amplitude.com/docs/apis/analytics/http-v2
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from server.delivery import Denied, Mixed, Outcome, Refused, Resend, Response, Retry
from server.destinations.contract import document, judge_status

_FAULTS = {
    "events_with_missing_fields": "missing",
    "events_with_invalid_fields": "invalid",
    "events_with_invalid_id_lengths": "too short",
}


def judge(response: Response) -> Outcome | Mixed:
    """Denied of a wrong key; the events that are named refused or put off, the others again."""
    found = judge_status(response)
    said = document(response)
    status, error = response.status, str(said.get("error", ""))
    if status == 400 and error.startswith("Invalid API key"):
        return Denied("credentials", error, code="400")
    parts: dict[int, Outcome] = {}
    if status == 400:
        parts = dict(_refused(said))
    elif status == 429:
        named = _indexes(said.get("throttled_events"))
        parts = {index: Retry("throttled", error, code="429") for index in named}
    if parts:
        return Mixed(parts=parts, rest=Resend(code=str(status)))
    return found


def _refused(said: dict[str, Any]) -> Iterator[tuple[int, Outcome]]:
    for index in _indexes(said.get("silenced_events")):
        yield index, Refused("silenced", "Amplitude blocks this device", code="400")
    for key, fault in _FAULTS.items():
        fields = said.get(key)
        for field, indexes in (fields if isinstance(fields, dict) else {}).items():
            for index in _indexes(indexes):
                yield index, Refused("bad_field", f"{field:.100} is {fault}", code="400")


def _indexes(found: Any) -> list[int]:
    named = found if isinstance(found, list) else []
    return [index for index in named if type(index) is int and index >= 0]
