"""A preview: a signed link that turns a container's draft on for one browser.

    link?token=…&to=page ──▶ the collector: cookie fh_preview_<container> ──▶ page, hits
    token = <base version>.<until, seconds>.<look or send>.<signature>, bound to the container

It ends by its time, and when a version is published that its maker had not seen. The cookie's value
is the token.
"""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlencode

from msgspec import Struct

from server.clock import MINUTE_MS
from server.containers.model import SELF, Container
from server.identity import Signer

PURPOSE = "preview"
"""Of the key that signs."""
PATH = "preview"
COOKIE = "fh_preview_"
"""Begins the cookie's name; the container's id ends it."""
LASTS_MS = 60 * MINUTE_MS
MAX_TOKEN = 256

Mode = Literal["look", "send"]


class Preview(Struct, frozen=True, kw_only=True):
    """What a token says."""

    base: int
    """The newest version that its maker had seen."""
    until: int
    """When it ends, ms UTC, in whole seconds."""
    mode: Mode = "look"
    """`send`: partners get what the draft sends; else nothing."""


def sign_preview(preview: Preview, signer: Signer) -> str:
    """The token."""
    return signer.sign(f"{preview.base}.{preview.until // 1000}.{preview.mode}")


def read_preview(token: str, *, signer: Signer, now: int) -> Preview | None:
    """What a token says, if it is one of ours and not over."""
    text = signer.unsign(token) if len(token) <= MAX_TOKEN and token.isascii() else None
    if text is None:
        return None
    base, until, mode = text.split(".")
    preview = Preview(
        base=int(base), until=int(until) * 1000, mode="send" if mode == "send" else "look"
    )
    return preview if now < preview.until else None


def what_goes_out(container: Container, mode: Mode, *, runs_page_tags: bool = True) -> str:
    """What partners hear of a preview, to be told with its link."""
    sent = "Partners get what it sends." if mode == "send" else "Nothing is sent to partners."
    running = [name for name, tag in container.page_tags.items() if tag.enabled]
    if running and not runs_page_tags:
        return f"{sent} Page tags do not run: FREEHOLD_PAGE_TAGS=off forbids it."
    return f"{sent} Page tags run in that browser: {', '.join(running)}." if running else sent


def preview_link(container_id: str, token: str, *, origin: str, to: str) -> str:
    """What is opened in the browser; `to` is the page to go on to."""
    query = urlencode({"token": token, "to": to})
    return f"{origin.rstrip('/')}/{container_id}/{PATH}?{query}"


def first_page(container: Container, origin: str) -> str:
    """A page of the container to begin with; for `self`, what the collector shows of it."""
    site = container.sites[0]
    return f"{origin.rstrip('/')}/{container.id}/" if site == SELF else f"{site}/"
