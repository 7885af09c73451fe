"""The `freehold` command. What its processes are made of stands in `processes.py`, which is
imported only where it is needed: a question to ClickHouse should not wait for the collector."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from server.containers.load import load_container, load_containers
from server.endpoints import analyst_connection, writer_endpoint
from server.errors import ConfigError, FreeholdError
from server.settings import KNOBS, read_settings
from server.store.client import Connection
from server.store.migrate import migrate as apply_migrations
from server.store.queries import ask
from server.supervise import Supervisor, follow_lifeline


def _told(command: Callable[..., None]) -> Callable[..., None]:
    """Errors that we foresaw are told in plain words, without a traceback; exit code 1."""

    @wraps(command)
    def told(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except ConfigError as error:
            lines = [click.style("Freehold cannot start as it is configured:", bold=True)]
            lines += [f"  {problem}" for problem in error.problems]
            raise click.ClickException("\n".join(lines)) from error
        except FreeholdError as error:
            raise click.ClickException(str(error)) from error

    return told


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="freehold", message="freehold %(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """First-party tracking and server-side tag management that you run yourself.

    Settings come from the environment: `freehold settings` lists them.
    """
    if context.invoked_subcommand != "store":  # it fences itself before it has any thread
        follow_lifeline()
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)-7s %(process)d %(name)s: %(message)s",
        stream=sys.stderr,
    )
    for name in ("urllib3", "clickhouse_connect"):  # what they warn of is raised, and told by us
        logging.getLogger(name).setLevel(logging.CRITICAL)


@main.command()
@_told
def up() -> None:
    """Start everything on this machine and keep it running; Ctrl-C stops it."""
    from server import processes

    settings = read_settings(os.environ)
    load_containers(settings.containers)
    with processes.listen(settings.listen) as door:
        supervisor = Supervisor(processes.programs(settings, door))
        banner = processes.Banner(settings, door)
        supervisor.run(on_start=lambda stop: banner.show(stop, click.echo))


@main.command()
@click.option("--fd", type=int, hidden=True, help="A listening socket made by the supervisor.")
@_told
def collect(fd: int | None) -> None:
    """Answer browsers: one or more collector processes on FREEHOLD_LISTEN."""
    from server import processes

    settings = read_settings(os.environ)
    if fd is not None:
        processes.run_collector(settings, fd)
        return
    load_containers(settings.containers)
    with processes.listen(settings.listen) as door:
        Supervisor(processes.collectors(settings, door)).run()


@main.command()
@_told
def pipeline() -> None:
    """Sort what the collectors took, and load it into ClickHouse."""
    from server import processes

    if not processes.run_pipeline(read_settings(os.environ)):
        raise click.ClickException("the pipeline stopped by an error; see the log above")


@main.command()
@_told
def store() -> None:
    """Serve the embedded ClickHouse on FREEHOLD_CLICKHOUSE_LISTEN."""
    from server import processes

    processes.run_store(read_settings(os.environ))


@main.command()
@_told
def migrate() -> None:
    """Bring the tables and views in ClickHouse to this version's shape."""
    settings = read_settings(os.environ)
    connection = Connection(writer_endpoint(settings))
    names = apply_migrations(connection, retention=settings.retention, told=click.echo)
    click.echo(f"{len(names)} migrations applied, views renewed, {connection.endpoint}")


@main.command()
@_told
def check() -> None:
    """Check the settings and every container; exit code 1 when anything is wrong."""
    settings = read_settings(os.environ)
    for container in load_containers(settings.containers).values():
        click.echo(f"container {container.id}: {', '.join(container.sites)}")
    click.echo("Settings and containers are well.")


@main.command()
@click.argument("sql", required=False)
@click.option(
    "--format",
    "fmt",
    default="TabSeparatedWithNames",
    show_default=True,
    help="Any ClickHouse output format: JSONEachRow, CSVWithNames, …",
)
@_told
def query(sql: str | None, fmt: str) -> None:
    """Ask ClickHouse as the analyst, read-only; SQL may also come from standard input."""
    connection = analyst_connection(read_settings(os.environ))
    for piece in ask(connection, sql or sys.stdin.read(), fmt=fmt):
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


@main.command()
@_told
def settings() -> None:
    """List the settings: what each does, its default, and what it is now."""
    for knob in KNOBS:
        now = os.environ.get(knob.variable)
        now = "(set, not shown)" if now and knob.is_secret else now
        click.echo(click.style(knob.variable, bold=True) + (f" = {now}" if now else ""))
        click.echo(f"    {knob.help}\n    default: {knob.default or '(empty)'}")


@main.group()
def container() -> None:
    """Work on containers: the configuration of one site each."""


@container.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@_told
def container_check(files: tuple[Path, ...]) -> None:
    """Check container files; without FILES, all of FREEHOLD_CONTAINERS. Exit code 1 on errors."""
    paths = files or tuple(sorted(read_settings(os.environ).containers.glob("*.yaml")))
    problems: list[str] = []
    for path in paths:
        try:
            click.echo(f"{path}: well, container {load_container(path).id!r}")
        except ConfigError as error:
            problems += error.problems
    for problem in problems:
        click.echo(problem, err=True)
    sys.exit(1 if problems else 0)


@container.command("snippet")
@click.argument("name")
@click.option(
    "--origin",
    default="http://127.0.0.1:8000",
    show_default=True,
    help="Where browsers reach the collector, such as https://t.example.com.",
)
@_told
def container_snippet(name: str, origin: str) -> None:
    """Print the snippet to paste into the pages of container NAME."""
    from server.collector.script import snippet

    containers = load_containers(read_settings(os.environ).containers)
    if name not in containers:
        raise click.ClickException(f"no container {name!r}; there are {', '.join(containers)}")
    click.echo(snippet(containers[name], origin=origin))
