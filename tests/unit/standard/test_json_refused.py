"""JSON that is no dossier: what is said of it, and where."""

import copy
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from support.json_forms import (
    MARKER,
    PUPIL,
    SCHOOL,
    Change,
    plain,
    pupil,
    refused,
)

from oso_adapter.standard import jsonform
from oso_adapter.standard.codec import to_xml
from oso_adapter.standard.findings import Finding
from oso_adapter.standard.jsonform import JsonRefused, from_json, schema, to_json
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.samples import sample


@pytest.fixture(scope="module")
def validator(pack: Pack) -> Draft202012Validator:
    return Draft202012Validator(schema(pack))


TOETS = f"{PUPIL}/toetslijst/toets[2]"
DOCUMENT = f"{PUPIL}/overigdocumentlijst/document[1]"


def toets(data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = pupil(data)["toetslijst"]["toets"][1]
    return found


def document(data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = pupil(data)["overigdocumentlijst"]["document"][0]
    return found


# What is changed in a valid dossier, the rule and path that are found, and whether the JSON Schema
# finds it as well.
BREAKAGES: list[tuple[Change, str, str, bool]] = [
    (lambda d: pupil(d).update({MARKER: 1}), "JSON.structure", f"{PUPIL}/*", True),
    (lambda d: d.update({MARKER: MARKER}), "JSON.structure", "/dossier/*", True),
    (lambda d: pupil(d).pop("achternaam"), "JSON.structure", f"{PUPIL}/achternaam", True),
    (lambda d: d.pop("huidigeschool"), "JSON.structure", SCHOOL, True),
    (lambda d: d.pop("metadata"), "JSON.structure", "/dossier/metadata", True),
    (lambda d: d.pop("overdrachtsoort"), "JSON.structure", "/dossier/overdrachtsoort", True),
    (lambda d: d.update(metadata=[]), "JSON.type", "/dossier/metadata", True),
    (lambda d: pupil(d).update(achternaam=5), "JSON.type", f"{PUPIL}/achternaam", True),
    (lambda d: pupil(d).update(achternaam=None), "JSON.type", f"{PUPIL}/achternaam", True),
    (lambda d: pupil(d).update(achternaam=""), "XSD.value", f"{PUPIL}/achternaam", True),
    (
        lambda d: pupil(d).update(achternaam=f"{MARKER}\0"),
        "JSON.text",
        f"{PUPIL}/achternaam",
        False,
    ),
    (
        lambda d: pupil(d).update(achternaam=f"{MARKER}\ud800"),
        "JSON.text",
        f"{PUPIL}/achternaam",
        False,
    ),
    (lambda d: pupil(d).update(voornaam=MARKER), "JSON.type", f"{PUPIL}/voornaam", True),
    (lambda d: pupil(d).update(voornaam=["A", 1]), "JSON.type", f"{PUPIL}/voornaam[2]", True),
    (lambda d: pupil(d).update(voornaam=[["A"]]), "JSON.type", f"{PUPIL}/voornaam[1]", True),
    (lambda d: pupil(d).update(geslacht="2"), "JSON.type", f"{PUPIL}/geslacht", True),
    (lambda d: pupil(d).update(geslacht=True), "JSON.type", f"{PUPIL}/geslacht", True),
    (lambda d: pupil(d).update(geslacht=1.5), "JSON.type", f"{PUPIL}/geslacht", True),
    (lambda d: pupil(d).update(tehuis="ja"), "JSON.type", f"{PUPIL}/tehuis", True),
    (lambda d: pupil(d).update(tehuis=1), "JSON.type", f"{PUPIL}/tehuis", True),
    (
        lambda d: pupil(d).update(geboortedatum="1-2-2007"),
        "JSON.type",
        f"{PUPIL}/geboortedatum",
        True,
    ),
    (
        lambda d: pupil(d).update(geboortedatum=20070201),
        "JSON.type",
        f"{PUPIL}/geboortedatum",
        True,
    ),
    (
        lambda d: toets(d)["resultaat"]["toetsscore"].update(tijd="6,5"),
        "JSON.type",
        f"{TOETS}/resultaat/toetsscore/tijd",
        True,
    ),
    (
        lambda d: toets(d)["resultaat"]["toetsscore"].update(aantalgoed=2**31),
        "XSD.value",
        f"{TOETS}/resultaat/toetsscore/aantalgoed",
        True,
    ),
    (
        lambda d: toets(d).pop("afname"),
        "JSON.structure",
        f"{TOETS}/afname",
        True,
    ),
    (
        lambda d: pupil(d)["eindtoets_basisonderwijs"]["eindtoetsresultaat"].update(
            standaardscore=1001
        ),
        "XSD.value",
        f"{PUPIL}/eindtoets_basisonderwijs/eindtoetsresultaat/standaardscore",
        True,
    ),
    (
        lambda d: pupil(d)["overstapadvies"].update(aandachtspunten="x" * 281),
        "XSD.value",
        f"{PUPIL}/overstapadvies/aandachtspunten",
        True,
    ),
    (
        lambda d: d["huidigeschool"].update(brincode="99aa"),
        "XSD.value",
        f"{SCHOOL}/brincode",
        True,
    ),
    (
        lambda d: pupil(d)["onderwijsondersteuning"]["lwoo"].update(lwoo_einddatum="2019-08-01"),
        "XSD.value",
        f"{PUPIL}/onderwijsondersteuning/lwoo/lwoo_einddatum",
        True,
    ),
    (
        lambda d: pupil(d).update(geboortemaand="2007-02"),
        "JSON.structure",
        f"{PUPIL}/geboortemaand",
        True,
    ),
    (
        lambda d: toets(d)["afname"]["afgenomendoor"].update(werktbijinstelling={}),
        "JSON.structure",
        f"{TOETS}/afname/afgenomendoor/werktbijinstelling",
        True,
    ),
    (
        lambda d: pupil(d)["schoolloopbaanlijst"].update(schoolloopbaan=[]),
        "JSON.structure",
        f"{PUPIL}/schoolloopbaanlijst/schoolloopbaan",
        True,
    ),
    (
        lambda d: pupil(d)["cijferlijstlijst"]["cijferlijst"][0]["cijferlijstTypelijst"][1].pop(
            "naam"
        ),
        "JSON.structure",
        f"{PUPIL}/cijferlijstlijst/cijferlijst[1]/cijferlijstTypelijst/naam",
        True,
    ),
    (
        lambda d: d["huidigeschool"]["adreslijst"]["adres"][0].update(land=MARKER),
        "JSON.type",
        f"{SCHOOL}/adreslijst/adres[1]/land",
        True,
    ),
    (
        lambda d: d["huidigeschool"]["adreslijst"]["adres"][0].update(land={"waarde": "1", "x": 1}),
        "JSON.type",
        f"{SCHOOL}/adreslijst/adres[1]/land",
        True,
    ),
    (lambda d: document(d).pop("bestand"), "JSON.structure", f"{DOCUMENT}/bestandsinhoud", True),
    (lambda d: document(d).update(bestand=5), "JSON.type", f"{DOCUMENT}/bestandsinhoud", True),
    (
        lambda d: document(d).update(bestand=f"{MARKER}?"),
        "JSON.type",
        f"{DOCUMENT}/bestandsinhoud",
        False,
    ),
    (lambda d: document(d).update(bestandsinhoud="UEs="), "JSON.structure", DOCUMENT, True),
]


@pytest.mark.parametrize(("change", "rule", "path", "seen"), BREAKAGES)
def test_each_kind_of_breakage_is_found_in_its_place(
    pack: Pack,
    validator: Draft202012Validator,
    change: Change,
    rule: str,
    path: str,
    seen: bool,
) -> None:
    data = plain(pack)
    assert validator.is_valid(data)
    change(data)
    assert [(rule, path)] == refused(json.dumps(data), pack)
    assert seen == (not validator.is_valid(data))


def test_the_schema_refuses_a_code_that_is_on_no_list(
    pack: Pack, validator: Draft202012Validator
) -> None:
    data = plain(pack)
    pupil(data)["overstapadvies"]["advies"] = "99"
    assert not validator.is_valid(data)
    assert data == json.loads(to_json(from_json(json.dumps(data), pack), pack))


def test_the_schema_is_a_schema_and_tells_every_element(pack: Pack) -> None:
    made = schema(pack)
    Draft202012Validator.check_schema(made)
    assert made == json.loads(json.dumps(made))

    def told(node: dict[str, Any], path: str) -> None:
        node = node.get("items", node)
        node = node.get("items", node)
        if "$ref" in node:
            node = made["$defs"][node["$ref"].rpartition("/")[2]]
        spec = pack.structure.find(path)
        assert spec is not None
        if spec.is_block:
            names = [name for name in node["properties"] if name != "bestand"]
            assert list(spec.children) == names
            for name, child in spec.children.items():
                assert child.documentation == node["properties"][name]["description"]
                told(node["properties"][name], f"{path}/{name}")

    told({**made, "description": ""}, "/dossier")
    born = made["$defs"]["leerling"]["properties"]["geboortemaand"]
    assert "^(?:[0-9]{4}-[0-9]{2})$" == born["pattern"]
    assert [0, 1, 2] == made["$defs"]["leerling"]["properties"]["geslacht"]["enum"]


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("", "JSON.wellformed", 1),
        ("{\n" + MARKER, "JSON.wellformed", 2),
        (b'{"a": "\xff' + MARKER.encode() + b'"}', "JSON.encoding", None),
        ('{"a": "b"}'.encode("utf-16"), "JSON.encoding", None),
        ('{"a": NaN}', "JSON.wellformed", None),
        ('{"a": -Infinity}', "JSON.wellformed", None),
        ('{"a": ' + "9" * 5000 + "}", "JSON.wellformed", None),
        ('{"a": 1e999999999999999999999}', "JSON.wellformed", None),
        ("[" * 100_000, "JSON.bounds", None),
        ('{"a":' * 50_000, "JSON.bounds", None),
        ("[" + "0," * 200_001, "JSON.bounds", None),
        (" " * (jsonform.MAX_SIZE + 1), "JSON.size", None),
    ],
)
def test_what_is_no_json_or_too_much_is_refused(
    pack: Pack, text: str | bytes, rule: str, line: int | None
) -> None:
    with pytest.raises(JsonRefused) as caught:
        from_json(text, pack)
    (finding,) = caught.value.findings
    assert (rule, "/", line) == (finding.rule, finding.path, finding.line)
    assert MARKER not in repr(finding)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("text", ["[]", "5", "null", '"tekst"', "[{}]"])
def test_json_that_is_no_object_is_refused(pack: Pack, text: str) -> None:
    assert [("JSON.type", "/dossier")] == refused(text, pack)


def test_a_mark_at_the_beginning_is_no_mistake(pack: Pack, collected: dict[str, Any]) -> None:
    assert collected == from_json(b"\xef\xbb\xbf" + to_json(collected, pack).encode(), pack)


@pytest.mark.parametrize(
    ("wanted", "twice", "path"),
    [
        ('"achternaam": ', '"achternaam": "A", "achternaam": ', f"{PUPIL}/achternaam"),
        ('"brincode": ', '"brincode": "99AA", "brincode": ', f"{SCHOOL}/brincode"),
        ('"waarde": ', '"waarde": "1", "waarde": ', f"{PUPIL}/nationaliteit[1]/*"),
        ('"bestand": ', '"bestand": "", "bestand": ', f"{DOCUMENT}/bestand"),
    ],
)
def test_a_key_that_comes_twice_is_refused(
    pack: Pack, collected: dict[str, Any], wanted: str, twice: str, path: str
) -> None:
    text = to_json(collected, pack)
    assert wanted in text
    assert [("JSON.structure", path)] == refused(text.replace(wanted, twice, 1), pack)


@pytest.mark.parametrize("number", ["1e400000000", "1e-400000000", "1E+3001", "1" * 4000])
def test_numbers_beyond_all_bounds_cost_nothing(pack: Pack, number: str) -> None:
    data = plain(pack)
    score = toets(data)["resultaat"]["toetsscore"]
    score.update(tijd=MARKER, aantalgoed=MARKER)
    text = json.dumps(data).replace(f'"{MARKER}"', number)
    places = {f"{TOETS}/resultaat/toetsscore/{name}" for name in ("tijd", "aantalgoed")}
    assert places == {path for _, path in refused(text, pack)}


@pytest.mark.parametrize("text", [",[{:" * 100_000, '\\",' * 250_000, "\\" * 300_001 + ","])
def test_punctuation_in_a_text_is_no_value(pack: Pack, text: str) -> None:
    data = plain(pack)
    pupil(data)["achternaam"] = text
    assert text == pupil(from_json(json.dumps(data), pack))["achternaam"]


@pytest.mark.parametrize("text", ['""' * 300_000, '"",' * 300_000, '"' + '\\"' * 300_000])
def test_a_text_of_quotes_only_is_refused_at_once(pack: Pack, text: str) -> None:
    ((rule, _),) = refused(text, pack)
    assert rule in {"JSON.bounds", "JSON.wellformed"}


def test_there_are_never_more_findings_than_a_report_takes(pack: Pack) -> None:
    data = plain(pack)
    pupil(data)["voornaam"] = [1] * 1000
    assert 200 == len(refused(json.dumps(data), pack))
    pupil(data).update({f"{MARKER * 50}{n}": 1 for n in range(1000)})
    assert 200 == len(refused(json.dumps(data), pack))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def places(data: Any) -> list[tuple[Any, Any]]:
    """Every container in a JSON value with each of its keys or indices."""
    found: list[tuple[Any, Any]] = []
    if isinstance(data, dict | list):
        for key in data if isinstance(data, dict) else range(len(data)):
            found += [(data, key), *places(data[key])]
    return found


def outcome(text: str, pack: Pack) -> tuple[tuple[Finding, ...], dict[str, Any] | None]:
    try:
        return (), from_json(text, pack)
    except JsonRefused as refusal:
        return refusal.findings, None


@pytest.fixture(scope="module")
def small(pack: Pack) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(to_json(sample("POVO"), pack))
    return read


@settings(max_examples=60, deadline=None)
@given(number=st.integers(0), value=JSON)
def test_whatever_stands_where_it_is_a_finding_or_a_dossier(
    pack: Pack, small: dict[str, Any], number: int, value: Any
) -> None:
    data = copy.deepcopy(small)
    every = places(data)
    container, key = every[number % len(every)]
    container[key] = value
    findings, read = outcome(json.dumps(data), pack)
    assert all(finding.path.startswith("/dossier") for finding in findings)
    assert bool(findings) == (read is None)
    if read is not None:
        assert read == from_json(to_json(read, pack), pack)
        to_xml(read, pack)


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.sampled_from('{}[]:,"0e-.1 \\ua'), max_size=40) | st.binary(max_size=40))
def test_no_text_makes_it_fall_over(pack: Pack, text: str | bytes) -> None:
    with pytest.raises(JsonRefused):
        from_json(text, pack)


def test_dates_and_numbers_of_another_type_are_not_taken(pack: Pack) -> None:
    """The dict form is what comes back, so that a plugin's checks hold for JSON too."""
    read = from_json(to_json(sample("POVO"), pack), pack)
    assert date is type(pupil(read)["geboortedatum"])
    assert int is type(pupil(read)["geslacht"])
