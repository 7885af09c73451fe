"""What GTM has without anybody defining it: variables by display name, triggers by number."""

from __future__ import annotations

from server.containers.gtm.export import Export
from server.containers.gtm.references import Meaning

LINK = "only of links to other hosts and to files, without query and fragment"
NO_FORMS = "the tag does not watch forms: let the page push what it needs with its own event"
NO_ELEMENTS = "hits tell of no elements: use `event.props.link_id`, `link_classes` or `link_text`"
NO_SCROLL = "the tag does not watch scrolling: let the page push what it needs"
NO_VIDEO = "the tag does not watch videos: let the page push what it needs"
NO_VISIBILITY = "the tag does not watch what is visible"
NO_ERRORS = "the tag does not watch errors of scripts"
NO_OLD = "the tag sends the new address only; `event.referrer` is the one before"
NO_REQUEST = "there is no request of GTM's: hits come to the collector's own paths"

LOOKS = {
    "Page URL": "event.url",
    "Page Hostname": "event.host",
    "Page Path": "event.path",
    "Referrer": "event.referrer",
    "Event": "event.name",
    "Event Name": "event.name",
    "_event": "event.name",
    "Click URL": "event.props.link_url",
    "Click Text": "event.props.link_text",
    "Click ID": "event.props.link_id",
    "Click Classes": "event.props.link_classes",
    "Visitor Region": "event.region",
}
"""Display name → what a placeholder of ours looks at."""
MADE = {
    "Container Version": {"type": "container_version"},
    "Environment Name": {"type": "environment"},
    "Random Number": {"type": "random"},
    "New History Fragment": {"type": "url", "part": "fragment"},
}
"""Display name → the variable of ours that is made for it."""
PREFIXES = {
    "Form ": NO_FORMS,
    "Scroll ": NO_SCROLL,
    "Video ": NO_VIDEO,
    "Error ": NO_ERRORS,
    "Percent Visible": NO_VISIBILITY,
    "On-Screen Duration": NO_VISIBILITY,
    "Old History ": NO_OLD,
    "New History State": NO_OLD,
    "History Source": NO_OLD,
    "Click ": NO_ELEMENTS,
    "Request ": NO_REQUEST,
    "Query String": NO_REQUEST,
    "Client Name": NO_REQUEST,
    "Debug Mode": "previews are another thing here: `freehold container preview`",
    "HTML ID": "what is put into the page has no number here",
}
"""How display names begin that stand for nothing here."""
APPROXIMATE = {
    **dict.fromkeys(("Click URL", "Click Text", "Click ID", "Click Classes"), LINK),
    "Environment Name": "`live` or `staging`, not GTM's names",
    "Container Version": "the number of the version here",
    "Random Number": "the same for one event however often it is asked",
}

EVENTS = {
    "gtm.js": "page_view",
    "gtm.init": "page_view",
    "gtm.init_consent": "page_view",
    "gtm.dom": "page_view",
    "gtm.load": "page_view",
    "gtm.historyChange": "page_view",
    "gtm.historyChange-v2": "page_view",
    "gtm.click": "click",
    "gtm.linkClick": "click",
}
"""GTM's own events, and those that the tag sends in their place."""

ALL_PAGES = {
    "2147479553": "",
    "2147479572": "fires with the page view: what a tag needs of consent is asked then",
    "2147479573": "fires with the page view: there is no earlier moment",
    "2147479574": "GTM's default on servers: fires on every `page_view`",
}
"""Triggers without a definition → how `all_pages` differs."""


def meanings(export: Export) -> dict[str, Meaning]:
    """What each display name stands for; those in MADE look at a variable of the same slug."""
    known = {name: Meaning(look=look) for name, look in LOOKS.items()}
    if export.public_id:
        known["Container ID"] = Meaning(look="gtm_container_id", constant=export.public_id)
    for name in MADE:
        known[name] = Meaning(look=made_name(name))
    for element in export.of("builtInVariable"):
        if element.name not in known:
            known[element.name] = Meaning(lost=lost(element.name))
    return known


def made_name(name: str) -> str:
    """The name of the variable that is made for a display name."""
    return "gtm_" + name.lower().replace(" ", "_")


def lost(name: str) -> str:
    """Why a display name stands for nothing."""
    reasons = (reason for start, reason in PREFIXES.items() if name.startswith(start))
    return next(reasons, "nothing that a hit tells")
