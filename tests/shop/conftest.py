"""One Freehold, one nginx and one Chromium for all walks through the shop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from loadtests.load import AGENT
from tests.browser import chromium
from tests.fronts import program
from tests.js_snippet.recorder import Recorder
from tests.running import DEMO_URL, ROOT, Running
from tests.shop.hosts import shops_before
from tests.shop.visiting import NOTED, elsewhere

CONTAINERS = ROOT / "tests" / "shop" / "containers"


@pytest.fixture(scope="package")
def pages() -> Iterator[Recorder]:
    """Serves the hostile pages, on another origin than the collector's."""
    with Recorder() as running:
        yield running


@pytest.fixture(scope="package")
def freehold(tmp_path_factory: pytest.TempPathFactory, pages: Recorder) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("freehold"), FREEHOLD_TRUSTED_PROXIES="127.0.0.1/32")
    here = {DEMO_URL: running.recorder_url, "ORIGIN": pages.origin, "OTHER": elsewhere(pages)}
    for file in CONTAINERS.iterdir():
        text = file.read_text()
        for name, address in here.items():
            text = text.replace(name, address)
        (running.containers / file.name).write_text(text)
    with running:
        yield running


@pytest.fixture(scope="package")
def nginx(tmp_path_factory: pytest.TempPathFactory, freehold: Running) -> Iterator[int]:
    """The port of the shops' own hosts; 0 where there is no nginx."""
    if program("nginx") is None:
        yield 0
        return
    with shops_before(freehold.port, tmp_path_factory.mktemp("nginx")) as port:
        yield port


@pytest.fixture(scope="package")
def browser(nginx: int) -> Iterator[Browser]:
    """Each host is found at nginx, but for one: a click on a link to it fails as it does without a
    network."""
    found = f"MAP www.example.com ~NOTFOUND, MAP *.example 127.0.0.1:{nginx}"
    with chromium(
        f"--user-agent={AGENT}",  # what a page sends while it is left has no context's agent
        f"--host-resolver-rules={found}",
        "--ignore-certificate-errors",
        "--no-proxy-server",
        keeps_pages=True,
    ) as browser:
        yield browser


@pytest.fixture
def hosts(nginx: int) -> None:
    """For tests of the shops' own hosts."""
    if not nginx:
        pytest.skip("no nginx is here; as root on Debian: make servers")


@pytest.fixture
def errors() -> list[str]:
    """What was thrown in the visitor's pages; what a test has expected, it takes out."""
    return []


@pytest.fixture
def visitor(browser: Browser, errors: list[str]) -> Iterator[BrowserContext]:
    """A new one, whose pages note what the tag says of itself; nothing may be thrown in them."""
    context = browser.new_context()
    context.add_init_script(NOTED)
    context.on("weberror", lambda error: errors.append(error.error.message))
    yield context
    context.close()
    assert errors == []
