"""Every rule and every code list: a dossier that keeps it, and one that breaks it and no other."""

import csv
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from oso_adapter.errors import ConfigurationError
from oso_adapter.standard import validate
from oso_adapter.standard.mutations import Mutation, mutations
from oso_adapter.standard.pack import load_pack
from oso_adapter.standard.rules import RuleBook, load_rules
from oso_adapter.standard.samples import sample_xml

FACTS = Path(__file__).parents[2] / "data" / "gegevensset-2019.1"
pytestmark = pytest.mark.usefixtures("each_attachment_is_opened_once")

PACK = load_pack("2019.1")
PROFILES = tuple(PACK.profiles.profiles)

TOGETHER = {
    "OVa.OS01": {"OVa.OS02"},  # a transfer that is not there is none of the three either
    "PaO.SO01": {"PaO.SO02"},
    "OVa.IZ01": {"OS.cat02"},  # the block is the category, which is mandatory
    "OS.cat01": {"KIT.cat"},  # metadata are there by the schema; no profile lets them be left out
    "OVa.SL01": {"OS.cat07"},
    "PaO.SL01": {"OS.cat07"},
    "OVa.OA01": {"OS.cat08"},
    "OVa.LL03": {"OVa.LL02"},  # month and day of birth are a choice: with the one goes the other
    "PaO.LL03": {"PaO.LL02"},
    "OVa.VV01": {"OS.cat06"},  # forbidden data of a category that is declared forbidden
    "OVa.VV02": {"OS.cat06"},
    "PaO.VV01": {"OS.cat06"},
    "PaO.VV02": {"OS.cat06"},
    "PaO.VV03": {"OS.cat06"},
    "PaO.VV04": {"OS.cat06"},
    "PaO.EB01": {"OS.cat11"},
    **{f"PaO.VM0{n}": {"OS.cat15"} for n in range(1, 8)},
    "OVa.EB02": {"OVa.EB04"},  # the advice is part of the result
    "CL.48": {"KIT.cat"},  # what is no status is not the allowed one either
    "CL.16": {"OVa.OS02", "PaO.SO02"},
    "CL.33": {"OV.MD01", "PaO.MD01"},
}
"""What a rule cannot be broken without, and why."""

UNBREAKABLE = {
    "OG.03": "the schema has the same pattern for lwoo_einddatum",
    "OVa.OS03/OVb.OS01": "a dossier of another overdrachtsoort is not judged by this rule at all",
    "PaO.SO03": "a dossier of another overdrachtsoort is not judged by this rule at all",
}
"""The rules that nothing valid to the schema can break by what it lacks or has, and why."""


def rows(name: str) -> list[dict[str, str]]:
    with (FACTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def official_id(row: dict[str, str]) -> str:
    return row["id"].partition(" (")[0].rstrip("*")


@pytest.fixture(scope="module")
def samples() -> dict[str, bytes]:
    return {profile: sample_xml(profile, size="full", seed=3) for profile in PROFILES}


@pytest.fixture(scope="module")
def broken(samples: dict[str, bytes]) -> dict[str, list[tuple[str, Mutation]]]:
    """Every way in which a sample can be broken, by the rule that it breaks."""
    found: dict[str, list[tuple[str, Mutation]]] = {}
    for profile, xml in samples.items():
        for mutation in mutations(xml):
            found.setdefault(mutation.rule, []).append((profile, mutation))
    return found


def test_the_samples_keep_every_rule_and_code_list(samples: dict[str, bytes]) -> None:
    assert dict.fromkeys(PROFILES, ()) == {
        p: validate(xml, strict=True).findings for p, xml in samples.items()
    }


def test_no_rule_of_the_facts_is_missing_and_each_has_its_severity_and_profiles() -> None:
    facts = {
        official_id(row): (row["enforced_by_published_validator"], set(row["profiles"].split()))
        for row in rows("rules.tsv")
        if row["id"] != "KIT.cat"
    }
    enforced = {"enforced": "yes", "unreached": "no (unreached)"}
    ours = {
        rule.id: (enforced[rule.evidence], set(rule.profiles))
        for rule in PACK.rules.rules
        if rule.evidence != "own"
    }
    assert facts == ours
    assert {"warning"} == {r.severity for r in PACK.rules.rules if r.evidence != "enforced"}
    assert {"error"} == {r.severity for r in PACK.rules.rules if r.evidence == "enforced"}


def in_xpath(row: dict[str, str]) -> tuple[str, str]:
    """Context and assertion of a fact as our table writes them."""
    context, _, asked = f"{row['context']}\n{row['assert']}".replace('"', "'").partition("\n")
    if not context.startswith("/"):
        context = "/od:dossier/" * context.startswith("od:metadata") + context
        context = context if context.startswith("/") else f"//{context}"
    asked = re.sub(r"MATCHES\(\., '(.*)'\)", r"re:test(., '^\1\\Z')", asked)
    if official_id(row).startswith("OS.cat"):
        asked = f"DELIVERED({context.rpartition(':')[2]})"
    if official_id(row) == "OVa.TR04":
        asked = "not(DAY(od:afname/od:afnamedatum) < START)"
    return context, asked


def test_each_rule_asks_what_the_facts_say() -> None:
    facts = {official_id(row): in_xpath(row) for row in rows("rules.tsv") if row["id"] != "KIT.cat"}
    # Two rules: what the published validator enforces, and what it misses by a typing error.
    facts["OS.cat09"] = facts["OS.cat09"][0], "ENFORCED_SUPPORT(cat_onderwijsondersteuning)"
    table = tomllib.loads(PACK.table("rules.toml").read_text(encoding="utf-8"))["rule"]
    ours = {rule["id"]: (rule["context"], rule["assert"]) for rule in reversed(table)}
    assert facts == {rule: asked for rule, asked in ours.items() if rule in facts}
    assert facts.keys() == {rule.id for rule in PACK.rules.rules if rule.evidence != "own"}


def test_the_data_of_a_category_are_those_of_the_facts() -> None:
    for row in rows("rules.tsv"):
        _, found, data = row["assert"].partition("DATA = ")
        if not found:
            continue
        start, _, names = data.partition("(")
        each = names.rstrip(")").split(" | ") if names else data.split(" | ")
        wanted = {(start + name if names else name).replace("od:", "") for name in each}
        assert wanted == set(PACK.profiles.data[row["context"].rpartition(":")[2]]), row["id"]


def test_no_code_list_of_the_facts_is_missing_and_each_has_its_codes() -> None:
    facts = {
        row["path_suffix"]: (row["codelist"], row["codes"].split()) for row in rows("codelists.tsv")
    }
    ours = {
        suffix: (found.number, list(found.codes))
        for suffix, found in PACK.codelists.by_path.items()
    }
    assert facts == ours


def test_every_rule_is_broken_by_a_dossier_or_told_why_not(
    broken: dict[str, list[tuple[str, Mutation]]],
) -> None:
    rules = {rule.id for rule in PACK.rules.rules}
    assert rules == {rule for rule in rules if rule in broken} | set(UNBREAKABLE)
    assert not set(UNBREAKABLE) & set(broken)


@pytest.mark.parametrize("rule", sorted({r.id for r in PACK.rules.rules} - set(UNBREAKABLE)))
def test_a_dossier_that_breaks_a_rule_gets_that_finding_and_no_other(
    broken: dict[str, list[tuple[str, Mutation]]], rule: str
) -> None:
    severities = {r.severity for r in PACK.rules.rules if r.id == rule}
    got = set()
    for profile, mutation in broken[rule]:
        report = validate(mutation.apply(), profile=profile if rule not in KIND else None)
        assert {rule, *TOGETHER.get(rule, ())} == {finding.rule for finding in report.findings}
        got |= {finding.severity for finding in report.findings if finding.rule == rule}
    assert severities == got


KIND = {"OVa.OS01", "OVa.OS02", "PaO.SO01", "PaO.SO02"}
"""Rules about the kind of transfer itself: asked for as a profile, another finding comes too."""


@pytest.mark.parametrize("number", sorted(PACK.codelists.lists))
def test_a_code_that_is_not_on_the_list_is_found_at_each_element_of_the_list(
    broken: dict[str, list[tuple[str, Mutation]]], number: str
) -> None:
    rule = f"CL.{number}"
    places = set()
    for _, mutation in broken[rule]:
        report = validate(mutation.apply())
        others = Counter(f.rule for f in report.findings) - Counter([rule])
        assert set(others) <= ALSO.get(rule, set()), mutation.name
        assert mutation.path in {f.path for f in report.findings if f.rule == rule}
        places.add(mutation.path)
    wanted = PACK.codelists.lists[number].elements
    assert {e for e in wanted if any(reaches(place, e) for place in places)} == set(wanted)


def reaches(path: str | None, suffix: str) -> bool:
    names = "/".join(step.partition("[")[0] for step in (path or "").split("/"))
    return names.endswith(f"/{suffix}")


ALSO = {rule: others for rule, others in TOGETHER.items() if rule.startswith("CL.")}
ALSO |= {"CL.29": {"STD.profile"}, "CL.14": set()}


def test_a_warning_becomes_an_error_in_strict_mode(
    broken: dict[str, list[tuple[str, Mutation]]],
) -> None:
    xml = broken["OVa.OA03"][0][1].apply()
    assert validate(xml).valid
    assert not validate(xml, strict=True).valid


def test_rules_about_inzage_wait_until_the_parents_have_seen_it(
    broken: dict[str, list[tuple[str, Mutation]]],
) -> None:
    for rule in ("OVa.IZ01", "OVa.IZ02", "OVa.IZ03", "OVa.IZ04", "OVa.IZ05"):
        xml = broken[rule][0][1].apply()
        assert not validate(xml).valid
        assert () == validate(xml, inzage=False).findings


def test_a_status_that_the_profile_does_not_allow_is_a_warning(samples: dict[str, bytes]) -> None:
    xml = samples["POVO"].replace(b"<cat_verzuim>OPTIONEEL", b"<cat_verzuim>VERPLICHT")
    path = "/dossier/metadata/categorie_uitlevering/cat_verzuim"
    assert [("KIT.cat", "warning", path)] == [
        (f.rule, f.severity, f.path) for f in validate(xml).findings
    ]


def test_a_finding_about_what_is_missing_names_where_it_would_be(
    broken: dict[str, list[tuple[str, Mutation]]],
) -> None:
    found = validate(broken["OVa.LL14"][0][1].apply()).findings[0]
    assert "/dossier/huidigeschool/leerling/datuminschrijving" == found.path
    found = validate(broken["OVa.LL10"][0][1].apply()).findings[0]
    assert "/dossier/huidigeschool/leerling/geboorteplaats" == found.path


def book_of_one(folder: Path, **expressions: str) -> RuleBook:
    row = {"id": "X.01", "context": "/od:dossier", "assert": "true()", **expressions}
    row |= {"evidence": "own", "meaning": "m", "message": "m", "owner": "school"}
    lines = "\n".join(f'{key} = "{value}"' for key, value in row.items())
    table = folder / "rules.toml"
    table.write_text(f"[[rule]]\n{lines}\n", encoding="utf-8")
    return load_rules(table, PACK.profiles, PACK.namespace)


@pytest.mark.parametrize(("xpath", "where"), [("od:naam[", "assert"), ("//od:", "context")])
def test_an_expression_that_cannot_be_compiled_is_refused_by_the_id_of_its_rule(
    tmp_path: Path, xpath: str, where: str
) -> None:
    with pytest.raises(ConfigurationError, match=r"X\.01"):
        book_of_one(tmp_path, **{where: xpath})


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ("//od:naam", ["a", "b", "c", "d"]),
        ("//od:naam[. != 'b']", ["a", "c", "d"]),
        ("//od:naam[2]", ["b", "d"]),
        ("//od:naam[last()]", ["b", "d"]),
        ("//od:naam[position() = 1]", ["a", "c"]),
        ("//od:naam[string-length('xx')]", ["b", "d"]),
        ("//od:naam[last() - 1]", ["a", "c"]),
        ("//od:school/od:naam[ 1 ]", ["a", "c"]),
        ("//od:naam[ ( 2 ) ]", ["b", "d"]),
        ("//od:naam[position () = 2]", ["b", "d"]),
        ("//od:naam[-(-2)]", ["b", "d"]),
        ("//od:naam['3'-1]", ["b", "d"]),
        ("//od:naam['4'div 2]", ["b", "d"]),
        ("//od:naam[(. = 'b' or . = 'c')]", ["b", "c"]),
        ("//child::od:naam", ["a", "b", "c", "d"]),
        ("//descendant::od:naam[1]", ["a", "c"]),
    ],
)
def test_a_context_anywhere_is_found_and_one_that_counts_does_so_among_brothers(
    tmp_path: Path, context: str, expected: list[str]
) -> None:
    schools = "<school><naam>a</naam><naam>b</naam></school><school><naam>c</naam><naam>d</naam>"
    root = etree.fromstring(f'<dossier xmlns="{PACK.namespace}">{schools}</school></dossier>')
    book = book_of_one(tmp_path, context=context, **{"assert": "false()"})
    assert expected == [broken.node.text for broken in book.broken(root, None, None)]


def test_a_pack_without_a_table_has_no_rules(tmp_path: Path) -> None:
    assert () == load_rules(tmp_path / "rules.toml", PACK.profiles, PACK.namespace).rules


@pytest.mark.parametrize("zone", ["", "Z", "+02:00", "-11:00", "\n"])
@pytest.mark.parametrize("made", ["", "Z"])
def test_a_test_of_long_ago_is_told_whatever_its_time_zone(zone: str, made: str) -> None:
    xml = sample_xml("POVO", size="full", seed=1).decode()
    old = re.sub(r"<afnamedatum>.*?<", f"<afnamedatum>2001-01-15{zone}<", xml, count=1)
    old = re.sub(r"(<datum>[0-9-]+)", rf"\1{made}", old, count=1)
    assert "OVa.TR04" in {finding.rule for finding in validate(old.encode()).findings}
    recent = re.sub(r"(<afnamedatum>[0-9-]+)", rf"\1{zone}", xml)
    recent = re.sub(r"(<datum>[0-9-]+)", rf"\1{made}", recent, count=1)
    assert "OVa.TR04" not in {finding.rule for finding in validate(recent.encode()).findings}
