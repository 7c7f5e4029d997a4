"""``results``: every code in plain words, for a list or for a manual."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.chain import School

from oso_adapter.cli.main import main
from oso_adapter.results import CATALOGUE, KENNISNET, VIEWERS, Viewer

DESK = """
[service_desk]
name = "Hulp & <b>Steun</b> | *Proef*"
phone = "020 123 45 67"
email = "hulp@las.example"
url = "https://las.example/hulp"
"""
DEFAULT = "de servicedesk van uw leverancier"


class Read(HTMLParser):
    """What a reader sees, and whether the document asks for anything from elsewhere."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[str] = []
        self.elsewhere: list[str] = []
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.elsewhere += [str(value) for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())

    @property
    def text(self) -> str:
        return " ".join(text for text in self.texts if text)


def without_configuration(*arguments: str) -> Result:
    done = CliRunner().invoke(main, ["--config", "absent.toml", "results", *arguments])
    assert 0 == done.exit_code, done.output
    return done


@pytest.fixture
def with_desk(school: School) -> School:
    school.configure(DESK)
    return school


def test_the_list_has_every_code_for_every_viewer_and_needs_no_configuration() -> None:
    rows = json.loads(without_configuration("--format", "json").stdout)
    assert {(code, viewer) for code in CATALOGUE for viewer in VIEWERS} == {
        (row["code"], row["viewer"]) for row in rows
    }
    assert len(CATALOGUE) * len(VIEWERS) == len(rows)
    assert {"code", "viewer", "text", "owner", "next_step"} == set(rows[0])
    assert DEFAULT in " ".join(row["next_step"] for row in rows)


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.parametrize("form", ["text", "html", "markdown"])
def test_each_form_tells_one_viewer_every_code_with_its_text_owner_and_next_step(
    viewer: Viewer, form: str
) -> None:
    shown = without_configuration("--for", viewer, "--format", form).stdout
    text = Read(shown).text if form == "html" else re.sub(r"\\(.)", r"\1", shown)
    for known in CATALOGUE.values():
        view = known.view(viewer)
        assert known.code in text
        assert all(part in text for part in (view.text, view.owner, view.next_step))
    others = [other for other in VIEWERS if other != viewer]
    alone = CATALOGUE["LeerlinginfoNietVoorDoel"]
    assert [] == [other for other in others if alone.view(other).text in text]


def test_the_chapter_is_complete_for_a_manual() -> None:
    document = without_configuration("--format", "html").stdout
    read = Read(document)
    assert document.startswith('<!DOCTYPE html>\n<html lang="nl">')
    assert [] == read.elsewhere, "it needs nothing from elsewhere"
    assert "script" not in read.tags
    assert (1, 4) == (read.tags.count("h1"), read.tags.count("h2"))
    assert KENNISNET in read.text
    assert "onderwijskundig rapport op papier of als PDF" in read.text
    assert "Een code die hier niet staat" in read.text


def test_the_own_service_desk_is_named_and_escaped(with_desk: School) -> None:
    ways = "hulp@las.example, 020 123 45 67, https://las.example/hulp"
    shown = {
        form: with_desk.cli("results", "--format", form).stdout for form in ("html", "markdown")
    }
    assert f"Hulp & <b>Steun</b> | *Proef* ({ways})" in Read(shown["html"]).text
    assert "<b>" not in shown["html"] + shown["markdown"]
    assert rf"Hulp &amp; &lt;b&gt;Steun&lt;/b&gt; \| \*Proef\* ({ways})" in shown["markdown"]
    assert DEFAULT not in shown["html"]


def test_every_line_of_a_table_in_markdown_has_four_cells(with_desk: School) -> None:
    shown = with_desk.cli("results", "--format", "markdown").stdout
    rows = [line for line in shown.splitlines() if line.startswith("|")]
    assert 3 * (2 + len(CATALOGUE)) == len(rows)
    assert {5} == {len(re.findall(r"(?<!\\)\|", row)) for row in rows}


def test_lists_name_the_own_service_desk(with_desk: School) -> None:
    row = json.loads(with_desk.cli("results", "--for", "asking", "--format", "json").stdout)
    said = {line["code"]: line["next_step"] for line in row}
    assert "meld het aan Hulp & <b>Steun</b> | *Proef* (hulp@las.example" in said["GeenAntwoord"]


@pytest.mark.parametrize("arguments", [("--for", "ouders"), ("--format", "pdf")])
def test_another_viewer_or_form_is_wrong_use(arguments: tuple[str, ...]) -> None:
    done = CliRunner().invoke(main, ["results", *arguments])
    assert 2 == done.exit_code


def test_nothing_in_the_product_sends_a_school_to_what_no_longer_exists() -> None:
    root = Path(__file__).parents[3]
    gone = re.compile(r"mijn ?oso|aanleverpunt ?sleutel|oso-od\.nl", re.IGNORECASE)
    files = [root / "README.md"]
    for folder, pattern in (("oso_adapter", "**/*"), ("docs", "*.md"), ("examples", "**/*")):
        files += [file for file in (root / folder).glob(pattern) if file.is_file()]
    searched = [file for file in files if file.suffix in (".py", ".toml", ".html", ".md", ".css")]
    assert 200 < len(searched)
    assert [] == [str(f) for f in searched if gone.search(f.read_text(encoding="utf-8"))]
