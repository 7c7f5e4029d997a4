"""Official rules run by Saxon: messages become findings without values, and nothing gets out."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree
from support.official_release import EXAMPLE, FLAT, INZAGE, MESSAGES, OV, alone, write_folder

from oso_adapter.standard import saxon
from oso_adapter.standard.findings import LIMIT, Finding
from oso_adapter.standard.official import located, official_findings
from oso_adapter.standard.official_import import import_release
from oso_adapter.standard.official_texts import HIDDEN, values_of
from oso_adapter.standard.pack import Pack, read_pack

SCHOOL = "/dossier/huidigeschool"
PUPIL = f"{SCHOOL}/leerling"
FAIL = "De officiële regels van 2021.1 zijn niet toegepast: "


@pytest.fixture(scope="module", autouse=True)
def ended() -> Iterator[None]:
    yield
    saxon.close()


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    folder = tmp_path_factory.mktemp("release")
    report = import_release(write_folder(folder / "bron", FLAT, {}), folder / "packs")
    return read_pack(report.folder)


def judged(pack: Pack, *changes: tuple[str, str], inzage: bool = True) -> list[Finding]:
    text = EXAMPLE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return official_findings(etree.fromstring(text.encode()), pack, inzage=inzage)


def with_sheet(pack: Pack, folder: Path, sheet: str) -> Pack:
    """The release with this stylesheet for an overstapdossier."""
    file = folder / "regels.xsl"
    file.write_text(sheet, encoding="utf-8")
    stylesheets = {"overstapdossier": file}
    return Pack(
        pack.release, pack.validation_version, pack.namespace, "dossier", pack.folder, stylesheets
    )


def message(body: str) -> str:
    """A stylesheet that gives one message, with this body as its text."""
    return alone(
        "<m:melding><m:type>Fout</m:type><m:locatie>/dossier[1]</m:locatie>"
        f"<m:tekst>{body}</m:tekst></m:melding>"
    )


def test_a_sound_dossier_has_no_findings(pack: Pack) -> None:
    assert [] == judged(pack)


def test_a_message_is_a_finding_at_its_place_with_its_severity(pack: Pack) -> None:
    found = judged(
        pack,
        (">2</eldtoetscode>", ">oud</eldtoetscode>"),
        ('"Nederlandse">0001', '"Onbekende">0999'),
    )
    told = {(finding.severity, finding.path, finding.line) for finding in found}
    test = f"{PUPIL}/toetslijst/toets[2]/toetsidentificatie/eldtoetscode"
    assert {("error", test, 11), ("warning", f"{PUPIL}/nationaliteit[1]", 9)} == told
    assert {"OFFICIAL.rule"} == {finding.rule for finding in found}
    assert "De toets mag niet meer worden meegestuurd." in [finding.message for finding in found]


PROVISIONAL = "<inzage><voorlopigdossier>true</voorlopigdossier></inzage>"


@pytest.mark.parametrize("block", ["", PROVISIONAL, INZAGE])
def test_before_inzage_the_rules_about_it_are_left_out_and_the_others_hold(
    block: str, pack: Pack
) -> None:
    change = (INZAGE, block)
    assert [] == judged(pack, change, inzage=False)
    assert (block == INZAGE) == (judged(pack, change) == [])
    (found,) = judged(pack, change, ("99ZZ", "99XX"), inzage=False)
    assert f"{SCHOOL}/brincode" == found.path


def test_rules_that_no_block_can_keep_are_left_out_by_their_place_or_word(
    pack: Pack, tmp_path: Path
) -> None:
    places = {
        "/dossier[1]/inzage[1]": "Hier is iets mis.",
        "/od:dossier[1]/od:inzage[1]/od:akkoord[1]": "Hier is iets mis.",
        "/dossier[1]": "De inzage is te oud.",
        "/dossier[1]/metadata[1]": "Dit hoort bij de inzage.",
        "/dossier[1]/inzages[1]": "Hier is iets mis.",
    }
    rows = "".join(
        f'<m:melding type="Fout" locatie="{place}" tekst="{text}"/>'
        for place, text in places.items()
    )
    with_rules = with_sheet(pack, tmp_path, alone(rows))
    assert ["/dossier/metadata", "/dossier"] == [
        finding.path for finding in judged(with_rules, inzage=False)
    ]


def test_judging_before_inzage_changes_nothing_of_the_dossier(pack: Pack) -> None:
    root = etree.fromstring(EXAMPLE.replace(INZAGE, "").encode())
    before = etree.tostring(root)
    official_findings(root, pack, inzage=False)
    assert before == etree.tostring(root)


def test_each_kind_of_hand_over_has_its_own_stylesheet(pack: Pack) -> None:
    other = (">overstapdossier<", ">swv-dossier<")
    assert [] == judged(pack, other)
    (found,) = judged(pack, other, ("99ZZ", "99XX"))
    assert "Dit is geen soort van een samenwerkingsverband." == found.message
    (found,) = judged(pack, ("99ZZ", "99XX"))
    assert ("Dit is geen soort van overstap.", f"{SCHOOL}/brincode") == (found.message, found.path)


def test_what_a_message_quotes_is_left_out_also_in_another_form(pack: Pack) -> None:
    (found,) = judged(pack, (">Sanne<", ">Sann3 geheim<"))
    assert f"De voornaam {HIDDEN} bevat een cijfer in voornaam." == found.message
    (found,) = judged(pack, ('"Nederlandse">0001', '"Gehéim land">0999'))
    assert "weggelaten" in found.message
    assert "land" not in found.message


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<xsl:value-of select=\"'Eerste zin. ', 'Tweede zin.'\"/>", "Eerste zin. Tweede zin."),
        ("Het gegeven <xsl:value-of select=\"name(//*[. = '99ZZ'])\"/> is fout.",
         "Het gegeven brincode is fout."),
        ("Het nummer <xsl:value-of select=\"//od:bsn\"/> is fout.", "Het nummer *** is fout."),
        ("Het nummer <xsl:value-of select=\"substring(//od:bsn, 3)\"/>9 is fout.",
         "Het nummer *** is fout."),
        ("Geboren op <xsl:value-of select=\"format-date(//od:datum, '[D]-[M]-[Y]')\"/>.",
         "Geboren op ***."),
        ("Naam van <xsl:value-of select=\"lower-case(//od:achternaam)\"/> en van "
         "<xsl:value-of select=\"//od:voornaam\"/>", "Naam van *** en van ***"),
        ("In een overstapdossier van POVO mag dit niet.",
         "In een overstapdossier van POVO mag dit niet."),
        ("In De Linde mag dit niet.", "In *** mag dit niet."),
    ],
)  # fmt: skip
def test_only_sentences_of_the_stylesheet_and_names_of_elements_are_shown(
    body: str, expected: str, pack: Pack, tmp_path: Path
) -> None:
    (found,) = judged(with_sheet(pack, tmp_path, message(body)))
    assert expected == found.message


def test_no_value_of_a_document_is_ever_shown(pack: Pack, tmp_path: Path) -> None:
    every = '<xsl:value-of select="//text(), //@*" separator=" | "/>'
    (found,) = judged(with_sheet(pack, tmp_path, message(f"Alles bij elkaar: {every}")))
    shown_words = found.message.replace(HIDDEN, "")
    for value in values_of(etree.fromstring(EXAMPLE.encode())):
        assert len(value) < 3 or value in ("overstapdossier", "POVO") or value not in shown_words


READ_PASSWD = "'file:///etc/passwd'"


@pytest.mark.parametrize(
    "body",
    [
        f'<xsl:value-of select="document({READ_PASSWD})"/>',
        f'<xsl:value-of select="doc({READ_PASSWD})"/>',
        f'<xsl:value-of select="unparsed-text({READ_PASSWD})"/>',
        "<xsl:value-of select=\"unparsed-text(concat('file:///etc/', 'passwd', /*/@x))\"/>",
        "<xsl:value-of select=\"count(collection('file:///etc?select=*'))\"/>",
        "<xsl:value-of select=\"doc('http://127.0.0.1:9/')\"/>",
        "<xsl:value-of select=\"document('')\"/>",
    ],
)
def test_a_stylesheet_reads_nothing_but_the_dossier(body: str, pack: Pack, tmp_path: Path) -> None:
    (found,) = judged(with_sheet(pack, tmp_path, message(body)))
    assert ("OFFICIAL.run", "error", "/") == (found.rule, found.severity, found.path)
    assert f"{FAIL}het stylesheet wil iets van buiten het dossier lezen of schrijven." == (
        found.message
    )


@pytest.mark.parametrize("name", ["doc-available", "unparsed-text-available"])
def test_a_stylesheet_cannot_even_see_whether_a_file_is_there(
    name: str, pack: Pack, tmp_path: Path
) -> None:
    body = f'<xsl:if test="{name}({READ_PASSWD})"><m:melding/></xsl:if>'
    assert [] == judged(with_sheet(pack, tmp_path, alone(body, "3.0")))


def test_a_stylesheet_writes_nothing_and_runs_nothing(pack: Pack, tmp_path: Path) -> None:
    (tmp_path / "uit").mkdir()
    target = (tmp_path / "uit" / "a.xml").as_uri()
    for body in (
        f'<xsl:result-document href="{target}"><a/></xsl:result-document>',
        f"<xsl:result-document href=\"{{concat('{target}', '')}}\"><a/></xsl:result-document>",
        '<xsl:value-of select="r:exec(r:getRuntime(), \'id\')" xmlns:r="java:java.lang.Runtime"/>',
    ):
        (found,) = judged(with_sheet(pack, tmp_path, alone(body)))
        assert f"{FAIL}het stylesheet is niet te lezen." == found.message
    assert [] == list((tmp_path / "uit").iterdir())


def test_a_stylesheet_sees_no_environment(
    pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSO_GEHEIM", "sleutel")
    body = "<xsl:if test=\"environment-variable('OSO_GEHEIM') != ''\"><m:melding/></xsl:if>"
    assert [] == judged(with_sheet(pack, tmp_path, alone(body, "3.0")))


@pytest.mark.parametrize(
    ("sheet", "why"),
    [
        (alone('<xsl:message terminate="yes">x</xsl:message>'), "is afgebroken"),
        (alone('<xsl:value-of select="error()"/>'), "is afgebroken"),
        (alone("").replace("m:meldingen>", "m:anders>"), "gaf geen meldingen"),
        (OV.replace('<xsl:import href="regels.xsl"/>', ""), "is niet te lezen"),
        ("<geen/>", "is niet te lezen"),
    ],
)
def test_rules_that_give_no_verdict_are_an_error_and_no_exception(
    sheet: str, why: str, pack: Pack, tmp_path: Path
) -> None:
    (found,) = judged(with_sheet(pack, tmp_path, sheet))
    assert ("error", f"{FAIL}het stylesheet {why}.") == (found.severity, found.message)


def test_a_stylesheet_that_hangs_costs_a_process_and_no_more(pack: Pack, tmp_path: Path) -> None:
    loop = '<xsl:value-of select="count(for $i in 1 to 1000000000, $j in 1 to 9999 return $j)"/>'
    file = tmp_path / "a.xsl"
    file.write_text(alone(loop), encoding="utf-8")
    with pytest.raises(saxon.SaxonFailed) as failed:
        saxon.transform(file, EXAMPLE.encode(), seconds=1)
    assert "time" == failed.value.reason
    assert [] == judged(pack)


def test_a_process_that_was_killed_is_replaced(pack: Pack) -> None:
    assert [] == judged(pack)
    for worker in saxon._workers.values():
        worker.process.kill()
        worker.process.wait()
    assert [] == judged(pack)


def test_a_process_that_dies_over_a_dossier_is_an_error_finding(
    pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dying = tmp_path / "dying.py"
    dying.write_text(
        "import os, sys\nos.write(1, b'R' + bytes(8))\nsys.stdin.buffer.read(8)\n", encoding="utf-8"
    )
    monkeypatch.setattr(saxon, "_WORKER", dying)
    (found,) = judged(with_sheet(pack, tmp_path, alone("")))
    assert found.message.startswith(f"{FAIL}het stylesheet liet Saxon stoppen")


def test_threads_take_turns_and_get_their_own_answers(pack: Pack) -> None:
    answers: dict[int, list[str]] = {}

    def ask(number: int) -> None:
        wrong = [("99ZZ", "99XX")] if number % 2 else []
        answers[number] = [finding.message for finding in judged(pack, *wrong)]

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = {0: [], 1: ["Dit is geen soort van overstap."]}
    assert {n: expected[n % 2] for n in range(8)} == answers


def test_a_forked_child_has_processes_of_its_own(pack: Pack) -> None:
    assert [] == judged(pack)
    before = {worker.process.pid for worker in saxon._workers.values()}
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        ok = not saxon._workers and judged(pack) == []
        ok = ok and before.isdisjoint(w.process.pid for w in saxon._workers.values())
        saxon.close()
        os.write(writing, b"y" if ok else b"n")
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        assert b"y" == answer.read(1)
    os.waitpid(child, 0)
    assert [] == judged(pack)


def test_a_dossier_is_compiled_for_once(pack: Pack) -> None:
    judged(pack)
    before = [worker.process.pid for worker in saxon._workers.values()]
    judged(pack)
    assert before == [worker.process.pid for worker in saxon._workers.values()]


def test_there_is_a_bound_to_the_findings(pack: Pack, tmp_path: Path) -> None:
    many = (
        '<xsl:for-each select="1 to 500"><m:melding><m:type>Fout</m:type><m:locatie>'
        "/dossier[1]/x[<xsl:value-of select='.'/>]</m:locatie><m:tekst>Een zin hier.</m:tekst>"
        "</m:melding></xsl:for-each>"
    )
    assert 1 <= len(judged(with_sheet(pack, tmp_path, alone(many)))) <= LIMIT


def test_messages_may_be_attributes_too(pack: Pack, tmp_path: Path) -> None:
    body = '<m:melding type="Fout" locatie="/dossier[1]/metadata[1]" tekst="Een zin hier."/>'
    (found,) = judged(with_sheet(pack, tmp_path, alone(body)))
    assert ("/dossier/metadata", "error") == (found.path, found.severity)


@pytest.mark.parametrize(
    ("kind", "severity"),
    [
        ("Fout", "error"),
        ("FOUT", "error"),
        ("Kritiek", "error"),
        ("", "error"),
        ("Waarschuwing", "warning"),
        (" info ", "warning"),
    ],
)
def test_only_a_type_that_is_known_to_stop_nothing_is_a_warning(
    kind: str, severity: str, pack: Pack, tmp_path: Path
) -> None:
    body = f'<m:melding type="{kind}" locatie="/dossier[1]" tekst="Een zin hier."/>'
    (found,) = judged(with_sheet(pack, tmp_path, alone(body)))
    assert severity == found.severity


def test_many_warnings_hide_no_error(pack: Pack, tmp_path: Path) -> None:
    told = '<m:melding type="{}" locatie="/dossier[1]" tekst="Een zin hier."/>'
    body = told.format("Info") * 300 + told.format("Fout")
    assert "error" == judged(with_sheet(pack, tmp_path, alone(body)))[0].severity


def test_a_release_without_stylesheets_and_another_root_have_no_official_findings(
    pack: Pack,
) -> None:
    bare = Pack("1", "1", pack.namespace, "dossier", pack.folder)
    assert [] == official_findings(etree.fromstring(EXAMPLE.encode()), bare)
    assert [] == official_findings(etree.Element(f"{{{pack.namespace}}}leerling"), pack)


def test_a_kind_without_a_stylesheet_is_told(pack: Pack) -> None:
    (found,) = judged(pack, (">overstapdossier<", ">iets<"))
    assert f"{FAIL}er zijn geen officiële regels voor deze overdrachtsoort." == found.message


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("/dossier[1]/huidigeschool[1]/leerling[1]/voornaam[2]", "Maria"),
        ("/od:dossier[1]/od:huidigeschool[1]/od:naam[1]", "De Linde"),
        ("/dossier/huidigeschool/naam", "De Linde"),
        ("/dossier[1]/huidigeschool[1]/naam[1]/@omschrijving", "De Linde"),
    ],
)
def test_a_place_is_found_by_local_names_and_positions(place: str, expected: str) -> None:
    assert expected == located(etree.fromstring(EXAMPLE.encode()), place).text


@pytest.mark.parametrize("place", ["", "/", "niets", "/dossier[1]/x[1]", "/dossier/*[999]"])
def test_a_place_that_is_not_there_is_the_nearest_one_above(place: str) -> None:
    root = etree.fromstring(EXAMPLE.encode())
    assert root is located(root, place)
    assert MESSAGES.endswith("Meldingen")


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "iso-8859-15", "Windows-1252", "us-ascii"])
def test_a_release_in_an_old_encoding_works_like_any_other(encoding: str, tmp_path: Path) -> None:
    sentence = "De toets is één keer te veel."
    if encoding == "us-ascii":
        sentence = "De toets is een keer te veel."
    files = {
        name: text.replace("De toets mag niet meer   worden meegestuurd.", sentence).replace(
            'encoding="UTF-8"', f'encoding="{encoding}"'
        )
        for name, text in FLAT.items()
    }
    for name, text in files.items():
        (tmp_path / name).write_bytes(text.encode(encoding))
    old = read_pack(import_release(tmp_path, tmp_path / "packs").folder)
    (found,) = judged(old, (">2</eldtoetscode>", ">oud</eldtoetscode>"))
    assert sentence == found.message
