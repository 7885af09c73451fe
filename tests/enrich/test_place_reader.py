from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.enrich.contract import Place
from server.enrich.place_reader import open_places
from server.errors import ConfigError

from .mmdb import mmdb_of

GEOIP2: dict[str, Any] = {
    "country": {"iso_code": "GB", "names": {"en": "United Kingdom", "fr": "Royaume-Uni"}},
    "subdivisions": [{"iso_code": "ENG", "names": {"en": "England"}}, {"iso_code": "LND"}],
    "city": {"geoname_id": (32, 2643743), "names": {"de": "London", "en": "London"}},
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "places.mmdb"


@pytest.mark.parametrize(
    ("record", "place"),
    [
        (GEOIP2, Place(country="GB", region="ENG", city="London")),
        ({"country": {"iso_code": "FR"}}, Place(country="FR")),
        ({"continent": {"code": "EU"}, "registered_country": {"iso_code": "FR"}}, Place()),
        (
            {
                "country": {"iso_code": "DE"},
                "subdivisions": [{"names": {"en": "Berlin"}}],
                "city": {"names": {"en": "Berlin (Mitte)"}},
            },
            Place(country="DE", region="Berlin", city="Berlin (Mitte)"),
        ),
        (
            {"country": "US", "region": "California", "region_code": "CA", "city": "San José"},
            Place(country="US", region="CA", city="San José"),
        ),
        ({"country": "United States", "country_code": "us"}, Place(country="US")),
        (
            {"country_code": "NL", "state1": "Gelderland", "city": "Ede"},
            Place(country="NL", region="Gelderland", city="Ede"),
        ),
        ({"country": {"iso_code": (32, 1)}, "subdivisions": "x", "city": {"names": "x"}}, Place()),
        ({"country": "Atlantis"}, Place()),
        ("a text", Place()),
        (["a list"], Place()),
    ],
)
def test_the_known_schemas_are_read_and_the_unknown_are_nowhere(
    file: Path, record: Any, place: Place
) -> None:
    file.write_bytes(mmdb_of({"81.2.69.0/24": record, "2001:db8::/32": record}))
    places = open_places(file)
    known = ("81.2.69.160", "::ffff:81.2.69.160", "2001:db8::1")
    assert [places(ip) for ip in known] == [place] * 3
    assert [places(ip) for ip in ("81.2.70.1", "10.0.0.1")] == [Place()] * 2


@given(ip=st.text() | st.ip_addresses().map(str))
def test_no_text_in_place_of_an_address_raises(
    ip: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.mmdb"
    if not file.exists():
        file.write_bytes(mmdb_of({"81.2.69.0/24": GEOIP2}))
    assert isinstance(open_places(file)(ip), Place)


def test_without_a_file_every_address_is_nowhere() -> None:
    assert open_places(None)("81.2.69.160") == Place()


def test_a_missing_file_is_a_problem_of_configuration(file: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        open_places(file)
    assert caught.value.problems == [
        f"{file}: the places database cannot be opened (No such file or directory)"
    ]


def test_a_file_of_another_kind_is_a_problem_of_configuration(file: Path) -> None:
    file.write_bytes(b"country,city\n" * 100)
    with pytest.raises(ConfigError, match="not an MMDB database"):
        open_places(file)
