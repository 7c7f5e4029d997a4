"""The table of any XSD that a release may bring: everything it can express, or refused."""

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from oso_adapter.standard.build import SchemaNotSupported, derive, dump
from oso_adapter.standard.codec import to_dict, to_element
from oso_adapter.standard.conformity import schema_findings
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.structure import structure_of
from oso_adapter.standard.wording import expectation

NS = "urn:proef"
HEAD = (
    f"<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns='{NS}' targetNamespace='{NS}'"
    " elementFormDefault='qualified'>"
)
TEXT = "type='xs:string'"


def pack_from(folder: Path, declarations: str, **others: str) -> Pack:
    """A pack of a schema with these declarations, and of the files that it includes."""
    for name, text in others.items():
        (folder / f"{name}.xsd").write_text(f"{HEAD}{text}</xs:schema>", encoding="utf-8")
    (folder / "dossier.xsd").write_text(f"{HEAD}{declarations}</xs:schema>", encoding="utf-8")
    text = dump(derive(folder / "dossier.xsd"))
    (folder / "structure.json").write_text(text, encoding="utf-8")
    return Pack("0", "0", NS, "dossier", folder)


def table_of(folder: Path, content: str, more: str = "") -> dict[str, Any]:
    """The content of ``dossier``, as rows by name."""
    declaration = f"<xs:element name='dossier'><xs:complexType>{content}</xs:complexType>"
    pack = pack_from(folder, f"{declaration}</xs:element>{more}")
    table = derive(pack.folder / "dossier.xsd")
    structure_of(table)
    return {row["name"]: row for row in table["blocks"]["dossier"]["content"]}


def sequence(*elements: str) -> str:
    return f"<xs:sequence>{''.join(elements)}</xs:sequence>"


def element(name: str, rest: str = TEXT) -> str:
    return f"<xs:element name='{name}' {rest}/>"


def valued(name: str, facets: str, base: str = "xs:string") -> str:
    return (
        f"<xs:element name='{name}'><xs:simpleType><xs:restriction base='{base}'>{facets}"
        "</xs:restriction></xs:simpleType></xs:element>"
    )


BOTH = element("a") + element("b")
TWICE = f"{TEXT} minOccurs='2' maxOccurs='2'"


def test_named_types_references_and_extensions_become_blocks_in_order(tmp_path: Path) -> None:
    pack = pack_from(
        tmp_path,
        "<xs:include schemaLocation='typen.xsd'/>"
        "<xs:element name='dossier' type='Verder'/><xs:element name='school' type='Basis'>"
        "<xs:annotation><xs:documentation>Een\n  school.</xs:documentation></xs:annotation>"
        "</xs:element>",
        typen="<xs:complexType name='Basis'>"
        + sequence(element("naam"))
        + "</xs:complexType><xs:complexType name='Verder'><xs:complexContent>"
        "<xs:extension base='Basis'>"
        + sequence("<xs:element ref='school' minOccurs='0'/>", element("leeg", "type='Leeg'"))
        + "</xs:extension></xs:complexContent></xs:complexType><xs:complexType name='Leeg'>"
        "<xs:complexContent><xs:extension base='Basis'/></xs:complexContent></xs:complexType>",
    )
    root = pack.structure.roots["dossier"]
    assert ["naam", "school", "leeg"] == [child.name for child in root.content]
    assert ["naam"] == [child.name for child in root.children["leeg"].content]
    assert ("Een school.", 0) == (
        root.children["school"].documentation,
        root.children["school"].min,
    )
    data = {"naam": "a", "school": {"naam": "b"}, "leeg": {"naam": "c"}}
    written = to_element(data, pack)
    assert [] == schema_findings(written, pack)
    assert data == to_dict(written, pack)


def test_text_with_attributes_by_extension_also_an_empty_one(tmp_path: Path) -> None:
    simple = "<xs:simpleContent><xs:extension base='{}'>{}</xs:extension></xs:simpleContent>"
    code = "<xs:attribute name='versie' type='Code' use='required'/>"
    more = (
        "<xs:simpleType name='Code'><xs:restriction base='xs:string'><xs:length value='3'/>"
        "</xs:restriction></xs:simpleType>"
        f"<xs:complexType name='Met'>{simple.format('Code', code)}</xs:complexType>"
        f"<xs:complexType name='Zelfde'>{simple.format('Met', '')}</xs:complexType>"
        f"<xs:complexType name='Zonder'>{simple.format('Code', '')}</xs:complexType>"
    )
    content = sequence(element("a", "type='Zelfde'"), element("b", "type='Zonder'"))
    rows = table_of(tmp_path, content, more)
    attributes = [{"name": "versie", "type": "string", "required": True}]
    assert {"type": "string", "facets": {"length": "3"}, "attributes": attributes} == {
        key: rows["a"][key] for key in ("type", "facets", "attributes")
    }
    assert "attributes" not in rows["b"]


def test_facets_and_values_are_kept_and_can_be_told(tmp_path: Path) -> None:
    listed = "".join(f"<xs:enumeration value='{value}'/>" for value in ("Ja", "Nee"))
    rows = table_of(
        tmp_path,
        sequence(
            valued("a", listed),
            valued("b", "<xs:minLength value='2'/><xs:maxLength value='4'/>", "Kort"),
            valued("c", "<xs:fractionDigits value='2'/>", "xs:decimal"),
            valued("d", "<xs:pattern value='[0-9]'/><xs:pattern value='[A-Z]'/>"),
            element("e", "type='xs:positiveInteger'"),
            element("f", "type='xs:token'"),
            element("g", "type='Of'"),
        ),
        "<xs:simpleType name='Kort'><xs:restriction base='xs:string'><xs:maxLength value='9'/>"
        "<xs:whiteSpace value='collapse'/></xs:restriction></xs:simpleType>"
        "<xs:simpleType name='Of'><xs:union memberTypes='xs:date Kort'/></xs:simpleType>",
    )
    assert ["Ja", "Nee"] == rows["a"]["values"]
    assert {"minLength": "2", "maxLength": "4"} == rows["b"]["facets"]
    assert ("decimal", {"fractionDigits": "2"}) == (rows["c"]["type"], rows["c"]["facets"])
    assert {"pattern": "[0-9]|[A-Z]"} == rows["d"]["facets"]
    assert ("integer", {"minInclusive": "1"}) == (rows["e"]["type"], rows["e"]["facets"])
    assert ["string", "string"] == [rows["f"]["type"], rows["g"]["type"]]
    root = Pack("0", "0", NS, "dossier", tmp_path).structure.roots["dossier"]
    assert "tekst (een van: Ja, Nee)" == expectation(root.children["a"])
    assert all(expectation(child) for child in root.content)


def test_types_without_a_name_do_not_take_each_others_place(tmp_path: Path) -> None:
    def toets(inner: str) -> str:
        return (
            f"<xs:element name='toets'><xs:complexType>{sequence(element(inner))}"
            "</xs:complexType></xs:element>"
        )

    def block(name: str, inner: str) -> str:
        content = sequence(toets(inner))
        return f"<xs:element name='{name}'><xs:complexType>{content}</xs:complexType></xs:element>"

    pack = pack_from(
        tmp_path,
        "<xs:element name='dossier'><xs:complexType>"
        + sequence(block("oud", "a"), block("nieuw", "b"))
        + "</xs:complexType></xs:element>",
    )
    assert "a" in pack.structure.roots["dossier"].children["oud"].children["toets"].children
    assert "b" in pack.structure.roots["dossier"].children["nieuw"].children["toets"].children


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_repeated_sequence_is_a_list_of_groups(wrapped: bool, tmp_path: Path) -> None:
    lines = "<xs:sequence maxOccurs='unbounded'>" + element("naam") + element("cijfer")
    inner = (
        "<xs:complexContent><xs:extension base='Regels'/></xs:complexContent>"
        if wrapped
        else f"{lines}</xs:sequence>"
    )
    pack = pack_from(
        tmp_path,
        f"<xs:complexType name='Regels'>{lines}</xs:sequence></xs:complexType>"
        f"<xs:element name='dossier'><xs:complexType>{inner}</xs:complexType></xs:element>",
    )
    assert pack.structure.roots["dossier"].sequence_repeats
    data = [{"naam": "a", "cijfer": "1"}, {"naam": "b", "cijfer": "2"}]
    written = to_element(data, pack)  # type: ignore[arg-type]
    assert [] == schema_findings(written, pack)
    assert data == to_dict(written, pack)


def test_a_choice_that_is_repeated_is_groups_of_one(tmp_path: Path) -> None:
    choice = f"<xs:choice maxOccurs='unbounded'>{element('a')}{element('b')}</xs:choice>"
    pack = pack_from(
        tmp_path,
        "<xs:element name='dossier'><xs:complexType>"
        + sequence(element("huidigeschool", "type='Keuze'"))
        + f"</xs:complexType></xs:element><xs:complexType name='Keuze'>{choice}</xs:complexType>",
    )
    groups = [{"a": "1"}, {"b": "2"}, {"a": "3"}, {"a": "4"}]
    written = to_element({"huidigeschool": groups}, pack)
    assert ["a", "b", "a", "a"] == [etree.QName(node).localname for node in written[0]]
    assert [] == schema_findings(written, pack)
    assert {"huidigeschool": groups} == to_dict(written, pack)


def test_choices_keep_whether_one_has_to_be_there(tmp_path: Path) -> None:
    def choice(*names: str, rest: str = "") -> str:
        return f"<xs:choice {rest}>{''.join(element(name) for name in names)}</xs:choice>"

    rows = table_of(
        tmp_path,
        sequence(
            choice("a", "b"),
            choice("c", "d", rest="minOccurs='0'"),
            f"<xs:sequence minOccurs='0'>{element('e')}{choice('f', 'g')}</xs:sequence>",
        ),
    )
    chosen = {name: (row.get("choice"), row.get("choice_required")) for name, row in rows.items()}
    assert ("choice1", True) == chosen["a"] == chosen["b"]
    assert ("choice2", None) == chosen["c"]
    assert ("choice3", None) == chosen["g"]
    assert 0 == rows["e"]["min"]


def test_a_group_of_one_that_repeats_is_an_element_that_repeats(tmp_path: Path) -> None:
    optional = "<xs:element name='b' type='xs:string' minOccurs='0'/>"
    pack = pack_from(
        tmp_path,
        "<xs:element name='dossier'><xs:complexType>"
        + sequence(
            element("x"),
            f"<xs:choice maxOccurs='unbounded'>{element('a')}</xs:choice>",
            f"<xs:sequence minOccurs='0' maxOccurs='6'>{optional}</xs:sequence>",
        )
        + "</xs:complexType></xs:element>",
    )
    children = pack.structure.roots["dossier"].children
    assert {"x": (1, 1), "a": (1, None), "b": (0, 6)} == {
        name: (child.min, child.max) for name, child in children.items()
    }
    data = {"x": "1", "a": ["2", "3"], "b": ["4", "5"]}
    written = to_element(data, pack)
    assert [] == schema_findings(written, pack)
    assert data == to_dict(written, pack)


def test_own_elements_after_a_base_that_repeats_are_refused(tmp_path: Path) -> None:
    base = f"<xs:complexType name='R'><xs:sequence maxOccurs='9'>{BOTH}</xs:sequence>"
    own = f"<xs:extension base='R'>{sequence(element('c'))}</xs:extension>"
    with pytest.raises(SchemaNotSupported, match="dossier: a sequence that repeats"):
        table_of(
            tmp_path, f"<xs:complexContent>{own}</xs:complexContent>", f"{base}</xs:complexType>"
        )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (sequence("<xs:any/>"), "dossier: there is no table for xs:any"),
        (
            sequence(element("x"), f"<xs:choice maxOccurs='2'>{BOTH}</xs:choice>"),
            "dossier: a choice that repeats",
        ),
        (
            sequence(element("x"), f"<xs:sequence maxOccurs='2'>{BOTH}</xs:sequence>"),
            "dossier: a sequence that repeats",
        ),
        (
            sequence(
                element("x"), f"<xs:sequence maxOccurs='2'>{element('a', TWICE)}</xs:sequence>"
            ),
            "dossier: a sequence that repeats",
        ),
        (
            sequence(f"<xs:choice><xs:sequence>{BOTH}</xs:sequence>{element('c')}</xs:choice>"),
            "dossier: a choice is between elements",
        ),
        (f"<xs:sequence/><xs:attribute name='a' {TEXT}/>", "dossier: a block has elements only"),
        (sequence("<xs:element name='a'/>"), "dossier/a"),
        (sequence(element("a"), element("b"), element("a")), "two places"),
        (sequence("<xs:element name='a' form='unqualified' type='xs:string'/>"), "dossier/a"),
        (sequence("<xs:element ref='dossier' minOccurs='0'/>"), "dossier/dossier"),
        ("<xs:sequence><xs:element name='a' type='xs:nothing'/></xs:sequence>", "no XML Schema"),
    ],
)
def test_what_has_no_table_is_refused_by_the_name_of_the_element(
    content: str, told: str, tmp_path: Path
) -> None:
    with pytest.raises(SchemaNotSupported, match=told):
        table_of(tmp_path, content)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (f"<xs:element name='a' {TEXT} substitutionGroup='dossier'/>", "substitution groups"),
        (
            f"<xs:element name='a'><xs:complexType mixed='true'>{sequence(BOTH)}</xs:complexType>"
            "</xs:element>",
            "a: a block has elements only",
        ),
    ],
)
def test_declarations_that_have_no_table_are_refused(more: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(SchemaNotSupported, match=told):
        pack_from(tmp_path, f"<xs:element name='dossier' {TEXT}/>{more}")


def test_a_value_that_the_schema_lists_is_explained(tmp_path: Path) -> None:
    listed = "<xs:enumeration value='Ja'/><xs:enumeration value='Nee'/>"
    content = sequence(valued("huidigeschool", listed))
    pack = pack_from(
        tmp_path,
        f"<xs:element name='dossier'><xs:complexType>{content}</xs:complexType></xs:element>",
    )
    (finding,) = schema_findings(to_element({"huidigeschool": "Geheim"}, pack), pack)
    assert "De waarde voldoet niet: verwacht wordt tekst (een van: Ja, Nee)." == finding.message
