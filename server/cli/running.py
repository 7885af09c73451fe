"""Commands that run until they are stopped: `up` and the processes it is made of."""

from __future__ import annotations

import os

import click

from server.cli.told import told_at_start
from server.settings import read_settings
from server.supervise import Supervisor


@click.command()
@told_at_start
def up() -> None:
    """Start everything on this machine and keep it running; Ctrl-C stops it."""
    from server import processes
    from server.banner import Banner
    from server.credentials import missing_secrets
    from server.endpoints import needed_secrets, partner_secrets
    from server.listening import listen

    settings = read_settings(os.environ)
    containers = processes.containers_of(settings)
    if processes.has_recorder(settings):
        processes.make_demo_secrets(settings)
    secrets = partner_secrets(settings, os.environ)
    for problem in missing_secrets(secrets, needed_secrets(containers)):
        click.echo(f"This tag waits, the others send: {problem}", err=True)
    with listen(settings.listen) as door:
        supervisor = Supervisor(processes.programs(settings, door))
        told = Banner(settings, door)
        supervisor.run(on_start=lambda stop: told.show(stop, click.echo))


@click.command()
@click.option("--fd", type=int, hidden=True, help="A listening socket made by the supervisor.")
@told_at_start
def collect(fd: int | None) -> None:
    """Answer browsers: one or more collector processes on FREEHOLD_LISTEN."""
    settings = read_settings(os.environ)
    if fd is not None:  # a site waits for this one: nothing more is imported
        from server.collecting import run_collector

        run_collector(settings, fd)
        return
    from server import processes
    from server.listening import listen

    processes.containers_of(settings)
    with listen(settings.listen) as door:
        Supervisor(processes.collectors(settings, door)).run()


@click.command()
@told_at_start
def pipeline() -> None:
    """Sort what the collectors took, load it into ClickHouse, forward it to partners."""
    from server.pipelining import run_pipeline

    if not run_pipeline(read_settings(os.environ)):
        raise click.ClickException("the pipeline stopped by an error; see the log above")


@click.command()
@told_at_start
def store() -> None:
    """Serve the embedded ClickHouse on FREEHOLD_CLICKHOUSE_LISTEN."""
    from server.storing import run_store

    run_store(read_settings(os.environ))


@click.command()
@told_at_start
def recorder() -> None:
    """Play the partners of the demo shop on FREEHOLD_DEMO_LISTEN, and show what they receive."""
    from server.recording import run_recorder

    run_recorder(read_settings(os.environ))
