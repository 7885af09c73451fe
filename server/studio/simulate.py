"""A simulation: the events of the last days run through two containers, and what is different.

    stored event ──▶ what is held of it ──▶ before.judge ─┐
                                       └──▶ after.judge ──┴──▶ Comparison, tag by tag

Nothing is sent, and secrets are never looked up. The draft runs under the number of the version
that it is compared with, so that the number alone makes no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from server.containers.decide import Plan
from server.containers.model import Container, TagTypes
from server.destinations.contract import Destination
from server.model import NO_VISITOR, Event
from server.store.window import Kept
from server.studio.compared import Comparison, TagChange, count, note_change
from server.studio.distinct import Distinct
from server.studio.fields import REFUSED, fields_of
from server.studio.held import Held, Keeping, held, keeping
from server.studio.judged import WHOLE, Asked, Judged, Side
from server.studio.page_runs import PageRuns
from server.studio.recollection import Beginning, Recollection

CONSENT = "consent: the event has it as the rules of its time made it, and these rules are others"
Versions = Callable[[int], Container | None]
"""The container that a version number is; None: nobody knows any more."""


class Case(Struct, frozen=True, kw_only=True):
    """What is compared, over what."""

    before: Plan
    after: Plan
    versions: Versions
    types: TagTypes
    destinations: Mapping[str, Destination]
    now: int
    runs_page_tags: bool = True
    """Whether the operator lets page tags run."""


class _Then(Struct, frozen=True, kw_only=True):
    """What of the version that handled an event counts."""

    keeping: Keeping | None = None
    doubt_before: str = ""
    doubt_after: str = ""


class Simulation:
    """Takes events in their order; `comparison` is whole after `finish`."""

    def __init__(self, case: Case, comparison: Comparison) -> None:
        is_sampled = comparison.sample < 1
        self.comparison = comparison
        self._case = case
        self._visitors = Distinct()
        self._then: dict[int, _Then] = {}
        self._sides = [
            Side(
                plan,
                Recollection(
                    Beginning(since=comparison.since, zone=plan.zone, is_sampled=is_sampled)
                ),
                case.destinations,
            )
            for plan in (case.before, case.after)
        ]
        self._pages = PageRuns(case.before, case.after, may_run=case.runs_page_tags)
        comparison.notes += _notes(case.before.container, case.after.container)
        comparison.notes += self._pages.notes
        comparison.tags.update(_changes(case))
        comparison.page_tags.update(self._pages.changes)

    def take(self, kept: Kept) -> None:
        """One more event."""
        event, comparison = kept.event, self.comparison
        comparison.events += 1
        then = self._then_of(event.container_version)
        known = held(event, kept.context, then.keeping, now=self._case.now)
        before, after = self._sides
        was = before.judge(event, known, then.doubt_before)
        would = after.judge(event, known, then.doubt_after)
        is_concerned = self._pages.take(event, (then.doubt_before, then.doubt_after))
        for tag in was.keys() | would.keys():
            pair = (was.get(tag), would.get(tag))
            is_concerned |= self._compare(comparison.tags[tag], pair, event, known)
        if is_concerned and event.visitor_id != NO_VISITOR:
            self._visitors.add(event.visitor_id)

    def finish(self) -> Comparison:
        """The comparison, with all numbers."""
        self.comparison.visitors = self._visitors.count
        self.comparison.is_exact = self._visitors.is_exact
        return self.comparison

    def _then_of(self, version: int) -> _Then:
        if version not in self._then:
            container = self._case.versions(version)
            if container is None:
                doubt = f"consent: the rules of version {version} are not known any more"
                self._then[version] = _Then(doubt_before=doubt, doubt_after=doubt)
            else:
                before, after = self._case.before.container, self._case.after.container
                self._then[version] = _Then(
                    keeping=keeping(container, self._case.types),
                    doubt_before=CONSENT if before.consent != container.consent else "",
                    doubt_after=CONSENT if after.consent != container.consent else "",
                )
        return self._then[version]

    def _compare(
        self, change: TagChange, pair: tuple[Judged | None, Judged | None], event: Event, of: Held
    ) -> bool:
        """Notes what is different; whether anything is."""
        was, would = pair
        unknown = {reason for one in pair if one is not None for reason in one.unknown}
        if unknown:
            count(change.unknown, "; ".join(sorted(unknown)))
            return False
        is_sent = [one is not None and one.send is not None for one in pair]
        change.before += is_sent[0]
        change.after += is_sent[1]
        for one, withheld in zip(
            pair, (change.withheld_before, change.withheld_after), strict=True
        ):
            if one is not None and one.reason:
                count(withheld, one.reason)
        change.more += is_sent[1] and not is_sent[0]
        change.less += is_sent[0] and not is_sent[1]
        if was is not None and would is not None and _is_same(was, would):
            asked = [self._sides[1].ask(would, event, of)] * 2
            return _compare_requests(change, asked, event.event_id)
        requests = [
            side.ask(one, event, of) if one is not None and one.send is not None else None
            for side, one in zip(self._sides, pair, strict=True)
        ]
        return _compare_requests(change, requests, event.event_id) or is_sent[0] != is_sent[1]


def _is_same(was: Judged, would: Judged) -> bool:
    """Whether the same is sent, for sure."""
    return was.send is not None and was.send == would.send and not was.blurred | would.blurred


def _compare_requests(
    change: TagChange, requests: list[Asked | None] | list[Asked], event_id: str
) -> bool:
    before, after = requests
    blurred = _blurred(requests)
    was, would = map(_refusal, requests)
    if was:
        count(change.refused_before, was)
    if would:
        count(change.refused_after, would)
        change.refusals += not was and REFUSED not in blurred
    if REFUSED in blurred:
        count(change.refused_unknown, blurred[REFUSED])
    if before is None or after is None:
        return False
    for name, reason in blurred.items():
        count(change.note_field(name).unknown, reason)
    if WHOLE in blurred:
        return False
    if before.trace == after.trace:
        change.same += 1
        return False
    fields = (
        {name: text for name, text in fields_of(one.trace).items() if name not in blurred}
        for one in (before, after)
    )
    is_changed = note_change(change, event_id, *fields)
    change.changed += is_changed
    change.same += not is_changed
    return is_changed


def _blurred(requests: Iterable[Asked | None]) -> dict[str, str]:
    """What is not known of one or the other, and why."""
    return {name: why for one in requests if one is not None for name, why in one.blurred.items()}


def _refusal(asked: Asked | None) -> str:
    """Why a request is refused before it is sent; empty: it is not, or that is not known."""
    if asked is None or REFUSED in asked.blurred:
        return ""
    return asked.trace.reason if asked.trace.outcome == "refused" else ""


def _changes(case: Case) -> dict[str, TagChange]:
    """A row for each tag of both, in the order of the one that is tried."""
    before, after = case.before.container.tags, case.after.container.tags
    return {
        name: TagChange(
            type=(after.get(name) or before[name]).type,
            is_new=name not in before,
            is_gone=name not in after,
        )
        for name in (*after, *(name for name in before if name not in after))
    }


def _notes(before: Container, after: Container) -> list[str]:
    """Of what is different between the two and is done before an event is stored."""
    keys = {
        "currency": "events without a currency have the one of their time",
        "observe": "what the tag will see more or less in the page did not happen yet",
        "sites": "pages that may send more, or less",
        "cookie": "who will be recognised",
    }
    return [
        f"`{key}` is another one: not simulated: {words}"
        for key, words in keys.items()
        if getattr(before, key) != getattr(after, key)
    ]


def numbered(container: Container, like: Container) -> Container:
    """A draft under the number of what it is compared with."""
    return replace(container, version=like.version)
