"""The command that fills a fresh installation with something worth looking at."""

from __future__ import annotations

import os

import click
from rich.console import Console

from server.cli.told import told
from server.settings import read_settings


@click.command()
@click.option("--visitors", default=300, show_default=True, help="How many come.")
@click.option("--days", default=6, show_default=True, help="Over how many days until now.")
@click.option("--seed", default=1, show_default=True, help="The same seed plays the same journeys.")
@click.option("--url", help="The collector; by default http:// and FREEHOLD_LISTEN.")
@told
def demo(visitors: int, days: int, seed: int, url: str | None) -> None:
    """Play visitors of the demo shop against the running server."""
    from server.clock import now_ms
    from server.demo.play import play
    from server.demo.told import tell

    settings = read_settings(os.environ)
    origin = url or f"http://{settings.listen}"
    summary = play(origin, visitors=visitors, days=days, seed=seed, now=now_ms())
    recorder = f"http://{settings.demo_listen}/" if settings.demo_listen else ""
    tell(summary, console=Console(), shop=f"{origin}/demo/", recorder=recorder)
