"""What Microsoft's answers mean: it names the events that it does not take by their places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from server.delivery import Delivered, Denied, Mixed, Outcome, Refused, Resend, Response, Retry
from server.destinations.contract import Answer, document, inner, judge_unclear, listed, told


def judge(response: Response) -> Outcome | Mixed:
    """Which events were not taken; without places, the status and Microsoft's own code."""
    said = document(response)
    error = inner(said, "error")
    is_success = 200 <= response.status < 300
    parts: dict[int, Outcome] = dict(_parts(error))
    if parts and (is_success or response.status == 400):
        return Mixed(parts, Delivered() if is_success else Resend())
    if is_success and "eventsReceived" in said:
        is_taken = not error or said["eventsReceived"]
        return Delivered() if is_taken else Refused("rejected", told(error, "message"))
    judged = judge_unclear(response)
    code = str(error.get("code", ""))[:64]
    return replace(judged, code=code, detail=told(error, "message") or judged.detail)


def _parts(error: Mapping[str, Any]) -> Iterator[tuple[int, Outcome]]:
    """What was attempted stands there too, and is nobody's to read."""
    for one in listed(error, "details"):
        place = one.get("index")
        if isinstance(place, int) and not one.get("isWarning"):
            code = str(one.get("errorCode") or error.get("code", ""))[:64]
            yield place, Refused("rejected", told(one, "propertyName", "errorMessage"), code)


ANSWERS = (
    Answer(
        title="All taken",
        response=Response(status=200, body=b'{"eventsReceived":2,"traceId":"8f3a"}'),
        outcome=Delivered(),
    ),
    Answer(
        title="One not taken, another taken with a warning",
        response=Response(
            status=200,
            body=b'{"eventsReceived":2,"error":{"code":"ValidationError","message":"Some events '
            b'are not valid.","details":[{"index":1,"propertyName":"eventTime","attemptedValue":1,'
            b'"errorMessage":"The event is too old.","isWarning":false},{"index":2,'
            b'"propertyName":"userData.ph","errorMessage":"Not a hash.","isWarning":true}]},'
            b'"traceId":"8f3b"}',
        ),
        outcome=Mixed(
            {1: Refused("rejected", "eventTime; The event is too old.", "ValidationError")}
        ),
    ),
    Answer(
        title="None taken, because of one",
        response=Response(
            status=400,
            body=b'{"eventsReceived":0,"error":{"code":"ValidationError","message":"No.",'
            b'"details":[{"index":0,"propertyName":"eventType","errorMessage":"Required."}]}}',
        ),
        outcome=Mixed(
            {0: Refused("rejected", "eventType; Required.", "ValidationError")}, Resend()
        ),
    ),
    Answer(
        title="A request that Microsoft does not understand",
        response=Response(
            status=400, body=b'{"eventsReceived":0,"error":{"code":"BadRequest","message":"No."}}'
        ),
        outcome=Refused("http_400", "No.", "BadRequest"),
    ),
    Answer(
        title="The token is not this tag's",
        response=Response(status=401, body=b'{"error":{"code":"Unauthorized","message":"No."}}'),
        outcome=Denied("credentials", "No.", "Unauthorized"),
    ),
    Answer(
        title="Too many requests",
        response=Response(status=429, headers={"retry-after": "30"}),
        outcome=Retry("http_429"),
    ),
)
