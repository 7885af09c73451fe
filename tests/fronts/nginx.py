"""Debian's real nginx with its recipes: a path of the site, and a sub-domain with TLS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fronts import COLLECTOR, OPERATING, program, started
from tests.fronts.certificate import certify

AROUND = """
daemon off; master_process off; pid pid; error_log errors;
events {{ }}
http {{
    client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp;
    uwsgi_temp_path temp; scgi_temp_path temp; access_log off;
    include conf.d/freehold.conf;
{server}
}}
"""
"""What a Debian has around the recipe, as far as anybody needs it who is not root."""
SITE = """
    server {{
        listen 127.0.0.1:{port};
        root www; default_type text/html;
{location}
    }}
"""


def path_recipe() -> str:
    """The lines of the site's own server."""
    return _block("**a. A path of the site.**")


@contextmanager
def nginx_before(collector: int, folder: Path, *, port: int) -> Iterator[None]:
    """An nginx with the folder's `www` and the recipe of a path, before a collector's port."""
    with nginx(collector, folder, SITE.format(port=port, location=path_recipe()), port):
        yield


@contextmanager
def sub_domain_before(collector: int, folder: Path, *, port: int) -> Iterator[None]:
    """An nginx that is c.shop.example, with a certificate that it makes, the folder's cert.pem."""
    certify("c.shop.example", folder)
    recipe = _block("**b. A sub-domain.**").replace("listen [::]:443 ssl http2;", "")
    server = recipe.replace("443", f"127.0.0.1:{port}")
    for file, ours in (("fullchain.pem", "cert.pem"), ("privkey.pem", "key.pem")):
        server = re.sub(rf"/\S+/{file}", str(folder / ours), server)
    with nginx(collector, folder, server, port):
        yield


@contextmanager
def nginx(collector: int, folder: Path, server: str, port: int) -> Iterator[None]:
    """An nginx with a `server { … }` that listens on the port, and the two files that both recipes
    use."""
    files = dict(re.findall(r"^cat > /etc/nginx/(\S+) <<'END'\n(.*?)^END$", OPERATING, re.M | re.S))
    files["nginx.conf"] = AROUND.format(server=server)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.replace(COLLECTOR, f"127.0.0.1:{collector}"))
    command = [str(program("nginx")), "-p", str(folder), "-c", "nginx.conf", "-e", "errors"]
    with started(command, port, folder):
        yield


def _block(title: str) -> str:
    """The lines for nginx that follow a title."""
    return OPERATING.partition(title)[2].partition("```nginx\n")[2].partition("```")[0]
