"""Dossiers that the school's system puts in ``out``."""

import json
import os
import stat
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from oso_directory import errors, plugin

from oso_adapter.hookspecs import AdministrationRef, CollectedDossier, HookContext
from oso_adapter.standard import codec, validate
from oso_adapter.standard.attachments import unpacked
from oso_adapter.standard.jsonform import to_json
from oso_adapter.standard.pack import load_pack

Put = Callable[..., Path]
Told = Callable[..., HookContext]
Collect = Callable[..., dict[str, Any]]


@pytest.fixture
def collect(told: Told) -> Collect:
    """What is collected for a pupil who is there."""

    def call(pupil: str = "P-1") -> dict[str, Any]:
        found = plugin.oso_collect_dossier(told(), pupil, "POVO")
        assert isinstance(found, CollectedDossier)
        return dict(found.dossier)

    return call


def test_a_dossier_as_json_is_what_the_system_wrote(
    collect: Collect, put: Put, whole: dict[str, Any], as_json: str
) -> None:
    put("P-1.json", as_json)
    assert {"huidigeschool": whole["huidigeschool"]} == collect()


def test_a_dossier_as_xml_is_the_same_dossier(
    collect: Collect, put: Put, whole: dict[str, Any], as_xml: bytes
) -> None:
    put("P-1.xml", as_xml)
    assert {"huidigeschool": whole["huidigeschool"]} == unpacked(collect(), load_pack())


def test_what_the_adapter_makes_itself_is_left_out(
    collect: Collect, put: Put, whole: dict[str, Any]
) -> None:
    put("P-1.json", to_json(whole, load_pack()))
    assert ["huidigeschool"] == list(collect())


@pytest.mark.parametrize("form", ["json", "xml"])
def test_an_attachment_may_lie_beside_the_dossier(
    collect: Collect, put: Put, whole: dict[str, Any], form: str
) -> None:
    written, contents = without_contents(whole["huidigeschool"])
    if form == "json":
        put("P-1.json", to_json({"huidigeschool": written}, load_pack()))
    else:
        put("P-1.xml", codec.to_xml({**whole, "huidigeschool": written}, load_pack()))
    with pytest.raises(errors.AttachmentMissing):
        collect()
    for name, content in contents.items():
        put(f"P-1/{name}", content)
    assert contents == without_contents(collect()["huidigeschool"])[1]
    assert len(contents) > 1


def test_an_attachment_is_taken_from_the_folder_of_its_pupil_alone(
    collect: Collect, put: Put, as_json: str
) -> None:
    put("other.pdf", b"%PDF-1")
    given = json.loads(as_json)
    given["huidigeschool"]["leerling"]["overigdocumentlijst"]["document"] = [
        {"bestandsnaam": "../other.pdf", "omschrijving": "plan"}
    ]
    put("P-1.json", json.dumps(given))
    with pytest.raises(errors.NoFileName):
        collect()


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        (b"<leerlingid>", b"<lerlingid>1</lerlingid><leerlingid>", "/leerling/*["),
        (
            b"<leerlingid>",
            b'<leerlingid xmlns="urn:other">1</leerlingid><leerlingid>',
            "/leerling/*[",
        ),
        (
            b"<leerlingid>",
            b"<leerlingid>999000011</leerlingid><leerlingid>",
            "/leerling/leerlingid[2]",
        ),
        (b"<leerlingid>", b"Vos<leerlingid>", "/leerling"),
        (b"<leerlingid>", b"<leerlingid><!-- a -->", None),
        (b"<leerlingid>", b'<leerlingid soort="Vos">', "/leerling/leerlingid"),
        (b"</leerlingid>", b"<b>1</b></leerlingid>", "/leerling/leerlingid"),
        (b"</huidigeschool>", b"</huidigeschool><huidigeschool/>", "/dossier/huidigeschool[2]"),
    ],
)
def test_what_the_standard_does_not_know_is_refused_and_not_left_out(
    collect: Collect, put: Put, as_xml: bytes, old: bytes, new: bytes, path: str | None
) -> None:
    assert 1 == as_xml.count(old)
    put("P-1.xml", as_xml.replace(old, new))
    if path is None:
        assert collect()
        return
    with pytest.raises(errors.NotADossier) as caught:
        collect()
    [finding] = caught.value.findings
    assert path in finding.path
    assert "Vos" not in f"{finding}{caught.value}"


def test_former_numbers_come_from_a_file_beside_it(told: Told, put: Put, as_json: str) -> None:
    put("P-1.json", as_json)
    numbers = put("P-1.former-numbers.txt", "111222333\n123456782\n")
    found = plugin.oso_collect_dossier(told(), "P-1", "POVO")
    assert found is not None
    assert ("111222333", "123456782") == found.former_numbers
    numbers.write_text("111222333\n12345678\n")
    with pytest.raises(errors.NumbersUnreadable) as caught:
        plugin.oso_collect_dossier(told(), "P-1", "POVO")
    assert "12345678" not in str(caught.value)


def test_who_has_no_file_is_not_ours(told: Told, root: Path, put: Put, as_json: str) -> None:
    put("P-1.json", as_json)
    other = AdministrationRef("99BB", "0000000700099BB00001", "LAS", "other", "t")
    assert plugin.oso_collect_dossier(told(), "P-2", "POVO") is None
    assert plugin.oso_collect_dossier(told(other), "P-1", "POVO") is None
    assert plugin.oso_collect_dossier(told(None), "P-1", "POVO") is None


@pytest.mark.parametrize(
    "pupil",
    [
        "",
        ".",
        "..",
        "../99BB-0000000700099BB00001/P-1",
        "sub/P-1",
        "sub\\P-1",
        "/etc/passwd",
        "P-1\0",
        "P-1.json\0",
        "P-1\n",
        ".hidden",
        "P-1.",
        " P-1",
        "P-1~",
        "P-1.tmp",
        "P:1",
        "CON",
        "nul.x",
        "x" * 201,
        "\udc80",
    ],
)
def test_a_reference_that_is_no_name_of_a_file_reaches_none(
    told: Told, put: Put, root: Path, pupil: str
) -> None:
    (root / "out" / "99BB-0000000700099BB00001").mkdir(mode=0o700)
    for name in ("../99BB-0000000700099BB00001/P-1.json", "sub/P-1.json", "P-1.tmp.json"):
        put(name, "{}")
    assert plugin.oso_collect_dossier(told(), pupil, "POVO") is None


@pytest.mark.parametrize("pupil", ["P-1", "2027 (8b) é", "日本", "a.b", "O'Neill, D. & Zn", "-rf"])
def test_unusual_references_are_names_of_files(
    collect: Collect, put: Put, pupil: str, as_json: str
) -> None:
    put(f"{pupil}.json", as_json)
    assert "huidigeschool" in collect(pupil)


@pytest.mark.parametrize("name", ["P-1.json.tmp", ".P-1.json", "P-1.json~", "P-1.json.part"])
def test_a_file_under_the_name_of_a_writer_is_not_there(
    told: Told, put: Put, name: str, as_json: str
) -> None:
    put(name, as_json)
    assert plugin.oso_collect_dossier(told(), "P-1", "POVO") is None


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_file_that_was_cut_off_anywhere_is_not_complete_and_the_next_try_works(
    collect: Collect, put: Put, form: str, whole: dict[str, Any]
) -> None:
    small = json.loads(to_json(whole, load_pack()))
    small["huidigeschool"]["leerling"]["achternaam"] = "Žé日𝔘"
    text = json.dumps(small, ensure_ascii=False).encode()
    path = put("P-1.json", text)
    if form == "xml":
        content = codec.to_xml({"huidigeschool": collect()["huidigeschool"]}, load_pack())
        path.unlink()
        text = content
    odd = text.index("Žé日𝔘".encode())
    for end in {*range(0, len(text), len(text) // 40), *range(odd, odd + 12), len(text) - 1}:
        put(f"P-1.{form}", text[:end])
        with pytest.raises(errors.NotCompleteYet):
            collect()
    put(f"P-1.{form}", text)
    assert "Žé日𝔘" == collect()["huidigeschool"]["leerling"]["achternaam"]


def test_a_file_that_grows_while_it_is_read_is_not_complete(
    collect: Collect, put: Put, as_json: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, looks, fstat = put("P-1.json", as_json), count(), os.fstat

    def growing(descriptor: int) -> os.stat_result:
        """The second look at a file is the one after reading."""
        if stat.S_ISREG(fstat(descriptor).st_mode) and next(looks) == 1:
            with path.open("ab") as file:
                file.write(b" ")
        return fstat(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fstat", growing)
        with pytest.raises(errors.NotCompleteYet):
            collect()
    assert "huidigeschool" in collect()


def test_both_forms_at_once_are_refused(collect: Collect, put: Put, as_json: str) -> None:
    put("P-1.json", as_json)
    put("P-1.xml", "<dossier/>")
    with pytest.raises(errors.BothForms):
        collect()


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("P-1.json", "[]", errors.NotADossier),
        ("P-1.json", '{"metadata": {}}', errors.NotADossier),
        ("P-1.json", b'{"naam": "\xe9\xe9"}', errors.NotADossier),
        ("P-1.xml", "<dossier/>", errors.OtherRelease),
        ("P-1.xml", "<!DOCTYPE a><dossier/>", errors.NotADossier),
        ("P-1.xml", "<other/>", errors.NotADossier),
        ("P-1.xml", f'<dossier xmlns="{load_pack().namespace}"/>', errors.NotADossier),
    ],
)
def test_what_is_whole_and_no_dossier_is_told_apart(
    collect: Collect, put: Put, name: str, content: bytes | str, expected: type[Exception]
) -> None:
    put(name, content)
    with pytest.raises(expected):
        collect()


def test_no_problem_quotes_what_is_in_the_file(
    collect: Collect, put: Put, whole: dict[str, Any]
) -> None:
    put("P-1.json", '{"huidigeschool": {"naam": 5, "Geheimnaam": "Geheimnaam"}}')
    with pytest.raises(errors.NotADossier) as caught:
        collect()
    assert "Geheimnaam" not in f"{caught.value}{caught.value.findings}"
    assert len(caught.value.findings) > 1


def test_what_is_collected_becomes_a_valid_dossier(
    collect: Collect, put: Put, whole: dict[str, Any], as_json: str
) -> None:
    put("P-1.json", as_json)
    made = codec.to_xml({**whole, **collect()}, load_pack())
    assert validate(made, profile="POVO").valid


def without_contents(value: Any) -> tuple[Any, dict[str, bytes]]:
    """A copy in which documents have a name of their own and no content; the contents by name."""
    contents: dict[str, bytes] = {}

    def copy(part: Any) -> Any:
        if isinstance(part, list):
            return [copy(item) for item in part]
        if not isinstance(part, dict):
            return part
        copied = {key: copy(item) for key, item in part.items()}
        content = copied.pop("bestandsinhoud", None)
        if isinstance(content, bytes):
            end = part["bestandsnaam"].rpartition(".")[2]
            known = part["bestandsnaam"].startswith("beside-")
            name = part["bestandsnaam"] if known else f"beside-{len(contents)}.{end}"
            copied["bestandsnaam"] = name
            contents[name] = content
        return copied

    return copy(value), contents
