"""Installs nginx and Caddy, where it can: `make servers`."""

from __future__ import annotations

import sys

from loadtests.bench.install import install
from tests.fronts import program

if __name__ == "__main__":
    for name in ("nginx", "caddy"):  # one by one: an older Debian has no Caddy
        problem = install({name: "its recipe"}) if program(name) is None else ""
        if problem:
            print(f"The recipe for {name} is not tried: {problem}", file=sys.stderr)
