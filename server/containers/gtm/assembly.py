"""One pass over an export: variables, then what names them, each part put in or refused."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import Any

from server.containers.gtm.built_in import MADE, made_name, meanings
from server.containers.gtm.draft import MAX_REASON, Barred, Draft, names_of
from server.containers.gtm.export import Element, Export
from server.containers.gtm.ga4 import GOOGLE_TAGS
from server.containers.gtm.references import Meaning, names_in
from server.containers.gtm.report import Outcome
from server.containers.gtm.tag import Waiting, Wiring
from server.containers.gtm.tags import tag
from server.containers.gtm.transformations import TYPES, affected, transformation
from server.containers.gtm.triggers import Found, built_in, group, trigger
from server.containers.gtm.variables import ELSEWHERE, Source, meaning, source
from server.containers.model import TagTypes

GROUP = "TRIGGER_GROUP"
ALL = "all_events"
CONTAINER_ID = "gtm_container_id"
CYCLE = "needs itself, or something that does"
TWICE = "another one has this name, and comes first"


def assemble(export: Export, types: TagTypes, barred: Barred) -> Draft:
    """All parts, but those that the check has something against."""
    folders = {element.id: name for element, name in names_of(export.of("folder"))}
    draft = Draft(barred=barred, folders=folders)
    known = _variables(export, draft)
    triggers = _triggers(export, draft, known)
    wiring = Wiring(
        meanings=known,
        triggers=triggers,
        types=types,
        templates=export.of("customTemplate"),
        google_tags=[one for one in export.of("tag") if one.type in GOOGLE_TAGS],
    )
    _transformations(export, draft, wiring, _tags(export, draft, wiring))
    _built_in(export, draft)
    return draft


def _variables(export: Export, draft: Draft) -> dict[str, Meaning]:
    """Puts the variables in; gives what every name stands for."""
    known = meanings(export)
    reserved = [*map(made_name, MADE), CONTAINER_ID]
    named = names_of(export.of("variable"), reserved)
    first = {}
    for element, name in named:
        if element.name not in first:
            first[element.name] = (element, name)
            known[element.name] = meaning(element, name)
    sources = _sources(first, known, draft)
    for element, name in named:
        if first[element.name][0] is not element:
            draft.refuse(element, TWICE)
        elif name in sources:
            draft.put(element, name, sources[name].tree, sources[name].notes)
        elif element.type in ELSEWHERE:
            is_whole = element.type != "awec"
            outcome = Outcome.CONVERTED if is_whole else Outcome.APPROXIMATED
            draft.tell(element, outcome, "", [ELSEWHERE[element.type]])
        else:
            draft.refuse(element, known[element.name].lost)
    return known


def _sources(
    first: dict[str, tuple[Element, str]], known: dict[str, Meaning], draft: Draft
) -> dict[str, Source]:
    """The variables that can be made; one that cannot takes those with it that need it."""
    made: dict[str, Source] = {}
    order = in_order({gtm: set(names_in(dict(one.params))) for gtm, (one, _) in first.items()})
    for gtm in first.keys() - set(order):
        known[gtm] = Meaning(lost=CYCLE, source=first[gtm][0])
    for gtm in order:
        element, name = first[gtm]
        if known[gtm].lost:
            continue
        try:
            draft.allow("variable", name)
            made[name] = source(element, known)
        except ValueError as error:
            known[gtm] = Meaning(lost=str(error)[:MAX_REASON], source=element)
    return made


def in_order(needs: dict[str, set[str]]) -> list[str]:
    """Names after all that they need; those that need themselves in the end are left out."""
    needed_by: dict[str, list[str]] = defaultdict(list)
    for name, others in needs.items():
        for other in others & needs.keys():
            needed_by[other].append(name)
    waits = {name: len(others & needs.keys()) for name, others in needs.items()}
    queue = deque(name for name, count in waits.items() if not count)
    order = []
    while queue:
        name = queue.popleft()
        order.append(name)
        for other in needed_by[name]:
            waits[other] -= 1
            if not waits[other]:
                queue.append(other)
    return order


def _triggers(export: Export, draft: Draft, known: dict[str, Meaning]) -> dict[str, Found]:
    """Puts the triggers in; gives each by GTM's id."""
    found: dict[str, Found] = {}
    named = names_of(export.of("trigger"))
    for is_group in (False, True):
        members = found | {id_: built_in(id_) for id_ in _members(named) if id_ not in found}
        for element, name in named:
            if (element.type == GROUP) is not is_group:
                continue
            try:
                draft.allow("trigger", name)
                one = group(element, members) if is_group else trigger(element, known)
                if one.tree:
                    one.name = name
                    draft.put(element, name, one.tree, one.notes)
                else:
                    one.name = ALL
                    draft.tell(element, Outcome.CONVERTED, ALL, [])
            except ValueError as error:
                one = Found(lost=f"{element.name}: {error}"[:MAX_REASON])
                draft.refuse(element, str(error))
            found.setdefault(element.id, one)
    return found


def _members(named: list[tuple[Element, str]]) -> list[str]:
    ids = [element.params.get("triggerIds") for element, _ in named if element.type == GROUP]
    return [one for some in ids if isinstance(some, list) for one in some if isinstance(one, str)]


def _tags(export: Export, draft: Draft, wiring: Wiring) -> dict[str, str]:
    """Puts the tags in; gives GTM's name → ours of those that are there."""
    there: dict[str, str] = {}
    for element, name in names_of(export.of("tag")):
        try:
            draft.allow("tag", name)
            made = tag(element, wiring)
        except Waiting as error:
            draft.refuse(element, str(error), Outcome.WAITING)
        except ValueError as error:
            draft.refuse(element, str(error))
        else:
            draft.to_do += made.to_do
            if made.tree:
                draft.put(element, name, made.tree, made.notes, made.part)
                if made.part == "tags":
                    there.setdefault(element.name, name)
            else:
                draft.tell(element, Outcome.APPROXIMATED, "", made.notes)
    return there


def _transformations(export: Export, draft: Draft, wiring: Wiring, tags: dict[str, str]) -> None:
    for element, name in names_of(export.of("transformation")):
        try:
            draft.allow("transformation", name)
            tree = transformation(element, tags, wiring.meanings)
        except ValueError as error:
            draft.refuse(element, str(error))
            if TYPES.get(element.type) != "augment":
                _hold(element, draft, tags)
        else:
            draft.put(element, name, tree, [])


def _hold(element: Element, draft: Draft, tags: dict[str, str]) -> None:
    """Without what hides something of an event, a tag would tell more than it did."""
    named, is_but = affected(element, tags)
    for name in tags.values():
        if (name in named) is not is_but:
            reason = f"paused, since what hides something of its events is lost: {element.name}"
            draft.hold(name, reason)


def _built_in(export: Export, draft: Draft) -> None:
    """The variables that stand for built-in ones, as far as something names them."""
    used = set(names_in(draft.parts))
    made: dict[str, Any] = {made_name(name): dict(tree) for name, tree in MADE.items()}
    made[CONTAINER_ID] = {"type": "constant", "value": export.public_id}
    for name, tree in made.items():
        if name in used:
            draft.parts["variables"][name] = tree
