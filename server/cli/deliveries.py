"""Commands on what is owed to partners; by itself `deliveries` tells how it stands."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import closing, suppress

import click
import msgspec

from server.cli.backfilling import backfill
from server.cli.group import Group
from server.cli.health import show
from server.cli.here import running
from server.cli.letters import dead_letters, replay
from server.cli.pausing import pause, resume
from server.cli.story import tell_why
from server.cli.tag import state_of
from server.cli.told import told
from server.clock import now_ms
from server.endpoints import analyst_connection
from server.errors import ConfigError, FreeholdError
from server.pipeline.spools import tag_spool
from server.pipeline.tags import standings
from server.settings import Settings, read_settings
from server.store.ledger import Told, ask_ledger

TIMEOUT_S = 15
"""So long ClickHouse may take; what the node knows is told without it."""


@click.group(cls=Group, invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for scripts.")
@click.pass_context
@told
def deliveries(context: click.Context, as_json: bool) -> None:
    """How what is owed to partners stands on this node: waiting, failing, delivered.

    What ClickHouse tells of the last day, and of purchases of the last week, is of all nodes.
    """
    if context.invoked_subcommand is not None:
        return
    settings = read_settings(os.environ)
    with state_of(settings) as state:
        now = now_ms()
        ledger, missing = _ledger(settings, now)
        found = standings(settings.data, state, _types(settings), ledger, now=now)
    if as_json:
        click.echo(msgspec.json.encode({"missing": missing, "tags": found}).decode())
    else:
        show(found, missing)


for command in (tell_why, dead_letters, replay, pause, resume, backfill):
    deliveries.add_command(command)


def _ledger(settings: Settings, now: int) -> tuple[Mapping[tuple[str, str], Told] | None, str]:
    """What ClickHouse tells, or why it does not."""
    try:
        with closing(analyst_connection(settings, timeout_s=TIMEOUT_S)) as connection:
            return ask_ledger(connection, now=now), ""
    except FreeholdError as error:
        return None, str(error)


def _types(settings: Settings) -> dict[str, str]:
    """The destination of each tag that runs here, by its spool; none if none runs."""
    with suppress(ConfigError):
        return {
            tag_spool(name, tag): one.tags[tag].type
            for name, one in running(settings).items()
            for tag in one.tags
        }
    return {}
