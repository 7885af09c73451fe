"""What the page tags of a container would make of one event, by the server's own triggers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from server.containers.decide import GRANTED, NOT_SAID, Plan, missing_consent
from server.containers.match import limit_words
from server.containers.model import PageTag
from server.containers.scope import Scope
from server.enrich.consent import DEFAULT
from server.model import Event
from server.publication import TagTrace

OFF = "off: `enabled: true` lets it run"
FORBIDDEN = "FREEHOLD_PAGE_TAGS=off forbids it on this node"


def in_page(event: Event, plan: Plan, *, may_run: bool = True) -> Iterator[str]:
    """Lines to read, of each page tag in the container's order; the operator may let none run."""
    for trace in page_traces(event, plan, may_run=may_run):
        yield f"{trace.tag} ({trace.type}): {trace.outcome}"
        yield from (f"    {word}" for word in trace.words)


def page_traces(event: Event, plan: Plan, *, may_run: bool) -> Iterator[TagTrace]:
    """The same, to be kept with those of the container's other tags."""
    scope = Scope(event, variables=plan.variables)
    for name, tag in plan.container.page_tags.items():
        outcome, words = _judged(tag, scope, plan) if may_run else ("does not run", [FORBIDDEN])
        yield TagTrace(tag=name, type=f"{tag.type}, in the page", outcome=outcome, words=words)


def page_consent(event: Event) -> Mapping[str, str]:
    """The consent as the page knew it: without what the container grants where nobody spoke."""
    if event.consent_source != DEFAULT:
        return event.consent
    return {purpose: said for purpose, said in event.consent.items() if said != GRANTED}


def _judged(tag: PageTag, scope: Scope, plan: Plan) -> tuple[str, list[str]]:
    noes = {one.name: one.explain(scope) for one in plan.matchers}
    fired = [name for name in tag.fires_on if not noes[name]]
    blocking = [name for name in tag.exceptions if not noes[name]]
    if not tag.enabled:
        return "does not run", [OFF]
    if tag.environments and plan.environment not in tag.environments:
        return "does not run", [f"it is for {' and '.join(tag.environments)} only"]
    if not fired:
        return "does not run", [f"{name}: {noes[name]}" for name in tag.fires_on]
    words = [f"fired by {', '.join(fired)}"]
    if blocking:
        return "does not run", [*words, f"blocked by {', '.join(blocking)}"]
    if tag.limit is not None:
        words.append(f"unless {limit_words(tag.limit)}")
    consent = page_consent(scope.event)
    needed = missing_consent(tuple(tag.needs_consent), consent)
    if needed:
        told = [f"needs {one}, which is {consent.get(one) or NOT_SAID}" for one in needed]
        return "waits in the page for consent", [*words, *told]
    return "would run", words
