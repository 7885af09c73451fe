"""X (Twitter), by its Conversion API: the conversions of one pixel, 500 a request.

    config      what a container says      signature   OAuth 1.0a, where the pixel has no token
    examples    what X is sent, and what its answers mean

X takes all of a request or nothing of it, and tells in the body how many it took.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from server.clock import DAY_MS
from server.containers.model import Asked, Warned
from server.delivery import Delivered, Outcome, Refused, Request, Response
from server.destinations.contract import (
    Destination,
    Message,
    Sending,
    Tcf,
    allows_user_data,
    by_settings,
    contents,
    document,
    has,
    iso_time,
    json_request,
    judge_unclear,
    money,
    no_match_key,
    quantity,
    stated,
    text_of,
    with_params,
)
from server.destinations.x.config import Config
from server.destinations.x.examples import ANSWERS, EXAMPLES, REFUSALS
from server.destinations.x.signature import Keys, authorization, nonce
from server.model import Event
from server.person import normalise
from server.person.clicks import click_cookies, click_id
from server.person.hashing import hashes

MAX_EVENTS = 500
WINDOW_MS = 7 * DAY_MS
"""X names no age that it would refuse; a week is enough for us to wait."""
SECRETS = (
    "pixel_token", "consumer_key", "consumer_secret", "access_token", "access_token_secret",
)  # fmt: skip
RULES = {
    "hashed_email": ("email", normalise.email),
    "hashed_phone_number": ("phone", normalise.phone),
}
CONTENT = {
    "content_id": "item_id",
    "content_name": "item_name",
    "content_type": "item_category",
    "content_price": "price",
    "num_items": "quantity",
}

_CODE_CHARS = 64


def message(sending: Sending) -> Message | Refused:
    """A conversion; refused is what no event of the account is, or what X could not place."""
    event, config = sending.event, sending.config
    event_id = config.event_name or config.event_ids.get(event.name)
    if event_id is None:
        return Refused(
            "no_mapping", f"`event_ids` of the tag names no event of X's for {event.name!r:.100}"
        )
    identifiers = _identifiers(sending)
    if not identifiers:
        return no_match_key("X", "click id", "e-mail", "phone")
    said = with_params(_worth(event), config.params)
    if "value" in said and "price_currency" not in said:
        return Refused(
            "no_currency", "X takes a value without a currency for dollars: set `currency`"
        )
    return {
        "conversion_time": iso_time(event.occurred_at),
        "event_id": event_id,
        "identifiers": identifiers,
        "conversion_id": event.shared_id,
        **said,
    }


def wrap(sendings: Sequence[Sending], messages: Sequence[Message]) -> Request:
    """The conversions of one pixel, with its token or signed."""
    config: Config = sendings[0].config
    url = f"{config.endpoint}/{config.api_version}/measurement/conversions/{config.pixel_id}"
    return json_request(url, {"conversions": list(messages)}, _access(url, sendings))


def judge(response: Response) -> Outcome:
    """A success is one only where the body says that something was taken."""
    said = document(response)
    data = said.get("data")
    taken = data.get("conversions_processed") if isinstance(data, Mapping) else None
    if not 200 <= response.status < 300 or not isinstance(taken, int) or isinstance(taken, bool):
        return replace(judge_unclear(response), code=_code(said))
    return Delivered() if taken > 0 else Refused("none_taken", text_of(response))


def cookies(_: Mapping[str, Any]) -> tuple[str, ...]:
    """The one in which X's pixel keeps the click."""
    return click_cookies("twclid")


def warn(asked: Asked) -> Iterator[Warned]:
    """The tag's events of which it names no id."""
    named = asked.settings.get("event_ids")
    known = named.keys() if isinstance(named, dict) else frozenset()
    if not asked.settings.get("event_name"):
        for event in sorted(asked.events - known):
            yield ("event_ids",), f"no id of X's for {event!r}: name it, or the event is refused"


def _access(url: str, sendings: Sequence[Sending]) -> dict[str, str]:
    """The pixel's token, which is the shorter way, or a signature with the four keys."""
    config: Config = sendings[0].config
    if config.pixel_token is not None:
        return {"x-pixel-token": config.pixel_token}
    keys = Keys(
        consumer_key=config.consumer_key or "",
        consumer_secret=config.consumer_secret or "",
        token=config.access_token or "",
        token_secret=config.access_token_secret or "",
    )
    at = sendings[0].sent_at
    once = nonce([sending.event.event_id for sending in sendings], at)
    return {"authorization": authorization(url, keys, nonce=once, at=at)}


def _identifiers(sending: Sending) -> list[dict[str, str]]:
    """Whose it is; the device says something only beside one of the others."""
    person = sending.person
    found = {"twclid": click_id(person, "twclid").value}
    if allows_user_data(sending):
        found |= hashes(person, RULES)
    ids = [{name: value} for name, value in found.items() if value]
    device = {"ip_address": person.ip, "user_agent": person.user_agent}
    if ids and sending.config.send_device and any(device.values()):
        ids.append(stated(device))
    return ids


def _worth(event: Event) -> dict[str, Any]:
    value = money(event.value)
    return {
        "value": value,
        "price_currency": event.currency.upper() if value is not None else None,
        "number_items": quantity(event.items),
        "contents": contents(event.items, CONTENT),
    }


def _code(said: Mapping[str, Any]) -> str:
    """X's own word for the first thing that was wrong."""
    errors = said.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    return str(first.get("code", ""))[:_CODE_CHARS] if isinstance(first, Mapping) else ""


DESTINATION = Destination(
    name="x",
    title="X",
    about="Conversions to events of an X account, matched by click and hashed user data.",
    docs="https://docs.x.com/x-ads-api/measurement/web-conversions",
    config=Config,
    message=message,
    group=by_settings("endpoint", "api_version", "pixel_id", *SECRETS),
    wrap=wrap,
    judge=judge,
    match_keys={
        "click_id": has("identifiers.twclid"),
        "email": has("identifiers.hashed_email"),
        "phone": has("identifiers.hashed_phone_number"),
        "ip": has("identifiers.ip_address"),
        "user_agent": has("identifiers.user_agent"),
    },
    dedup="`conversion_id`, of events of one id",
    max_events=MAX_EVENTS,
    window_ms=WINDOW_MS,
    consent=("ad_storage", "ad_user_data"),
    # Not known to be in the Global Vendor List.
    tcf=Tcf(vendor=None, purposes=(1, 3, 4, 7)),
    cookies=cookies,
    warn=warn,
    needs_person=True,
    examples=EXAMPLES,
    refusals=REFUSALS,
    answers=ANSWERS,
)
