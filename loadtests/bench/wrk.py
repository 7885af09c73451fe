"""wrk, as hard as it can: how many are answered, how long the slow ones take."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from msgspec import Struct

UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


class Round(Struct, frozen=True, kw_only=True):
    """What one run of wrk saw."""

    hits_s: float
    p50_ms: float
    p90_ms: float
    p99_ms: float
    answered: int
    failed: int
    cpu_us: float = 0.0
    """Processor time of the server for each answer."""


def write_script(path: Path, method: str, headers: dict[str, str], body: bytes) -> None:
    """The request, in wrk's Lua."""
    lines = [f"wrk.method = {json.dumps(method)}", f"wrk.body = {json.dumps(body.decode())}"]
    lines += [f"wrk.headers[{json.dumps(k)}] = {json.dumps(v)}" for k, v in headers.items()]
    path.write_text("\n".join(lines))


def run(url: str, script: Path, *, connections: int, seconds: int) -> Round:
    """One run, on the core that this process is pinned to."""
    command = ["wrk", "-t1", f"-c{connections}"]
    command += [f"-d{seconds}s", "--latency", "-s", str(script), url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return parse(done.stdout)


def parse(text: str) -> Round:
    """The figures of wrk's report."""
    failed = sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", text)))
    errors = re.search(r"connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    requests = re.search(r"(\d+) requests in", text)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    assert requests is not None, text
    assert rate is not None, text
    return Round(
        hits_s=float(rate[1]),
        p50_ms=_ms(text, "50%"),
        p90_ms=_ms(text, "90%"),
        p99_ms=_ms(text, "99%"),
        answered=int(requests[1]) - failed,
        failed=failed + (sum(map(int, errors.groups())) if errors else 0),
    )


def _ms(text: str, share: str) -> float:
    found = re.search(rf"{share}\s+([\d.]+)(us|ms|s|m)\b", text)
    assert found, text
    return float(found[1]) * UNITS[found[2]]
