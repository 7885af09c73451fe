"""Automated clients that the common list (`crawler-user-agents`, MIT) lacks or does not tell apart.

Patterns are regular expressions of Rust's dialect, tried in this order, before that list; a name of
`$1` is what the first group matched.
"""

from __future__ import annotations

from enum import StrEnum


class BotKind(StrEnum):
    """Why a client is automated."""

    CRAWLER = "crawler"
    """Collects pages: search engines, marketing tools, archives, feeds."""
    AI_AGENT = "ai_agent"
    """Acts for one person who asked an assistant just now."""
    AI_CRAWLER = "ai_crawler"
    """Collects pages for the training or the index of a model."""
    PREVIEW = "preview"
    """Fetches a page to show a link in a chat or a network."""
    MONITOR = "monitor"
    """Watches whether a site is up, fast and correct."""
    SCANNER = "scanner"
    """Looks for certificates, cookies or weak points."""
    HEADLESS = "headless"
    """A browser that a program drives."""
    TOOL = "tool"
    """An HTTP library or a command line."""


TAGS: dict[str, BotKind] = {
    "ai-crawler": BotKind.AI_CRAWLER,
    "browser-automation": BotKind.HEADLESS,
    "http-library": BotKind.TOOL,
    "monitoring": BotKind.MONITOR,
    "scanner": BotKind.SCANNER,
    "social-preview": BotKind.PREVIEW,
}
"""The common list's tags; any other is a crawler."""

PEOPLE = frozenset(
    {
        # Browsers inside an application, and of an editor.
        "MetaIAB Facebook",
        r"Bluesky\/",
        r"Code\/1\.",
        "Fluid",
        r"Notion\/",
        r"Trae\/",
        r"Tumblr\/",
        "Viber",
        # What an Android application sends its own hits with.
        "okhttp",
    }
)
"""Patterns of the common list that match people."""

_NAMED: dict[BotKind, str] = {
    BotKind.AI_AGENT: """
        ChatGPT-User Claude-User Perplexity-User MistralAI-User Gemini-Deep-Research
        GoogleAgent-Mariner Google-Agent Google-NotebookLM Google-Gemini-CLI Meta-ExternalFetcher
        DuckAssistBot Amzn-User AmazonBuyForMe Amazon-Bedrock-AgentCore-Browser NovaAct Manus-User
        Devin TwinAgent kagi-fetcher cohere-ai IsonAI-User opencode-smartfetch claude-code
        Poggio-Citations ShapBot
    """,
    BotKind.AI_CRAWLER: """
        GPTBot OAI-SearchBot ClaudeBot Claude-SearchBot Claude-Web anthropic-ai PerplexityBot
        Google-Extended Google-CloudVertexBot Applebot-Extended Bytespider TikTokSpider CCBot
        Amazonbot Amzn-SearchBot Meta-ExternalAgent FacebookBot AI2Bot cohere-training-data-crawler
        Diffbot ImagesiftBot omgilibot Timpibot YouBot PanguBot DeepSeekBot xAI-SearchBot xAI-Bot
        GrokBot Grok-DeepSearch Cotoyogi Webzio-Extended ICC-Crawler SemrushBot-OCOB
        FirecrawlAgent TavilyBot LinkupBot ExaBot AzureAI-SearchBot MistralBot img2dataset
    """,
    BotKind.HEADLESS: """
        HeadlessChrome PhantomJS Playwright Puppeteer Selenium Cypress jsdom HappyDOM
    """,
    BotKind.MONITOR: "Chrome-Lighthouse Lighthouse",
}

PATTERNS: tuple[tuple[str, BotKind, str], ...] = (
    *(
        (rf"(?i)(?:^|[^a-z0-9-]){name}(?:$|[^a-z0-9-])", kind, name)
        for kind, names in _NAMED.items()
        for name in names.split()
    ),
    (r"(?i)PerplexityUser", BotKind.AI_AGENT, "Perplexity-User"),
    (r"^Operator/", BotKind.AI_AGENT, "Operator"),
    (r"^(Bluesky|Notion|Tumblr|Viber)\b", BotKind.PREVIEW, "$1"),
    (r"(PostmanRuntime|RestSharp|GuzzleHttp|libcurl|undici)\b", BotKind.TOOL, "$1"),
    (
        r"^(Java|Ruby|Deno|Bun|k6|insomnia|Faraday|reqwest|hyper|node|got)(?:/|$)",
        BotKind.TOOL,
        "$1",
    ),
)

FALLBACKS: tuple[tuple[str, BotKind, str], ...] = (
    # Not `BOT`: Cubot makes telephones.
    (
        r"([A-Za-z][\w.-]*(?:[Bb]ot|[Cc]rawler|[Ss]pider|[Ss]craper))(?:[/;,) ]|$)",
        BotKind.CRAWLER,
        "$1",
    ),
    # A page about itself is what crawlers put in, and browsers never.
    (r"([A-Za-z][\w.-]*)(?:/v?[\d.]+)?[;,]? ?\(?\+https?://", BotKind.CRAWLER, "$1"),
)
"""For those that nobody has listed yet, tried last."""
