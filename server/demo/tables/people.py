"""Devices, languages and habits of played visitors, and the automated clients among them."""

from __future__ import annotations

from typing import NamedTuple


class Device(NamedTuple):
    """A browser on a screen; `weight` is how often it is seen beside the others."""

    weight: int
    user_agent: str
    screen: str
    viewport: str


class Place(NamedTuple):
    """A language with its time zone, whose clock is so many hours ahead of UTC."""

    weight: int
    language: str
    timezone: str
    hours: int


_FROZEN_ANDROID = "10; K"


def _apple(device: str, system: str, app: str) -> str:
    like = f"CPU {device}OS {system} like Mac OS X"
    name = "iPad" if not device else "iPhone"
    return f"Mozilla/5.0 ({name}; {like}) AppleWebKit/605.1.15 (KHTML, like Gecko) {app}"


def _iphone(system: str, app: str = "") -> str:
    version = system.replace("_", ".")
    safari = f"Version/{version} Mobile/15E148 Safari/604.1"
    return _apple("iPhone ", system, app or safari)


def _blink(system: str, app: str) -> str:
    return f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) {app}"


def _chrome(system: str, version: int, more: str = "") -> str:
    return _blink(system, f"Chrome/{version}.0.0.0 Safari/537.36{more}")


def _android(version: int) -> str:
    app = f"Chrome/{version}.0.0.0 Mobile Safari/537.36"
    return _blink(f"Linux; Android {_FROZEN_ANDROID}", app)


def _firefox(system: str) -> str:
    return f"Mozilla/5.0 ({system}; rv:143.0) Gecko/20100101 Firefox/143.0"


_WINDOWS = "Windows NT 10.0; Win64; x64"
_MAC = "Macintosh; Intel Mac OS X 10_15_7"
_IPAD_SAFARI = "Version/18.6 Mobile/15E148 Safari/604.1"
_IPHONE_CHROME = "CriOS/140.0.7339.101 Mobile/15E148 Safari/604.1"
_INSTAGRAM = (
    "Mobile/15E148 Instagram 396.0.0.30.85 (iPhone15,4; iOS 18_6; en_GB; en; scale=3.00; 1179x2556)"
)
_SAMSUNG = "SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36"
_FACEBOOK = (
    "Version/4.0 Chrome/140.0.7339.51 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/530.0.0.48.74;]"
)
_MAC_SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15"

DEVICES = (
    Device(15, _iphone("18_6"), "393x852", "393x660"),
    Device(7, _iphone("18_5"), "430x932", "430x739"),
    Device(4, _iphone("17_7"), "375x812", "375x635"),
    Device(2, _iphone("18_6", _IPHONE_CHROME), "390x844", "390x664"),
    Device(4, _iphone("18_6", _INSTAGRAM), "393x852", "393x699"),
    Device(12, _android(140), "412x915", "412x785"),
    Device(6, _android(139), "384x832", "384x702"),
    Device(5, _blink(f"Linux; Android {_FROZEN_ANDROID}", _SAMSUNG), "360x780", "360x622"),
    Device(3, _blink("Linux; Android 14; SM-A546B; wv", _FACEBOOK), "360x780", "360x660"),
    Device(
        2,
        "Mozilla/5.0 (Android 15; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0",
        "412x892",
        "412x750",
    ),
    Device(4, _apple("", "18_6", _IPAD_SAFARI), "820x1180", "820x1106"),
    Device(2, _chrome("Linux; Android 13; SM-X200", 140), "800x1280", "800x1130"),
    Device(13, _chrome(_WINDOWS, 140), "1920x1080", "1905x953"),
    Device(4, _chrome(_WINDOWS, 139), "1536x864", "1521x730"),
    Device(7, _chrome(_WINDOWS, 140, " Edg/140.0.0.0"), "1920x1080", "1872x938"),
    Device(4, _firefox(_WINDOWS), "1920x1080", "1920x947"),
    Device(5, _chrome(_MAC, 140), "1512x982", "1512x823"),
    Device(6, f"Mozilla/5.0 ({_MAC}) {_MAC_SAFARI}", "1440x900", "1440x778"),
    Device(2, _firefox("Macintosh; Intel Mac OS X 10.15"), "1728x1117", "1728x951"),
    Device(1, _firefox("X11; Linux x86_64"), "2560x1440", "2530x1290"),
    Device(1, _chrome("X11; CrOS x86_64 14541.0.0", 140), "1366x768", "1366x641"),
)

BOTS = (
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; "
    "+http://www.google.com/bot.html) Chrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.2; "
    "+https://openai.com/gptbot",
    "curl/8.14.1",
)

PLACES = (
    Place(42, "fr-FR", "Europe/Paris", 2),
    Place(12, "de-DE", "Europe/Berlin", 2),
    Place(12, "en-GB", "Europe/London", 1),
    Place(8, "nl-NL", "Europe/Amsterdam", 2),
    Place(7, "it-IT", "Europe/Rome", 2),
    Place(7, "es-ES", "Europe/Madrid", 2),
    Place(6, "fr-BE", "Europe/Brussels", 2),
    Place(4, "en-US", "America/New_York", -4),
    Place(2, "fr-CA", "America/Toronto", -4),
)

HOURS = (2, 1, 1, 1, 1, 2, 5, 9, 12, 13, 14, 15, 18, 17, 14, 13, 14, 17, 21, 26, 30, 27, 17, 7)
"""How busy each hour of a visitor's own day is."""
