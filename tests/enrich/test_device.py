from __future__ import annotations

import pytest
from msgspec.structs import replace

from server.enrich.device import put_device

from .subjects import CONTEXT, changes, subject_of, visit_of

KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {KIT} Chrome/141.0.0.0 Safari/537.36"
MAC = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {KIT} Chrome/141.0.0.0 Safari/537.36"
ANDROID = f"Mozilla/5.0 (Linux; Android 10; K) {KIT} Chrome/141.0.0.0 Mobile Safari/537.36"
COLUMNS = (
    "device_type",
    "device_brand",
    "device_model",
    "os",
    "os_version",
    "browser",
    "browser_version",
)


def device_of(user_agent: str, headers: dict[str, str] | None = None) -> tuple[str, ...]:
    event = put_device(visit_of(user_agent, headers), CONTEXT).event
    return tuple(getattr(event, column) for column in COLUMNS)


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (WINDOWS, ("desktop", "", "", "Windows", "10", "Chrome", "141.0")),
        (MAC, ("desktop", "Apple", "Mac", "Mac OS X", "10.15", "Chrome", "141.0")),
        (WINDOWS + " Edg/141.0.0.0", ("desktop", "", "", "Windows", "10", "Edge", "141.0")),
        (
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:154.0) Gecko/20100101 Firefox/154.0",
            ("desktop", "", "", "Ubuntu", "", "Firefox", "154.0"),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1_1 like Mac OS X) AppleWebKit/605.1.15"
            " (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
            ("mobile", "Apple", "iPhone", "iOS", "18.1", "Mobile Safari", "18.1"),
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15"
            " (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
            ("tablet", "Apple", "iPad", "iOS", "17.5", "Mobile Safari", "17.5"),
        ),
        (ANDROID, ("mobile", "", "", "Android", "10", "Chrome Mobile", "141.0")),
        (
            ANDROID.replace("Android 10; K", "Android 14; SM-S921B"),
            ("mobile", "Samsung", "SM-S921B", "Android", "14", "Chrome Mobile", "141.0"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 13; SM-T870) {KIT} Chrome/121.0.0.0 Safari/537.36",
            ("tablet", "Samsung", "SM-T870", "Android", "13", "Chrome", "121.0"),
        ),
        (
            "Dalvik/2.1.0 (Linux; U; Android 14; SM-G991B Build/UP1A)",
            ("mobile", "Samsung", "SM-G991B", "Android", "14", "Android", "14"),
        ),
        (
            ANDROID.replace("10; K", "14; XYZ-1"),
            ("mobile", "", "XYZ-1", "Android", "14", "Chrome Mobile", "141.0"),
        ),
        (
            "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
            ("", "", "", "", "", "bingbot", "2.0"),
        ),
        (
            "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0",
            ("mobile", "", "", "Android", "14", "Firefox Mobile", "140.0"),
        ),
        (
            f"Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) {KIT} 94.0.4606.31/7.0 TV Safari/537.36",
            ("tv", "Samsung", "SMART-TV", "Tizen", "7.0", "Safari", ""),
        ),
        (
            f"Mozilla/5.0 (PlayStation; PlayStation 5/6.50) {KIT} Version/16.4 Safari/605.1.15",
            ("console", "Sony", "PlayStation 5", "", "", "Safari", "16.4"),
        ),
        ("no browser at all", ("", "", "", "", "", "", "")),
        ("", ("", "", "", "", "", "", "")),
    ],
)
def test_a_user_agent_says_what_the_visitor_holds(
    user_agent: str, expected: tuple[str, ...]
) -> None:
    assert device_of(user_agent) == expected


@pytest.mark.parametrize(
    ("user_agent", "headers", "expected"),
    [
        (
            WINDOWS,
            {"sec-ch-ua-platform": '"Windows"', "sec-ch-ua-platform-version": '"15.0.0"'},
            ("desktop", "", "", "Windows", "11", "Chrome", "141.0"),
        ),
        (
            WINDOWS,
            {"sec-ch-ua-platform": '"Windows"', "sec-ch-ua-platform-version": '"10.0.0"'},
            ("desktop", "", "", "Windows", "10", "Chrome", "141.0"),
        ),
        (
            WINDOWS,
            {"sec-ch-ua-platform": '"Windows"', "sec-ch-ua-platform-version": '"x"'},
            ("desktop", "", "", "Windows", "10", "Chrome", "141.0"),
        ),
        (
            MAC,
            {"sec-ch-ua-platform": '"macOS"', "sec-ch-ua-platform-version": '"15.3.1"'},
            ("desktop", "Apple", "Mac", "Mac OS X", "15.3", "Chrome", "141.0"),
        ),
        (
            ANDROID,
            {
                "sec-ch-ua-platform": '"Android"',
                "sec-ch-ua-platform-version": '"16.0.0"',
                "sec-ch-ua-model": '"Pixel 9 Pro"',
                "sec-ch-ua-mobile": "?1",
            },
            ("mobile", "Google", "Pixel 9 Pro", "Android", "16", "Chrome Mobile", "141.0"),
        ),
        (
            ANDROID.replace("Mobile ", ""),
            {"sec-ch-ua-mobile": "?0", "sec-ch-ua-platform": '"Android"'},
            ("tablet", "", "", "Android", "10", "Chrome", "141.0"),
        ),
    ],
)
def test_client_hints_give_back_what_the_user_agent_hides(
    user_agent: str, headers: dict[str, str], expected: tuple[str, ...]
) -> None:
    assert device_of(user_agent, headers) == expected


def test_the_hints_of_a_relaying_server_say_nothing_of_the_visitor() -> None:
    relay = visit_of(
        "relay", {"sec-ch-ua-platform": '"macOS"', "sec-ch-ua-platform-version": '"15"'}
    )
    before = replace(relay, person=replace(relay.person, user_agent=WINDOWS))
    assert put_device(before, CONTEXT).event == put_device(visit_of(WINDOWS), CONTEXT).event


def test_without_a_user_agent_nothing_changes() -> None:
    before = subject_of(device_type="desktop", os="Windows")
    assert changes(before, put_device(before, CONTEXT)) == {}
