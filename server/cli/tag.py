"""How commands name a tag, `CONTAINER/TAG`, and how they reach what its node owes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from server.cli.here import running
from server.containers.decide import Plan, compile_container
from server.destinations import tag_types
from server.pipeline.spools import TAG_PREFIX, main_spool, tag_of, tag_spool
from server.pipeline.state import STATE_FILE, State, create_state
from server.settings import Settings


@contextmanager
def state_of(settings: Settings) -> Iterator[State]:
    """The state of this node's pipeline, which may run meanwhile: each step is a transaction."""
    path = settings.data / STATE_FILE
    if not path.exists():
        raise click.ClickException(f"{path}: no pipeline has run with this data folder")
    create_state(path)  # what an older version did not have
    state = State(path)
    try:
        yield state
    finally:
        state.close()


def spool_of(text: str, settings: Settings, state: State) -> str:
    """The main spool of `CONTAINER/TAG`: a tag that was owed something here, or that runs."""
    spools = {main_spool(one) for one in state.ends(TAG_PREFIX)}
    container_id, _, tag = text.partition("/")
    spool = tag_spool(container_id, tag)
    if spool not in spools:
        spools |= {
            tag_spool(name, tag) for name, one in running(settings).items() for tag in one.tags
        }
    if spool not in spools:
        known = ", ".join("/".join(tag_of(one)) for one in sorted(spools))
        raise click.ClickException(f"no tag {text!r} here; there are: {known or 'none'}")
    return spool


def running_tag(settings: Settings, text: str) -> tuple[Plan, str]:
    """The plan of the container of `CONTAINER/TAG` as it runs here, and the tag's name in it."""
    name, _, tag = text.partition("/")
    found = running(settings)
    if name not in found or tag not in found[name].tags:
        known = [f"{one}/{tag}" for one in sorted(found) for tag in found[one].tags]
        raise click.ClickException(f"no tag {text!r} runs here; there are: {', '.join(known)}")
    return compile_container(found[name], tag_types()), tag
