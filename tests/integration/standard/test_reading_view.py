"""The reading view in a real browser: all of it is there, it prints, and it stays text."""

import io
import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from playwright.sync_api import Browser, Page
from pypdf import PdfReader
from support.distinct import ALTERNATIVES, document, leaves

from oso_adapter.standard import render
from oso_adapter.standard.attachments import CONTENT, unpack
from oso_adapter.standard.codec import to_dict
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.structure import Element

Opener = Callable[..., Page]

# The text of every value that can be seen, as it is laid out.
VALUES = """() => [...document.querySelectorAll('.value, .file')]
    .filter(e => e.checkVisibility() && e.getClientRects().length)
    .map(e => e.innerText.trim())"""

# What sticks out of its own box, or of the page.
CUT_OFF = """() => [...document.body.querySelectorAll('*')].filter(e =>
    (e.clientWidth && e.scrollWidth > e.clientWidth + 1)
    || e.getBoundingClientRect().right > document.documentElement.clientWidth + 1
  ).map(e => e.tagName + '.' + e.className)"""

CONTENT_WIDTH = 672
"""Pixels of the text on A4 between the margins of 16 mm."""


def shown(spec: Element, node: etree._Element) -> str:
    """What a person should read, from the value alone."""
    text = node.text or ""
    if spec.type == "boolean":
        return "Ja" if text == "true" else "Nee"
    if spec.type == "date":
        read = date.fromisoformat(text)
        return f"{read.day:02}-{read.month:02}-{read.year:04}"
    if spec.type == "decimal":
        return str(Decimal(text)).replace(".", ",")
    meaning = node.get("omschrijving")
    return f"{meaning} ({text})" if meaning else text


def expected(root: etree._Element, pack: Pack) -> Counter[str]:
    found = leaves(root, pack)
    return Counter(shown(spec, node) for names, spec, node in found if names[-1] != CONTENT)


def squeezed(text: str) -> str:
    return "".join(text.split())


def printed(pdf: bytes) -> str:
    """The text of printed pages, without white space and without the page numbers."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return "".join(re.sub(r"Pagina\d+van\d+", "", squeezed(page.extract_text())) for page in pages)


@pytest.mark.parametrize("alternative", range(ALTERNATIVES))
def test_every_value_of_a_full_dossier_can_be_seen(
    opened: Opener, pack: Pack, alternative: int
) -> None:
    root = document(pack, alternative=alternative)
    page = opened(render.html(root))
    assert Counter() == expected(root, pack) - Counter(page.evaluate(VALUES))


@pytest.mark.parametrize("kind", ["terugkoppeling", "dossiers"])
def test_every_value_of_the_other_documents_can_be_seen(
    opened: Opener, pack: Pack, kind: str
) -> None:
    root = document(pack, kind)
    page = opened(render.html(root))
    assert Counter() == expected(root, pack) - Counter(page.evaluate(VALUES))


def test_every_label_of_a_full_dossier_can_be_seen(opened: Opener, pack: Pack) -> None:
    root = document(pack)
    text = opened(render.html(root)).inner_text("body")
    beside = {"bestandsnaam", "omschrijving", CONTENT}
    labels = {
        pack.labels.of(names).text for names, _, _ in leaves(root, pack) if names[-1] not in beside
    }
    assert set() == {label for label in labels if label not in text}


def test_every_attachment_can_be_saved_with_the_same_bytes(
    opened: Opener, browser: Browser, pack: Pack
) -> None:
    root = document(pack)
    sent = [
        unpack(node.text or "")[1] for names, _, node in leaves(root, pack) if names[-1] == CONTENT
    ]
    written = render.html(root)
    saved: list[bytes] = []
    # Chromium takes ten files a second from one page: nobody clicks that fast.
    for start in range(0, len(sent), 8):
        page = opened(written, browser.new_page())
        links = page.locator("a[download]")
        assert len(sent) == links.count()
        for number in range(start, min(start + 8, len(sent))):
            with page.expect_download() as waiting:
                links.nth(number).click()
            assert links.nth(number).get_attribute("download") == waiting.value.suggested_filename
            saved.append(Path(waiting.value.path()).read_bytes())
        page.close()
    assert Counter(sent) == Counter(saved)
    assert len(sent) > 20


def test_the_print_holds_every_value(opened: Opener, pack: Pack) -> None:
    root = document(pack)
    text = printed(opened(render.html(root, digest="ab12cd34")).pdf(prefer_css_page_size=True))
    assert [] == [v for v in expected(root, pack) if squeezed(v) not in text]
    assert "ab12cd34" in text


def test_the_pdf_holds_every_value(pack: Pack) -> None:
    root = document(pack)
    text = printed(render.pdf(root, digest="ab12cd34"))
    assert [] == [v for v in expected(root, pack) if squeezed(v) not in text]
    assert "ab12cd34" in text


LONG = "lang{}".format("w" * 80)


def long_word(number: int) -> str:
    return f"{LONG}{number}"


def test_long_words_are_not_cut_off_on_paper(opened: Opener, pack: Pack) -> None:
    root = document(pack, word=long_word)
    page = opened(render.html(root))
    page.emulate_media(media="print")
    page.set_viewport_size({"width": CONTENT_WIDTH, "height": 900})
    assert [] == page.evaluate(CUT_OFF)
    # A page can end in the middle of two values that stand beside one another.
    wanted = Counter(squeezed("".join(expected(root, pack).elements())))
    assert Counter() == wanted - Counter(printed(page.pdf(prefer_css_page_size=True)))


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_long_words_are_not_cut_off_on_a_screen(opened: Opener, pack: Pack, width: int) -> None:
    page = opened(render.html(document(pack, word=long_word)))
    page.set_viewport_size({"width": width, "height": 900})
    assert [] == page.evaluate(CUT_OFF)


PAYLOADS = (
    "<script>alert(1)</script>",
    "</style></title><script src='http://127.0.0.1:9/x.js'></script>",
    '"><img src=http://127.0.0.1:9/x.png onerror=alert(1)>',
    "' onmouseover='alert(1)' autofocus onfocus='alert(1)",
    "javascript:alert(1)",
    "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>",
    "{{ 7*7 }}{% raw %} &lt;b&gt; ]]>",
)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_content_stays_text(
    opened: Opener, happened: list[str], pack: Pack, payload: str
) -> None:
    root = document(pack)
    for names, _, node in leaves(root, pack):
        if names[-1] != CONTENT:
            node.text = payload
        if node.get("omschrijving"):
            node.set("omschrijving", payload)
    page = opened(render.html(root, digest=payload))
    page.locator("dd").first.hover()
    page.keyboard.press("Tab")
    assert [page.url] == happened
    assert 0 == page.locator("script, img, svg, iframe, object, embed, form, base").count()
    assert page.inner_text("body").count(payload) > 500


def test_markup_that_got_in_would_still_not_run(
    opened: Opener, happened: list[str], pack: Pack
) -> None:
    """The second line of defence: the policy of the page."""
    written = render.html(document(pack))
    evil = "<script>document.title = 'run'</script><img src=x onerror=\"document.title='run'\">"
    page = opened(written.replace("</main>", f"{evil}</main>"))
    assert page.title().startswith("Dossier van")
    assert any("Content Security Policy" in each for each in happened)


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
@pytest.mark.parametrize(
    ("inspection", "words"),
    [
        ("provisional", ["Voorlopig dossier"]),
        ("missing", ["De ouders hebben dit dossier nog niet ingezien"]),
    ],
)
def test_provisional_and_unseen_are_seen_at_once(
    opened: Opener, pack: Pack, size: tuple[int, int], inspection: str, words: list[str]
) -> None:
    root = document(pack)
    namespaces = {"o": pack.namespace}
    (block,) = root.findall("o:inzage", namespaces)
    if inspection == "missing":
        root.remove(block)
    else:
        block[0].text = "true"
    page = opened(render.html(root))
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for word in words:
        box = page.locator(".banner strong", has_text=word).bounding_box()
        assert box is not None
        assert 0 <= box["y"] <= size[1] - box["height"]


def test_every_page_of_the_contents_can_be_reached_with_the_keyboard(
    opened: Opener, pack: Pack
) -> None:
    page = opened(render.html(document(pack)))
    page.keyboard.press("Tab")
    assert "Over dit dossier" == page.evaluate("() => document.activeElement.innerText")
    page.keyboard.press("Enter")
    assert page.url.endswith("#d1-1")


def test_the_documents_of_these_tests_are_those_of_the_standard(pack: Pack) -> None:
    """They say nothing about the view unless every element is in them."""
    held = {
        names
        for alternative in range(ALTERNATIVES)
        for names, _, _ in leaves(document(pack, alternative=alternative), pack)
    }
    every = {
        tuple(path.strip("/").split("/")) for path, e in pack.structure.walk() if not e.is_block
    }
    assert every == held
    for alternative in range(ALTERNATIVES):
        findings: list[Any] = []
        to_dict(document(pack, alternative=alternative), pack, findings)
        assert [] == findings
