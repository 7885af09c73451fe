"""The destinations as documents, made from what each says of itself: a table, a page of each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from server.clock import DAY_MS, HOUR_MS
from server.containers.documented import keys_of, type_words
from server.delivery import Mixed, Outcome, Request
from server.destinations.contract import Answer, Destination, Example

INTRODUCTION = """# Destinations

What each partner is sent, made from the declarations in `server/destinations` by `make documents`;
a test compares the two. `freehold container destinations NAME` prints one of them with all of its
examples, `freehold container try` what it would be sent of an event of yours.
"""
_COLUMNS = (
    *("`type:`", "partner", "mapped", "recognises visitors by", "knows again by"),
    *("window", "batch", "consent"),
)


def table(destinations: Mapping[str, Destination]) -> str:
    """One row a destination, in Markdown."""
    rows = [_row(one) for one in destinations.values()]
    head = f"| {' | '.join(_COLUMNS)} |"
    return "\n".join((head, "|---" * len(_COLUMNS) + "|", *rows)) + "\n"


def pages(destinations: Mapping[str, Destination]) -> str:
    """All of them, each with the example that says most."""
    told = [INTRODUCTION]
    for one in destinations.values():
        longest = max(one.examples, key=lambda example: len(example.request.body))
        told.append("\n".join(page(one, [longest])))
    return "\n".join(told)


def page(one: Destination, examples: Iterable[Example]) -> Iterator[str]:
    """Lines of Markdown: settings, mapping, limits, examples and answers of one destination."""
    yield from (
        f"## `{one.name}`: {one.title}",
        "",
        f"{one.about} [Its documents]({one.docs}).",
        "",
    )
    yield from _settings(one)
    yield from _mapping(one)
    yield from _limits(one)
    for example in examples:
        yield from (f"**{example.title}**", "", "```http", *_request(example.request), "```", "")
    yield from ("| answer | means |", "|---|---|")
    yield from map(_answer, one.answers)
    if one.refusals:
        yield from ("", "| never sent | reason |", "|---|---|")
        yield from (f"| {_cell(no.title)} | `{no.refused.reason}` |" for no in one.refusals)
    yield ""


def _row(one: Destination) -> str:
    cells = (
        f"`{one.name}`",
        one.title,
        _mapped(one),
        ", ".join(one.match_keys).replace("_", " ") or "what you send",
        one.dedup,
        _window(one.window_ms),
        f"{_events(one.max_events)}, {_size(one.max_bytes)}",
        ", ".join(f"`{purpose}`" for purpose in one.consent),
    )
    return f"| {' | '.join(map(_cell, cells))} |"


def _mapped(one: Destination) -> str:
    if not one.events:
        return "every event as it is" if one.takes_any else "what the tag names"
    return _events(len(one.events)) + (", others as they are" if one.takes_any else "")


def _settings(one: Destination) -> Iterator[str]:
    yield from ("| setting | what | |", "|---|---|---|")
    for key in keys_of(one.config):
        yield f"| `{key.name}` | {_cell(type_words(key.kind))} | {_cell(key.about)} |"
    yield ""


def _mapping(one: Destination) -> Iterator[str]:
    if one.events:
        yield from ("| our event | theirs |", "|---|---|")
        yield from (f"| `{ours}` | `{theirs}` |" for ours, theirs in one.events.items())
        others = "go under their own name" if one.takes_any else "need `event_name` on the tag"
        yield from ("", f"Others {others}.", "")


def _limits(one: Destination) -> Iterator[str]:
    consent = ", ".join(f"`{purpose}`" for purpose in one.consent)
    yield f"- Consent: {consent}, unless the tag says otherwise."
    if one.tcf is not None:
        vendor = f"vendor {one.tcf.vendor}, which must not be refused with `consent: from: [tcf]`"
        told = vendor if one.tcf.vendor else "no vendor: it is not in the IAB's list"
        purposes = ", ".join(map(str, one.tcf.purposes))
        yield f"- TCF: {told}; purposes {purposes}."
    if one.match_keys:
        yield f"- Recognises visitors by {', '.join(one.match_keys).replace('_', ' ')}."
    yield f"- Knows an event again by {one.dedup}."
    batch = f"{_events(one.max_events)} and {_size(one.max_bytes)} a request"
    yield f"- At most {batch}, no older than {_window(one.window_ms)}."
    yield ""


def _request(request: Request) -> Iterator[str]:
    yield f"{request.method} {request.url}"
    yield from (f"{name}: {value}" for name, value in request.headers.items())
    yield ""
    try:
        text = json.dumps(json.loads(request.body), indent=2, ensure_ascii=False)
    except ValueError:
        text = request.body.decode(errors="replace")
    yield from text.splitlines()


def _answer(answer: Answer) -> str:
    body = answer.response.body.decode(errors="replace")[:120]
    shown = f" `{_cell(body)}`" if body else ""
    return (
        f"| {_cell(answer.title)}: {answer.response.status}{shown} | {_meaning(answer.outcome)} |"
    )


def _meaning(outcome: Outcome | Mixed) -> str:
    if isinstance(outcome, Mixed):
        parts = [f"event {place + 1} {_meaning(part)}" for place, part in outcome.parts.items()]
        return f"{', '.join(parts)}; the others {_meaning(outcome.rest)}"
    return type(outcome).__name__.lower()


def _window(ms: int) -> str:
    return f"{ms // DAY_MS} days" if ms % DAY_MS == 0 and ms > 3 * DAY_MS else f"{ms // HOUR_MS} h"


def _events(count: int) -> str:
    return "1 event" if count == 1 else f"{count:,} events"


def _size(count: int) -> str:
    """As its partner says it: in powers of two, or of ten."""
    if count % 2**20 == 0:
        return f"{count >> 20} MiB"
    return f"{count / 1_000_000:g} MB" if count >= 1_000_000 else f"{count / 1000:g} kB"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
