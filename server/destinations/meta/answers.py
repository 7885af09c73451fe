"""What Meta's answers mean: its 400 may be a throttle, a fault of its own, or a revoked token.

https://developers.facebook.com/docs/graph-api/guides/error-handling
"""

from __future__ import annotations

from typing import Any

from server.delivery import Delivered, Denied, Outcome, Refused, Response, Retry
from server.destinations.contract import (
    Answer,
    document,
    judge_unclear,
    told,
)

PASSING = frozenset({1, 2, 341, 368, 5000, 21009})
"""Faults of Meta's own, and blocks that end by themselves."""
THROTTLED = frozenset({4, 17, 32, 613, *range(80000, 80015)})
TOKEN = frozenset({102, 190, 463, 467})
PERMISSION = frozenset({3, 10, *range(200, 300)})
NO_SUCH_DATASET = (100, 33)
"""There is none of this id, or the token may not see it."""


def judge(response: Response) -> Outcome:
    """What `error.code` says."""
    body = document(response)
    error = body.get("error")
    if isinstance(error, dict):
        return _of_error(error, response)
    if 200 <= response.status < 300 and "events_received" in body:
        return Delivered(detail=told(body, "messages"))
    return judge_unclear(response)


def _of_error(error: dict[str, Any], response: Response) -> Outcome:
    number, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    code = "/".join(str(one) for one in (number, subcode) if one)
    detail = told(error, "message", "error_user_title", "error_user_msg", "fbtrace_id")
    if number in PASSING:
        return Retry("partner_fault", detail, code=code)
    if number in THROTTLED:
        return Retry("throttled", detail, code=code)
    if number in TOKEN:
        return Denied("credentials", detail, code=code)
    if number in PERMISSION or (number, subcode) == NO_SUCH_DATASET:
        return Denied("permission", detail, code=code)
    if error.get("is_transient") is True or response.status >= 500 or response.status == 429:
        return Retry("partner_fault", detail, code=code)
    return Refused("rejected", detail, code=code)


def _number(given: Any) -> int:
    return given if isinstance(given, int) else 0


ANSWERS = (
    Answer(
        title="Taken",
        response=Response(
            status=200, body=b'{"events_received":2,"messages":[],"fbtrace_id":"Abc"}'
        ),
        outcome=Delivered(),
    ),
    Answer(
        title="One event is too old: the whole request is refused",
        response=Response(
            status=400,
            body=b'{"error":{"message":"Invalid parameter","type":"OAuthException","code":100,'
            b'"error_subcode":2804003,"is_transient":false,'
            b'"error_user_title":"Event Timestamp Too Old","fbtrace_id":"Abc"}}',
        ),
        outcome=Refused(
            "rejected", "Invalid parameter; Event Timestamp Too Old; Abc", code="100/2804003"
        ),
    ),
    Answer(
        title="Too many calls",
        response=Response(
            status=400,
            body=b'{"error":{"message":"(#4) Application request limit reached",'
            b'"type":"OAuthException","code":4}}',
        ),
        outcome=Retry("throttled", "(#4) Application request limit reached", code="4"),
    ),
    Answer(
        title="A fault of Meta's own",
        response=Response(
            status=500,
            body=b'{"error":{"message":"An unexpected error has occurred. Please retry your '
            b'request later.","type":"OAuthException","is_transient":true,"code":2}}',
        ),
        outcome=Retry(
            "partner_fault",
            "An unexpected error has occurred. Please retry your request later.",
            code="2",
        ),
    ),
    Answer(
        title="A fault that says itself that it passes",
        response=Response(
            status=400, body=b'{"error":{"message":"Busy","is_transient":true,"code":99}}'
        ),
        outcome=Retry("partner_fault", "Busy", code="99"),
    ),
    Answer(
        title="The token is revoked",
        response=Response(
            status=400,
            body=b'{"error":{"message":"The session has been invalidated","code":190,'
            b'"error_subcode":460}}',
        ),
        outcome=Denied("credentials", "The session has been invalidated", code="190/460"),
    ),
    Answer(
        title="There is no such pixel, or the token may not see it",
        response=Response(
            status=400,
            body=b'{"error":{"message":"Unsupported post request","code":100,"error_subcode":33}}',
        ),
        outcome=Denied("permission", "Unsupported post request", code="100/33"),
    ),
    Answer(
        title="A page of HTML from something before Meta",
        response=Response(status=400, body=b"<html>Bad Request</html>"),
        outcome=Retry("unclear_answer", "<html>Bad Request</html>"),
    ),
)
