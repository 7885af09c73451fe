"""What Pinterest's answers mean: each event has a status, and 422 says that one of them failed."""

from __future__ import annotations

from msgspec.structs import replace

from server.delivery import Delivered, Denied, Mixed, Outcome, Refused, Response, Retry
from server.destinations.contract import Answer, document, judge_unclear, told

MAX_CODE_CHARS = 64


def judge(response: Response) -> Outcome | Mixed:
    """What is said of each event; without that, the status and Pinterest's own code."""
    said = document(response)
    events = said.get("events")
    if response.status in (200, 422) and isinstance(events, list) and events:
        parts: dict[int, Outcome] = {
            place: Refused("rejected", told(one, "error_message"))
            for place, one in enumerate(events)
            if isinstance(one, dict) and one.get("status") == "failed"
        }
        return Mixed(parts) if parts else Delivered()
    judged = judge_unclear(response)
    code = str(said.get("code", ""))[:MAX_CODE_CHARS]
    return replace(judged, code=code, detail=told(said, "message") or judged.detail)


ANSWERS = (
    Answer(
        title="Taken",
        response=Response(
            status=200,
            body=b'{"num_events_received":1,"num_events_processed":1,"events":['
            b'{"status":"processed","error_message":"","warning_message":""}]}',
        ),
        outcome=Delivered(),
    ),
    Answer(
        title="Taken in part",
        response=Response(
            status=422,
            body=b'{"num_events_received":2,"num_events_processed":1,"events":['
            b'{"status":"processed"},'
            b'{"status":"failed","error_message":"event_time is too old"}]}',
        ),
        outcome=Mixed({1: Refused("rejected", "event_time is too old")}),
    ),
    Answer(
        title="A field is wrong: the whole request is refused",
        response=Response(
            status=400, body=b"""{"code":1,"message":"'data' is not of type 'array'"}"""
        ),
        outcome=Refused("http_400", "'data' is not of type 'array'", code="1"),
    ),
    Answer(
        title="The token is wrong",
        response=Response(status=401, body=b'{"code":2,"message":"Authentication failed."}'),
        outcome=Denied("credentials", "Authentication failed.", code="2"),
    ),
    Answer(
        title="The token may not send to this account",
        response=Response(status=403, body=b'{"code":29,"message":"You are not permitted."}'),
        outcome=Denied("credentials", "You are not permitted.", code="29"),
    ),
    Answer(
        title="Too many requests",
        response=Response(
            status=429, body=b'{"code":8,"message":"You have exceeded your rate limit."}'
        ),
        outcome=Retry("http_429", "You have exceeded your rate limit.", code="8"),
    ),
)
