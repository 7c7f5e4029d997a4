"""One call of a hook: what becomes of it, and that it is in the audit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from support.chain import ACCOUNT
from support.dossiers import NUMBERS, content
from support.keeping import Keeping, keeping
from support.plugins import bare
from support.pupils import Pupils

from oso_adapter.errors import InvalidIdentifier, NotAllowed
from oso_adapter.exchange.plugin_trace import COLLECT, ENRICH, HOOKS, Asked, Traced, trace
from oso_adapter.hookspecs import (
    Candidate,
    ExtraRule,
    FoundPupil,
    KnownPupil,
    PupilMatch,
    PupilQuery,
    hookimpl,
)
from oso_adapter.store.models import Prepared


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keeping]:
    with keeping(tmp_path_factory.mktemp("trace")) as kept:
        yield kept


def traced(kept: Keeping, pupil: str, hook: str = COLLECT) -> Traced:
    ticks = map(float, count())
    asked = Asked(kept.owner, ACCOUNT, pupil, "POVO")
    return trace(kept.adapter, bare(Pupils()), "p0", hook, asked, lambda: next(ticks))


def test_a_dossier_is_judged_as_collecting_would_and_not_kept(kept: Keeping) -> None:
    found = traced(kept, "P-1")

    assert ("CollectedDossier", 1.0, False, None) == (
        *(found.answer, found.seconds),
        *(found.apart, found.failure),
    )
    assert [] == [finding for finding in found.findings if finding.severity == "error"]
    assert set() == kept.ids(Prepared)


def test_what_reads_a_pupil_is_an_event_whatever_comes_of_it(kept: Keeping) -> None:
    before = len(kept.events("plugin.traced"))

    nothing, broken = traced(kept, "onbekend"), traced(kept, "kapot")

    assert (None, None, 0) == (nothing.answer, nothing.failure, nothing.size)
    assert str(broken.failure).startswith("it raised ValueError at pupils.py:")
    told = kept.events("plugin.traced")[before:]
    assert [(ACCOUNT, "p0", COLLECT)] * 2 == [(e.account, e.counterpart, e.reason) for e in told]


def test_a_hook_that_does_more_than_read_and_one_that_is_not_there_are_not_called(
    kept: Keeping,
) -> None:
    with pytest.raises(NotAllowed, match="it does more than read"):
        traced(kept, "P-1", "oso_event")
    assert "it does not have this hook" == traced(kept, "P-1", "oso_search_key").failure


class Reads:
    """A second system that adds a part, contradicts a value, and knows who is meant."""

    @hookimpl
    def oso_enrich_dossier(self, dossier: Mapping[str, Any], pupil: str) -> Mapping[str, Any]:
        name = dossier["huidigeschool"]["naam"] if pupil == "P-1" else "Andere school"
        return {"huidigeschool": {"naam": name}}

    @hookimpl
    def oso_candidates(self, pgnfrag: str) -> Sequence[Candidate]:
        return [Candidate("P-1", NUMBERS[0])] if NUMBERS[0].endswith(pgnfrag) else []

    @hookimpl
    def oso_find_pupils(self, query: PupilQuery) -> Sequence[FoundPupil]:
        return [FoundPupil("P-1", "Tess")] * query.limit

    @hookimpl
    def oso_known_pupil(self, match: PupilMatch) -> KnownPupil:
        return KnownPupil(match.leerlingid or "", content(NUMBERS[0]))

    @hookimpl
    def oso_extra_rules(self, pack: str, profile: str) -> Sequence[ExtraRule]:
        return []


def test_each_hook_that_reads_is_traced_with_what_it_needs(kept: Keeping) -> None:
    las, lvs = replace(kept.adapter, plugins=bare(Pupils())), bare(Reads())

    def traced(hook: str, pupil: str = "P-1") -> Traced:
        asked = Asked(kept.owner, ACCOUNT, pupil, "POVO")
        return trace(las, lvs, "p0", hook, asked, lambda: 0.0)

    found = [traced(hook) for hook in HOOKS if hook in vars(Reads)]
    assert [
        (ENRICH, "dict"),
        ("oso_find_pupils", "list of FoundPupil"),
        ("oso_known_pupil", "KnownPupil"),
        ("oso_candidates", "list of Candidate"),
        ("oso_extra_rules", "empty list"),
    ] == [(each.hook, each.answer) for each in found]
    enriched, pupils, known, candidates, _ = (each.size for each in found)
    assert (1, 10, True, 1) == (enriched, pupils, known > 20, candidates)
    agrees, contradicts = traced(ENRICH), traced(ENRICH, "P-2")
    assert [] == [finding for finding in agrees.findings if finding.severity == "error"]
    [conflict] = [finding for finding in contradicts.findings if finding.severity == "error"]
    assert "/dossier/huidigeschool/naam" == conflict.path
    assert "nothing to begin with" in str(traced(ENRICH, "onbekend").failure)


def test_a_number_is_no_reference(kept: Keeping) -> None:
    before = len(kept.events("plugin.traced"))

    with pytest.raises(InvalidIdentifier):
        traced(kept, NUMBERS[0])

    assert before == len(kept.events("plugin.traced"))
