"""What TikTok's answers mean: the status is 200 whatever happened, and `code` tells.

https://business-api.tiktok.com/portal/docs?id=1737172488964097
"""

from __future__ import annotations

from typing import Any

from server.delivery import Delivered, Denied, Mixed, Outcome, Refused, Response, Retry
from server.destinations.contract import Answer, document, judge_unclear, told

TAKEN = 0
PARTLY_TAKEN = 20001
NO_PERMISSION = 40001
THROTTLED = 40100
TOKEN = range(40101, 40200)
"""A token or an app that TikTok does not know, or no more."""
PASSING = frozenset({40700, *range(50000, 60000), 60001})
"""Faults of TikTok's own."""
MAX_CODE_CHARS = 64


def judge(response: Response) -> Outcome | Mixed:
    """What `code` says.

    A request that was taken in part, and does not say which part, is halved as one that is refused,
    until each event has its own answer; what TikTok took it knows again by `event_id`.
    """
    body = document(response)
    number = body.get("code")
    if not isinstance(number, int) or isinstance(number, bool):
        return judge_unclear(response)
    code, detail = str(number), told(body, "message", "request_id")
    if number == TAKEN:
        return Delivered()
    if number == PARTLY_TAKEN:
        return _by_event(body.get("data")) or Refused("partly_taken", detail, code=code)
    if number == THROTTLED:
        return Retry("throttled", detail, code=code)
    if number == NO_PERMISSION:
        return Denied("permission", detail, code=code)
    if number in TOKEN:
        return Denied("credentials", detail, code=code)
    if number in PASSING or response.status >= 500 or response.status == 429:
        return Retry("partner_fault", detail, code=code)
    return Refused("rejected", detail, code=code)


def _by_event(data: Any) -> Mixed | None:
    """What is said of single events; None: nothing is."""
    failed = data.get("failed_events") if isinstance(data, dict) else None
    parts: dict[int, Outcome] = {}
    for one in failed if isinstance(failed, list) else []:
        place = one.get("order_in_batch") if isinstance(one, dict) else None
        if isinstance(place, int) and not isinstance(place, bool):
            code = str(one.get("error_code", ""))[:MAX_CODE_CHARS]
            parts[place] = Refused("rejected", told(one, "error_message"), code=code)
    return Mixed(parts) if parts else None


ANSWERS = (
    Answer(
        title="Taken",
        response=Response(status=200, body=b'{"code":0,"message":"OK","request_id":"1","data":{}}'),
        outcome=Delivered(),
    ),
    Answer(
        title="Taken in part, and it says which",
        response=Response(
            status=200,
            body=b'{"code":20001,"message":"Partial success","data":{"failed_events":['
            b'{"order_in_batch":1,"error_code":40002,"error_message":"event_time: too old"}]}}',
        ),
        outcome=Mixed({1: Refused("rejected", "event_time: too old", code="40002")}),
    ),
    Answer(
        title="Taken in part",
        response=Response(status=200, body=b'{"code":20001,"message":"Partial success"}'),
        outcome=Refused("partly_taken", "Partial success", code="20001"),
    ),
    Answer(
        title="A field is wrong: the whole request is refused",
        response=Response(
            status=200,
            body=b'{"code":40002,"message":"data.0.event: Missing data for required field.",'
            b'"request_id":"20260101"}',
        ),
        outcome=Refused(
            "rejected", "data.0.event: Missing data for required field.; 20260101", code="40002"
        ),
    ),
    Answer(
        title="Too many requests",
        response=Response(status=200, body=b'{"code":40100,"message":"Too many requests"}'),
        outcome=Retry("throttled", "Too many requests", code="40100"),
    ),
    Answer(
        title="The token is wrong or revoked",
        response=Response(
            status=200,
            body=b'{"code":40105,"message":"Access token is incorrect or has been revoked."}',
        ),
        outcome=Denied(
            "credentials", "Access token is incorrect or has been revoked.", code="40105"
        ),
    ),
    Answer(
        title="The token may not send to this pixel",
        response=Response(status=200, body=b'{"code":40001,"message":"No permission"}'),
        outcome=Denied("permission", "No permission", code="40001"),
    ),
    Answer(
        title="A fault of TikTok's own",
        response=Response(status=200, body=b'{"code":50000,"message":"System error"}'),
        outcome=Retry("partner_fault", "System error", code="50000"),
    ),
    Answer(
        title="Something before TikTok",
        response=Response(status=200, body=b"<html>Please wait</html>"),
        outcome=Retry("unclear_answer", "<html>Please wait</html>"),
    ),
)
