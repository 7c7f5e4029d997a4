"""A real browser: Debian's Chromium, driven by playwright."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from support.programs import needs

from oso_adapter.standard.pack import Pack, load_pack

_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)

Opener = Callable[[str], Page]


@pytest.fixture(scope="session")
def pack() -> Pack:
    return load_pack("2019.1")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = needs("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_OPTIONS))
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opener]:
    """Opens a reading view as a person does, from a file."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, accept_downloads=True)
    context.set_default_timeout(60_000)

    def open_file(written: str) -> Page:
        file = tmp_path / "dossier.html"
        file.write_text(written, encoding="utf-8")
        page = context.new_page()
        page.goto(file.as_uri())
        return page

    yield open_file
    context.close()
