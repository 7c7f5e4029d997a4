"""A real browser: Debian's Chromium, driven by playwright."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, sync_playwright
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

Opener = Callable[..., Page]
"""Gives the page with what was written: the one of all tests, or one that is given."""


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


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """One page for all tests: its process is the half of what a reading view costs."""
    context = browser.new_context(accept_downloads=True)
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def opened(page: Page, tmp_path: Path) -> Opener:
    """Opens a reading view as a person does, from a file, on a screen."""
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 1280, "height": 720})

    def open_file(written: str, page: Page = page) -> Page:
        file = tmp_path / "dossier.html"
        file.write_text(written, encoding="utf-8")
        page.goto(file.as_uri())
        return page

    return open_file


@pytest.fixture
def happened(page: Page) -> Iterator[list[str]]:
    """What a page did by itself: asked, requested, said."""
    seen: list[str] = []

    def asked(dialog: Dialog) -> None:
        seen.append("dialog")
        dialog.dismiss()

    def requested(request: Request) -> None:
        seen.append(request.url)

    def said(message: ConsoleMessage) -> None:
        seen.append(message.text)

    page.on("dialog", asked)
    page.on("request", requested)
    page.on("console", said)
    yield seen
    page.remove_listener("dialog", asked)
    page.remove_listener("request", requested)
    page.remove_listener("console", said)
