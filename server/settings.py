"""The operator's knobs: one frozen struct, read once from FREEHOLD_*, all errors at once.

A knob is a row of KNOBS: its name, its default as the operator would write it, how it is read,
and one line that says what it does. `freehold settings` and the README show the same rows.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from server.errors import ConfigError
from server.model import Durability, Log

PREFIX = "FREEHOLD_"
SECRET_PREFIX = "FREEHOLD_SECRET_"  # noqa: S105 (a name)
"""Of partners' secrets; see `credentials.py`."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Address(Struct, frozen=True):
    """Where a process listens; port 0 lets the system choose one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Retention(Struct, frozen=True):
    """How long events are kept, as ClickHouse counts it: `toInterval{unit}({count})`."""

    count: int
    unit: str

    def __str__(self) -> str:
        return f"{self.count} {self.unit.lower()}s"


class Settings(Struct, frozen=True, kw_only=True):
    """Everything an operator can decide; made by `read_settings`."""

    data: Path
    keys: Path | None
    secrets: Path | None
    listen: Address
    workers: int
    console_listen: Address
    demo_listen: Address | None
    metrics_listen: Address | None
    clickhouse: str
    clickhouse_analyst: str
    clickhouse_listen: Address
    clickhouse_memory: int
    containers: Path
    durability: Durability
    disk_reserve: int
    trusted_proxies: tuple[Network, ...]
    partner_networks: tuple[Network, ...]
    retention: Retention
    geo: Path | None
    page_tags: bool
    log: Log


class Knob(Struct, frozen=True):
    """One setting: `field` of Settings is FREEHOLD_<FIELD> in the environment."""

    field: str
    default: str
    read: Callable[[str], Any]
    help: str
    is_secret: bool = False
    """Whether its value may hold a password, and so is never shown."""

    @property
    def variable(self) -> str:
        """The environment variable's name."""
        return PREFIX + self.field.upper()


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from the environment; raises ConfigError with every problem it finds."""
    problems = [_unknown(name) for name in sorted(environ) if _is_stray(name)]
    values: dict[str, Any] = {}
    for knob in KNOBS:
        text = environ.get(knob.variable, "").strip() or knob.default
        try:
            values[knob.field] = knob.read(text)
        except ValueError as error:
            shown = "" if knob.is_secret else f"={text!r}"
            problems.append(f"{knob.variable}{shown}: {error}")
    if problems:
        raise ConfigError(problems)
    return Settings(**values)


def _is_stray(name: str) -> bool:
    known = {knob.variable for knob in KNOBS}
    return name.startswith(PREFIX) and not name.startswith(SECRET_PREFIX) and name not in known


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, [knob.variable for knob in KNOBS], n=1)
    return f"{name}: no such setting" + (f"; did you mean {near[0]}?" if near else "")


def _address(text: str) -> Address:
    parts = urlsplit(f"//{text}")
    if parts.hostname is None or parts.port is None or parts.path:
        raise ValueError("expected HOST:PORT, such as 127.0.0.1:8000 or [::1]:8000")
    return Address(parts.hostname, parts.port)


def _optional_address(text: str) -> Address | None:
    return None if text == "none" else _address(text)


def _workers(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise ValueError("expected a number of processes from 1 to 64")
    return int(text)


def _clickhouse(text: str) -> str:
    expected = "expected a URL such as https://user:password@clickhouse.example:8443"
    try:
        parts = urlsplit(text)
        is_well = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise ValueError(expected) from error
    if text and not is_well:
        raise ValueError(expected)
    return text


def _bytes(text: str) -> int:
    match = re.fullmatch(r"(\d+)\s*([KMGT]?)i?B?", text, re.IGNORECASE)
    if match is None or int(match[1]) == 0:
        raise ValueError("expected a size such as 2GiB or 800MiB")
    return int(match[1]) << 10 * " KMGT".index(match[2].upper() or " ")


def _reserve(text: str) -> int:
    return 0 if text == "none" else _bytes(text)


def _durability(text: str) -> str:
    if text not in {"sync", "os"}:
        raise ValueError("expected sync (the disk has it before the answer) or os (the kernel has)")
    return text


def _switch(text: str) -> bool:
    if text not in {"on", "off"}:
        raise ValueError("expected on or off")
    return text == "on"


def _log(text: str) -> str:
    if text not in {"text", "json"}:
        raise ValueError("expected text or json")
    return text


def _networks(text: str) -> tuple[Network, ...]:
    words = text.replace(",", " ").split()
    return () if words in ([], ["none"]) else tuple(ipaddress.ip_network(word) for word in words)


def _retention(text: str) -> Retention:
    match = re.fullmatch(r"(\d+)\s*(day|week|month|year)s?", text, re.IGNORECASE)
    if match is None or not 1 <= int(match[1]) <= 9999:
        raise ValueError("expected a time such as 25 months or 90 days")
    return Retention(int(match[1]), match[2].capitalize())


def _optional_path(text: str) -> Path | None:
    return Path(text) if text else None


KNOBS = (
    Knob(
        "data",
        "data",
        Path,
        "folder of all that this node keeps: journal, spools, state, the embedded ClickHouse",
    ),
    Knob("keys", "", _optional_path, "folder of the keys; empty: `keys` in the data folder"),
    Knob(
        "secrets",
        "",
        _optional_path,
        "folder of the partners' secrets, a file each; empty: `secrets` in the folder of the keys",
    ),
    Knob("listen", "127.0.0.1:8000", _address, "where the collector answers browsers"),
    Knob("workers", "1", _workers, "collector processes; one per core that is free for it"),
    Knob("console_listen", "127.0.0.1:8001", _address, "for the console, which is not built yet"),
    Knob(
        "demo_listen",
        "127.0.0.1:8002",
        _optional_address,
        "where the demo's recorder plays the partners, if there is a container `demo`; or none",
    ),
    Knob(
        "metrics_listen",
        "127.0.0.1:8003",
        _optional_address,
        "where Prometheus finds this node's figures, at /metrics; or none. Keep it private",
    ),
    Knob(
        "clickhouse",
        "",
        _clickhouse,
        "URL of your ClickHouse; empty: the embedded one",
        is_secret=True,
    ),
    Knob(
        "clickhouse_analyst",
        "",
        _clickhouse,
        "URL with a read-only user for `freehold query`; empty: the embedded one's, else "
        "FREEHOLD_CLICKHOUSE with readonly=1",
        is_secret=True,
    ),
    Knob("clickhouse_listen", "127.0.0.1:8123", _address, "where the embedded ClickHouse answers"),
    Knob("clickhouse_memory", "2GiB", _bytes, "memory the embedded ClickHouse may use"),
    Knob("containers", "tag_configs", Path, "folder of the containers, one YAML file each"),
    Knob(
        "durability",
        "sync",
        _durability,
        "sync: fdatasync before the answer; os: the kernel has the bytes, the disk soon after",
    ),
    Knob(
        "disk_reserve",
        "2GiB",
        _reserve,
        "free space below which hits are refused: page views first, below a quarter of it "
        "conversions too; or none",
    ),
    Knob(
        "trusted_proxies",
        "none",
        _networks,
        "networks of your proxies, whose X-Forwarded-For is believed: 10.0.0.0/8 127.0.0.1/32",
    ),
    Knob(
        "partner_networks",
        "none",
        _networks,
        "private networks that tags may send to, such as 10.1.2.0/24; else the internet alone",
    ),
    Knob("retention", "25 months", _retention, "how long events are kept"),
    Knob("geo", "", _optional_path, "an MMDB file for country, region and city; none is shipped"),
    Knob(
        "page_tags",
        "on",
        _switch,
        "whether containers may run code in pages, by `page_tags`; off: none does",
    ),
    Knob("log", "text", _log, "how each process logs: text, or json, one object a line"),
)
