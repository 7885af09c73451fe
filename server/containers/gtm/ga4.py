"""GA4's tags: the Google tag, which sends page views, and event tags; of web and server containers.

googtag, gaawc    page views; what they say of every event goes into the event tags of the stream
gaawe             one event, with the parameters that the tag names
sgtmgaaw          a server's: each event as it came, and what the tag adds
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from server.containers.explain import HOLE, faults
from server.containers.gtm.export import Element
from server.containers.gtm.references import constant, translate
from server.containers.gtm.tag import Made, Waiting, Wiring, fires

GOOGLE_TAGS = frozenset({"googtag", "gaawc"})
TYPE = "ga4"
UNKNOWN_STREAM = "G-UNKNOWN"
SECRET_NAME = "GA4_API_SECRET"  # noqa: S105
OTHER_TAGS = {"DC-": "Floodlight (`floodlight`)"}
ADS_TAG = "AW-"
CONFIG = frozenset(
    {"send_page_view", "server_container_url", "transport_url", "first_party_collection"}
    | {"send_to", "groups", "cookie_domain", "cookie_expires", "cookie_flags", "cookie_path"}
    | {"cookie_prefix", "cookie_update", "client_id", "session_id", "event_callback", "linker"}
    | {
        "event_timeout",
        "allow_google_signals",
        "allow_ad_personalization_signals",
        "url_passthrough",
    }
)
"""Parameters that steer gtag.js and are not sent as such."""
OWN = {
    "user_id": "comes from the event: the page tells `freehold('user', {id})` or gtag's `user_id`",
    "items": "come from the event",
}
ENHANCED = (
    "the stream's enhanced measurement is the browser's: `observe` has what the tag watches instead"
)
Row = tuple[str, str]


def google_tag(element: Element, wiring: Wiring) -> Made:
    """A tag for page views; nothing but a note when it sends none."""
    made = _tag(element, wiring)
    rows = [*_settings(element, wiring), *_table(element, "configSettingsTable", "fieldsToSet")]
    sends = dict(rows).get("send_page_view", "").lower() != "false"
    if not sends or element.params.get("sendPageView") is False:
        made.tree = {}
        made.to_do = []
        made.notes = [
            "sends no page views, so it is no tag here: its parameters go into the event tags"
        ]
        return made
    made.notes.append(ENHANCED)
    if not all(
        one.name == "all_pages" or _event(one) == "page_view"
        for one in fires(element, wiring.triggers)
    ):
        made.tree["with"]["event_name"] = "page_view"
    _fill(element, made, rows, wiring)
    return made


def event_tag(element: Element, wiring: Wiring) -> Made:
    """A tag for one event."""
    made = _tag(element, wiring)
    _name(element, made, wiring)
    _fill(element, made, [*_shared(element, wiring), *_settings(element, wiring)], wiring)
    if element.text("getEcommerceDataFrom") not in ("", "dataLayer"):
        made.notes.append("e-commerce data comes from the event, not from a variable")
    return made


def server_tag(element: Element, wiring: Wiring) -> Made:
    """A server's tag, which sends on what came."""
    made = _tag(element, wiring)
    _name(element, made, wiring)
    rows: list[Row] = []
    for key, value in element.params.items():
        if isinstance(value, list) and key.startswith(("ep", "event")):
            rows += _table(element, key)
    for key in ("epToIncludeDropdown", "upToIncludeDropdown"):
        if element.text(key) not in ("", "all"):
            made.notes.append(f"{key} {element.text(key)!r:.40}: all that the event has is sent")
    _fill(element, made, rows, wiring)
    if element.params.get("redactVisitorIp") is False:
        made.notes.append("does not send the visitor's address: `send_ip: true` does")
    return made


def _tag(element: Element, wiring: Wiring) -> Made:
    """A tag for the right stream; raises ValueError or Waiting."""
    raw = _stream(element, wiring)
    stream = translate(raw, wiring.meanings)
    if stream.lost:
        raise ValueError(f"its stream: {'; '.join(stream.lost)}")
    made = Made()
    id_ = constant(raw, wiring.meanings)
    if not raw and element.type == "sgtmgaaw":
        stream, id_ = translate(UNKNOWN_STREAM, {}), None
        made.is_held = True
        made.notes.append("paused, since the export does not say which stream: hits name none")
        made.to_do.append(
            f"tag {element.name!r:.80}: write its stream's G-… in place of {UNKNOWN_STREAM}"
        )
    elif id_ is not None:
        _check_stream(id_, wiring)
    secret = f"{SECRET_NAME}_{id_[2:]}" if id_ else SECRET_NAME
    made.to_do.append(
        f"set FREEHOLD_SECRET_{secret} (GA4: Admin, Data streams, Measurement Protocol API secrets)"
    )
    settings: dict[str, Any] = {"measurement_id": stream.value, "api_secret": f"$secret.{secret}"}
    made.tree = {"type": TYPE, "with": settings}
    return made


def _stream(element: Element, wiring: Wiring) -> str:
    """The measurement id as it is written; a Google tag may be named in its place."""
    for key in ("measurementIdOverride", "measurementId", "tagId"):
        text = element.text(key)
        named = [one for one in wiring.google_tags if one.name == text and one is not element]
        if named:
            return named[0].text("tagId") or named[0].text("measurementId")
        if text and text != "none":
            return text
    return ""


def _check_stream(id_: str, wiring: Wiring) -> None:
    if id_.startswith(ADS_TAG):
        raise ValueError(
            "measures for Google Ads in the browser; conversions have tags of their own"
        )
    for prefix, title in OTHER_TAGS.items():
        if id_.startswith(prefix):
            raise Waiting(title)
    if faults({"measurement_id": id_, "api_secret": HOLE}, wiring.types[TYPE].config):
        raise ValueError(f"{id_!r:.40} is no stream of GA4's: expected G-…")


def _name(element: Element, made: Made, wiring: Wiring) -> None:
    """The event's name in GA4, where it is another than the event's own."""
    text = translate(element.text("eventName"), wiring.meanings)
    if text.lost:
        raise ValueError(f"its event's name: {'; '.join(text.lost)}")
    own = {_event(one) for one in fires(element, wiring.triggers) if not one.lost}
    if text.value in ("", "{{ event.name }}") or own == {text.value}:
        return
    if fault := _fault(wiring, event_name=text.value):
        raise ValueError(fault)
    made.tree["with"]["event_name"] = text.value


def _event(found: Any) -> str:
    """The one event of a trigger; empty: it has several, or any."""
    if found.name == "all_pages":
        return "page_view"
    event = (found.tree or {}).get("event", "")
    return event if isinstance(event, str) else ""


def _shared(element: Element, wiring: Wiring) -> Iterator[Row]:
    """What the stream's Google tags say of every event."""
    own = constant(_stream(element, wiring), wiring.meanings)
    for tag in wiring.google_tags:
        if (
            own
            and constant(_stream(tag, wiring), wiring.meanings) == own
            and not tag.raw.get("paused")
        ):
            yield from _settings(tag, wiring)
            yield from _table(tag, "configSettingsTable", "fieldsToSet")


def _settings(element: Element, wiring: Wiring) -> Iterator[Row]:
    """The parameters that a tag names, and those of the variables that hold settings."""
    for key, table in (
        ("configSettingsVariable", "configSettingsTable"),
        ("eventSettingsVariable", "eventSettingsTable"),
    ):
        name = element.text(key).strip().removeprefix("{{").removesuffix("}}").strip()
        source = wiring.meanings[name].source if name in wiring.meanings else None
        if source is not None:
            yield from _table(source, table)
    yield from _table(element, "eventSettingsTable", "eventParameters")


def _table(element: Element, *keys: str) -> list[Row]:
    rows = [row for key in keys for row in element.rows(key)]
    pairs = [
        (row.get("parameter", row.get("name", "")), row.get("parameterValue", row.get("value", "")))
        for row in rows
    ]
    return [
        (name, value) for name, value in pairs if isinstance(name, str) and isinstance(value, str)
    ]


def _fill(element: Element, made: Made, rows: list[Row], wiring: Wiring) -> None:
    """Parameters and user properties, as far as GA4 and the language take them."""
    settings = made.tree["with"]
    params: dict[str, str] = {}
    is_personal = bool(element.text("userDataVariable"))
    for name, value in rows:
        if name.split(".")[0] == "user_data":
            is_personal = True
        elif name in OWN:
            made.notes.append(f"`{name}`: {OWN[name]}")
        elif name not in CONFIG:
            params |= _valued(made, "params", name, value, wiring)
    properties: dict[str, str] = {}
    for key in ("userProperties", "upToAdd"):
        for name, value in _table(element, key):
            properties |= _valued(made, "user_properties", name, value, wiring)
    settings |= {"params": params} if params else {}
    settings |= {"user_properties": properties} if properties else {}
    if is_personal:
        settings["send_user_data"] = True
        made.notes.append(
            "user data comes from `freehold('user', {…})` in the page, where consent allows"
        )


def _valued(made: Made, key: str, name: str, value: str, wiring: Wiring) -> dict[str, str]:
    """One parameter; none, and a note, when it cannot be sent."""
    fixed = constant(name, wiring.meanings)
    text = translate(value, wiring.meanings)
    fault = "; ".join(text.lost) or ("its name is no constant" if fixed is None else "")
    fault = fault or _fault(wiring, **{key: {fixed or "": HOLE}})
    if fault:
        made.notes.append(f"`{name[:60]}` is left out: {fault}")
    return {fixed: text.value} if fixed and text.value and not fault else {}


def _fault(wiring: Wiring, **settings: Any) -> str:
    """What the destination has against some settings; empty: nothing."""
    if "{{" in str(settings.get("event_name", "")):
        return ""
    tree = {"measurement_id": HOLE, "api_secret": HOLE, **settings}
    return next((fault.text for fault in faults(tree, wiring.types[TYPE].config)), "")
