"""Makes sure that a Chromium is here for the browser tests: `make chromium`.

Quiet when one starts. Else installs Debian's as root, Playwright's own for everybody else.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

from tests.browser import NoChromium, chromium

Commands = tuple[list[str], ...]

APT: Commands = (["apt-get", "update"], ["apt-get", "install", "--yes", "chromium"])
PLAYWRIGHT: Commands = ([sys.executable, "-m", "playwright", "install", "chromium"],)


def main() -> int:
    """0 when a Chromium starts, at the latest after installing one."""
    problem = _problem()
    for how, commands in _ways():
        if problem is None:
            return 0
        print(f"No Chromium that starts ({problem}): installing it with {how} …", flush=True)
        if not all(subprocess.run(command, check=False).returncode == 0 for command in commands):
            print(f"{how} failed.", flush=True)
        problem = _problem()
    if problem is not None:
        print(f"The browser tests need Chromium: {problem}", file=sys.stderr)
        print("Install `chromium` with this system's package manager.", file=sys.stderr)
    return 0 if problem is None else 1


def _problem() -> str | None:
    try:
        with chromium():
            return None
    except NoChromium as error:
        return str(error)


def _ways() -> Iterator[tuple[str, Commands]]:
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        yield "apt-get", APT
    yield "Playwright", PLAYWRIGHT


if __name__ == "__main__":
    sys.exit(main())
