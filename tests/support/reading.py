"""Small dossiers for the reading view, and the view as a browser would read it."""

from typing import Any, Final

from lxml import html

from oso_adapter.standard import render

NAMESPACE: Final = "http://www.edustandaard.nl/oso_gegevensset/2019/dossier"
PUPIL: Final = (
    "<voornaam>Sanne</voornaam><voorvoegsel>de</voorvoegsel><achternaam>Proef</achternaam>"
)
SEEN: Final = "<inzage><voorlopigdossier>false</voorlopigdossier><inzage>true</inzage></inzage>"


def dossier(
    pupil: str = PUPIL, *, before: str = "", school: str = "<naam>De Linde</naam>"
) -> bytes:
    inside = f"{before}<huidigeschool>{school}<leerling>{pupil}</leerling></huidigeschool>"
    return f'<dossier xmlns="{NAMESPACE}">{inside}</dossier>'.encode()


def metadata(overstap: str = "POVO", **statuses: str) -> str:
    declared = "".join(f"<{name}>{status}</{name}>" for name, status in statuses.items())
    return (
        "<metadata><datum>2019-05-31</datum>"
        f"<categorie_uitlevering>{declared}</categorie_uitlevering>"
        f"<overstap>{overstap}</overstap></metadata>"
        "<overdrachtsoort>overstapdossier</overdrachtsoort>"
    )


def attachment(name: str, content: str) -> str:
    return (
        f"<overigdocumentlijst><document><bestandsnaam>{name}</bestandsnaam>"
        f"<bestandsinhoud>{content}</bestandsinhoud></document></overigdocumentlijst>"
    )


def read(xml: bytes, **options: Any) -> html.HtmlElement:
    """The view as a tree, as a browser would make it."""
    return html.document_fromstring(render.html(xml, **options))


def text(page: html.HtmlElement) -> str:
    return " ".join(page.body.text_content().split())


def pairs(page: html.HtmlElement) -> list[tuple[str, str]]:
    return [(row[0].text_content(), row[1].text_content()) for row in page.cssselect("dl > div")]


def headings(page: html.HtmlElement) -> list[str]:
    return [" ".join(h.text_content().split()) for h in page.cssselect("h1, h2, h3, h4, h5, h6")]
