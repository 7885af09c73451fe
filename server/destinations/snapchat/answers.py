"""What Snap's answers mean: `status` is VALID or INVALID, whatever the HTTP status is.

https://developers.snap.com/api/marketing-api/Conversions-API/VerifySetUp
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from server.delivery import Delivered, Denied, Outcome, Refused, Response, Retry
from server.destinations.contract import Answer, document, judge_status, judge_unclear, told

MAX_CODE_CHARS = 64
# how `reason` begins when it is about the token, which Snap also says under a status of 400
DENIALS = ("unauthorized", "invalid token", "invalid access token")


def judge(response: Response) -> Outcome:
    """What `status` says, unless it is not about the events."""
    said = document(response)
    if said.get("status") not in ("VALID", "INVALID"):
        return judge_unclear(response)
    errors: Any = said.get("errors")
    errors = errors if isinstance(errors, dict) else {}
    detail = "; ".join(filter(None, (told(said, "reason"), told(errors, "error_msgs"))))
    judged = judge_status(response)
    if isinstance(judged, Denied | Retry):
        return replace(judged, detail=detail)
    if said["status"] == "VALID":
        return Delivered()
    if told(said, "reason").lower().startswith(DENIALS):
        return Denied("credentials", detail)
    return Refused("rejected", detail, code=told(errors, "codes")[:MAX_CODE_CHARS])


ANSWERS = (
    Answer(
        title="Taken",
        response=Response(
            status=200,
            body=b'{"status":"VALID","reason":"Events have been processed successfully."}',
        ),
        outcome=Delivered(),
    ),
    Answer(
        title="An event is not right, and none is taken",
        response=Response(
            status=400,
            body=b'{"status":"INVALID","reason":"Insufficient PII","event":0,'
            b'"errors":{"codes":["E1"],"error_msgs":["em or ph is missing"]}}',
        ),
        outcome=Refused("rejected", "Insufficient PII; em or ph is missing", code="E1"),
    ),
    Answer(
        title="Refused under a status of success",
        response=Response(status=200, body=b'{"status":"INVALID","reason":"Unhashed PII"}'),
        outcome=Refused("rejected", "Unhashed PII"),
    ),
    Answer(
        title="The token is wrong, or of another organisation",
        response=Response(status=401, body=b'{"status":"INVALID","reason":"Unauthorized"}'),
        outcome=Denied("credentials", "Unauthorized"),
    ),
    Answer(
        title="The pixel is not one of the token's, under a status that is about events",
        response=Response(
            status=400, body=b'{"status":"INVALID","reason":"Unauthorized resources"}'
        ),
        outcome=Denied("credentials", "Unauthorized resources"),
    ),
    Answer(
        title="Too many requests",
        response=Response(status=429, body=b"Too Many Requests"),
        outcome=Retry("http_429", "Too Many Requests"),
    ),
    Answer(
        title="Something before Snap",
        response=Response(status=200, body=b"<html>Please wait</html>"),
        outcome=Retry("unclear_answer", "<html>Please wait</html>"),
    ),
)
