"""Commands that publish a container, and look at what was published."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from server.cli.told import told
from server.clock import now_ms
from server.containers.chosen import claimed_id
from server.containers.diff import diff
from server.containers.document import read_source
from server.containers.load import read_container
from server.containers.model import Container
from server.containers.versions import container_of
from server.destinations import tag_types
from server.endpoints import writer_endpoint
from server.errors import ConfigError
from server.publication import Environment, Version
from server.settings import Settings, read_settings
from server.store.client import Connection
from server.store.migrate import migrate
from server.store.publications import find_draft, has_tables
from server.studio import publish as studio
from server.studio.why import clock

DRAFT = "draft"
FILE = ("0", "file")
TIMEOUT_S = 20


def _author() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name
        return f"user {os.getuid()}"


author = click.option("--author", default=_author, help="Who it is; by default who you are here.")


def wishes(command: Callable[..., None]) -> Callable[..., None]:
    """The options of whoever makes a version."""
    options = (
        author,
        click.option("--note", default="", help="What is new, for those who come after you."),
        click.option(
            "--env",
            "environment",
            type=click.Choice([str(one) for one in Environment]),
            default=str(Environment.LIVE),
            show_default=True,
            callback=lambda _, __, text: Environment(text),
            help="Where it runs; staging: as the container NAME-staging, beside the live one.",
        ),
        click.option(
            "--after", type=int, help="Refuse unless this version, seen by you, is the newest."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


file = click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The container's file; by default the one in FREEHOLD_CONTAINERS with this id.",
)


@click.command("publish")
@click.argument("name")
@wishes
@file
@click.option("--draft", "is_draft", is_flag=True, help="Publish the saved draft, not a file.")
@told
def publish(name: str, file: Path | None, is_draft: bool, **wishes: Any) -> None:
    """Publish container NAME: every node runs it within seconds."""
    settings = read_settings(os.environ)
    source = "" if is_draft else source_of(settings, name, file)
    connection = connection_of(settings)
    wish = studio.Wish(container_id=name, source=source or draft_of(connection, name), **wishes)
    _tell(studio.publish(connection, wish, types=tag_types(), now=now_ms))


@click.command("rollback")
@click.argument("name")
@click.argument("number", type=int)
@wishes
@told
def rollback(name: str, number: int, **wishes: Any) -> None:
    """Bring back version NUMBER of container NAME, as a new version."""
    connection = connection_of(read_settings(os.environ))
    wish = studio.Wish(container_id=name, source="", **wishes)
    _tell(studio.rollback(connection, number, wish, types=tag_types(), now=now_ms))


@click.command("history")
@click.argument("name")
@click.option("--limit", default=studio.HISTORY, show_default=True, help="How many versions.")
@told
def history(name: str, limit: int) -> None:
    """List the versions of container NAME, the newest first."""
    versions = studio.history(connection_of(read_settings(os.environ)), name, limit=limit)
    if not versions:
        click.echo(f"{name} was never published: it runs its file, as version 0.")
    running: set[Environment] = set()
    for version in versions:
        runs = version.environment not in running
        running.add(version.environment)
        click.echo(_line(version, runs=runs))


@click.command("diff")
@click.argument("name")
@click.argument("one")
@click.argument("other")
@told
def diff_(name: str, one: str, other: str) -> None:
    """Tell what is different between two versions of container NAME, in words.

    ONE and OTHER are numbers; `draft` is the saved draft, 0 or `file` the file.
    """
    settings = read_settings(os.environ)
    connection = connection_of(settings)
    sources = [_side(settings, connection, name, side) for side in (one, other)]
    lines = diff(*(container for container, _ in sources))
    same = len({source for _, source in sources}) == 1
    for line in lines or ["They are the same." if same else "Only comments and spelling differ."]:
        click.echo(line)


@click.command("draft")
@click.argument("name")
@author
@file
@click.option("--show", is_flag=True, help="Print the saved draft; nothing is saved.")
@click.option("--drop", is_flag=True, help="End the draft.")
@told
def draft(name: str, author: str, file: Path | None, show: bool, drop: bool) -> None:
    """Save the file of container NAME as its draft: it can be previewed, and publishes nothing."""
    settings = read_settings(os.environ)
    source = "" if show or drop else source_of(settings, name, file)
    connection = connection_of(settings)
    if show:
        click.echo(draft_of(connection, name), nl=False)
        return
    wish = studio.Wish(container_id=name, source=source, author=author)
    saved = studio.save_draft(connection, wish, types=tag_types(), now=now_ms)
    what = "has no draft any more" if drop else f"draft saved, {clock(saved.saved_at)}"
    click.echo(f"{name}: {what}")


def source_of(settings: Settings, name: str, file: Path | None = None) -> str:
    """The YAML of a container: of the file that is named, else of the one that has its id."""
    if file is not None:
        text = read_source(file)
        if not text:
            raise ConfigError([f"{file}: is empty"])
        return text
    problems: list[str] = []
    for path in sorted(settings.containers.glob("*.yaml")):
        text = ""
        try:
            text = read_source(path)
            if read_container(text, str(path)).id == name:
                return text
        except ConfigError as error:
            if claimed_id(text) in ("", name):
                problems += error.problems
    if problems:
        raise ConfigError(problems)
    raise click.ClickException(
        f"{settings.containers}: no file here has the id {name!r}; name it with --file"
    )


def draft_of(connection: Connection, name: str) -> str:
    """The YAML of the saved draft."""
    saved = find_draft(connection, name)
    if saved is None:
        raise click.ClickException(
            f"{name} has no draft; save one: freehold container draft {name}"
        )
    return saved.source


def _side(
    settings: Settings, connection: Connection, name: str, side: str
) -> tuple[Container, str]:
    """One side of a diff, and its YAML."""
    if side.isdecimal() and int(side):
        version = studio.version_of(connection, name, int(side))
        return container_of(replace(version, environment=Environment.LIVE)), version.source
    if side == DRAFT:
        source = draft_of(connection, name)
    elif side in FILE:
        source = source_of(settings, name)
    else:
        raise click.BadParameter(f"{side!r}: expected a number, `draft` or `file`")
    return read_container(source, f"{name}, {side}"), source


def _line(version: Version, *, runs: bool) -> str:
    where = f"  runs in {version.environment}" if runs else f"  was in {version.environment}"
    note = f"  {version.note}" if version.note else ""
    return f"{version.version:>4}  {clock(version.published_at)}  {version.author}{where}{note}"


def _tell(version: Version) -> None:
    name = f"{version.container_id} version {version.version}"
    click.echo(f"{name} is published to {version.environment}; every node runs it within seconds.")


def connection_of(settings: Settings) -> Connection:
    """ClickHouse as who publishes; at a first start the tables may not be there yet."""
    connection = Connection(writer_endpoint(settings), timeout_s=TIMEOUT_S)
    if not has_tables(connection):
        migrate(connection, retention=settings.retention)
    return connection
