"""HTML with placeholders, cut into what is written as it is and what the page puts between.

    <img src="https://a.example/?q={{ b }}">     what was looked up, percent-encoded
    <script>send({{ c }}, 'x-{{ d }}')</script>  decodeURIComponent("…") around the same
    <script>                                     the nonce of the page's snippet, on each

Of a value only letters, digits and `%-_.*` are written, so it stays what it stands in, whatever it
is and even where this reading of the HTML were wrong: there is no quote, bracket or space with
which to leave. Elsewhere a placeholder cannot stand: what is put into the page is hidden, and text,
`onclick` or `style` are scripts' work.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from server.containers.address import HOST_FIRST, address_fault
from server.containers.explain import shown
from server.containers.page.looks import PLACEHOLDER, Known, Look, look_at

NONCE = 0
"""Stands for the nonce between two texts."""
MAX_PLACEHOLDERS = 50
ADDRESSES = frozenset({"src", "href", "action", "poster", "data"})
RAW = ("script", "style", "textarea", "title", "iframe", "noembed", "noframes", "noscript", "xmp")
SCRIPTS = frozenset({"", "module", "text/javascript", "application/javascript"})
NO_PLACE = "a placeholder cannot stand here: only in a script, or in the query of an address"
IN_QUERY = "expected after a `?`: a value may only fill the query of an address"
ERASES = "`document.write` would erase the page, which is there already"
DECODE = 'decodeURIComponent("', '")'
_ERASING = re.compile(r"document\s*\.\s*write(ln)?\b")
_OPEN = re.compile(r"<(/?)([A-Za-z][^\s/>]*)")
_ATTRIBUTE = re.compile(
    r"""[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"'][^\s>]*)?))?"""
)
_TEXTS = re.compile(r"""\\.|//[^\n]*|/\*.*?(?:\*/|\Z)|(["'`])""", re.S)
_ENCODED = re.compile(r"[^A-Za-z0-9_]")


class _Span(Struct, frozen=True, kw_only=True):
    """A part of the HTML in which a placeholder is one thing."""

    start: int
    end: int
    kind: str
    """`address`, `script`, `nonce`, or why none can stand here."""


class _Put(Struct, frozen=True, kw_only=True):
    """What comes in place of a part of the HTML."""

    start: int
    end: int
    before: str
    item: Any
    after: str


def cut(text: str, known: Known) -> list[Any]:
    """Texts, and between each two of them what is looked up; raises ValueError."""
    if _ERASING.search(text):
        raise ValueError(ERASES)
    places = list(PLACEHOLDER.finditer(text))
    if len(places) > MAX_PLACEHOLDERS:
        raise ValueError(f"{len(places)} placeholders; {MAX_PLACEHOLDERS} at most")
    masked = PLACEHOLDER.sub(lambda match: "x" * len(match[0]), text)
    spans = list(_spans(masked))
    puts = [_put(look_at(place[1], known), place, spans, masked) for place in places]
    puts += [_nonce(span.start) for span in spans if span.kind == "nonce"]
    parts: list[Any] = [""]
    at = 0
    for put in sorted(puts, key=lambda put: put.start):
        parts[-1] += text[at : put.start] + put.before
        if isinstance(put.item, str):
            parts[-1] += put.item + put.after
        else:
            parts += [put.item, put.after]
        at = put.end
    parts[-1] += text[at:]
    return parts


def element(kind: str, src: str, known: Known) -> list[Any]:
    """A script or an image, the placeholders of its address percent-encoded; raises ValueError."""
    if not src.startswith("https://"):
        raise ValueError("expected an address that begins with https://")
    before, after = {
        "script": ('<script async src="', '"></script>'),
        "image": ('<img alt="" src="', '">'),
    }[kind]
    at, written = 0, ""
    for place in PLACEHOLDER.finditer(src):
        written += html.escape(src[at : place.start()]) + place[0]
        at = place.end()
    return cut(before + written + html.escape(src[at:]) + after, known)


def encoded(text: str) -> str:
    """As the page's script writes a value."""
    return _ENCODED.sub(lambda match: "".join(f"%{byte:02x}" for byte in match[0].encode()), text)


def _put(look: Look, place: re.Match[str], spans: list[_Span], masked: str) -> _Put:
    start, end = place.span()
    span = next(one for one in spans if one.start <= start and end <= one.end)
    before = masked[span.start : start]
    if span.kind == "address":
        around = _in_address(before)
    elif span.kind == "script":
        around = _in_script(before)
    else:
        raise ValueError(span.kind)
    item = look.tree if look.constant is None else encoded(look.constant)
    return _Put(start=start, end=end, before=around[0], item=item, after=around[1])


def _nonce(at: int) -> _Put:
    return _Put(start=at, end=at, before=' nonce="', item=NONCE, after='"')


def _in_address(before: str) -> tuple[str, str]:
    if address_fault(before):
        raise ValueError(HOST_FIRST)
    if "?" not in before and "#" not in before:
        raise ValueError(IN_QUERY)
    return "", ""


def _in_script(before: str) -> tuple[str, str]:
    """What stands around a value: it is a text of JavaScript by itself, or joined to one."""
    quote = _quote(before)
    if quote == "`":
        return "${" + DECODE[0], DECODE[1] + "}"
    return (f"{quote}+{DECODE[0]}", f"{DECODE[1]}+{quote}") if quote else DECODE


def _quote(script: str) -> str:
    """The quote of the text inside of which a script ends; empty: none."""
    quote, at = "", 0
    while match := _TEXTS.search(script, at):
        at = match.end()
        if not quote and match[1]:
            quote = match[1]
        elif quote and match[1] == quote:
            quote = ""
        elif quote and not match[0].startswith("\\"):
            at = match.start() + 1
    return quote


def _spans(text: str) -> Iterator[_Span]:
    """The whole HTML, from its beginning to its end."""
    at = 0
    while at < len(text):
        tag = _OPEN.match(text, at)
        if tag:
            name, (attributes, end) = tag[2].lower(), _attributes(text, tag.end())
            is_raw = not tag[1] and name in RAW
            if is_raw and name in ("script", "style"):
                yield _Span(start=tag.end(), end=tag.end(), kind="nonce")
            yield from _tag(at, name, attributes, end)
            at = end
            if is_raw:
                at = _raw_end(text, end, name)
                yield _Span(start=end, end=at, kind=_raw(name, attributes))
            continue
        is_comment = text.startswith("<!--", at)
        closing = text.find("-->", at) + 3 if is_comment else text.find("<", at + 1)
        end = closing if closing > 2 else len(text)
        yield _Span(start=at, end=end, kind=NO_PLACE)
        at = end


def _attributes(text: str, at: int) -> tuple[list[re.Match[str]], int]:
    """A tag's attributes, and where it ends."""
    found = []
    while match := _ATTRIBUTE.match(text, at):
        found.append(match)
        at = match.end()
    end = text.find(">", at)
    return found, len(text) if end < 0 else end + 1


def _tag(start: int, tag: str, attributes: list[re.Match[str]], end: int) -> Iterator[_Span]:
    for match in attributes:
        group = next((number for number in (2, 3, 4) if match[number] is not None), None)
        if group is not None:
            name = match[1].lower()
            kind = "address" if name in ADDRESSES else f"`{shown(tag)} {shown(name)}`: {NO_PLACE}"
            yield _Span(start=match.start(group), end=match.end(group), kind=kind)
    yield _Span(start=start, end=end, kind=NO_PLACE)


def _raw_end(text: str, at: int, name: str) -> int:
    closing = re.compile(rf"</{name}(?=[\s/>]|\Z)", re.I).search(text, at)
    return closing.start() if closing else len(text)


def _raw(tag: str, attributes: list[re.Match[str]]) -> str:
    """What a placeholder is in an element whose content is no HTML."""
    given = {match[1].lower(): match[2] or match[3] or match[4] or "" for match in attributes}
    is_script = tag == "script" and given.get("type", "").strip().lower() in SCRIPTS
    return "script" if is_script else NO_PLACE
