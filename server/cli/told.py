"""Turns the errors that we foresaw into plain words for whoever typed a command."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import click

from server.errors import ConfigError, FreeholdError, StoreUnavailable

NOT_RUNNING = "\nIs Freehold running here? `freehold up` starts its ClickHouse."


def told(command: Callable[..., None], *, starts: bool = False) -> Callable[..., None]:
    """Errors that we foresaw are told in plain words, without a traceback; exit code 1. `starts`:
    it starts Freehold, or asks whether it would."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except ConfigError as error:
            head = "Freehold cannot start as it is configured:" if starts else "This is wrong:"
            lines = [click.style(head, bold=True)]
            lines += [f"  {problem}" for problem in error.problems]
            raise click.ClickException("\n".join(lines)) from error
        except StoreUnavailable as error:
            hint = "" if os.environ.get("FREEHOLD_CLICKHOUSE") else NOT_RUNNING
            raise click.ClickException(f"{error}{hint}") from error
        except FreeholdError as error:
            raise click.ClickException(str(error)) from error

    return run


told_at_start = partial(told, starts=True)
