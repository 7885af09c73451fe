"""Variables of GTM as variables of ours: one function a type, in SOURCES."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct, field

from server.containers.gtm.export import Element
from server.containers.gtm.fields import (
    DIFFERENT,
    IS_PERSONAL,
    event_data,
    header,
    is_personal,
    query,
)
from server.containers.gtm.references import Meaning, Meanings, constant, translate
from server.containers.gtm.tables import lookup, patterns

MERGED = "of the push that made the event: GTM also remembers earlier pushes"
NOT_RUN = "JavaScript is not run on the server: let the page push the value"
NO_PAGE = "a server does not see the page: let the page push the value"
ELSEWHERE = {
    "gtes": "goes into the tags that name it",
    "gtcs": "goes into the tags that name it",
    "awec": "tags that name it get `send_user_data: true`; the page tells `freehold('user', {…})`",
}
"""What is no variable with us, and yet is not lost."""
REFUSED = {
    "jsm": NOT_RUN,
    "j": NO_PAGE,
    "d": NO_PAGE,
    "vis": NO_PAGE,
    "gas": "Universal Analytics is gone",
    "dbg": "previews are another thing here: `freehold container preview`",
}
_PARTS = {"URL": "href", "PROTOCOL": "scheme", "HOST": "host", "PORT": "port", "PATH": "path"}
_PARTS |= {"EXTENSION": "extension", "QUERY": "query", "FRAGMENT": "fragment"}
_AUTO = {
    "URL": "link_url", "TEXT": "link_text", "ID": "link_id", "CLASSES": "link_classes",
}  # fmt: skip


class Source(Struct, kw_only=True):
    """A variable of ours while it is made."""

    tree: dict[str, Any]
    notes: list[str] = field(default_factory=list)
    """How it differs."""


def meaning(element: Element, name: str) -> Meaning:
    """What a variable's name stands for before it is made; whether it can be is told later."""
    is_fixed = element.type == "c" and not element.raw.get("formatValue")
    value = element.text("value") if is_fixed else None
    if element.type in ELSEWHERE:
        return Meaning(lost=ELSEWHERE[element.type], source=element)
    if element.type not in SOURCES:
        return Meaning(lost=_refused(element.type), source=element)
    return Meaning(look=name, constant=value, source=element)


def source(element: Element, meanings: Meanings) -> Source:
    """The variable of ours; raises ValueError with the reason why there is none."""
    made = SOURCES[element.type](element, meanings)
    _shape(element, made, meanings)
    return made


def _refused(type_: str) -> str:
    if type_.startswith("cvt_"):
        return "a custom template's code is not run"
    return REFUSED.get(type_, f"no variable here for GTM's type {type_!r:.60}")


def _shape(element: Element, made: Source, meanings: Meanings) -> None:
    """The keys that all variables have: what GTM calls the format of the value."""
    form = element.raw.get("formatValue")
    form = form if isinstance(form, dict) else {}
    case = form.get("caseConversionType")
    if case in ("LOWERCASE", "UPPERCASE"):
        made.tree["case"] = case.removesuffix("CASE").lower()
    for key, ours in (("convertTrueToValue", "when_true"), ("convertFalseToValue", "when_false")):
        _scalar(form.get(key), ours, made, meanings)
    defaults = [form.get("convertUndefinedToValue"), form.get("convertNullToValue")]
    defaults = [one for one in defaults if one is not None]
    if element.params.get("setDefaultValue") is True or element.type == "smm":
        defaults.insert(0, {"value": element.params.get("defaultValue", "")})
    for one in defaults[:1]:
        _scalar(one, "default", made, meanings)
    if len({str(one) for one in defaults}) > 1:
        made.notes.append("null and undefined are one thing here: the first default counts")


def _scalar(given: Any, key: str, made: Source, meanings: Meanings) -> None:
    text = given.get("value") if isinstance(given, dict) else None
    if not isinstance(text, str) or not text:
        return
    value = constant(text, meanings)
    if value is None:
        made.notes.append(f"`{key}` is left out: it takes no variable")
    else:
        made.tree[key] = value


def _data_layer(element: Element, _: Meanings) -> Source:
    path = element.text("name")
    if not path:
        raise ValueError("names no path in the data layer")
    if is_personal(path):
        raise ValueError(IS_PERSONAL)
    if path == "event":
        return Source(tree={"type": "event", "field": "name"})
    return Source(
        tree={"type": "data_layer", "path": path}, notes=[] if _is_pushed(path) else [MERGED]
    )


def _is_pushed(path: str) -> bool:
    """Whether it comes with each event that has it, so that memory makes no difference."""
    return path.split(".")[0] == "ecommerce"


def _field(
    find: Callable[[str], dict[str, str]], key: str
) -> Callable[[Element, Meanings], Source]:
    def made(element: Element, _: Meanings) -> Source:
        tree: dict[str, Any] = dict(find(element.text(key)))
        differs = DIFFERENT.get(tree.get("field", ""))
        return Source(tree=tree, notes=[differs] if differs else [])

    return made


def _constant(element: Element, _: Meanings) -> Source:
    return Source(tree={"type": "constant", "value": element.text("value")})


def _cookie(element: Element, _: Meanings) -> Source:
    told = "cookies that the collector's host gets, of visitors who may be recognised"
    return Source(tree={"type": "cookie", "name": element.text("name")}, notes=[told])


def _address(element: Element, meanings: Meanings) -> Source:
    part = element.text("component") or "URL"
    if part not in _PARTS:
        raise ValueError(f"an address has no part {part!r:.40}")
    made = Source(tree={"type": "url", "part": _PARTS[part]})
    given = element.text("customUrlSource")
    of = translate(given, meanings)
    if of.lost:
        raise ValueError("; ".join(of.lost))
    if given:
        made.tree["of"] = of.value
    return _parted(element, made, "event.host")


def _referrer(element: Element, _: Meanings) -> Source:
    part = element.text("component") or "URL"
    if part not in _PARTS:
        raise ValueError(f"an address has no part {part!r:.40}")
    return _parted(
        element, Source(tree={"type": "referrer", "part": _PARTS[part]}), "event.referrer_host"
    )


def _parted(element: Element, made: Source, host: str) -> Source:
    """What the parts of an address have beside their name."""
    if made.tree["part"] == "query" and element.text("queryKey"):
        made.tree["key"] = element.text("queryKey")
    if made.tree["part"] == "host" and element.params.get("stripWww") is not True:
        if "of" in made.tree:
            made.notes.append("without `www.`")
        else:
            made.tree = {"type": "event", "field": host.removeprefix("event.")}
    if element.params.get("defaultPages"):
        made.notes.append("default pages are not taken off the path")
    return made


def _auto(element: Element, _: Meanings) -> Source:
    kind = element.text("varType")
    if kind not in _AUTO:
        raise ValueError(f"hits tell no {kind or 'such'!r:.40} of elements, only of links")
    made = Source(tree={"type": "event", "field": f"props.{_AUTO[kind]}"})
    part = element.text("component") or "URL"
    if kind == "URL" and part in _PARTS and part != "URL":
        made.tree = {"type": "url", "part": _PARTS[part], "of": "{{ event.props.link_url }}"}
    made.notes.append("of links to other hosts and to files, without query and fragment")
    return made


def _random(element: Element, _: Meanings) -> Source:
    bounds = {"from": element.text("min"), "to": element.text("max")}
    numbers = {
        key: int(text) for key, text in bounds.items() if text.isdecimal() and len(text) < 11
    }
    return Source(tree={"type": "random", **numbers})


def _always(type_: str, note: str = "") -> Callable[[Element, Meanings], Source]:
    return lambda *_: Source(tree={"type": type_}, notes=[note] if note else [])


def _name(*_: Any) -> Source:
    return Source(tree={"type": "event", "field": "name"})


def _table(
    make: Callable[[Element, Meanings], tuple[dict[str, Any], list[str]]],
) -> Callable[[Element, Meanings], Source]:
    def made(element: Element, meanings: Meanings) -> Source:
        tree, notes = make(element, meanings)
        return Source(tree=tree, notes=notes)

    return made


SOURCES: Mapping[str, Callable[[Element, Meanings], Source]] = {
    "v": _data_layer,
    "ed": _field(event_data, "keyPath"),
    "qp": _field(query, "queryParamName"),
    "rh": _field(header, "headerName"),
    "c": _constant,
    "k": _cookie,
    "u": _address,
    "f": _referrer,
    "aev": _auto,
    "e": _name,
    "r": _random,
    "ctv": _always("container_version", "the number of the version here"),
    "ev": _always("environment", "`live` or `staging`, not GTM's names"),
    "smm": _table(lookup),
    "remm": _table(patterns),
}
"""GTM's types."""
