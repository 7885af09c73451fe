"""What `up` runs: which processes, on which containers. What each of them is made of is in a module
of its own (`collecting`, `pipelining`, `recording`, `storing`): none starts with what only another
needs."""

from __future__ import annotations

import os
import secrets
import socket
import sys

from server.containers.chosen import choose, choose_sound
from server.containers.model import Container
from server.demo import DEMO
from server.destinations import tag_types
from server.folders import containers_folder, keys_folder, private
from server.settings import SECRET_PREFIX, Settings
from server.supervise import Program

DEMO_SIGNING_SECRET = "DEMO_SIGNING_SECRET"  # noqa: S105 (a name)
DEMO_SECRETS = ("DEMO_API_SECRET", "DEMO_ACCESS_TOKEN", DEMO_SIGNING_SECRET)


def containers_of(settings: Settings) -> dict[str, Container]:
    """What runs on this node when it starts; raises ConfigError with all that is wrong."""
    chosen = choose(containers_folder(settings), settings.containers, tag_types())
    return {name: one.container for name, one in chosen.items()}


def programs(settings: Settings, door: socket.socket) -> list[Program]:
    """Everything that `up` runs; the store first, since the pipeline asks for it."""
    found = [] if settings.clickhouse else [_program("store")]
    if has_recorder(settings):
        found.append(_program("recorder"))
    return [*found, _program("pipeline"), *collectors(settings, door)]


def has_recorder(settings: Settings) -> bool:
    """Whether the demo's recorder plays the partners."""
    chosen = choose_sound(containers_folder(settings), settings.containers, tag_types())
    return settings.demo_listen is not None and DEMO in chosen.running


def make_demo_secrets(settings: Settings) -> None:
    """Makes up the secrets of the demo's partners, which the recorder plays: it takes any."""
    folder = private(settings.secrets or keys_folder(settings) / "secrets")
    for name in DEMO_SECRETS:
        path = folder / name
        if SECRET_PREFIX + name not in os.environ and not path.exists():
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(16))


def collectors(settings: Settings, door: socket.socket) -> list[Program]:
    """The collector's processes on one listening socket."""
    fd = door.fileno()
    return [
        Program(name=f"collector {n}", argv=[*_argv("collect"), "--fd", str(fd)], fds=(fd,))
        for n in range(settings.workers)
    ]


def _program(name: str) -> Program:
    return Program(name=name, argv=_argv(name))


def _argv(command: str) -> list[str]:
    return [sys.executable, "-P", "-m", "server", command]  # -P: ours, not the folder's `server`
