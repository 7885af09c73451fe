"""What of an export is no part of a container: folders, built-ins, clients, templates, zones."""

from __future__ import annotations

from server.containers.gtm.built_in import APPROXIMATE, meanings
from server.containers.gtm.draft import Draft
from server.containers.gtm.export import Export
from server.containers.gtm.report import Outcome

CLIENT = "no client is needed: hits come to the collector's own paths, with its own cookie"
TEMPLATE = "code is not run; tags that use it are told one by one"
ZONE = "a container has no zones: other sites get containers of their own"
GOOGLE = "belongs to Google's tag in the browser"


def rest(export: Export, draft: Draft) -> None:
    """Tells of everything that has no place of its own."""
    for element in export.of("folder"):
        draft.tell(element, Outcome.CONVERTED, draft.folders[element.id], [])
    known = meanings(export)
    for element in export.of("builtInVariable"):
        meaning = known[element.name]
        note = APPROXIMATE.get(element.name, "")
        if meaning.lost:
            draft.refuse(element, meaning.lost)
        else:
            outcome = Outcome.APPROXIMATED if note else Outcome.CONVERTED
            draft.tell(element, outcome, meaning.look, [note] if note else [])
    reasons = {"client": CLIENT, "customTemplate": TEMPLATE, "zone": ZONE, "gtagConfig": GOOGLE}
    for kind, reason in reasons.items():
        for element in export.of(kind):
            draft.refuse(element, reason)
