"""What the Data Manager's answers mean: it names the events that are to blame, and keeps none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from server.delivery import Delivered, Denied, Mixed, Outcome, Refused, Resend, Response, Retry
from server.destinations.contract import Answer, document, listed
from server.destinations.contract.google import error_details, google_error, judge_google

NOT_READY = frozenset(
    {
        "TERMS_AND_CONDITIONS_NOT_SIGNED",
        "DESTINATION_ACCOUNT_NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS",
        "DESTINATION_ACCOUNT_ENHANCED_CONVERSIONS_TERMS_NOT_SIGNED",
    }
)
"""What is wrong with the account, and can be put right there: the events wait for it."""

_PLACE = re.compile(r"\bevents\[([0-9]{1,6})\]")


def judge(response: Response) -> Outcome | Mixed:
    """Reads which events are to blame, or whether none is, since the settings are."""
    error = google_error(response)
    if not error:
        outcome = judge_google(response)
        if isinstance(outcome, Delivered):
            return Delivered(str(document(response).get("requestId", "")))
        return outcome
    violations = [one for bad in error_details(error, "BadRequest") for one in _violations(bad)]
    code = next(filter(None, [*(reason for _, reason, _ in violations), *_reasons(error)]), "")
    outcome = judge_google(response, code, "; ".join(text for *_, text in violations))
    if code in NOT_READY:
        return Denied("account", outcome.detail, code)
    if not isinstance(outcome, Refused) or not violations:
        return outcome
    parts: dict[int, Outcome] = {
        place: Refused(outcome.reason, text, reason)
        for place, reason, text in violations
        if place is not None
    }
    # Halves of a batch whose settings are wrong would be refused just so, one after the other.
    return Mixed(parts, Resend()) if parts else Mixed({0: outcome}, outcome)


def _violations(bad: Mapping[str, Any]) -> Iterator[tuple[int | None, str, str]]:
    """Place of the event, Google's reason, and its words, of each field that is wrong."""
    for one in listed(bad, "fieldViolations"):
        field = str(one.get("field", ""))
        found = _PLACE.search(field)
        place = int(found[1]) if found else None
        yield place, str(one.get("reason", "")), f"{field}: {one.get('description', '')}"


def _reasons(error: Mapping[str, Any]) -> Iterator[str]:
    for info in error_details(error, "ErrorInfo"):
        yield str(info.get("reason", ""))


_NOT_HASHED = (
    b'{"error":{"code":400,"message":"There was a problem with the request.",'
    b'"status":"INVALID_ARGUMENT","details":[{'
    b'"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"INVALID_ARGUMENT",'
    b'"domain":"datamanager.googleapis.com"},{'
    b'"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{'
    b'"field":"events.events[1].user_data.user_identifiers[0]",'
    b'"description":"Email is not hashed.","reason":"INVALID_HEX_ENCODING"}]}]}}'
)
_NO_ACTION = (
    b'{"error":{"code":400,"message":"There was a problem with the request.",'
    b'"status":"INVALID_ARGUMENT","details":[{'
    b'"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{'
    b'"field":"destinations.destinations[0].product_destination_id",'
    b'"description":"Conversion action ID is not valid.",'
    b'"reason":"INVALID_CONVERSION_ACTION_ID"}]}]}}'
)
_NO_TERMS = (
    b'{"error":{"code":400,"message":"Terms and conditions are not accepted.",'
    b'"status":"FAILED_PRECONDITION","details":[{'
    b'"@type":"type.googleapis.com/google.rpc.ErrorInfo",'
    b'"reason":"TERMS_AND_CONDITIONS_NOT_SIGNED","domain":"datamanager.googleapis.com"}]}}'
)
_TOO_MANY = (
    b'{"error":{"code":429,"message":"Quota exceeded.","status":"RESOURCE_EXHAUSTED",'
    b'"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"36s"}]}}'
)
_NOT_ALLOWED = (
    b'{"error":{"code":403,"message":"The caller does not have permission",'
    b'"status":"PERMISSION_DENIED"}}'
)

ANSWERS = (
    Answer(
        title="All taken",
        response=Response(status=200, body=b'{"requestId":"t-a8896317"}'),
        outcome=Delivered("t-a8896317"),
    ),
    Answer(
        title="None taken, because of one",
        response=Response(status=400, body=_NOT_HASHED),
        outcome=Mixed(
            {
                1: Refused(
                    "http_400",
                    "events.events[1].user_data.user_identifiers[0]: Email is not hashed.",
                    "INVALID_HEX_ENCODING",
                )
            },
            Resend(),
        ),
    ),
    Answer(
        title="A conversion action that does not exist",
        response=Response(status=400, body=_NO_ACTION),
        outcome=Mixed(
            {
                0: Refused(
                    "http_400",
                    "There was a problem with the request. destinations.destinations[0]."
                    "product_destination_id: Conversion action ID is not valid.",
                    "INVALID_CONVERSION_ACTION_ID",
                )
            },
            Refused(
                "http_400",
                "There was a problem with the request. destinations.destinations[0]."
                "product_destination_id: Conversion action ID is not valid.",
                "INVALID_CONVERSION_ACTION_ID",
            ),
        ),
    ),
    Answer(
        title="The account has not agreed to Google's terms for customer data",
        response=Response(status=400, body=_NO_TERMS),
        outcome=Denied(
            "account",
            "Terms and conditions are not accepted.",
            "TERMS_AND_CONDITIONS_NOT_SIGNED",
        ),
    ),
    Answer(
        title="Too many requests",
        response=Response(status=429, body=_TOO_MANY),
        outcome=Retry("http_429", "Quota exceeded.", 36.0, "RESOURCE_EXHAUSTED"),
    ),
    Answer(
        title="Whoever asks has no part in the account",
        response=Response(status=403, body=_NOT_ALLOWED),
        outcome=Denied("credentials", "The caller does not have permission", "PERMISSION_DENIED"),
    ),
    Answer(
        title="Google is ill",
        response=Response(status=503, body=b"<html>"),
        outcome=Retry("http_503", "<html>"),
    ),
)
