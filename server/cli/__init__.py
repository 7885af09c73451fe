"""The `freehold` command: each file here is one kind of command.

What the processes are made of stands in `server/processes.py`, which is imported only where it is
needed: a question to ClickHouse should not wait for the collector.
"""

from __future__ import annotations

import logging
import sys

import click

from server.cli.configuration import check, settings
from server.cli.containers import container
from server.cli.deliveries import deliveries
from server.cli.demo import demo
from server.cli.reconcile import reconcile
from server.cli.running import collect, pipeline, recorder, store, up
from server.cli.tables import migrate, query
from server.supervise import follow_lifeline


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


for command in (
    up,
    collect,
    pipeline,
    store,
    recorder,
    migrate,
    check,
    query,
    reconcile,
    settings,
    demo,
    container,
    deliveries,
):
    main.add_command(command)
