"""A supplier's own copy of official files becomes a release that works everywhere."""

import importlib.util
import json
import os
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from support.official_release import (
    CODES_XSL,
    DOSSIER_XSD,
    EXAMPLE,
    FILES,
    FLAT,
    LINKS,
    NAMESPACE,
    OV,
    schemas,
    write_folder,
    write_zip,
)

from oso_adapter.errors import ConfigurationError
from oso_adapter.standard import validate
from oso_adapter.standard.codec import to_dict, to_xml
from oso_adapter.standard.diff import diff
from oso_adapter.standard.fields import check
from oso_adapter.standard.official_files import OfficialFilesRefused
from oso_adapter.standard.official_import import ImportReport, import_release
from oso_adapter.standard.pack import (
    VARIABLE,
    Pack,
    forget_folders,
    load_pack,
    pack_of,
    read_pack,
    use_folder,
)
from oso_adapter.standard.profiles import complete, profile

WITH_EXAMPLE = {**FILES, "voorbeelden/een.xml": EXAMPLE}
COLLECTED: dict[str, Any] = {
    "huidigeschool": {
        "naam": "De Linde",
        "brincode": "99ZZ",
        "leerling": {
            "voornaam": ["Sanne"],
            "achternaam": "Voorbeeld",
            "nationaliteit": [{"waarde": "0001", "omschrijving": "Nederlandse"}],
            "toetslijst": {"toets": [{"toetsidentificatie": {"eldtoetscode": "1"}, "score": 7}]},
            "cijfers": [
                {"vak": "taal", "cijfer": Decimal("7.5")},
                {"vak": "rekenen", "cijfer": Decimal("8")},
            ],
        },
    }
}


@pytest.fixture(autouse=True)
def only_built_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(VARIABLE, raising=False)
    forget_folders()
    yield
    forget_folders()


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> ImportReport:
    folder = tmp_path_factory.mktemp("import")
    source = write_folder(folder / "bron", WITH_EXAMPLE, LINKS)
    return import_release(source, folder / "packs")


@pytest.fixture
def pack(imported: ImportReport) -> Pack:
    use_folder(imported.folder.parent)
    return load_pack(imported.release)


def test_the_report_tells_what_was_found_and_what_was_assumed(imported: ImportReport) -> None:
    assert "2021.2" == imported.release
    assert NAMESPACE == imported.namespace
    assert ["voorbeelden/een.xml"] == [example.file for example in imported.examples]
    assert imported.examples[0].report.valid
    assert any("profiles of 2019.1" in text for text in imported.assumed)
    assert json.loads(json.dumps(imported.as_dict()))["examples"][0]["valid"] is True


def test_an_imported_release_judges_a_dossier(pack: Pack) -> None:
    assert pack is pack_of(NAMESPACE)
    assert "2021.2.4" == pack.validation_version
    report = validate(EXAMPLE.encode())
    assert ("2021.2", "POVO") == (report.version, report.profile)
    wrong = validate(EXAMPLE.replace("<cijfer>8<", "<cijfer>acht<").encode())
    assert "/dossier/huidigeschool/leerling/cijfers/cijfer[2]" in [f.path for f in wrong.findings]


def test_an_imported_release_has_the_dict_form(pack: Pack) -> None:
    root = etree.fromstring(EXAMPLE.encode())
    data = to_dict(root, pack)
    assert to_dict(etree.fromstring(to_xml(data, pack)), pack) == data
    assert 7 == data["huidigeschool"]["leerling"]["toetslijst"]["toets"][1]["score"]


def test_an_imported_release_is_prepared_with_the_profiles_of_ours(pack: Pack) -> None:
    assert [] == check(COLLECTED, pack)
    whole, findings = complete(
        COLLECTED,
        pack,
        profile("POVO", pack),
        package="p",
        package_version="1",
        on=date(2021, 3, 1),
    )
    assert [] == findings
    expected = {"cat_metadata": "VERPLICHT", "cat_school": "VERPLICHT", "cat_nieuw": "OPTIONEEL"}
    assert expected == whole["metadata"]["categorie_uitlevering"]
    assert validate(to_xml(whole, pack), inzage=False).valid
    assert not validate(to_xml(whole, pack)).valid


def test_names_stand_in_for_labels_that_are_missing(pack: Pack) -> None:
    path = ("dossier", "huidigeschool", "leerling", "thuistaal")
    assert "thuistaal" == pack.labels.of(path).text


def test_an_imported_release_can_be_compared(pack: Pack) -> None:
    changes = diff(load_pack("2019.1"), pack)
    assert "mandatory element added" in {change.kind for change in changes}


def test_the_pack_is_readable_and_holds_the_official_files_as_they_are(
    imported: ImportReport,
) -> None:
    official = imported.folder / "official"
    assert OV == (official / imported.stylesheets["overstapdossier"]).read_text("utf-8")
    assert 0o755 == imported.folder.stat().st_mode & 0o777
    assert [] == [file for file in imported.folder.rglob("*") if file.is_symlink()]
    assert not (official / "leesmij.pdf").exists()
    assert ["2021.2"] == os.listdir(imported.folder.parent)


def test_a_zip_gives_the_same_pack_as_a_folder(imported: ImportReport, tmp_path: Path) -> None:
    file = write_zip(tmp_path / "a.zip", WITH_EXAMPLE, LINKS, symlinks=False, within="")
    other = import_release(file, tmp_path / "packs")
    for name in ("structure.json", "pack.toml", "profiles.toml", "dossier.xsd"):
        assert (imported.folder / name).read_text("utf-8") == (other.folder / name).read_text(
            "utf-8"
        )


def test_without_examples_the_namespace_tells_the_release(tmp_path: Path) -> None:
    source = write_folder(tmp_path / "a", schemas(), {})
    report = import_release(source, tmp_path / "packs")
    assert ("2021.1", {}) == (report.release, report.stylesheets)
    assert {
        "release 2021.1, after the namespace",
        "validation version 2021.1.1, after the release",
        "no stylesheets, so that dossiers are judged without the official rules",
    } <= set(report.assumed)


def test_a_kind_that_no_stylesheet_judges_is_told(imported: ImportReport, tmp_path: Path) -> None:
    files = {name: text for name, text in FLAT.items() if name != "validatie_pao.xsl"}
    report = import_release(write_folder(tmp_path / "a", files, {}), tmp_path / "packs")
    told = "no stylesheet for swv-dossier, so that none is valid"
    assert told in report.assumed
    assert not any("stylesheet" in text for text in imported.assumed)


def test_a_named_release_holds_and_a_strange_name_does_not(tmp_path: Path) -> None:
    source = write_folder(tmp_path / "a", schemas(), {})
    report = import_release(source, tmp_path, release="2021.9", validation_version="2021.9.3")
    assert "2021.9.3" == read_pack(report.folder).validation_version
    for name in ("../x", ".x", "a/b", "x" * 50):
        with pytest.raises(OfficialFilesRefused, match="letters, digits"):
            import_release(source, tmp_path, release=name)


def test_examples_that_are_wrong_are_reported_and_stop_nothing(tmp_path: Path) -> None:
    files = {
        **FLAT,
        "goed.xml": EXAMPLE,
        "regel.xml": EXAMPLE.replace(">1</eldtoetscode>", ">oud</eldtoetscode>"),
        "schema.xml": EXAMPLE.replace("<brincode>99ZZ</brincode>", ""),
        "stuk.xml": "<dossier",
        "ander.xml": "<iets-anders/>",
    }
    strange = tmp_path / "één map #1 %20"
    report = import_release(write_folder(strange / "a b", files, {}), strange / "packs")
    rules = {each.file: [f.rule for f in each.report.findings] for each in report.examples}
    assert [] == rules["goed.xml"]
    assert ["OFFICIAL.rule"] == rules["regel.xml"]
    assert "XSD.structure" in rules["schema.xml"]
    assert ["XML.wellformed"] == rules["stuk.xml"]
    assert "ander.xml" not in rules


def test_files_beside_the_rules_stop_nothing_and_are_told(tmp_path: Path) -> None:
    show = '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">{}'
    files = {
        **FLAT,
        "view/html.xsl": '<!DOCTYPE a SYSTEM "html.dtd"><a/>',
        "view/kapot.xsd": "<a",
        "view/elders.xsl": show.format('<xsl:import href="http://voorbeeld.nl/a.xsl"/>')
        + "</xsl:stylesheet>",
    }
    report = import_release(write_folder(tmp_path / "a", files, {}), tmp_path / "packs")
    assert {"validatie_ov.xsl", "validatie_pao.xsl"} == set(report.stylesheets.values())
    assert ["view/html.xsl", "view/kapot.xsd"] == [text.split(":")[0] for text in report.unused]


def test_what_the_user_named_may_stand_beside_rules_that_cannot_be_read(tmp_path: Path) -> None:
    files = {**FLAT, "oud.xsl": OV.replace("</xsl:stylesheet>", "")}
    report = import_release(
        write_folder(tmp_path / "a", files, {}),
        tmp_path / "packs",
        stylesheets={"OV": "validatie_ov.xsl", "PaO": "validatie_pao.xsl"},
    )
    assert any(text.startswith("oud.xsl: ") for text in report.unused)


def test_a_release_is_never_overwritten_without_saying_so(tmp_path: Path) -> None:
    source = write_folder(tmp_path / "a", schemas(), {})
    packs = tmp_path / "packs"
    first = import_release(source, packs)
    (first.folder / "eigen.txt").touch()
    with pytest.raises(ConfigurationError, match=r"release 2021.1 exists already"):
        import_release(source, packs)
    assert (first.folder / "eigen.txt").exists()
    use_folder(packs)
    assert import_release(source, packs, replace=True).folder == first.folder
    assert not (first.folder / "eigen.txt").exists()
    assert ["2021.1"] == os.listdir(packs)
    use_folder(packs)


def test_another_release_with_the_same_namespace_is_refused(tmp_path: Path) -> None:
    source = write_folder(tmp_path / "a", schemas(), {})
    import_release(source, tmp_path / "packs")
    with pytest.raises(ConfigurationError, match=r"release 2021.1 has the same namespace"):
        import_release(source, tmp_path / "packs", release="2021.2")


def test_official_files_of_a_built_in_release_take_its_place_and_keep_its_tables(
    tmp_path: Path,
) -> None:
    change = (NAMESPACE, NAMESPACE.replace("2021", "2019"))
    files = {name: text.replace(*change) for name, text in FLAT.items()}
    source = write_folder(tmp_path / "a", files, {})
    with pytest.raises(ConfigurationError, match=r"2019.1 exists already"):
        import_release(source, tmp_path / "packs")
    ours = load_pack("2019.1")
    report = import_release(source, tmp_path / "packs", replace=True)
    use_folder(report.folder.parent)
    theirs = load_pack("2019.1")
    assert not theirs.built_in
    assert set(theirs.stylesheets) == {"overstapdossier", "overdrachtbinnenbrin", "swv-dossier"}
    assert ours.codelists.lists == theirs.codelists.lists
    assert ours.profiles.profiles == theirs.profiles.profiles
    assert [rule.id for rule in ours.rules.rules] == [rule.id for rule in theirs.rules.rules]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"a.xsl": OV}, "no XSD with the namespace"),
        (
            {**FLAT, "regels.xsl": "<!DOCTYPE a>" + FLAT["codelijsten.xsl"].partition("?>")[2]},
            r"regels.xsl: a document type declaration",
        ),
        (
            {**FLAT, "extra.xsl": "<!DOCTYPE a><a><xsl:import href='regels.xsl'/></a>"},
            r"extra.xsl: a document type declaration",
        ),
        ({**FLAT, "extra.xsl": OV.replace("</xsl:stylesheet>", "")}, r"extra.xsl: the document"),
        ({**FLAT, "extra.xsd": f"<!DOCTYPE a><a b='{NAMESPACE}'/>"}, r"extra.xsd: a document"),
        ({**FLAT, "typen.xsd": "<a>"}, r"typen.xsd: the document is not well-formed"),
        (
            {**FLAT, "codelijsten.xsl": CODES_XSL.replace("('0001'", "('0001")},
            r"stylesheet validatie_ov.xsl: .*compile",
        ),
        (schemas(('type="DossierType"', 'type="NietLeeg"')), "does not describe a dossier"),
        (schemas(("<xs:choice minOccurs", "<xs:choice maxOccurs='3' minOccurs")), "leerling"),
        (schemas(('type="HuidigeSchoolType"', 'type="BestaatNiet"')), "at huidigeschool"),
        ({**FLAT, "codelijst 29.csv": "code;omschrijving\n"}, "has no codes"),
        ({**FLAT, "toetsen.csv": "code\n"}, "has no codes"),
    ],
)
def test_files_that_are_not_right_are_refused_and_nothing_is_left(
    files: dict[str, str], told: str, tmp_path: Path
) -> None:
    source = write_folder(tmp_path / "a", files, {})
    with pytest.raises(ConfigurationError, match=told):
        import_release(source, tmp_path / "packs")
    assert not list((tmp_path / "packs").glob("*")) if (tmp_path / "packs").exists() else True


def test_without_the_extra_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ConfigurationError, match=r"pip install 'oso-adapter\[official\]'"):
        import_release(tmp_path, tmp_path)


def test_the_files_of_the_tests_use_what_official_ones_do() -> None:
    for construct in ("xs:include", 'ref="leerling"', "xs:choice", 'base="RegelsType"/>'):
        assert construct in DOSSIER_XSD
