"""Official files from a ZIP or a folder: links followed, tricks refused, nothing unbounded."""

import os
import zipfile
from pathlib import Path

import pytest
from support.official_release import FILES, FLAT, LINKS, write_folder, write_zip

from oso_adapter.standard import official_files
from oso_adapter.standard.official_files import OfficialFilesRefused, read_files
from oso_adapter.standard.official_sources import Sources

OV = "OV/valideer.xsl"
PAO = "PaO/valideer.xsl"


def zipped(folder: Path, *entries: tuple[str, bytes]) -> Path:
    file = folder / "bron.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return file


@pytest.mark.parametrize("symlinks", [True, False])
@pytest.mark.parametrize("packed", [True, False])
def test_links_are_followed_whatever_form_they_have(
    symlinks: bool, packed: bool, tmp_path: Path
) -> None:
    if packed:
        source = write_zip(tmp_path / "a.zip", FILES, LINKS, symlinks=symlinks, within="")
    else:
        source = write_folder(tmp_path / "a", FILES, LINKS, symlinks=symlinks)
    files = read_files(source)
    assert files["OV/regels.xsl"] == files["common/regels.xsl"]
    assert files["OV/include/codelijsten.xsl"] == files["common/include/codelijsten.xsl"]
    assert files["PaO/include/codelijsten.xsl"] != files["common/include/codelijsten.xsl"]
    assert "leesmij.pdf" not in files


def test_a_text_of_one_line_with_a_byte_order_mark_is_a_link_too(tmp_path: Path) -> None:
    files = {**FILES, "OV/regels.xsl": "\ufeff..\\common\\regels.xsl\r\n"}
    source = write_folder(tmp_path / "a", files, {})
    assert FILES["common/regels.xsl"].encode() == read_files(source)["OV/regels.xsl"]


def test_an_absolute_link_within_the_folder_is_followed(tmp_path: Path) -> None:
    source = write_folder(tmp_path / "a", FILES, {})
    (source / "OV" / "regels.xsl").symlink_to(source / "common" / "regels.xsl")
    assert FILES["common/regels.xsl"].encode() == read_files(source)["OV/regels.xsl"]


@pytest.mark.parametrize(
    "target",
    ["/etc/passwd", "../../../../etc/passwd", "../../buiten.xsl", "C:\\buiten.xsl", "niets.xsl"],
)
@pytest.mark.parametrize("packed", [True, False])
def test_a_link_that_leaves_the_source_or_names_nothing_is_refused(
    target: str, packed: bool, tmp_path: Path
) -> None:
    (tmp_path / "buiten.xsl").write_text("<geheim/>", encoding="utf-8")
    links = {"OV/regels.xsl": target}
    if packed:
        source = write_zip(tmp_path / "a.zip", FILES, links, within="")
    else:
        source = write_folder(tmp_path / "a", FILES, links)
    with pytest.raises(OfficialFilesRefused, match=r"leaves the source|names nothing"):
        read_files(source)


def test_links_that_go_round_are_refused(tmp_path: Path) -> None:
    source = write_folder(tmp_path / "a", {}, {"a.xsl": "b.xsl", "b.xsl": "a.xsl"})
    with pytest.raises(OfficialFilesRefused, match="go round"):
        read_files(source)


def test_a_link_to_a_folder_above_itself_does_not_grow(tmp_path: Path) -> None:
    source = write_folder(tmp_path / "a", FILES, {"OV/alles": ".."})
    with pytest.raises(OfficialFilesRefused, match="leaves the source"):
        read_files(write_folder(tmp_path / "b", FILES, {"alles": ".."}))
    assert len(read_files(source)) <= 3 * len(FILES)


@pytest.mark.parametrize(
    "name", ["../a.xsl", "x/../../a.xsl", "x/../a.xsl", "/etc/a.xsl", "C:/a.xsl", "..\\a.xsl"]
)
def test_a_zip_with_a_path_trick_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(OfficialFilesRefused, match="leaves the source"):
        read_files(zipped(tmp_path, (name, b"<a/>")))


def test_a_zip_bomb_is_refused_without_being_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    big = b" " * (official_files.LIMITS.size + 1)
    with pytest.raises(OfficialFilesRefused, match=r"bom.xsl is larger than"):
        read_files(zipped(tmp_path, ("bom.xsl", big)))
    monkeypatch.setattr(official_files, "MAX_TOTAL", 4_000)
    with pytest.raises(OfficialFilesRefused, match="together are larger"):
        read_files(zipped(tmp_path, ("a.xsl", b" " * 3_000), ("b.xsl", b" " * 3_000)))
    monkeypatch.setattr(official_files, "MAX_FILES", 3)
    with pytest.raises(OfficialFilesRefused, match="more than 3 files"):
        read_files(zipped(tmp_path, *((f"{n}.xsl", b"<a/>") for n in range(4))))


def test_a_link_repeated_does_not_get_past_the_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(official_files, "MAX_TOTAL", 10_000)
    links = {f"{n}": "groot" for n in range(5)}
    source = write_folder(tmp_path / "a", {"groot/a.xsl": " " * 3_000}, links)
    with pytest.raises(OfficialFilesRefused, match="together are larger"):
        read_files(source)


def test_a_size_that_the_directory_of_the_zip_lies_about_is_counted(tmp_path: Path) -> None:
    file = zipped(tmp_path, ("a.xsl", b" " * 200_000))
    text = bytearray(file.read_bytes())
    at = text.rindex(b"PK\x01\x02")
    text[at + 24 : at + 28] = (10).to_bytes(4, "little")
    file.write_bytes(text)
    with pytest.raises(OfficialFilesRefused, match="no ZIP that can be read"):
        read_files(file)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04half", b"<geen zip/>"])
def test_what_is_no_zip_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(OfficialFilesRefused, match="no ZIP that can be read"):
        read_files(tmp_path / "a.zip")
    with pytest.raises(OfficialFilesRefused, match="no such file or folder"):
        read_files(tmp_path / "b.zip")


def test_a_name_that_is_in_the_zip_twice_is_refused(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        file = zipped(tmp_path, ("a.xsl", b"<a/>"), ("a.xsl", b"<b/>"))
    with pytest.raises(OfficialFilesRefused, match="twice"):
        read_files(file)


def test_backslashes_divide_as_slashes_do_and_folders_of_systems_are_passed_over(
    tmp_path: Path,
) -> None:
    file = zipped(tmp_path, ("OV\\a.xsl", b"<a/>"), ("__MACOSX/._a.xsl", b"x"), (".git/b.xsl", b""))
    assert {"OV/a.xsl": b"<a/>"} == read_files(file)


def test_special_files_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.xsl")
    assert {} == read_files(tmp_path)


def test_a_csv_of_one_line_is_no_link(tmp_path: Path) -> None:
    assert {"codes.csv": b"/a;b"} == read_files(write_folder(tmp_path, {"codes.csv": "/a;b"}, {}))


def sources(files: dict[str, str]) -> Sources:
    return Sources({name: text.encode() for name, text in files.items()})


def whole(tmp_path: Path, **changed: str) -> Sources:
    return Sources(read_files(write_folder(tmp_path / "a", {**FILES, **changed}, LINKS)))


def test_schema_and_stylesheets_are_found_by_what_they_are(tmp_path: Path) -> None:
    found = whole(tmp_path)
    assert found.schema().endswith("oso_dossier.xsd")
    assert {"overstapdossier": OV, "overdrachtbinnenbrin": OV, "swv-dossier": PAO} == (
        found.stylesheets({})
    )
    assert {OV, "OV/regels.xsl", "OV/include/codelijsten.xsl"} == set(found.modules(OV))


def test_a_release_that_keeps_everything_at_the_top_is_told_by_names() -> None:
    found = sources(FLAT)
    assert "oso_dossier.xsd" == found.schema()
    assert {
        "overstapdossier": "validatie_ov.xsl",
        "overdrachtbinnenbrin": "validatie_ov.xsl",
        "swv-dossier": "validatie_pao.xsl",
    } == found.stylesheets({})


def test_one_stylesheet_alone_judges_everything() -> None:
    files = {name: text for name, text in FLAT.items() if not name.startswith("validatie_pao")}
    files["valideer.xsl"] = files.pop("validatie_ov.xsl")
    assert {"valideer.xsl"} == set(sources(files).stylesheets({}).values())


def test_where_it_cannot_tell_the_user_does() -> None:
    files = dict(FLAT)
    files["een.xsl"] = files.pop("validatie_ov.xsl")
    files["twee.xsl"] = files.pop("validatie_pao.xsl")
    found = sources(files)
    with pytest.raises(OfficialFilesRefused, match=r"not clear \(een.xsl, twee.xsl\).*OV=FILE"):
        found.stylesheets({})
    expected = {
        "overstapdossier": "een.xsl",
        "overdrachtbinnenbrin": "een.xsl",
        "swv-dossier": "twee.xsl",
    }
    assert expected == found.stylesheets({"OV": "een.xsl"})
    assert expected == found.stylesheets({"PaO": "twee.xsl", "ov": "een.xsl"})
    kinds = {"overstapdossier": "een.xsl", "overdrachtbinnenbrin": "twee.xsl"}
    assert kinds == found.stylesheets(kinds)
    with pytest.raises(OfficialFilesRefused, match="there is no kind XX"):
        found.stylesheets({"XX": "een.xsl"})
    with pytest.raises(OfficialFilesRefused, match=r"no one file drie.xsl"):
        found.stylesheets({"OV": "drie.xsl"})


def test_a_stylesheet_that_only_shows_a_dossier_is_no_rule(tmp_path: Path) -> None:
    show = '<xsl:stylesheet version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"/>'
    assert OV == whole(tmp_path, **{"OV/toon.xsl": show}).stylesheets({})["overstapdossier"]


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        (OV, 'href="regels.xsl"', 'href="../../weg.xsl"', "leaves the source"),
        (OV, 'href="regels.xsl"', 'href="file:///etc/passwd"', "from elsewhere"),
        (OV, 'href="regels.xsl"', 'href="http://voorbeeld.nl/a.xsl"', "from elsewhere"),
        (OV, 'href="regels.xsl"', 'href="//voorbeeld.nl/a.xsl"', "from elsewhere"),
        (OV, 'href="regels.xsl"', 'href="/etc/passwd"', "leaves the source"),
        (OV, 'href="regels.xsl"', 'href="%2e%2e/%2e%2e/weg.xsl"', "leaves the source"),
        (OV, 'href="regels.xsl"', 'href="niets.xsl"', "includes OV/niets.xsl, which is not there"),
        (
            OV,
            "<xsl:import",
            '<xsl:variable name="a" static="yes" select="1"/><xsl:import',
            "static",
        ),
    ],
)
def test_a_module_that_is_not_beside_its_stylesheet_is_refused(
    name: str, old: str, new: str, told: str, tmp_path: Path
) -> None:
    assert old in FILES[name]
    found = whole(tmp_path, **{name: FILES[name].replace(old, new, 1)})
    with pytest.raises(OfficialFilesRefused, match=told):
        found.modules(found.stylesheets({})["overstapdossier"])


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
        "<!DOCTYPE a><a/>",
        "<a>",
        "geen xml",
    ],
)
def test_xml_that_is_not_safe_or_not_right_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(OfficialFilesRefused, match=r"map/a.xsl: "):
        sources({"map/a.xsl": text}).tree("map/a.xsl")


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("windows-1252", b"<a>\x81</a>"),
        ("utf-7", b"<a/>"),
        ("iso-8859-1", b"<!DOCTYPE a><a/>"),
        ("utf-8", b"<a>\xe9</a>"),
    ],
)
def test_an_encoding_is_read_only_when_it_hides_nothing(encoding: str, body: bytes) -> None:
    head = f'<?xml version="1.0" encoding="{encoding}"?>'.encode()
    with pytest.raises(OfficialFilesRefused, match=r"a.xsl: "):
        Sources({"a.xsl": head + body}).tree("a.xsl")


def test_without_a_schema_of_a_dossier_or_with_two_nothing_is_chosen(tmp_path: Path) -> None:
    with pytest.raises(OfficialFilesRefused, match="no XSD with the namespace"):
        sources({"a.xsd": "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'/>"}).schema()
    other = FLAT["oso_dossier.xsd"].replace("NietLeeg", "xs:string", 1)
    two = sources({**FLAT, "ander.xsd": other})
    with pytest.raises(OfficialFilesRefused, match=r"ander.xsd, oso_dossier.xsd"):
        two.schema()
    assert "ander.xsd" == two.schema("ander.xsd")


def test_an_archive_in_memory_is_never_written(tmp_path: Path) -> None:
    write_zip(tmp_path / "a.zip", FILES, LINKS)
    before = sorted(tmp_path.rglob("*"))
    read_files(tmp_path / "a.zip")
    assert before == sorted(tmp_path.rglob("*"))
