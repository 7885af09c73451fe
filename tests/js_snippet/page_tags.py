"""Containers with page tags, for the tests of what runs in the page."""

from __future__ import annotations

from typing import Any

import msgspec

from server.containers.checks import check
from server.containers.model import Container

FIRED = "window.fired || (window.fired = [])"


def telling(name: str, **more: Any) -> dict[str, Any]:
    """A page tag that tells `window.fired` its name and the event's."""
    html = f"<script>({FIRED}).push('{name} {{{{ event.name }}}}')</script>"
    tag = {"type": "html", "html": html, "fires_on": ["all_events"], "needs_consent": []}
    return {**tag, "enabled": True, **more}


def with_page_tags(tags: dict[str, Any], **more: Any) -> Container:
    """A container that is well, with these page tags."""
    tree = {"id": "shop", "sites": ["self"], "cookie": {"mode": "always"}, "page_tags": tags}
    tree |= {"observe": {"page_views": False}, "consent": {"gpc": False}, **more}
    assert [str(fault) for fault in check(tree, None)] == []
    return msgspec.convert(tree, Container)
