"""The reading view as PDF."""

import builtins
import io
import re
import sys
from collections.abc import Callable
from typing import Any

import pytest
from pypdf import PdfReader
from support.reading import PUPIL, attachment, dossier

from oso_adapter.errors import ConfigurationError
from oso_adapter.standard import render
from oso_adapter.standard.attachments import pack_file


def pdf_text(made: bytes) -> str:
    return "".join(
        "".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(made)).pages
    )


def test_the_pdf_says_the_same_and_holds_the_attachments() -> None:
    xml = dossier(PUPIL + attachment("plan.txt", pack_file("plan.txt", b"een plan")))
    made = render.pdf(xml, digest="ab12cd")
    assert made.startswith(b"%PDF-")
    found = pdf_text(made)
    for wanted in (
        "DossiervanSannedeProef",
        "nognietingezien",
        "ab12cd",
        "zitindezePDFalsplan.txt",
    ):
        assert wanted in found
    assert {"plan.txt": [b"een plan"]} == PdfReader(io.BytesIO(made)).attachments


def test_the_pdf_fetches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def spied(url: str, *_: Any, **__: Any) -> Any:
        asked.append(url)
        raise ValueError

    monkeypatch.setattr(render, "_refuse", spied)
    hostile = (
        "&lt;img src='http://127.0.0.1:9/x'> &lt;style>@import 'http://127.0.0.1:9/y'&lt;/style>"
    )
    render.pdf(dossier(f"<roepnaam>{hostile}</roepnaam>"))
    assert [] == asked


def test_the_fetcher_of_the_pdf_refuses() -> None:
    with pytest.raises(ValueError, match="nothing is fetched"):
        render._refuse("http://127.0.0.1:9/")


def test_an_endless_word_takes_no_endless_time_in_a_pdf() -> None:
    word = "".join(chr(ord("a") + n % 26) for n in range(20_000))
    found = re.sub(
        r"Pagina\d+van\d+", "", pdf_text(render.pdf(dossier(f"<roepnaam>{word}</roepnaam>")))
    )
    assert word in found


def test_a_dossier_that_is_too_large_for_a_pdf_is_refused() -> None:
    with pytest.raises(render.TooLargeForPdf):
        render.pdf(dossier(f"<roepnaam>{'woord ' * 120_000}</roepnaam>"))


@pytest.mark.parametrize(
    ("missing", "remedy"),
    [
        (ImportError, r"pip install 'oso-adapter\[pdf\]'"),
        (OSError, "apt install libpango-1.0-0"),  # how WeasyPrint ends without Pango
    ],
)
def test_where_something_is_missing_a_pdf_is_an_error_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, missing: type[Exception], remedy: str
) -> None:
    real: Callable[..., Any] = builtins.__import__

    def importing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "weasyprint":
            raise missing
        return real(name, *args, **kwargs)

    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(builtins, "__import__", importing)

    with pytest.raises(ConfigurationError, match=remedy):
        render.pdf(dossier())
