"""Matomo, by its bulk tracking API: each event as it was, with its own time and visitor.

    config    what a container says      actions    page views, orders, searches, events, …
    examples  what Matomo is sent, and what its answers mean

Matomo answers 200 even where it took nothing. Its transaction takes all of a request, but what
it counts as invalid; which those are it tells superusers alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from server.clock import DAY_MS
from server.delivery import (
    Delivered,
    Denied,
    Mixed,
    Outcome,
    Refused,
    Request,
    Response,
    Retry,
)
from server.destinations.contract import (
    Destination,
    Message,
    Sending,
    Tcf,
    by_settings,
    document,
    encode,
    has,
    json_request,
    judge_status,
    text_of,
    user_id,
    visitor_id,
    with_params,
)
from server.destinations.matomo.actions import EVENTS, action
from server.destinations.matomo.config import Config
from server.destinations.matomo.examples import ANSWERS, EXAMPLES, REFUSALS

MAX_EVENTS = 50
"""Matomo takes any number; as many it has in its database before we stop waiting for the answer."""
WINDOW_MS = 7 * DAY_MS
"""Matomo takes events of any age, but its reports of the last days are made again for them."""

_PK_ID = re.compile(r"([0-9a-f]{16})\.[0-9]+\..*", re.S)
_UINT64 = re.compile(r"[0-9]{1,20}")
_SCREEN = re.compile(r"[0-9]{1,5}x[0-9]{1,5}")


def message(sending: Sending) -> Message | Refused:
    """The parameters of one action, each as text."""
    event, config = sending.event, sending.config
    visitor_id = visitor(sending)
    if not visitor_id and not (config.send_device and sending.person.ip):
        return Refused(
            "no_visitor",
            "without consent there is no cookie, and without `send_device` Matomo would take all"
            " such events for one visitor's",
        )
    said = action(sending)
    if said.get("ec_id") == "":
        return Refused(
            "no_transaction_id", "Matomo takes an order without a number for a change of the cart"
        )
    fields = {
        "idsite": config.site_id,
        "rec": 1,
        "apiv": 1,
        "cdt": event.occurred_at // 1000,
        "url": event.url,
        "urlref": event.referrer,
        "_id": visitor_id,
        "cid": visitor_id,
        "lang": event.language,
        "res": event.screen if _SCREEN.fullmatch(event.screen) else "",
        "pv_id": _page_view_id(event.page_id),
        **_whence(sending),
        **said,
    }
    return {name: _text(value) for name, value in with_params(fields, config.params).items()}


def wrap(sendings: Sequence[Sending], messages: Sequence[Message]) -> Request:
    """Actions in their order; the token stays out of addresses, which servers log."""
    config: Config = sendings[0].config
    body = {"requests": list(messages), "token_auth": config.token_auth}
    return json_request(_url(config.endpoint), body)


def judge(response: Response) -> Outcome | Mixed:
    """A success says how many it took; who asked wrongly is told nothing else."""
    judged, said = judge_status(response), document(response)
    if not isinstance(judged, Delivered):
        return judged
    tracked, invalid = said.get("tracked"), said.get("invalid")
    if said.get("status") != "success" or not isinstance(invalid, int):
        return Retry("unclear_answer", text_of(response))
    places = said.get("invalid_indices")
    if isinstance(places, list) and places:
        wrong = Refused("invalid", "Matomo takes the parameters of this event for invalid")
        return Mixed({place: wrong for place in places if isinstance(place, int)})
    if invalid and not tracked:
        return Denied("credentials", "Matomo took nothing: see `token_auth` and `site_id`")
    return Delivered(
        f"{invalid} of them were invalid, Matomo does not say which" if invalid else ""
    )


def order(sending: Sending) -> str:
    """A visit is made of its actions in their order."""
    return visitor(sending) or sending.person.ip


def visitor(sending: Sending) -> str:
    """16 hex digits: of Matomo's own cookie if it came with the hit; else made of our visitor's
    id, always the same and not to be turned back; "" without either."""
    name = sending.config.visitor_cookie
    found = _PK_ID.fullmatch(sending.person.cookies.get(name, "")) if name else None
    if found:
        return found[1]
    ours = visitor_id(sending.event)
    if not ours:
        return ""
    return hashlib.sha256(ours.encode()).hexdigest()[:16]


def cookies(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Matomo's own, if the tag names it: its name has a part that is made of the site's."""
    name = settings.get("visitor_cookie")
    return (name,) if isinstance(name, str) else ()


def _whence(sending: Sending) -> dict[str, Any]:
    """Address and device, from which Matomo tells the place; else the place.

    Where Matomo knows a user's id it looks for their visit by address and device too, and would
    take all users for one whose device is this server."""
    event, person = sending.event, sending.person
    if sending.config.send_device and person.ip:
        return {"cip": person.ip, "ua": person.user_agent, "uid": user_id(event)}
    return {"country": event.country.lower(), "region": event.region, "city": event.city}


def _page_view_id(page_id: str) -> str:
    return f"{int(page_id) % 16**6:06x}" if _UINT64.fullmatch(page_id) else ""


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return value if isinstance(value, str) else encode(value).decode()


def _url(endpoint: str) -> str:
    return endpoint if endpoint.endswith(".php") else f"{endpoint.rstrip('/')}/matomo.php"


DESTINATION = Destination(
    name="matomo",
    title="Matomo",
    about="Page views, orders, carts, searches, downloads, outlinks, goals and events to a Matomo.",
    docs="https://developer.matomo.org/api-reference/tracking-api",
    config=Config,
    message=message,
    group=by_settings("endpoint", "token_auth"),
    wrap=wrap,
    judge=judge,
    order=order,
    events=EVENTS,
    takes_any=True,
    match_keys={
        "browser_id": has("_id"),
        "user_id": has("uid"),
        "ip": has("cip"),
        "user_agent": has("ua"),
    },
    dedup="`ec_id`, of orders alone",
    max_events=MAX_EVENTS,
    window_ms=WINDOW_MS,
    # Runs where its owner says: in no list of vendors.
    tcf=Tcf(vendor=None, purposes=(1, 8)),
    cookies=cookies,
    needs_person=True,
    examples=EXAMPLES,
    refusals=REFUSALS,
    answers=ANSWERS,
)
