"""Debian's real Caddy with its recipe, and certificates that it makes itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.embedded_store import free_port
from tests.fronts import COLLECTOR, OPERATING, connect, program, started
from tests.running import wait_for

OPTIONS = """{{
	admin off
	local_certs
	skip_install_trust
	default_bind 127.0.0.1
	http_port {http_port}
	https_port {port}
"""
"""What nobody needs who is root and asks a certificate authority."""
HOSTS = ("shop.example", "c.shop.example")


def recipe() -> str:
    """The Caddyfile."""
    return OPERATING.partition("### Caddy\n")[2].partition("```\n")[2].partition("```")[0]


def behind_cloudflare(networks: str) -> str:
    """The Caddyfile that believes networks, in place of Cloudflare's."""
    [line] = re.findall(r"^\t+trusted_proxies .*\n", OPERATING, re.MULTILINE)
    line = re.sub("(?<=trusted_proxies ).*", networks, line)
    return re.sub(r"reverse_proxy .* {\n", lambda found: found[0] + line, recipe())


@contextmanager
def caddy_before(
    collector: int, folder: Path, *, port: int, text: str | None = None
) -> Iterator[None]:
    """A Caddy with the folder's `www` and the recipe, before a collector's port."""
    options = OPTIONS.format(http_port=free_port(), port=port)
    text = (text or recipe()).replace("{\n", options, 1).replace("/var/www/shop", "www")
    (folder / "Caddyfile").write_text(text.replace(COLLECTOR, f"127.0.0.1:{collector}"))
    command = [str(program("caddy")), "run", "--config", "Caddyfile", "--adapter", "caddyfile"]
    with started(command, port, folder, HOME=str(folder)):
        wait_for(lambda: all(_is_certified(port, host) for host in HOSTS), "certificates")
        yield


def _is_certified(port: int, host: str) -> bool:
    """Caddy listens before it has made the certificates."""
    try:
        connect(port, host, is_tls=True).close()
    except OSError:
        return False
    return True
