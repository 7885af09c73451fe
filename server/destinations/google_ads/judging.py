"""What the Google Ads API's answers mean: a 200 may hold errors of single conversions.

https://developers.google.com/google-ads/api/docs/best-practices/partial-failures
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from server.delivery import Delivered, Denied, Mixed, Outcome, Refused, Response, Retry
from server.destinations.contract import Answer, document, inner, listed
from server.destinations.contract.google import error_details, google_error, judge_google

NOT_NOW = frozenset(
    {
        *("INTERNAL_ERROR", "TRANSIENT_ERROR", "DEADLINE_EXCEEDED", "CONCURRENT_MODIFICATION"),
        *("RESOURCE_EXHAUSTED", "RESOURCE_TEMPORARILY_EXHAUSTED"),
        # Google wants hours to pass between a click, or a new conversion action, and this.
        *("TOO_RECENT_EVENT", "TOO_RECENT_CONVERSION_ACTION"),
        # Of two alike in one request neither was taken; one after the other, the first one is.
        *("DUPLICATE_ORDER_ID", "DUPLICATE_CLICK_CONVERSION_IN_REQUEST"),
    }
)
KNOWN = frozenset({"ORDER_ID_ALREADY_IN_USE", "CLICK_CONVERSION_ALREADY_EXISTS"})
"""Google has it: from a request whose answer did not reach us."""
NOT_READY = frozenset(
    {
        *("CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE", "CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS"),
        *("CUSTOMER_NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS", "USER_PERMISSION_DENIED"),
        *("CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION", "DEVELOPER_TOKEN_NOT_APPROVED"),
    }
)
"""What is wrong with the account or the project, and can be put right there: the conversions
wait."""

Error = Mapping[str, Any]


def judge(response: Response) -> Outcome | Mixed:
    """Reads which conversions were not taken; of a request that failed, why."""
    status = inner(document(response), "partialFailureError")
    if status and 200 <= response.status < 300:
        return _partial(status)
    errors = _errors(google_error(response))
    code = next(map(_code, errors), "")
    outcome = judge_google(response, code, "; ".join(str(e.get("message", "")) for e in errors))
    if code in NOT_READY:
        return Denied("account", outcome.detail, code)
    return outcome


def _partial(status: Error) -> Outcome | Mixed:
    """Each conversion's own; where Google names none, they are looked for by halves. One that waits
    for the account lets all wait: Google knows again what it has."""
    parts = {place: _part(error) for error in _errors(status) for place in _place(error)}
    waiting = next((one for one in parts.values() if isinstance(one, Denied)), None)
    if waiting:
        return waiting
    return Mixed(parts) if parts else Refused("rejected", str(status.get("message", "")))


def _part(error: Error) -> Outcome:
    code, told = _code(error), str(error.get("message", ""))
    if code in KNOWN:
        return Delivered(told, code)
    if code in NOT_NOW:
        return Retry("not_now", told, code=code)
    return Denied("account", told, code) if code in NOT_READY else Refused("rejected", told, code)


def _errors(status: Error) -> list[Error]:
    failures = error_details(status, "GoogleAdsFailure")
    return [error for failure in failures for error in listed(failure, "errors")]


def _code(error: Error) -> str:
    """`{"conversionUploadError": "EXPIRED_EVENT"}` is EXPIRED_EVENT."""
    return next((str(name) for name in inner(error, "errorCode").values()), "")


def _place(error: Error) -> Iterator[int]:
    """The conversion's place, if the error is of one."""
    for element in listed(inner(error, "location"), "fieldPathElements")[:1]:
        index = element.get("index")
        if element.get("fieldName") == "conversions" and isinstance(index, int):
            yield index


_FAILURE = "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure"
_PARTLY = (
    b'{"partialFailureError":{"code":3,"message":"Multiple errors in \\u2018details\\u2019.",'
    b'"details":[{"@type":"' + _FAILURE.encode() + b'","errors":['
    b'{"errorCode":{"conversionUploadError":"UNPARSEABLE_GCLID"},'
    b'"message":"The imported gclid could not be decoded.",'
    b'"trigger":{"stringValue":"EAIaIQobChMI"},'
    b'"location":{"fieldPathElements":[{"fieldName":"conversions","index":0},'
    b'{"fieldName":"gclid"}]}},'
    b'{"errorCode":{"conversionUploadError":"TOO_RECENT_EVENT"},'
    b'"message":"The click occurred less than 6 hours ago.",'
    b'"location":{"fieldPathElements":[{"fieldName":"conversions","index":2}]}},'
    b'{"errorCode":{"conversionUploadError":"ORDER_ID_ALREADY_IN_USE"},'
    b'"message":"The order ID was previously recorded.",'
    b'"location":{"fieldPathElements":[{"fieldName":"conversions","index":3}]}}]}]},'
    b'"results":[{},{"gclid":"Cj0K"},{},{}],"jobId":"77"}'
)
_CLOSED = (
    b'{"partialFailureError":{"code":7,"message":"The customer is not allowlisted.",'
    b'"details":[{"@type":"' + _FAILURE.encode() + b'","errors":['
    b'{"errorCode":{"notAllowlistedError":"CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE"},'
    b'"message":"Customer is not allowlisted for accessing this feature.",'
    b'"location":{"fieldPathElements":[{"fieldName":"conversions","index":0}]}}]}]},'
    b'"results":[{}]}'
)
_THROTTLED = (
    b'{"error":{"code":429,"message":"Resource has been exhausted.",'
    b'"status":"RESOURCE_EXHAUSTED","details":[{"@type":"' + _FAILURE.encode() + b'",'
    b'"errors":[{"errorCode":{"quotaError":"RESOURCE_TEMPORARILY_EXHAUSTED"},'
    b'"message":"Too many requests. Retry in 30 seconds.","details":{"quotaErrorDetails":'
    b'{"rateScope":"ACCOUNT","rateName":"Requests per account","retryDelay":"30s"}}}]}]}}'
)
_NOT_OURS = (
    b'{"error":{"code":403,"message":"The caller does not have permission",'
    b'"status":"PERMISSION_DENIED","details":[{"@type":"' + _FAILURE.encode() + b'",'
    b'"errors":[{"errorCode":{"authorizationError":"USER_PERMISSION_DENIED"},'
    b'"message":"User doesn\'t have permission to access customer."}]}]}}'
)

ANSWERS = (
    Answer(
        title="All taken",
        response=Response(status=200, body=b'{"results":[{"gclid":"EAIaIQobChMI"}],"jobId":"76"}'),
        outcome=Delivered(),
    ),
    Answer(
        title="One cannot be read, one comes too early, one is there already",
        response=Response(status=200, body=_PARTLY),
        outcome=Mixed(
            {
                0: Refused(
                    "rejected", "The imported gclid could not be decoded.", "UNPARSEABLE_GCLID"
                ),
                2: Retry(
                    "not_now", "The click occurred less than 6 hours ago.", None, "TOO_RECENT_EVENT"
                ),
                3: Delivered("The order ID was previously recorded.", "ORDER_ID_ALREADY_IN_USE"),
            }
        ),
    ),
    Answer(
        title="The account may not send click conversions so: use `google_data_manager`",
        response=Response(status=200, body=_CLOSED),
        outcome=Denied(
            "account",
            "Customer is not allowlisted for accessing this feature.",
            "CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE",
        ),
    ),
    Answer(
        title="Too many requests",
        response=Response(status=429, body=_THROTTLED),
        outcome=Retry(
            "http_429",
            "Resource has been exhausted. Too many requests. Retry in 30 seconds.",
            30.0,
            "RESOURCE_TEMPORARILY_EXHAUSTED",
        ),
    ),
    Answer(
        title="Whoever asks has no part in the account",
        response=Response(status=403, body=_NOT_OURS),
        outcome=Denied(
            "account",
            "The caller does not have permission User doesn't have permission to access customer.",
            "USER_PERMISSION_DENIED",
        ),
    ),
    Answer(
        title="A token that is none",
        response=Response(
            status=401, body=b'{"error":{"message":"No.","status":"UNAUTHENTICATED"}}'
        ),
        outcome=Denied("credentials", "No.", "UNAUTHENTICATED"),
    ),
)
