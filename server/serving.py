"""uvicorn, as our processes run it."""

from __future__ import annotations

import uvicorn
from starlette.types import ASGIApp

from server.collector.protocol import BoundedProtocol

GRACE_S = 3


def make_server(
    app: ASGIApp, *, protocol: type[BoundedProtocol] = BoundedProtocol
) -> uvicorn.Server:
    """Answers on a listening socket until SIGTERM, when it is run."""
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=protocol,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        backlog=2048,
    )
    return uvicorn.Server(config)
