"""Reads places from an MMDB file that the operator supplies; no database is shipped.

GeoLite2, GeoIP2, DB-IP, IP2Location   {"country": {"iso_code"}, "subdivisions": [{"iso_code"}],
                                        "city": {"names": {"en"}}}
IPinfo                                 {"country" or "country_code", "region", "city"}
ip-location-db                         {"country_code", "state1", "city"}
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import maxminddb

from server.enrich.contract import Place, Places
from server.errors import ConfigError

NOWHERE = Place()
MAX_IP_CHARS = 64


def open_places(path: Path | None) -> Places:
    """A reader of that file, mapped into memory once; without a file every address is nowhere.

    A missing or unreadable file is a `ConfigError`.
    """
    if path is None:
        return lambda ip: NOWHERE
    try:
        return PlaceReader(maxminddb.open_database(path))
    except maxminddb.InvalidDatabaseError as error:
        raise ConfigError([f"{path}: not an MMDB database ({error})"]) from error
    except (OSError, ValueError) as error:
        detail = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise ConfigError([f"{path}: the places database cannot be opened ({detail})"]) from error


class PlaceReader:
    """An open MMDB, whichever of the known schemas its records have."""

    def __init__(self, reader: maxminddb.Reader) -> None:
        self._reader = reader
        # A visitor sends many hits: decoding a record takes 6 µs, remembering it 0.1.
        self._remembered = lru_cache(maxsize=8192)(self._look_up)

    def __call__(self, ip: str) -> Place:
        return self._remembered(ip) if len(ip) <= MAX_IP_CHARS else NOWHERE

    def _look_up(self, ip: str) -> Place:
        try:
            record = self._reader.get(ip.removeprefix("::ffff:"))  # IPv4 on a socket for both
        except (ValueError, TypeError, maxminddb.InvalidDatabaseError):  # TypeError: a NUL in it
            return NOWHERE
        return _place(record) if isinstance(record, dict) else NOWHERE


def _place(record: dict[str, Any]) -> Place:
    divisions = record.get("subdivisions")
    first = divisions[0] if isinstance(divisions, list) and divisions else None
    country = _code(record.get("country")) or _text(record.get("country_code"))
    region = _code(first) or _text(record.get("region_code"))
    return Place(
        country=country.upper() if len(country) == 2 else "",
        region=region or _name(first) or _text(record.get("region") or record.get("state1")),
        city=_name(record.get("city")),
    )


def _code(part: Any) -> str:
    """`{"iso_code": "DE"}`, or a bare two-letter code: others spell the country's name out."""
    if isinstance(part, dict):
        return _text(part.get("iso_code"))
    return part if isinstance(part, str) and len(part) == 2 else ""


def _name(part: Any) -> str:
    """`{"names": {"en": "Berlin"}}` or `Berlin`."""
    if not isinstance(part, dict):
        return _text(part)
    names = part.get("names")
    return _text(names.get("en")) if isinstance(names, dict) else ""


def _text(part: Any) -> str:
    return part if isinstance(part, str) else ""
