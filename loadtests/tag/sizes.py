"""`make sizes`: our tag beside the builds that others publish, as a table in Markdown.

npm fetches each package in the version that stands here, and checks it as it does at an install.
Of each, the one minified file that its package makes for a page is measured: what a page
loads at first. What some of them fetch later, such as a recorder of sessions, is not counted.
All are compressed by Zopfli, as the collector compresses ours.
"""

from __future__ import annotations

import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from zopfli import gzip

from server.collector.script import FEATURES, tag_script
from server.containers.model import Consent, ConsentMode, Container, Links, Observe, PageTag


class Build(Struct, frozen=True):
    """A published file."""

    title: str
    package: str
    version: str
    file: str


class Measured(Struct, frozen=True):
    """A row of the table."""

    title: str
    source: str
    minified: int
    gzip: int


BUILDS = (
    Build("Plausible", "@plausible-analytics/tracker", "0.4.6", "plausible.js"),
    Build("Minimal Analytics (GA4)", "@minimal-analytics/ga4", "1.8.7", "dist/index.js"),
    Build("Tinybird", "@tinybirdco/flock.js", "1.4.1", "dist/index.js"),
    Build("Ackee", "ackee-tracker", "5.1.3", "dist/ackee-tracker.min.js"),
    Build("walker.js", "@elbwalker/walker.js", "3.4.2", "dist/walker.js"),
    Build("Snowplow", "@snowplow/browser-tracker", "4.10.1", "dist/index.umd.min.js"),
    Build("Piano", "piano-analytics-js", "6.17.0", "dist/browser/piano-analytics.umd.js"),
    Build("Segment", "@segment/analytics-next", "1.84.3", "dist/umd/standalone.js"),
    Build("Mixpanel", "mixpanel-browser", "2.83.0", "dist/mixpanel.min.js"),
    Build("Countly", "countly-sdk-web", "26.1.1", "lib/countly.min.js"),
    Build("RudderStack", "rudder-sdk-js", "2.52.21", "dist/npm/index.js"),
    Build("Adobe", "@adobe/alloy", "2.33.1", "dist/alloy.min.js"),
    Build("Amplitude", "@amplitude/analytics-browser", "2.48.1", "lib/scripts/amplitude-min.js"),
    Build("PostHog", "posthog-js", "1.449.2", "dist/array.js"),
)


def main() -> None:
    """Smallest first."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [*ours(), *(fetch(build, Path(folder)) for build in BUILDS)]
    print("| tag | file | minified | gzip |\n|---|---|---|---|")
    for row in sorted(rows, key=lambda row: row.gzip):
        print(f"| {row.title} | {row.source} | {row.minified:,} | {row.gzip:,} |")


def ours() -> Iterator[Measured]:
    """As they are served."""
    bare, silent = Observe(commands=False), Consent(gpc=False, opt_out=False)
    switches: dict[str, Any] = dict.fromkeys(FEATURES, True)
    all_consent = Consent(mode=ConsentMode.WAIT, cmps=["tcf"])
    pixel = PageTag(type="image", src="https://px.example/", fires_on=["all_pages"], enabled=True)
    site = Container(id="demo", sites=["self"], observe=bare, consent=silent)
    pages = replace(bare, history=True)
    everything = replace(site, observe=Observe(**switches), consent=all_consent)
    domains = Links(domains=["shop.example", "other.example"])
    kinds = {
        "page views, events, consent, outbox": site,
        "the same, with single-page applications": replace(site, observe=pages),
        "what a container gets that says nothing": replace(
            site, observe=Observe(), consent=Consent()
        ),
        "all that is observed, and the TCF": everything,
        "the same, with links to other domains and page tags": replace(
            everything, links=domains, page_tags={"pixel": pixel}
        ),
    }
    for title, container in kinds.items():
        script = tag_script(container, hit_path="/demo/hit")
        yield Measured(f"**Freehold**: {title}", "`tag.js`", len(script.body), len(script.gzip))


def fetch(build: Build, folder: Path) -> Measured:
    """Raises CalledProcessError when npm does, KeyError when the package has no such file."""
    npm = shutil.which("npm") or "npm"
    wanted = f"{build.package}@{build.version}"
    packing = [npm, "pack", "--silent", "--pack-destination", str(folder), wanted]
    name = subprocess.run(packing, check=True, capture_output=True, text=True).stdout.split()[-1]
    with tarfile.open(folder / name) as packed:
        file = packed.extractfile(f"package/{build.file}")
        if file is None:
            raise KeyError(build.file)
        code = file.read()
    source = f"`{wanted}` {build.file}"
    return Measured(build.title, source, len(code), len(gzip.compress(code, numiterations=5)))


if __name__ == "__main__":
    main()
