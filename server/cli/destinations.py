"""The command that tells what partners there are, and what each is sent."""

from __future__ import annotations

import click
from rich.console import Console
from rich.markdown import Markdown

from server.destinations import DESTINATIONS
from server.studio.partners import page, pages, table

FORMATS = ("page", "table")


@click.command("destinations")
@click.argument("name", required=False)
@click.option(
    "--markdown",
    type=click.Choice(FORMATS),
    help="As Markdown: docs/destinations.md, or the README's table.",
)
def destinations(name: str | None, markdown: str | None) -> None:
    """Tell which partners there are; of NAME: its settings, mapping, limits and examples."""
    if name is None and markdown is None:
        _show_all()
        return
    if name is None:
        text = pages(DESTINATIONS) if markdown == "page" else table(DESTINATIONS)
    elif name in DESTINATIONS:
        text = "\n".join(page(DESTINATIONS[name], DESTINATIONS[name].examples))
    else:
        raise click.ClickException(f"no destination {name!r}; there are {', '.join(DESTINATIONS)}")
    if markdown:
        click.echo(text, nl=False)
    else:
        Console().print(Markdown(text))


def _show_all() -> None:
    """A line for each; Markdown's table of them is for wider pages."""
    longest = max(map(len, DESTINATIONS))
    for name, one in DESTINATIONS.items():
        click.echo(f"{name:<{longest}}  {one.title}")
    click.echo("\nSettings, mapping, limits, examples: freehold container destinations NAME")
