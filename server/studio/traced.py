"""What a draft made of an event, in words: for whoever follows a preview."""

from __future__ import annotations

from collections.abc import Iterator

from server.publication import TagTrace, Trace
from server.studio.why import clock, in_words


def told(trace: Trace) -> Iterator[str]:
    """A trace as lines to read."""
    yield f"{clock(trace.received_at)}  {trace.event_name}  {trace.url}"
    yield f"  event {trace.event_id}"
    for tag in trace.tags:
        yield from (f"  {line}" for line in tag_lines(tag, is_sent=trace.is_sent))


def tag_lines(tag: TagTrace, *, is_sent: bool) -> Iterator[str]:
    """What becomes of one tag, as lines to read."""
    outcome = {
        "send": "is sent" if is_sent else "would be sent",
        "not_fired": "not fired",
        "withheld": f"withheld: {in_words(tag.reason)}",
        "refused": f"would be refused: {in_words(tag.reason)}",
    }
    yield f"{tag.tag} ({tag.type}): {outcome.get(tag.outcome, tag.outcome)}"
    yield from (f"    {word}" for word in tag.words)
    if tag.method:
        yield f"    {tag.method} {tag.url}"
        yield from (f"    {name}: {value}" for name, value in tag.headers.items())
        yield f"    {tag.body}"
