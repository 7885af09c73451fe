"""What kind of site a source is, after GA4's published list of source categories.

A word with a dot is a host and stands for its sub-domains too. A word without one is a name: the
bare source (`utm_source=google`) and the host that it names under any suffix (`google.co.uk`,
`fr.search.yahoo.com`). The longest host wins, then the name. Left out of Google's list: networks
that are gone, and payment pages, which are not where a visitor comes from. Added: mail boxes and
assistants, which Google does not publish.
"""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """The kinds of source that channels are told apart by."""

    SEARCH = "search"
    SOCIAL = "social"
    VIDEO = "video"
    SHOPPING = "shopping"
    EMAIL = "email"
    ASSISTANT = "assistant"


_WORDS: dict[Category, str] = {
    Category.SEARCH: """
        google bing yahoo duckduckgo ecosia qwant yandex baidu startpage naver daum seznam sogou
        brave aol ask msn lycos excite dogpile rambler onet kvasir virgilio terra globo eniro
        biglobe najdi startsiden exalead swisscows mojeek kagi presearch metager searx gibiru
        babylon incredimail rakuten
        360.cn so.com go.mail.ru centrum.cz firmy.cz tut.by search.ukr.net petalsearch.com
        search.brave.com search.smt.docomo.ne.jp play.google.com lens.google.com news.google.com
        search.google.com ntp.msn.com com.google.android.googlequicksearchbox
    """,
    Category.SOCIAL: """
        facebook instagram threads twitter linkedin pinterest tiktok snapchat
        reddit quora tumblr whatsapp messenger telegram wechat weibo vk vkontakte odnoklassniki
        xing viadeo mastodon bluesky bsky discord skype line kakao zalo medium nextdoor flipboard
        flickr deviantart stackoverflow stackexchange serverfault superuser askubuntu meetup yelp
        tripadvisor trustpilot glassdoor goodreads wattpad blogger blogspot wordpress typepad
        livejournal disqus foursquare hootsuite buffer hatena ameba mixi
        plurk douban renren tuenti badoo myspace yammer slideshare scribd instapaper pocket digg
        diigo houzz researchgate academia strava fandom vero truthsocial
        bereal lemon8 xiaohongshu rednote
        t.co x.com fb.me fb.com m.me lnkd.in t.me vk.com ok.ru vk.ru line.me wa.me pin.it redd.it
        ig.me bsky.app threads.net threads.com mastodon.social mstdn.social
        news.ycombinator.com getpocket.com bit.ly goo.gl tinyurl.com is.gd paper.li scoop.it
        groups.google.com plus.google.com sites.google.com messages.google.com blog.naver.com
        cafe.naver.com kin.naver.com answers.yahoo.com chiebukuro.yahoo.co.jp qzone.qq.com
        b.hatena.ne.jp ameblo.jp exblog.jp 5ch.net pixiv.net last.fm smartnews.com wikihow.com
        over-blog.com skyrock.com gutefrage.net suomi24.fi meneame.net dzone.com slashdot.org
        teams.microsoft.com statics.teams.cdn.office.net steamcommunity.com
        com.facebook.katana com.instagram.android com.twitter.android com.linkedin.android
        com.pinterest com.reddit.frontpage com.zhiliaoapp.musically com.snapchat.android
        com.whatsapp org.telegram.messenger com.slack
    """,
    Category.VIDEO: """
        youtube youtu vimeo dailymotion twitch netflix hulu disneyplus iqiyi youku tudou niconico
        bilibili rumble odysee wistia vidyard crackle curiositystream ted veoh utreon
        youtu.be ted.com nicovideo.jp d.tube iq.com music.youtube.com com.google.android.youtube
    """,
    Category.SHOPPING: """
        amazon ebay etsy walmart alibaba aliexpress shopify mercadolibre mercadolivre shopzilla
        temu shein wish zalando cdiscount fnac allegro idealo kelkoo leboncoin
        shopee lazada flipkart
        shop.app shopping.google.com shopping.yahoo.com shopping.yahoo.co.jp shopping.naver.com
        shopping.net bol.com amazon-adsystem.com simplycodes.com
    """,
    Category.EMAIL: """
        mail.google.com outlook.live.com outlook.office.com outlook.office365.com mail.yahoo.com
        mail.yahoo.co.jp mail.aol.com mail.yandex.ru e.mail.ru mail.proton.me mail.zoho.com
        mail.163.com mail.qq.com email.seznam.cz webmail.free.fr mail.orange.fr messagerie.orange.fr
        navigator.gmx.net navigator.web.de deref-gmx.net deref-web.de mail.rambler.ru
        com.google.android.gm com.microsoft.office.outlook com.yahoo.mobile.client.android.mail
    """,
    Category.ASSISTANT: """
        chatgpt openai perplexity deepseek
        chatgpt.com chat.openai.com openai.com gemini.google.com bard.google.com
        notebooklm.google.com claude.ai claude.com perplexity.ai copilot.microsoft.com copilot.com
        edgeservices.bing.com chat.deepseek.com grok.com chat.mistral.ai mistral.ai meta.ai
        poe.com you.com phind.com pi.ai character.ai iask.ai felo.ai doubao.com
        kimi.com kimi.moonshot.cn chat.qwen.ai qwen.ai chat.z.ai genspark.ai duck.ai
        huggingface.co manus.im
        com.openai.chatgpt com.anthropic.claude ai.perplexity.app.android
        com.google.android.apps.bard
    """,
}

_ALIASES: dict[Category, str] = {
    Category.SEARCH: "conduit comcast search-results auone alice ukr avg google-play",
    Category.SOCIAL: "fb ig insta meta x social social-network hackernews shareit",
    Category.VIDEO: "yt",
    Category.SHOPPING: "igshopping google-shopping bol otto",
    Category.ASSISTANT: "claude gemini copilot grok mistral",
}

SEARCH_LABELS = frozenset(
    {"www", "search", "images", "image", "news", "web", "wap", "html", "lite", "malaysia"}
)
"""What may stand before a search engine's name, beside two letters: `docs.google.com` is none."""

SOURCES: dict[str, Category] = {
    word: category for category, words in _WORDS.items() for word in words.split()
}

ALIASES: dict[str, Category] = {
    word: category for category, words in _ALIASES.items() for word in words.split()
}
"""Names that hold for a bare source only: `gemini.com` and `ig.com.br` are others."""
