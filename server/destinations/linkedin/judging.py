"""What LinkedIn's answers mean: a list tells of each conversion, and 422 of those to blame."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from server.delivery import Delivered, Denied, Mixed, Outcome, Refused, Resend, Response, Retry
from server.destinations.contract import (
    MAX_DETAIL_CHARS,
    Answer,
    document,
    inner,
    judge_unclear,
    told,
)

UNPROCESSABLE = 422
VERSION_ENDED = 426
_BLAMED = re.compile(r"Index: ?([0-9]{1,6}), ?(.*?)(?=Index: ?[0-9]|\Z)", re.S)


def judge(response: Response) -> Outcome | Mixed:
    """Of a 422 nothing was taken: those to blame are refused, and the others sent again."""
    said = document(response)
    code = str(said.get("code") or said.get("serviceErrorCode") or "")[:64]
    if response.status == UNPROCESSABLE and (blamed := dict(_blamed(said, code))):
        return Mixed(blamed, Resend())
    if response.status == VERSION_ENDED:
        detail = f"set `api_version` of the tag: {told(said, 'message')}"
        return Denied("api_version", detail, code)
    # One that stood alone is taken without a word, but not with a page of HTML.
    if 200 <= response.status < 300 and response.body.lstrip()[:1] != b"<":
        parts: dict[int, Outcome] = dict(_failed(said))
        return Mixed(parts) if parts else Delivered()
    judged = judge_unclear(response)
    return replace(judged, code=code, detail=told(said, "message") or judged.detail)


def _blamed(said: Mapping[str, Any], code: str) -> Iterator[tuple[int, Outcome]]:
    """`Index: 3, ERROR :: /conversionHappenedAt :: …`, one after the other in a text."""
    for place, why in _BLAMED.findall(str(said.get("message", ""))):
        yield int(place), Refused("rejected", why.strip()[:MAX_DETAIL_CHARS], code)


def _failed(said: Mapping[str, Any]) -> Iterator[tuple[int, Outcome]]:
    """Of a list that was taken, those that were not: each is judged as if it stood alone."""
    elements = said.get("elements")
    for place, one in enumerate(elements if isinstance(elements, list) else ()):
        status = one.get("status") if isinstance(one, dict) else None
        if isinstance(status, int) and status >= 400:
            is_passing = status == 429 or status >= 500
            kind = Retry if is_passing else Refused
            yield place, kind(f"http_{status}", told(inner(one, "error"), "message"))


ANSWERS = (
    Answer(
        title="One taken",
        response=Response(status=201, headers={"x-restli-id": "1"}),
        outcome=Delivered(),
    ),
    Answer(
        title="A list taken, but for one",
        response=Response(
            status=200,
            body=b'{"elements":[{"status":201},{"status":400,"error":{"status":400,'
            b'"message":"The conversion rule is not active."}}]}',
        ),
        outcome=Mixed({1: Refused("http_400", "The conversion rule is not active.")}),
    ),
    Answer(
        title="None taken, because of two",
        response=Response(
            status=422,
            body=b'{"message":"Index: 0, ERROR :: /conversionHappenedAt :: too long ago\\n'
            b'Index: 2, ERROR :: /user/userIds/0/idValue :: not a hash\\n","status":422}',
        ),
        outcome=Mixed(
            {
                0: Refused("rejected", "ERROR :: /conversionHappenedAt :: too long ago"),
                2: Refused("rejected", "ERROR :: /user/userIds/0/idValue :: not a hash"),
            },
            Resend(),
        ),
    ),
    Answer(
        title="A version that LinkedIn has ended",
        response=Response(
            status=426,
            body=b'{"status":426,"code":"NONEXISTENT_VERSION",'
            b'"message":"Requested version 202501 is not active"}',
        ),
        outcome=Denied(
            "api_version",
            "set `api_version` of the tag: Requested version 202501 is not active",
            "NONEXISTENT_VERSION",
        ),
    ),
    Answer(
        title="The token has been revoked",
        response=Response(
            status=401,
            body=b'{"status":401,"serviceErrorCode":65601,"code":"REVOKED_ACCESS_TOKEN",'
            b'"message":"The token used in the request has been revoked by the user"}',
        ),
        outcome=Denied(
            "credentials",
            "The token used in the request has been revoked by the user",
            "REVOKED_ACCESS_TOKEN",
        ),
    ),
    Answer(
        title="Too many requests",
        response=Response(
            status=429, body=b'{"status":429,"serviceErrorCode":101,"message":"Resource throttled"}'
        ),
        outcome=Retry("http_429", "Resource throttled", code="101"),
    ),
)
