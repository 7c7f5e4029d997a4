"""Agreements that plugins add: judged before a dossier leaves, more findings and never fewer."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from support.chain import ACCOUNT
from support.dossiers import NUMBERS, content, dossier
from support.keeping import Keeping, keeping
from support.plugins import bare

from oso_adapter.exchange import extra_rules, prepare
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.snapshot import NotPrepared, Outcome
from oso_adapter.hookspecs import CollectedDossier, ExtraRule, HookContext, hookimpl
from oso_adapter.identifiers import Brin
from oso_adapter.standard.findings import LIMIT, Finding

CALLED = ExtraRule("R-1", "//od:leerling", "od:roepnaam", "Vul de roepnaam in.")
NUMBER = NUMBERS[0]


class Region:
    """A plugin with these rules, which also gives a dossier; counts how often it is asked."""

    def __init__(self, *rules: Any, **pupil: Any) -> None:
        self.rules: Any = list(rules)
        self.pupil = pupil
        self.asked: list[tuple[str, str, str]] = []

    @hookimpl
    def oso_extra_rules(self, context: HookContext, pack: str, profile: str) -> Any:
        self.asked.append((context.reason, pack, profile))
        if isinstance(self.rules, Exception):
            raise self.rules
        return self.rules

    @hookimpl
    def oso_collect_dossier(self, pupil: str) -> CollectedDossier:
        return CollectedDossier(content(NUMBER, reference=pupil, **self.pupil))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keeping]:
    with keeping(tmp_path_factory.mktemp("rules")) as kept:
        yield kept


def adapter_of(world: Keeping, *regions: object) -> Adapter:
    return replace(world.adapter, plugins=bare(*regions), rules_asked={})


def collect(world: Keeping, *regions: object, profile: str = "POVO") -> Outcome:
    return prepare.collect(adapter_of(world, *regions), world.owner, ACCOUNT, "P-1", profile)


def ours(outcome: Outcome | NotPrepared) -> list[Finding]:
    return [f for f in outcome.findings if f.rule.startswith(("p0", "p1", "PLUGIN"))]


def test_an_agreement_that_is_not_kept_is_a_finding_of_its_plugin(world: Keeping) -> None:
    region = Region(CALLED)

    outcome = collect(world, region)

    [finding] = ours(outcome)
    assert ("p0.R-1", "warning", "/dossier/huidigeschool/leerling", "Vul de roepnaam in.") == (
        finding.rule,
        finding.severity,
        finding.path,
        finding.message,
    )
    assert [("regels", "2019.1", "POVO")] == region.asked


def test_an_agreement_that_is_kept_says_nothing(world: Keeping) -> None:
    assert [] == ours(collect(world, Region(CALLED, roepnaam="Tess")))


def test_an_error_keeps_a_dossier_from_being_collected_and_from_being_put(world: Keeping) -> None:
    region = Region(replace(CALLED, severity="error"))

    with pytest.raises(NotPrepared) as refused:
        collect(world, region)
    assert ["p0.R-1"] == [f.rule for f in ours(refused.value)]
    with pytest.raises(NotPrepared):
        prepare.put(adapter_of(world, region), world.owner, ACCOUNT, dossier(NUMBER))


def test_an_error_that_came_since_keeps_it_from_being_made_ready(world: Keeping) -> None:
    plain, strict = Region(), Region(replace(CALLED, severity="error"))
    collect(world, plain)
    prepare.record_inzage(
        *(world.adapter, world.owner, ACCOUNT, "P-1"), prepare.Inzage(date(2025, 3, 2), "Ja")
    )

    with pytest.raises(NotPrepared) as refused:
        prepare.make_ready(adapter_of(world, strict), world.owner, ACCOUNT, "P-1", [Brin("99BB")])

    assert ["p0.R-1"] == [f.rule for f in ours(refused.value)]


def test_inzage_that_nobody_can_have_had_yet_is_not_asked_for(world: Keeping) -> None:
    seen = ExtraRule("R-2", "/od:dossier/od:inzage", "od:akkoord = 'Ja'", "Akkoord ontbreekt.")

    assert [] == ours(collect(world, Region(replace(seen, severity="error"))))


def test_the_rules_of_every_plugin_are_judged_and_none_takes_another_away(world: Keeping) -> None:
    outcome = collect(world, Region(CALLED), Region(replace(CALLED, id="R-9")))

    assert ["p0.R-1", "p1.R-9"] == [finding.rule for finding in ours(outcome)]


@pytest.mark.parametrize(
    "rule",
    [
        replace(CALLED, context="//od:leerling["),
        replace(CALLED, assertion="true() ) or ( true()"),
        replace(CALLED, assertion="unknown(.)"),
        replace(CALLED, context="count(//od:leerling)"),
        replace(CALLED, context="'text'"),
        replace(CALLED, context="//other:leerling"),
        replace(CALLED, message=f"Leerling {NUMBER} ontbreekt."),
        replace(CALLED, id="R 1"),
        replace(CALLED, id=NUMBER),
    ],
    ids=[
        *("context", "two-in-one", "function", "number", "text", "prefix"),
        *("number-in-message", "id", "number-as-id"),
    ],
)
def test_a_rule_that_is_no_use_is_told_and_leaves_the_rest_in_force(
    world: Keeping, rule: ExtraRule, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = collect(world, Region(rule, replace(CALLED, id="R-2")))

    assert ["PLUGIN.regels", "p0.R-2"] == sorted(f.rule for f in ours(outcome))
    assert "verzameld" == outcome.state
    assert NUMBER not in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong", [{"severity": "fatal"}, {"message": None}, {"context": 1}], ids=lambda w: next(iter(w))
)
def test_a_rule_of_the_wrong_kind_is_told_and_the_dossier_goes_on(
    world: Keeping, wrong: dict[str, Any]
) -> None:
    outcome = collect(world, Region(replace(CALLED, **wrong)))

    assert "PLUGIN.regels" in [finding.rule for finding in ours(outcome)]
    assert "verzameld" == outcome.state


def test_a_plugin_that_fails_leaves_the_rules_that_it_gave_before(world: Keeping) -> None:
    region = Region(CALLED)
    collect(world, region)
    region.rules = ValueError(NUMBER)

    outcome = collect(world, region)

    assert ["PLUGIN.regels", "p0.R-1"] == [finding.rule for finding in ours(outcome)]


def test_rules_that_were_taken_back_are_gone(world: Keeping) -> None:
    collect(world, Region(CALLED))

    assert [] == ours(collect(world, Region()))


def test_rules_of_a_plugin_that_is_no_longer_enabled_do_not_count(world: Keeping) -> None:
    collect(world, Region(CALLED))

    outcome = prepare.put(adapter_of(world), world.owner, ACCOUNT, dossier(NUMBER))

    assert [] == ours(outcome)


def test_a_process_asks_again_after_a_while(world: Keeping) -> None:
    region = Region(CALLED)
    adapter = adapter_of(world, region)

    for minutes in (0, 14, 1):
        world.clock.forward(minutes=minutes)
        prepare.collect(adapter, world.owner, ACCOUNT, "P-1", "POVO")

    assert 2 == len(region.asked)


def test_the_runner_asks_for_every_profile(world: Keeping) -> None:
    region = Region(CALLED)

    extra_rules.refresh_all(adapter_of(world, region))

    assert {"POPO", "POVO", "VOVO", "BB"} == {profile for _, _, profile in region.asked}


def test_a_web_process_asks_nothing_and_judges_by_what_was_given(world: Keeping) -> None:
    region = Region(replace(CALLED, severity="error"))
    extra_rules.refresh_all(adapter_of(world, region))
    asked = len(region.asked)

    web = replace(world.adapter, plugins=bare(region, role="endpoint"), rules_asked={})
    with pytest.raises(NotPrepared) as refused:
        prepare.put(web, world.owner, ACCOUNT, dossier(NUMBER))

    assert ["p0.R-1"] == [f.rule for f in ours(refused.value)]
    assert asked == len(region.asked)


def test_there_is_an_end_to_rules_and_to_findings(world: Keeping) -> None:
    many = [replace(CALLED, id=f"R-{n}") for n in range(extra_rules.MOST + 1)]
    everywhere = replace(CALLED, context="//*", assertion="false()")

    assert LIMIT == len(ours(collect(world, Region(*many))))
    found = ours(collect(world, Region(everywhere), Region(everywhere)))
    assert LIMIT >= len(found)
