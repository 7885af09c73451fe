"""Takes personal data and secrets out of addresses and titles before anything is stored.

It stands first. What is personal, `personal.py` says; what is, becomes `redacted`. The page's URL
is also split into `host`, `path` and `query`, so that the four agree:

    https://u:p@Shop.example/a/jo@x.org?email=jo%40x.org&utm_source=n#top
    url    https://Shop.example/a/redacted?email=redacted&utm_source=n
    host   shop.example        path   /a/redacted        query   email=redacted&utm_source=n

A fragment stays only if it is a route (`#/cart`, `#!/cart`); it is then part of `path`, and its own
parameters follow the page's in `query`. Text that is no http(s) URL keeps its wording and has no
`host`.
"""

from __future__ import annotations

from msgspec.structs import replace

from server.enrich.contract import Context, Subject
from server.enrich.personal import EMAIL, REDACTED, Page, clean_path, clean_query, clean_url


def drop_personal_query(subject: Subject, _: Context) -> Subject:
    """The event with clean addresses and title; `host`, `path` and `query` are those of `url`."""
    event = subject.event
    if event.url:
        page = clean_url(event.url)
    else:
        page = Page("", event.host, clean_path(event.path), clean_query(event.query))
    referrer = clean_url(event.referrer.partition("#")[0]).url if event.referrer else ""
    title = EMAIL.sub(REDACTED, event.title) if "@" in event.title else event.title
    url, host, path, query = page
    cleaned = replace(
        event, referrer=referrer, title=title, url=url, host=host, path=path, query=query
    )
    return replace(subject, event=cleaned)
