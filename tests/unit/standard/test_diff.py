"""What a supplier must change, from two packs."""

import json
import shutil
from pathlib import Path

import pytest
from support.second_release import PACKS, RELEASE, second_release

from oso_adapter.standard.build import derive, dump
from oso_adapter.standard.diff import Change, diff
from oso_adapter.standard.pack import Pack, load_pack, read_pack

PUPIL = "/dossier/huidigeschool/leerling"


@pytest.fixture(scope="module")
def proof() -> Pack:
    return read_pack(PACKS / RELEASE)


@pytest.fixture(scope="module")
def changes(pack: Pack, proof: Pack) -> list[Change]:
    return diff(pack, proof)


def kinds(changes: list[Change]) -> set[tuple[str, str]]:
    return {(change.kind, change.path) for change in changes}


def edited(proof: Pack, folder: Path, *edits: tuple[str, str]) -> Pack:
    """The invented release with its schema changed."""
    shutil.copytree(proof.folder, folder / RELEASE)
    schema = folder / RELEASE / "dossier.xsd"
    text = schema.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    schema.write_text(text, encoding="utf-8")
    (folder / RELEASE / "structure.json").write_text(dump(derive(schema)), encoding="utf-8")
    return read_pack(folder / RELEASE)


def test_the_invented_release_is_what_its_maker_makes(proof: Pack, tmp_path: Path) -> None:
    made = second_release(tmp_path)
    for file in made.iterdir():
        kept = (proof.folder / file.name).read_text(encoding="utf-8")
        assert kept == file.read_text(encoding="utf-8"), "make it anew"


def test_a_release_does_not_differ_from_itself(pack: Pack) -> None:
    assert [] == diff(pack, pack)


def test_every_difference_is_told_once_with_its_path(changes: list[Change]) -> None:
    expected = {
        ("element removed", f"{PUPIL}/naampeuterspeelzaal"),
        ("element renamed", f"{PUPIL}/vanpeuterspeelzaal"),
        ("mandatory element added", f"{PUPIL}/thuistaal"),
        (
            "mandatory element added",
            "/dossier/metadata/categorie_uitlevering/cat_thuistaal",
        ),
        (
            "mandatory element added",
            "/terugkoppeling/metadata/categorie_uitlevering/cat_thuistaal",
        ),
        ("code removed", "code list 5"),
        ("code added", "code list 10"),
        ("code list added", "code list 90: leerling/thuistaal"),
        ("category added", "cat_thuistaal"),
        ("namespace changed", "namespace"),
        ("validation version changed", "validatieversie"),
    }
    assert expected <= kinds(changes)
    rest = {kind for kind, _ in kinds(changes) - expected}
    assert rest <= {"code added", "rule added", "rule changed", "rule removed"}
    assert not [change.path for change in changes if change.path.startswith("/dossiers/")]


def test_what_breaks_comes_first(changes: list[Change]) -> None:
    breaking = [change.breaks for change in changes]
    assert sorted(breaking, reverse=True) == breaking
    assert "element removed" == changes[0].kind


def test_a_change_is_data_and_a_sentence(changes: list[Change]) -> None:
    assert json.loads(json.dumps([change.as_dict() for change in changes]))
    (renamed,) = [change for change in changes if change.kind == "element renamed"]
    assert ("vanpeuterspeelzaal", "vankindercentrum") == (renamed.old, renamed.new)
    assert (
        f"{PUPIL}/vanpeuterspeelzaal is gone and vankindercentrum is new with the same form:"
        " renamed, probably."
    ) == renamed.text


def test_the_way_back_is_told_too(pack: Pack, proof: Pack) -> None:
    back = kinds(diff(proof, pack))
    assert ("element removed", f"{PUPIL}/thuistaal") in back
    assert ("optional element added", f"{PUPIL}/naampeuterspeelzaal") in back
    assert ("code list removed", "code list 90") in back
    assert ("category removed", "cat_thuistaal") in back


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"thuistaal">', '"thuistaal" minOccurs="0">', ("optional now", f"{PUPIL}/thuistaal")),
        (
            '"thuistaal">',
            '"thuistaal" maxOccurs="3">',
            ("occurrence changed", f"{PUPIL}/thuistaal"),
        ),
        ('maxLength value="10"', 'length value="2"', ("value changed", f"{PUPIL}/thuistaal")),
        (
            'name="vankindercentrum" type="xs:boolean" minOccurs="0"',
            'name="vankindercentrum" type="xs:boolean"',
            ("mandatory now", f"{PUPIL}/vankindercentrum"),
        ),
    ],
)
def test_a_changed_element_is_told(
    old: str, new: str, expected: tuple[str, str], proof: Pack, tmp_path: Path
) -> None:
    assert {expected} == kinds(diff(proof, edited(proof, tmp_path, (old, new))))


def test_another_order_breaks_nothing_for_who_writes_the_dict_form(
    proof: Pack, tmp_path: Path
) -> None:
    a = '<xs:element name="naamdirecteur"', '<xs:element name="x"'
    b = '<xs:element name="website"', '<xs:element name="naamdirecteur"'
    c = '<xs:element name="x"', '<xs:element name="website"'
    found = diff(proof, edited(proof, tmp_path, a, b, c))
    assert {("order changed", False)} == {(change.kind, change.breaks) for change in found}


def test_a_choice_that_is_no_longer_free_is_told(proof: Pack, tmp_path: Path) -> None:
    choice = '<xs:choice{}>\n        <xs:element name="onderwijsnummer"'
    after = edited(proof, tmp_path, (choice.format(' minOccurs="0"'), choice.format("")))
    expected = {("choice changed", f"{PUPIL}/{name}") for name in ("onderwijsnummer", "bsn")}
    assert expected == kinds(diff(proof, after))


def test_a_status_that_changes_is_told_per_profile(proof: Pack, tmp_path: Path) -> None:
    after = edited(proof, tmp_path)
    table = after.folder / "profiles.toml"
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace('POPO = "VERPLICHT"', 'POPO = "OPTIONEEL"', 1), encoding="utf-8")
    (change,) = diff(proof, read_pack(after.folder))
    assert ("POPO: cat_metadata", "VERPLICHT", "OPTIONEEL") == (
        change.path,
        change.old,
        change.new,
    )
    assert load_pack("2019.1").profiles.profiles["POPO"].statuses["cat_metadata"] == "VERPLICHT"


def retabled(proof: Pack, folder: Path, table: str, *edits: tuple[str, str]) -> Pack:
    """The invented release with one of its tables changed."""
    shutil.copytree(proof.folder, folder / RELEASE)
    file = folder / RELEASE / table
    text = file.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    return read_pack(folder / RELEASE)


LANGUAGE = "code list 90: leerling/thuistaal"
ELEMENT = "/dossier/huidigeschool/leerling/verzuim"


@pytest.mark.parametrize(
    ("table", "old", "new", "there", "back"),
    [
        (
            "pack.toml",
            "/2020/",
            "/2022/",
            ("namespace changed", "namespace", True),
            ("namespace changed", "namespace", True),
        ),
        (
            "pack.toml",
            "2020.1.1",
            "2020.1.2",
            ("validation version changed", "validatieversie", True),
            ("validation version changed", "validatieversie", True),
        ),
        (
            "codelists.toml",
            '"Fries"',
            '"Frans"',
            ("code meaning changed", "code list 90: fy", True),
            ("code meaning changed", "code list 90: fy", True),
        ),
        (
            "codelists.toml",
            'name = "Thuistaal"',
            'name = "Thuistaal"\nseverity = "warning"',
            ("code list less strict", "code list 90", False),
            ("code list stricter", "code list 90", True),
        ),
        (
            "codelists.toml",
            '["leerling/thuistaal"]',
            "[]",
            ("code list left", LANGUAGE, False),
            ("code list added", LANGUAGE, True),
        ),
        (
            "profiles.toml",
            f'"{ELEMENT}"',
            f'"{ELEMENT}", "/dossier/huidigeschool/leerling/huisarts"',
            ("category data changed", f"cat_verzuim: {PUPIL}/huisarts", True),
            ("category data changed", f"cat_verzuim: {PUPIL}/huisarts", True),
        ),
    ],
)
def test_a_changed_table_is_told_both_ways(
    table: str,
    old: str,
    new: str,
    there: tuple[str, str, bool],
    back: tuple[str, str, bool],
    proof: Pack,
    tmp_path: Path,
) -> None:
    after = retabled(proof, tmp_path, table, (old, new))
    for expected, found in ((there, diff(proof, after)), (back, diff(after, proof))):
        # A rule about the data of a category changes with them.
        told = [change for change in found if change.kind != "rule changed"]
        assert [expected] == [(c.kind, c.path, c.breaks) for c in told]


def test_a_meaning_that_was_not_known_has_not_changed(proof: Pack, tmp_path: Path) -> None:
    after = retabled(proof, tmp_path, "codelists.toml", ('"Fries"', '""'))
    assert [] == diff(proof, after) + diff(after, proof)


def test_a_profile_that_goes_or_comes_is_one_line(proof: Pack, tmp_path: Path) -> None:
    after = retabled(proof, tmp_path, "profiles.toml", ("VOVO", "VOXX"))
    expected = {("profile removed", "VOVO", True), ("profile added", "VOXX", False)}
    found = [c for c in diff(proof, after) if c.kind.startswith("profile")]
    assert expected == {(c.kind, c.path, c.breaks) for c in found}


def test_an_attribute_that_has_to_be_there_now_is_told(proof: Pack, tmp_path: Path) -> None:
    start = '<xs:attribute name="omschrijving" type="xs:string"'
    after = edited(proof, tmp_path, (start, f'{start} use="required"'))
    there = {(c.kind, c.path.rpartition("/")[2], c.breaks) for c in diff(proof, after)}
    assert {("attribute mandatory now", "@omschrijving", True)} == there
    back = {(c.kind, c.breaks) for c in diff(after, proof)}
    assert {("attribute optional now", False)} == back


def with_stylesheet(pack: Pack, folder: Path, text: str) -> Pack:
    """The release as if it were imported: rules in a stylesheet, and no table of them."""
    shutil.copytree(pack.folder, folder)
    (folder / "rules.toml").unlink()
    lists = (folder / "codelists.toml").read_text(encoding="utf-8").partition('["90"]')
    (folder / "codelists.toml").write_text(lists[1] + lists[2], encoding="utf-8")
    (folder / "top.xsl").write_text(text, encoding="utf-8")
    table = (folder / "pack.toml").read_text(encoding="utf-8")
    stylesheets = 'stylesheets = { overstapdossier = "top.xsl" }\n'
    (folder / "pack.toml").write_text(stylesheets + table, encoding="utf-8")
    return read_pack(folder)


def test_rules_in_stylesheets_are_said_not_to_be_compared(proof: Pack, tmp_path: Path) -> None:
    one = with_stylesheet(proof, tmp_path / "een", "<a/>")
    two = with_stylesheet(proof, tmp_path / "twee", "<b/>")
    for old, new in ((proof, one), (one, proof)):
        (change,) = diff(old, new)
        assert ("rules not compared", True) == (change.kind, change.breaks)
        assert f"of {RELEASE} are in stylesheets and not compared" in change.text
    assert ["stylesheets changed"] == [change.kind for change in diff(one, two)]
    assert [] == diff(one, one)
