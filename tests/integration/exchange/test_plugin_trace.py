"""One call of a hook: what becomes of it, and that it is in the audit."""

from collections.abc import Iterator
from itertools import count

import pytest
from support.chain import ACCOUNT
from support.dossiers import NUMBERS
from support.keeping import Keeping, keeping
from support.plugins import bare
from support.pupils import Pupils

from oso_adapter.errors import InvalidIdentifier, NotAllowed
from oso_adapter.exchange.plugin_trace import COLLECT, Asked, Traced, trace
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


def test_a_number_is_no_reference(kept: Keeping) -> None:
    before = len(kept.events("plugin.traced"))

    with pytest.raises(InvalidIdentifier):
        traced(kept, NUMBERS[0])

    assert before == len(kept.events("plugin.traced"))
