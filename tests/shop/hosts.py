"""Shops on hosts of their own, with TLS: a real nginx before one Freehold.

    https://www.kiln.example/demo/…      ──▶ the demo shop
    https://www.kiln.example/demo/hit    ──▶ /kiln/hit, and so with all that a container serves

So each host's pages carry a container of their own, and know of none of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from tests.embedded_store import free_port
from tests.fronts.certificate import certify
from tests.fronts.nginx import nginx


class Host(Struct, frozen=True, kw_only=True):
    """A host, the container of its pages, and what stands in them instead of what."""

    name: str
    container: str
    instead: dict[str, str] = {}


CARRIER = "https://www.example.com/"
"""Where a link on the page about delivery goes."""
HOSTS = (
    Host(
        name="www.kiln.example",
        container="kiln",
        instead={CARRIER: "https://www.loom.example/demo/?from=kiln#main"},
    ),
    Host(name="www.loom.example", container="loom"),
    Host(name="platforms.example", container="platforms"),
    Host(name="commander.example", container="commander"),
    Host(name="exempt.example", container="exempt"),
    Host(
        name="own.example",
        container="glaze",
        instead={'"freehold","/demo/tag.js"': '"kiln","/demo/cup.js"'},
    ),
)
SHOP = """
server {{
    listen 127.0.0.1:{port} ssl;
    server_name {host.name};
    root www;
    ssl_certificate cert.pem; ssl_certificate_key key.pem;
    location ~ ^/demo/(tag\\.js|hit|hit\\.gif|link|cup\\.js|fire|saucer)$ {{
        proxy_pass http://freehold/{host.container}/$1$is_args$args;
        include snippets/freehold.conf;
    }}
    location /demo/ {{
        proxy_pass http://freehold;
        include snippets/freehold.conf;
        sub_filter_once off;
{instead}
    }}
}}
"""
PARTNER = """
server {{
    listen 127.0.0.1:{port} ssl default_server;
    ssl_certificate cert.pem; ssl_certificate_key key.pem;
    root www;
}}
"""
"""Whoever else is asked, from the folder's `www`."""


@contextmanager
def shops_before(collector: int, folder: Path) -> Iterator[int]:
    """The port on which all hosts are, before a collector's."""
    port = free_port()
    certify("kiln.example", folder)
    (folder / "www").mkdir()
    (folder / "www" / "chat.js").write_text("window.chats = (window.chats || 0) + 1;\n")
    (folder / "www" / "pixel.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>\n")
    servers = [SHOP.format(port=port, host=host, instead=_instead(host)) for host in HOSTS]
    with nginx(collector, folder, "".join([*servers, PARTNER.format(port=port)]), port):
        yield port


def _instead(host: Host) -> str:
    """The pages are changed on their way, so their policies and nonces stay the shop's own."""
    return "".join(f"sub_filter '{old}' '{new}';\n" for old, new in host.instead.items())
