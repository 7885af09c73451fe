"""What two containers would run in the page of each event: the part of a simulation for page tags.

    event ──▶ triggers, consent of that moment ──▶ runs, or waits for consent ──▶ PageChange

How often a limit stopped it, and whether what waited ran once it was granted, the page alone knows:
each event that fires a tag counts.
"""

from __future__ import annotations

from msgspec import Struct

from server.containers.decide import Plan, missing_consent
from server.containers.match import Matcher
from server.containers.page.compiled import is_here
from server.containers.scope import Scope
from server.model import Event
from server.studio.compared import PageChange, count
from server.studio.in_page import FORBIDDEN, page_consent

LIMITS = "page tags: each event that fires one counts; limits, and grants later on, no event tells"


class Run(Struct, frozen=True, kw_only=True):
    """A tag that an event fires."""

    waits: str = ""
    """For which consent, as a reason; empty: it runs."""
    unknown: str = ""
    """Why that is not known."""


class PageSide:
    """The page tags of one container."""

    def __init__(self, plan: Plan) -> None:
        self._variables = plan.variables
        self._matchers = {one.name: one for one in plan.matchers}
        here = plan.container.page_tags.items()
        self.tags = {name: tag for name, tag in here if is_here(tag, plan.environment)}

    def runs(self, event: Event, doubt: str) -> dict[str, Run]:
        """Those that the event fires, by name; `doubt` is why its consent is not known."""
        scope = Scope(event, variables=self._variables)
        consent = page_consent(event)
        found = {}
        for name, tag in self.tags.items():
            if self._holds(tag.fires_on, scope) and not self._holds(tag.exceptions, scope):
                needed = tuple(tag.needs_consent)
                missing = missing_consent(needed, consent)
                waits = f"consent:{','.join(missing)}" if missing else ""
                found[name] = Run(waits=waits, unknown=doubt if needed else "")
        return found

    def _holds(self, triggers: list[str], scope: Scope) -> bool:
        asked: list[Matcher] = [self._matchers[name] for name in triggers]
        return any(matcher.holds(scope) for matcher in asked)


class PageRuns:
    """Takes the same events as the simulation that it is part of; the operator may let none run."""

    def __init__(self, before: Plan, after: Plan, *, may_run: bool) -> None:
        self._sides = PageSide(before), PageSide(after)
        was, would = (side.tags for side in self._sides)
        names = [*would, *(name for name in was if name not in would)]
        self.notes = [LIMITS if may_run else f"page tags: {FORBIDDEN}"] if names else []
        self.changes = {
            name: PageChange(
                type=(would.get(name) or was[name]).type,
                is_new=name not in was,
                is_gone=name not in would,
            )
            for name in names
            if may_run
        }

    def take(self, event: Event, doubts: tuple[str, str]) -> bool:
        """One more event, if a page made it; whether anything is different."""
        if not self.changes or not event.page_id:
            return False
        was, would = (
            side.runs(event, doubt) for side, doubt in zip(self._sides, doubts, strict=True)
        )
        found = [_note(self.changes[name], was.get(name), would.get(name)) for name in was | would]
        return any(found)


def _note(change: PageChange, was: Run | None, would: Run | None) -> bool:
    unknown = {one.unknown for one in (was, would) if one is not None and one.unknown}
    if unknown:
        count(change.unknown, "; ".join(sorted(unknown)))
        return False
    for one, waits in ((was, change.waits_before), (would, change.waits_after)):
        if one is not None and one.waits:
            count(waits, one.waits)
    ran, runs = (one is not None and not one.waits for one in (was, would))
    change.before += ran
    change.after += runs
    change.more += runs and not ran
    change.less += ran and not runs
    return ran != runs
