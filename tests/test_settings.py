from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest

from server.errors import ConfigError
from server.settings import KNOBS, Address, Retention, Settings, read_settings


def test_an_empty_environment_gives_the_documented_defaults() -> None:
    assert read_settings({}) == Settings(
        data=Path("data"),
        keys=None,
        secrets=None,
        listen=Address("127.0.0.1", 8000),
        workers=1,
        console_listen=Address("127.0.0.1", 8001),
        demo_listen=Address("127.0.0.1", 8002),
        metrics_listen=Address("127.0.0.1", 8003),
        clickhouse="",
        clickhouse_analyst="",
        clickhouse_listen=Address("127.0.0.1", 8123),
        clickhouse_memory=2 << 30,
        containers=Path("tag_configs"),
        durability="sync",
        disk_reserve=2 << 30,
        trusted_proxies=(),
        partner_networks=(),
        retention=Retention(25, "Month"),
        geo=None,
        page_tags=True,
        log="text",
    )


def test_every_knob_can_be_set() -> None:
    settings = read_settings(
        {
            "FREEHOLD_DATA": "/srv/freehold",
            "FREEHOLD_LISTEN": "[::1]:80",
            "FREEHOLD_WORKERS": "4",
            "FREEHOLD_CLICKHOUSE": "https://freehold:secret@clickhouse.example:8443",
            "FREEHOLD_CLICKHOUSE_MEMORY": "800MiB",
            "FREEHOLD_DURABILITY": "os",
            "FREEHOLD_TRUSTED_PROXIES": "10.0.0.0/8, 127.0.0.1",
            "FREEHOLD_PARTNER_NETWORKS": "fd00:1::/64",
            "FREEHOLD_RETENTION": "90 days",
            "FREEHOLD_GEO": "/srv/city.mmdb",
            "FREEHOLD_KEYS": "/etc/freehold",
            "FREEHOLD_SECRETS": "/run/secrets",
            "FREEHOLD_DEMO_LISTEN": "none",
            "FREEHOLD_SECRET_META_TOKEN": "any name is taken",
            "HOME": "/root",
        }
    )
    assert settings.listen == Address("::1", 80)
    assert str(settings.listen) == "[::1]:80"
    assert settings.clickhouse_memory == 800 << 20
    assert settings.retention == Retention(90, "Day")
    assert settings.geo == Path("/srv/city.mmdb")
    assert settings.trusted_proxies == (
        ipaddress.ip_network("10.0.0.0/8"),
        ipaddress.ip_network("127.0.0.1/32"),
    )
    assert settings.partner_networks == (ipaddress.ip_network("fd00:1::/64"),)


def test_all_errors_are_told_at_once_with_what_was_expected() -> None:
    with pytest.raises(ConfigError) as caught:
        read_settings(
            {
                "FREEHOLD_LISTEN": "8000",
                "FREEHOLD_WORKERS": "none",
                "FREEHOLD_CLICKHOUSE": "clickhouse:9000",
                "FREEHOLD_CLICKHOUSE_MEMORY": "lots",
                "FREEHOLD_DURABILITY": "memory",
                "FREEHOLD_TRUSTED_PROXIES": "10.0.0.1/8",
                "FREEHOLD_RETENTION": "for ever",
                "FREEHOLD_LISTNE": "127.0.0.1:1",
            }
        )
    problems = caught.value.problems
    assert len(problems) == 8
    assert problems[0] == "FREEHOLD_LISTNE: no such setting; did you mean FREEHOLD_LISTEN?"
    assert all(": expected" in p or "has host bits" in p for p in problems[1:])


@pytest.mark.parametrize("url", ["ftp://u:SECRET@x", "http://u:SECRET@x:99999", "http://", "x"])
def test_a_url_with_a_password_is_never_shown(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_settings({"FREEHOLD_CLICKHOUSE": url})
    assert caught.value.problems[0].startswith("FREEHOLD_CLICKHOUSE: expected a URL")
    assert "SECRET" not in str(caught.value)


def test_every_field_has_exactly_one_knob() -> None:
    assert tuple(knob.field for knob in KNOBS) == Settings.__struct_fields__
