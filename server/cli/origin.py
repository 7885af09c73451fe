"""The option that says where browsers find the collector."""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit

import click


def browsable(_: click.Context, __: click.Parameter, origin: str | None) -> str | None:
    """Refuses what a browser would read as a path of the page."""
    if origin is None:
        return origin
    parts = urlsplit(origin)
    is_whole = parts.scheme in {"http", "https"} and re.fullmatch(r"[\w.:\[\]-]+", parts.netloc)
    if not is_whole or not parts.hostname or parts.query or parts.fragment:
        guess = re.sub(r"^\W+|[\s?#].*", "", origin.rpartition("://")[2]) or "t.example.com"
        raise click.BadParameter(
            f"{origin!r} is not where a browser finds the collector; write https:// or http://, "
            f"the host and perhaps a path: https://{guess}"
        )
    return origin


origin = click.option(
    "--origin",
    metavar="URL",
    default=lambda: f"http://{os.environ.get('FREEHOLD_LISTEN') or '127.0.0.1:8000'}",
    show_default="http:// and FREEHOLD_LISTEN",
    callback=browsable,
    help="Where browsers reach the collector, such as https://t.example.com.",
)
