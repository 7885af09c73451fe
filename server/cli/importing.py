"""The command that brings a container over from Google Tag Manager."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from server.cli.told import told
from server.containers.gtm.export import MAX_EXPORT_BYTES
from server.containers.gtm.importer import Wish, import_export
from server.containers.gtm.report import KINDS, Outcome, Report, markdown
from server.destinations import tag_types
from server.errors import ConfigError

_path = click.Path(path_type=Path, dir_okay=False)
_COLOURS = {
    Outcome.CONVERTED: "green",
    Outcome.APPROXIMATED: "yellow",
    Outcome.REFUSED: "red",
    Outcome.WAITING: "cyan",
}


@click.command("import-gtm")
@click.argument("export", type=_path)
@click.option(
    "--out", type=_path, help="Where the container's YAML goes; by default it is printed."
)
@click.option("--report", "page", type=_path, help="Where the report goes too, as Markdown.")
@click.option("--id", "id_", default="", help="The container's id; by default made of its name.")
@click.option(
    "--site", "sites", multiple=True, help="An origin that may send hits; several may be."
)
@told
def import_gtm(
    export: Path, out: Path | None, page: Path | None, id_: str, sites: tuple[str, ...]
) -> None:
    """Make a container of EXPORT, the JSON of GTM's Admin, Export Container.

    Web and server containers. Each tag, trigger and variable is converted, approximated (the file
    says how, in a comment), refused (the report says why) or waits for a destination. Custom HTML
    and images come as page tags that are off, JavaScript variables are listed, and what would send
    more than before comes paused.

    Nothing is published: look at the file, then `freehold container check` and `publish` it.
    """
    wish = Wish(name=export.name, id=id_, sites=list(sites))
    try:
        imported = import_export(_read(export), wish, tag_types())
    except ConfigError as error:
        raise click.ClickException("\n".join(error.problems)) from error
    if out is None:
        click.echo(imported.text, nl=False)
    else:
        _write(out, imported.text, over=False)
    if page is not None:
        _write(page, markdown(imported.report), over=True)
    _show(imported.report)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_EXPORT_BYTES + 1)
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error


def _write(path: Path, text: str, *, over: bool) -> None:
    """A container's file that somebody changed since is not written over."""
    try:
        if not over and path.exists() and path.read_bytes() != text.encode():
            raise click.ClickException(f"{path} is there and is another: remove it first")
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error


def _show(report: Report) -> None:
    """On standard error, so that the YAML can go into a pipe."""
    console = Console(stderr=True)
    counts = Table("", *(Column(one, style=colour) for one, colour in _COLOURS.items()))
    for kind in report.kinds():
        counts.add_row(KINDS[kind], *map(str, report.counts(kind).values()))
    counts.add_section()
    counts.add_row("All", *map(str, report.counts().values()))
    console.print(counts)
    parts = Table("GTM", "type", "", "how, or why", show_lines=True)
    for item in report.items:
        if item.notes:
            told = Text("\n".join(item.notes))
            outcome = Text(item.outcome, style=_COLOURS[item.outcome])
            parts.add_row(Text(item.name), Text(item.type), outcome, told)
    if parts.row_count:
        console.print(parts)
    for one in report.to_do:
        console.print(Text(f"• {one}"))
