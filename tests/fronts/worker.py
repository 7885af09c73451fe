"""Cloudflare's real runtime for Workers with its recipe: `make worker` installs it.

The Worker runs as it is written: whatever it fetches goes to the server that is c.shop.example.
What only Cloudflare's edge does is not here: it sets CF-Connecting-IP, whatever a client says.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.embedded_store import free_port
from tests.fronts import OPERATING, started
from tests.fronts.nginx import sub_domain_before
from tests.running import ROOT

FOLDER = ROOT / ".venv" / "workerd"
CONFIG = """using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "shop", worker = (
      modules = [(name = "worker", esModule = embed "worker.mjs")],
      compatibilityDate = "2026-01-01",
      globalOutbound = "collector",
    )),
    (name = "collector", external = (
      address = "127.0.0.1:{collector}",
      https = (
        options = (),
        tlsOptions = (trustedCertificates = [embed "cert.pem"]),
        certificateHost = "c.shop.example",
      ),
    )),
  ],
  sockets = [(name = "http", address = "127.0.0.1:{port}", http = (), service = "shop")],
);
"""


def workerd() -> str | None:
    """Where the runtime is, if anybody has installed it."""
    found = FOLDER.glob("node_modules/@cloudflare/workerd-*/bin/workerd")
    return next(map(str, found), None)


def recipe() -> str:
    """The Worker, a module."""
    return OPERATING.partition("### Cloudflare\n")[2].partition("```js\n")[2].partition("```")[0]


@contextmanager
def worker_before(collector: int, folder: Path, *, port: int) -> Iterator[None]:
    """The Worker, before the recipe of nginx for c.shop.example, before a collector's port."""
    nginx = free_port()
    with sub_domain_before(collector, folder, port=nginx):
        (folder / "worker.mjs").write_text(recipe())
        (folder / "config.capnp").write_text(CONFIG.format(collector=nginx, port=port))
        with started([str(workerd()), "serve", "config.capnp"], port, folder):
            yield
