"""Groups of commands whose help tells of each in a whole sentence."""

from __future__ import annotations

import click

LONGEST = 200
"""Characters of a sentence; click alone cuts it where its line ends."""


class Group(click.Group):
    """Wraps what click would cut."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [
            (name, command.get_short_help_str(LONGEST))
            for name, command in found
            if command is not None and not command.hidden
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)
