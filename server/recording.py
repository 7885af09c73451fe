"""The process of the recorder, which plays the demo's partners."""

from __future__ import annotations

import os

from server.clock import now_ms
from server.credentials import SecretMissing
from server.demo.recorder import make_recorder
from server.demo.rows import latest_events
from server.endpoints import analyst_connection, partner_secrets
from server.listening import listen
from server.processes import DEMO_SIGNING_SECRET
from server.serving import make_server
from server.settings import Settings


def run_recorder(settings: Settings) -> None:
    """The demo's stand-in for partners, until SIGTERM."""
    assert settings.demo_listen is not None
    connection = analyst_connection(settings)
    try:
        signing = partner_secrets(settings, os.environ).get(DEMO_SIGNING_SECRET)
    except SecretMissing:
        signing = ""
    app = make_recorder(
        events=lambda: latest_events(connection), now=now_ms, signing_secret=signing
    )
    with listen(settings.demo_listen, "FREEHOLD_DEMO_LISTEN") as door:
        make_server(app).run(sockets=[door])
