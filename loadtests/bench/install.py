"""Makes sure that wrk and nginx are here: Debian's packages, installed by root with apt-get."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping

PROGRAMS = {"wrk": "the load", "nginx": "the baseline", "taskset": "what pins nginx to a core"}
PACKAGES = {"taskset": "util-linux"}


def missing(programs: Iterable[str] = PROGRAMS) -> list[str]:
    """The programs that are not here."""
    return [name for name in programs if shutil.which(name) is None]


def install(programs: Mapping[str, str] = PROGRAMS) -> str:
    """Installs what is missing of programs and what each is for; returns why it cannot, or ""."""
    names = missing(programs)
    if not names:
        return ""
    packages = [PACKAGES.get(name, name) for name in names]
    for command in _commands(packages):
        subprocess.run(command, check=False, env={**os.environ, "RUNLEVEL": "1"})  # starts nothing
    left = missing(names)
    if not left:
        return ""
    wanted = " and ".join(f"{name} ({programs[name]})" for name in left)
    return (
        f"This needs {wanted}. As root on Debian it installs them by itself; here, do it with your"
        f" package manager: {' '.join(PACKAGES.get(name, name) for name in left)}"
    )


def _commands(packages: list[str]) -> list[list[str]]:
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return []
    print(f"Installing {', '.join(packages)} with apt-get …", flush=True)
    return [
        ["apt-get", "update"],
        ["apt-get", "install", "--yes", "--no-install-recommends", *packages],
    ]
