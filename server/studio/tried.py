"""One event tried with a container: each tag's reasoning and request, and what is not known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from server.containers.decide import Plan
from server.destinations.contract import Destination
from server.model import Event
from server.studio.held import Held
from server.studio.in_page import in_page
from server.studio.judged import Side
from server.studio.recollection import Beginning, Recollection
from server.studio.rehearse import Sample, rehearse
from server.studio.traced import tag_lines


def tried(
    sample: Sample,
    plan: Plan,
    destinations: Mapping[str, Destination],
    held: Held | None = None,
    *,
    runs_page_tags: bool = True,
) -> Iterator[str]:
    """Lines to read; `held` is given for a stored event, of which not all is there any more."""
    unknown = {} if held is None else _unknown(sample.event, plan, destinations, held)
    for trace in rehearse(sample, plan, destinations).tags:
        yield from tag_lines(trace, is_sent=False)
        yield from (f"    UNKNOWN {line}" for line in unknown.get(trace.tag, ()))
    yield from in_page(sample.event, plan, may_run=runs_page_tags)


def _unknown(
    event: Event, plan: Plan, destinations: Mapping[str, Destination], held: Held
) -> dict[str, list[str]]:
    """By tag, what its decision or its request looks at and is not there."""
    memory = Recollection(Beginning(since=event.received_at, zone=plan.zone))
    side = Side(plan, memory, destinations)
    lines: dict[str, list[str]] = {}
    for tag, one in side.judge(event, held).items():
        lines[tag] = [f"whether it is sent: {reason}" for reason in sorted(one.unknown)]
        if one.send is not None:
            blurred = side.ask(one, event, held).blurred
            lines[tag] += [f"{field}: {reason}" for field, reason in blurred.items()]
    return lines
