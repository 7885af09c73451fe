from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from server.enrich.bot import put_bot
from server.enrich.tables.bots import PATTERNS, BotKind

from .subjects import CONTEXT, changes, subject_of, visit_of

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/141.0.0.0 Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko)"
)
GPTBOT = (
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.3;"
    " +https://openai.com/gptbot)"
)
CHATGPT_USER = (
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0;"
    " +https://openai.com/bot"
)
GOOGLEBOT = (
    "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like"
    " Gecko) Chrome/141.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1;"
    " +http://www.google.com/bot.html)"
)


@pytest.mark.parametrize(
    ("user_agent", "kind", "name"),
    [
        (GOOGLEBOT, "crawler", "Googlebot"),
        (
            "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
            "crawler",
            "bingbot",
        ),
        (
            "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
            "crawler",
            "AhrefsBot",
        ),
        (GPTBOT, "ai_crawler", "GPTBot"),
        ("Mozilla/5.0 (compatible; OAI-SearchBot/1.0)", "ai_crawler", "OAI-SearchBot"),
        (
            "Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
            "ai_crawler",
            "ClaudeBot",
        ),
        ("Mozilla/5.0 (compatible; PerplexityBot/1.0)", "ai_crawler", "PerplexityBot"),
        ("Mozilla/5.0 (Linux; Android 5.0) (compatible; Bytespider)", "ai_crawler", "Bytespider"),
        ("CCBot/2.0 (https://commoncrawl.org/faq/)", "ai_crawler", "CCBot"),
        ("meta-externalagent/1.1", "ai_crawler", "Meta-ExternalAgent"),
        ("Mozilla/5.0 (compatible; Amazonbot/0.1)", "ai_crawler", "Amazonbot"),
        ("Google-Extended", "ai_crawler", "Google-Extended"),
        (CHATGPT_USER, "ai_agent", "ChatGPT-User"),
        ("Mozilla/5.0 (compatible; Claude-User/1.0)", "ai_agent", "Claude-User"),
        ("Mozilla/5.0 (compatible; Perplexity-User/1.0)", "ai_agent", "Perplexity-User"),
        ("meta-externalfetcher/1.1", "ai_agent", "Meta-ExternalFetcher"),
        ("facebookexternalhit/1.1", "preview", "facebookexternalhit"),
        ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "preview", "Slackbot"),
        ("WhatsApp/2.23.20.0", "preview", "WhatsApp"),
        ("Tumblr/14.0.835.186", "preview", "Tumblr"),
        (
            "Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
            "monitor",
            "UptimeRobot",
        ),
        (CHROME + " Chrome-Lighthouse", "monitor", "Chrome-Lighthouse"),
        (
            "Mozilla/5.0 (compatible; CensysInspect/1.1; +https://about.censys.io/)",
            "scanner",
            "CensysInspect",
        ),
        (CHROME.replace("Chrome/", "HeadlessChrome/"), "headless", "HeadlessChrome"),
        ("curl/8.5.0", "tool", "curl"),
        ("python-requests/2.32.3", "tool", "python-requests"),
        ("axios/1.7.2", "tool", "axios"),
        ("node", "tool", "node"),
        ("Java/17.0.8", "tool", "Java"),
        ("PostmanRuntime/7.43.0", "tool", "PostmanRuntime"),
        ("Mozilla/5.0 (compatible; NewThingBot/0.1)", "crawler", "NewThingBot"),
        ("Mozilla/5.0 (compatible; NewThing/0.1; +https://example.org)", "crawler", "NewThing"),
    ],
)
def test_automated_clients_are_named_and_told_apart(user_agent: str, kind: str, name: str) -> None:
    before = visit_of(user_agent)
    assert changes(before, put_bot(before, CONTEXT)) == {"bot": kind, "bot_name": name}


@pytest.mark.parametrize(
    "user_agent",
    [
        "",
        "-",
        "\ud800",
        CHROME,
        CHROME + " Edg/141.0.0.0",
        IPHONE + " Version/18.1 Mobile/15E148 Safari/604.1",
        IPHONE
        + " Mobile/22B83 Instagram 356.0.0.28.109 (iPhone15,3; iOS 18_1; fr_FR; fr; scale=3.00)",
        "Mozilla/5.0 (Linux; Android 16; Pixel 10 Build/CP1A; wv) AppleWebKit/537.36 (KHTML, like"
        " Gecko) Version/4.0 Chrome/146.0.7680.174 Mobile Safari/537.36 MetaIAB Facebook",
        "Mozilla/5.0 (Linux; Android 13; CUBOT NOTE 21) AppleWebKit/537.36 (KHTML, like Gecko)"
        " Chrome/131.0.0.0 Mobile Safari/537.36",
        "okhttp/4.12.0",
        "Shop/3.1 CFNetwork/1568 Darwin/24.1.0",
    ],
)
def test_people_and_their_applications_are_no_bots(user_agent: str) -> None:
    before = visit_of(user_agent)
    assert put_bot(before, CONTEXT) == before


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (
            {"signature-agent": '"https://chatgpt.com"'},
            {"bot": "ai_agent", "bot_name": "chatgpt.com"},
        ),
        ({"signature-agent": "agent"}, {"bot": "ai_agent", "bot_name": "agent"}),
        (
            {"sec-ch-ua": '"Not;A=Brand";v="99", "HeadlessChrome";v="141"'},
            {"bot": "headless", "bot_name": "HeadlessChrome"},
        ),
        ({"sec-ch-ua": '"Chromium";v="141"', "accept-language": "fr"}, {}),
    ],
)
def test_headers_give_away_what_a_common_user_agent_hides(
    headers: dict[str, str], expected: dict[str, Any]
) -> None:
    before = visit_of(CHROME, headers)
    assert changes(before, put_bot(before, CONTEXT)) == expected


def test_the_headers_of_a_relaying_server_say_nothing_of_the_visitor() -> None:
    before = visit_of("relay", {"signature-agent": "x"})
    before = replace(before, person=replace(before.person, user_agent=CHROME))
    assert put_bot(before, CONTEXT) == before


def test_a_visitor_without_a_user_agent_is_no_bot() -> None:
    before = subject_of()
    assert put_bot(before, CONTEXT) == before


def test_every_kind_has_a_pattern_of_ours_or_of_the_common_list() -> None:
    assert {kind for _, kind, _ in PATTERNS} <= set(BotKind)
