"""Custom HTML and custom images: page tags, which are off until somebody lets them run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.containers.gtm.export import Element
from server.containers.gtm.references import translate
from server.containers.gtm.tag import Made, Wiring, rule_in_page

IN_PAGE: Mapping[str, str] = {"html": "html", "img": "image"}
"""GTM's type → ours."""
OFF = "is off until `enabled: true`: it would run with all rights of the page"
CACHE_BUSTER = "gtmcb"


def page_tag(element: Element, wiring: Wiring) -> Made:
    """The tag of ours; raises ValueError with the reason why there is none."""
    kind = IN_PAGE[element.type]
    key = "html" if kind == "html" else "src"
    found = translate(element.text("html" if kind == "html" else "url"), wiring.meanings)
    if found.lost:
        raise ValueError("; ".join(found.lost))
    text = found.value if kind == "html" else _address(element, found.value)
    tree: dict[str, Any] = {"type": kind, "enabled": False, key: text}
    made = Made(tree=tree, notes=[OFF], part="page_tags")
    rule_in_page(element, made, wiring)
    return made


def _address(element: Element, address: str) -> str:
    """An image's address, with what keeps it from being cached: the event's id."""
    address = f"https:{address}" if address.startswith("//") else address
    if element.params.get("useCacheBuster") is not True:
        return address
    name = element.text("cacheBusterQueryParam") or CACHE_BUSTER
    return f"{address}{'&' if '?' in address else '?'}{name}={{{{ event.event_id }}}}"
