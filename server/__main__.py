"""`python -m server` is `freehold`."""

from __future__ import annotations

from server.cli import main

main(prog_name="freehold")
