"""The `freehold` command: each file here is one kind of command, imported when it is asked for.

A site waits for a collector that has to be started again, and a question to ClickHouse should not
wait for the collector: none imports what only another needs.
"""

from __future__ import annotations

import importlib
import os
import sys

import click

from server.cli.group import Group
from server.supervise import follow_lifeline
from server.telemetry.logs import set_up_log

COMMANDS = {
    "up": "running",
    "collect": "running",
    "pipeline": "running",
    "store": "running",
    "recorder": "running",
    "migrate": "tables",
    "query": "tables",
    "check": "configuration",
    "settings": "configuration",
    "reconcile": "reconcile",
    "demo": "demo",
    "container": "containers",
    "deliveries": "deliveries",
    "status": "status",
}
"""Each command, and the file here that has it under its name."""


class Commands(Group):
    """The group of COMMANDS."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"server.cli.{COMMANDS[name]}")
        command: click.Command = getattr(module, name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="freehold", message="freehold %(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """First-party tracking and server-side tag management that you run yourself.

    Settings come from the environment: `freehold settings` lists them.
    """
    if context.invoked_subcommand != "store":  # it fences itself before it has any thread
        follow_lifeline()
    set_up_log(os.environ.get("FREEHOLD_LOG", "").strip(), sys.stderr)
