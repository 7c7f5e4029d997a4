"""A LAS and a second system each give their part, and one dossier is prepared."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from magister_like import database, lvs_plugin
from magister_like.generator import generate
from support.chain import ACCOUNT, Chain, School
from support.dossiers import NUMBERS, content

from oso_adapter.bounded_xml import parse
from oso_adapter.errors import PluginFailed
from oso_adapter.exchange import prepare
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.snapshot import NotPrepared
from oso_adapter.hookspecs import CollectedDossier, hookimpl
from oso_adapter.standard import validate
from oso_adapter.store.models import Prepared

SCORE = lvs_plugin.Score("P-1", "RW-E7", "Rekenen", "Rekenen E7", date(2025, 1, 20), Decimal(251))


class Las:
    """Gives the small dossier of the tests, with more fields of the pupil."""

    def __init__(self, **more: Any) -> None:
        self.more = more

    @hookimpl
    def oso_collect_dossier(self, pupil: str) -> CollectedDossier:
        return CollectedDossier(content(NUMBERS[0], reference=pupil, **self.more))


class Second:
    """A second system that gives what it was made with."""

    def __init__(self, part: Any) -> None:
        self.part = part
        self.seen: Mapping[str, Any] = {}

    @hookimpl
    def oso_enrich_dossier(self, dossier: Mapping[str, Any]) -> Any:
        self.seen = dossier
        if isinstance(self.part, Exception):
            raise self.part
        return self.part


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    chain = Chain.create(tmp_path_factory.mktemp("merging"))
    yield chain.add_school("99AA", "PO", registered=False)
    chain.stop()


def part(**pupil: Any) -> dict[str, Any]:
    return {"huidigeschool": {"leerling": pupil}}


def adapter_of(school: School, *seconds: object, **more: Any) -> Adapter:
    adapter = school.adapter()
    adapter.plugins.register(Las(**more), "las")
    for number, second in enumerate(seconds, 1):
        adapter.plugins.register(second, f"lvs{number}")
    return adapter


def collect(school: School, adapter: Adapter, **how: Any) -> bytes:
    owner = school.administration(adapter)
    outcome = prepare.collect(adapter, owner, ACCOUNT, "P-1", "POPO", **how)
    with adapter.store.reading() as session:
        return prepare.opened(adapter, session.get_one(Prepared, outcome.id))


def told(xml: bytes, name: str) -> list[str | None]:
    root = parse(xml)
    return [found.text for found in root.iter(f"{{{root.nsmap[root.prefix]}}}{name}")]


def test_the_dossier_has_the_parts_of_both_and_says_so(school: School) -> None:
    second = Second(part(roepnaam="Tess"))

    xml = collect(school, adapter_of(school, second))

    assert (["LASLVS"], ["Tess"], ["P-1"]) == tuple(
        told(xml, name) for name in ("deeldossier", "roepnaam", "leerlingid")
    )
    assert validate(xml, inzage=False).valid
    assert content(NUMBERS[0]) == second.seen


@pytest.mark.parametrize("nothing", [None, {}, part(leerlingid="P-1")])
def test_a_second_system_with_nothing_to_add_changes_nothing(school: School, nothing: Any) -> None:
    assert ["LAS"] == told(collect(school, adapter_of(school, Second(nothing))), "deeldossier")


def test_what_is_switched_off_or_forbidden_stays_out_whoever_gives_it(school: School) -> None:
    forbidden = Second(part(certificaat=["a"], verzuim={"frequentie": 3}, geboorteplaats="c"))

    xml = collect(school, adapter_of(school, forbidden), switched_off=["cat_verzuim"])

    assert (["LAS"], [], [], []) == tuple(
        told(xml, name) for name in ("deeldossier", "certificaat", "verzuim", "geboorteplaats")
    )


def test_a_contradiction_is_a_finding_and_nothing_is_prepared(school: School) -> None:
    adapter = adapter_of(school, Second(part(roepnaam="Ans")), roepnaam="Anna")
    before = versions(school, adapter)

    with pytest.raises(NotPrepared) as refused:
        collect(school, adapter)

    [finding] = refused.value.findings
    assert ("STD.tegenspraak", "/dossier/huidigeschool/leerling/roepnaam") == (
        finding.rule,
        finding.path,
    )
    assert "las en lvs1" in finding.message
    assert not any(value in str(finding) for value in ("Anna", "Ans"))
    assert before == versions(school, adapter)


def test_a_part_that_is_wrong_is_a_finding_that_names_its_plugin(school: School) -> None:
    adapter = adapter_of(school, Second(part(roepnaam="Tess")), Second(part(roepnaam=5)))

    with pytest.raises(NotPrepared) as refused:
        collect(school, adapter)

    [finding] = refused.value.findings
    assert ("DICT.type", "/dossier/huidigeschool/leerling/roepnaam") == (finding.rule, finding.path)
    assert finding.message.endswith("Dit gaf lvs2.")


def test_a_dossier_that_is_wrong_is_told_before_another_system_sees_it(school: School) -> None:
    endless: dict[str, Any] = {}
    endless["roepnaam"] = endless
    second = Second(part(roepnaam="Tess"))

    with pytest.raises(NotPrepared) as refused:
        collect(school, adapter_of(school, second, **endless))

    assert ["/dossier/huidigeschool/leerling/roepnaam"] == [f.path for f in refused.value.findings]
    assert {} == second.seen


def test_systems_need_not_agree_on_what_is_switched_off(school: School) -> None:
    adapter = adapter_of(school, Second(part(verzuim={"frequentie": 3})), verzuim={"frequentie": 2})

    xml = collect(school, adapter, switched_off=["cat_verzuim"])

    assert (["LAS"], []) == (told(xml, "deeldossier"), told(xml, "verzuim"))
    with pytest.raises(NotPrepared):
        collect(school, adapter)


def test_two_second_systems_are_merged_too(school: School) -> None:
    [group] = content(NUMBERS[0])["huidigeschool"]["leerling"]["schoolloopbaanlijst"][
        "schoolloopbaan"
    ]
    groups = [{**group, "schooljaar": "2023-2024", "jaargroep": "7"}, group]
    other = Second(part(schoolloopbaanlijst={"schoolloopbaan": groups}))

    xml = collect(school, adapter_of(school, Second(part(roepnaam="Tess")), other))

    assert (["Tess"], ["8", "7"]) == (told(xml, "roepnaam"), told(xml, "jaargroep"))


def test_a_part_of_another_pupil_is_refused(school: School) -> None:
    with pytest.raises(NotPrepared) as refused:
        collect(school, adapter_of(school, Second(part(leerlingid="P-2"))))

    [finding] = refused.value.findings
    assert ("DICT.leerling", True) == (finding.rule, "lvs1" in finding.message)


def test_a_second_system_that_fails_leaves_no_dossier_that_looks_whole(school: School) -> None:
    adapter = adapter_of(school, Second(ValueError(NUMBERS[0])))

    with pytest.raises(PluginFailed, match="lvs1 failed in oso_enrich_dossier: it raised Value"):
        collect(school, adapter)


def versions(school: School, adapter: Adapter) -> int:
    with adapter.store.reading() as session:
        return session.query(Prepared).count()


def test_the_example_of_two_systems_makes_one_dossier(school: School, tmp_path: Path) -> None:
    generated = generate(tmp_path, today=date(2026, 5, 1))
    pupil = database.leavers(generated.po)[0]
    scores = [SCORE._replace(leerlingcode=pupil, toets="ZZ-1"), SCORE]
    lvs_plugin.create(tmp_path / "lvs.sqlite", scores)
    whole = school.config.read_text(encoding="utf-8")
    school.configure(
        '[plugins]\nenabled = ["magister_like", "magister_like_lvs"]\n'
        f'[plugins.magister_like]\ndatabase = "{generated.po}"\n'
        f'[plugins.magister_like_lvs]\ndatabase = "{tmp_path / "lvs.sqlite"}"\n'
    )

    by = ("--administration", "99AA", "--account", ACCOUNT)
    done = school.cli("dossier", "collect", pupil, "--profile", "POPO", *by, "--format", "json")
    shown = school.cli("dossier", "show", pupil, *by).stdout_bytes
    school.config.write_text(whole, encoding="utf-8")

    assert 0 == done.exit_code, done.output
    assert ["verzameld"] == [row["stand"] for row in json.loads(done.stdout)]
    assert ["LASLVS"] == told(shown, "deeldossier")
    assert (1, 0) == (
        told(shown, "eldtoetscode").count("ZZ-1"),
        told(shown, "eldtoetscode").count("RW-E7"),
    )
