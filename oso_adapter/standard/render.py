"""The reading view: a dossier as a person reads it, in Dutch, as one HTML document or as PDF.

Nothing of a dossier can become markup or script: the template escapes all of it, the document
forbids itself to load or run anything (Content-Security-Policy), and what a reader saves has a name
and a type that were looked at.
"""

import base64
import hashlib
import logging
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from lxml import etree
from markupsafe import Markup

from oso_adapter import bounded_xml
from oso_adapter.errors import ConfigurationError, OsoError
from oso_adapter.standard.blocks import Attachments, Body, Card
from oso_adapter.standard.files import File
from oso_adapter.standard.pack import Pack, pack_of
from oso_adapter.standard.view import View, view_of

MAX_PDF: Final = 600_000
"""Characters of HTML laid out as PDF within a minute; a full dossier has about 100,000."""

_LONG_WORD: Final = re.compile(r"\S{200}\S+")
_LINE: Final = 60

_TEMPLATES: Final = Path(__file__).parent / "templates"


class TooLargeForPdf(OsoError):
    """The dossier is too large for a PDF; read it as HTML."""


def html(
    document: bytes | etree._Element, *, pack: Pack | None = None, digest: str | None = None
) -> str:
    """The reading view as one self-contained HTML document in Dutch.

    document: XML, or its root element; it need not be valid. pack: the release to read it by,
    else the one whose namespace it has; where there is none, elements are called by their own
    names. digest: shown as "controlegetal", to compare a copy with later. Attachments are links
    that hold the files. Raises XmlRefused for bytes that are no acceptable XML.
    """
    return _written(_view(_root(document), pack, digest), embedded=False)


def pdf(
    document: bytes | etree._Element, *, pack: Pack | None = None, digest: str | None = None
) -> bytes:
    """The reading view as PDF, with the attachments embedded; see :func:`html`.

    Needs the extra ``pdf``, else ConfigurationError. Nothing is fetched while it is made. Raises
    TooLargeForPdf beyond MAX_PDF.
    """
    try:
        import weasyprint  # type: ignore[import-untyped]  # noqa: PLC0415 (an extra, and slow)
    except ImportError:
        raise ConfigurationError(
            "a PDF needs WeasyPrint, which is not installed: pip install 'oso-adapter[pdf]'"
        ) from None
    except OSError:
        raise ConfigurationError(
            "a PDF needs the library Pango of the system, which is not there; on Debian: "
            "apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
        ) from None
    view = _view(_root(document), pack, digest)
    written = _written(view, embedded=True)
    if len(written) > MAX_PDF:
        raise TooLargeForPdf
    # WeasyPrint's warnings may quote what it lays out.
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    page = weasyprint.HTML(string=written, url_fetcher=_refuse)
    files = [
        weasyprint.Attachment(string=file.content, name=file.name, url_fetcher=_refuse)
        for section in view.sections
        for chapter in section.chapters
        for file in _files(chapter.body)
    ]
    made: bytes = page.write_pdf(attachments=files)
    return made


def _root(document: bytes | etree._Element) -> etree._Element:
    return bounded_xml.parse(document) if isinstance(document, bytes) else document


def _view(root: etree._Element, pack: Pack | None, digest: str | None) -> View:
    return view_of(root, pack or pack_of(etree.QName(root).namespace or ""), digest)


def _written(view: View, *, embedded: bool) -> str:
    template, style, policy = _form(embedded)
    return template.render(view=view, style=style, policy=policy, embedded=embedded)


@cache
def _form(embedded: bool) -> tuple[Template, Markup, str]:
    """The template, its one style, and a policy that allows that style and nothing else."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_with_breaks if embedded else None,
    )
    style = (_TEMPLATES / "dossier.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return environment.get_template("dossier.html"), Markup(style), policy  # noqa: S704 (ours)


def _with_breaks(written: Any) -> Any:
    """Text without endless words: WeasyPrint takes quadratic time to find where they break."""
    if not isinstance(written, str) or isinstance(written, Markup):
        return written
    return _LONG_WORD.sub(
        lambda word: "\n".join(
            word[0][start : start + _LINE] for start in range(0, len(word[0]), _LINE)
        ),
        written,
    )


def _files(body: Body) -> Iterator[File]:
    """Every file in a body, in order."""
    for part in body:
        if isinstance(part, Attachments):
            for item in part.items:
                if item.file:
                    yield item.file
                yield from _files(item.rest)
        elif isinstance(part, Card):
            yield from _files(part.body)


def _refuse(url: str, *_: Any, **__: Any) -> Any:
    """Instead of WeasyPrint's fetcher: a reading view needs nothing from anywhere."""
    raise ValueError("nothing is fetched")
