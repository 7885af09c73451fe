"""Where an event of ours has what GA4's protocol, a server's event data and headers hold."""

from __future__ import annotations

import re

from server.model import KEPT_HEADERS

PERSONAL = frozenset(
    {"user_data", "email", "email_address", "e_mail", "mail", "sha256_email_address"}
    | {"phone", "phone_number", "telephone", "sha256_phone_number", "first_name", "last_name"}
    | {"firstname", "lastname", "firstName", "lastName", "street", "postal_code", "postcode"}
)
IS_PERSONAL = "is personal: the page tells `freehold('user', {…})`, and it travels apart"
EVENT_DATA = {
    "event_name": "name",
    "page_location": "url",
    "page_hostname": "host",
    "page_path": "path",
    "page_title": "title",
    "page_referrer": "referrer",
    "client_id": "visitor_id",
    "user_id": "user_id",
    "ga_session_id": "session_id",
    "ga_session_number": "session_number",
    "language": "language",
    "screen_resolution": "screen",
    "viewport_size": "viewport",
    "event_location.country": "country",
    "event_location.region": "region",
}
"""Key path of `ed` → column."""
QUERY = {
    "en": "name",
    "dl": "url",
    "dr": "referrer",
    "dt": "title",
    "ul": "language",
    "sr": "screen",
    "cid": "visitor_id",
    "uid": "user_id",
    "sid": "session_id",
    "sct": "session_number",
    "cu": "currency",
    "_p": "page_id",
    "_s": "page_seq",
    "_uc": "country",
    "cs": "campaign_source",
    "cm": "campaign_medium",
    "cn": "campaign_name",
    "ci": "campaign_id",
    "ct": "campaign_term",
    "cc": "campaign_content",
}
"""Parameter of GA4's protocol → column."""
DIFFERENT = {
    "visitor_id": "Freehold's own visitor, not GA4's client",
    "session_id": "Freehold's own session",
    "session_number": "Freehold's own count",
    "page_id": "Freehold's own page load",
    "page_seq": "hits of one page load, not of a session",
    "country": "by the visitor's address, with FREEHOLD_GEO",
    "region": "by the visitor's address, with FREEHOLD_GEO",
}
NO_QUERY = {
    "gcs": "use `event.consent.ad_storage` and `event.consent.analytics_storage`",
    "gcd": "use `event.consent.ad_user_data` and the other purposes",
    "tid": "hits name no stream: each tag has its own `measurement_id`",
    "_et": "use `event.props.engagement_time_msec`, with `observe: engagement`",
    "_ss": "use `event.session_number`",
    "_fv": "use a variable `type: visitor`, `field: is_new`",
    "seg": "use `event.props.engagement_time_msec`, with `observe: engagement`",
}
NO_HEADER = {
    "cookie": "cookies are read one by one: a variable `type: cookie` names it",
    "user-agent": "is personal: use `event.browser`, `event.os` and `event.device_type`",
    "x-forwarded-for": "is personal: use `event.country` and `event.region`",
    "host": "the collector's own host; of the page: `event.host`",
    "origin": "of the page: `event.host`",
    "referrer": "no header is called so; of the page: `event.referrer`",
}
_PARAMETER = re.compile(r"epn?\.(.+)")


def is_personal(path: str) -> bool:
    """Whether a path in the data layer leads to what is personal."""
    return not PERSONAL.isdisjoint(path.split("."))


def event_data(path: str) -> dict[str, str]:
    """The variable of ours for a key path of event data; raises ValueError with the reason."""
    if is_personal(path):
        raise ValueError(IS_PERSONAL)
    if path in EVENT_DATA:
        return {"type": "event", "field": EVENT_DATA[path]}
    if path in {"ip_override", "user_agent"} or path.startswith(("x-ga-", "x-sst-")):
        raise ValueError("is of GTM's own request, or personal: a hit does not tell it")
    return {"type": "data_layer", "path": path}


def query(name: str) -> dict[str, str]:
    """The variable of ours for a parameter of GA4's request; raises ValueError with the reason."""
    match = _PARAMETER.fullmatch(name)
    if match:
        return event_data(match[1])
    if name in QUERY:
        return {"type": "event", "field": QUERY[name]}
    told = NO_QUERY.get(name, "hits of ours have no query: let the page send it as a prop")
    raise ValueError(told)


def header(name: str) -> dict[str, str]:
    """The variable of ours for a header; raises ValueError with the reason."""
    lower = name.lower()
    if lower in KEPT_HEADERS:
        return {"type": "header", "name": lower}
    raise ValueError(NO_HEADER.get(lower, "is not kept with a hit"))
