"""Test school 00YY: each published number gives what was published, through our own adapter."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from lxml import etree
from support.chain import ACCOUNT, Chain, School
from support.requester import DELIVERED

from oso_adapter.bounded_xml import parse
from oso_adapter.exchange import receive
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.contents import identity_of
from oso_adapter.exchange.orders import Order, place
from oso_adapter.identifiers import Brin, Pgn
from oso_adapter.simulator.dossiers import COLLECTED, COLLECTED_AGAIN, dossier
from oso_adapter.simulator.pupils import Pupil, pupils
from oso_adapter.simulator.seed import TEST_SCHOOL
from oso_adapter.store import dossiers, exchanges
from oso_adapter.store.models import Exchange, Received, ReceivedState
from oso_adapter.work.inline import Runner

PUBLISHED = {
    "310008475": "POPO",
    "274957462": "POVO",
    "088584574": "VOVO",
    "238521436": "BB",
    "097902378": "LeerlinginfoNietBeschikbaar",
    "334390205": "LeerlinginfoNietOpvraagbaar",
    "101211151": "POVO",
    "662460613": "VOVO",
    "482782481": "POPO",
    "613543439": "POVO",
    "559144428": "2015",
    "991904862": "2016",
    "388483763": "POVO",
}
"""What the public pages list: the profile, the year of an outdated release, or a result."""


@dataclass(frozen=True)
class Fetching:
    """A vo school, and an administration of the test school's own BRIN."""

    vo: School
    own: School
    adapters: dict[str, Adapter]

    def fetch(self, pupil: Pupil, asked_after: datetime | None = None) -> Exchange:
        school = self.own if pupil.profile == "BB" else self.vo
        adapter = self.adapters[school.brin]
        order = Order(
            pgn=pupil.number,
            surname=f"Voorbeeld-{pupil.profile}",
            birth_date=date(2008, 3, 14),
            bron_brin=TEST_SCHOOL,
            reference=f"T{pupil.year}",
            overdrachtsoort="overdrachtbinnenbrin" if pupil.profile == "BB" else "overstapdossier",
            asked_after=asked_after,
        )
        [exchange_id] = place(adapter, school.administration(adapter), ACCOUNT, [order])
        Runner(adapter).run_until_done([exchange_id])
        with adapter.store.reading() as session:
            return exchanges.found(session, exchange_id)

    def received(self, exchange: Exchange) -> tuple[Received, bytes]:
        adapter = self.adapters[exchange.administration.brin]
        with adapter.store.reading() as session:
            received = dossiers.received_of(session, exchange.id)
        return received, receive.opened(adapter, received)


@pytest.fixture(scope="module")
def fetching(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fetching]:
    chain = Chain.create(Path(tmp_path_factory.mktemp("testschool")))
    try:
        chain.start("tc", "school")
        vo, own = chain.add_school("99BB", "VO"), chain.add_school("00YY", "PO")
        yield Fetching(vo, own, {"99BB": vo.adapter(), "00YY": own.adapter()})
    finally:
        chain.stop()


def pupil_with(number: str) -> Pupil:
    return next(pupil for pupil in pupils() if pupil.number == Pgn(number))


def test_every_published_number_is_there() -> None:
    assert set(PUBLISHED) == {pupil.number.reveal() for pupil in pupils()}


@pytest.mark.parametrize(
    "number", [number for number, gives in PUBLISHED.items() if "info" in gives]
)
def test_a_number_without_a_dossier_gives_its_result(fetching: Fetching, number: str) -> None:
    assert PUBLISHED[number] == fetching.fetch(pupil_with(number)).result


@pytest.mark.parametrize(
    "number", [number for number, gives in PUBLISHED.items() if gives.isalpha() and len(gives) < 5]
)
def test_a_number_with_a_dossier_gives_it(fetching: Fetching, number: str) -> None:
    pupil = pupil_with(number)
    done = fetching.fetch(pupil)
    received, xml = fetching.received(done)
    assert DELIVERED == done.result
    assert (ReceivedState.PENDING, PUBLISHED[number], None) == (
        received.state,
        received.profile,
        received.reason_sealed,
    )
    assert canonical(dossier(pupil, COLLECTED)) == canonical(xml)
    assert number == identity_of(parse(xml)).number


@pytest.mark.parametrize("number", [n for n, gives in PUBLISHED.items() if gives.isdigit()])
def test_an_outdated_dossier_is_kept_and_signed_off_but_not_taken_over(
    fetching: Fetching, number: str
) -> None:
    pupil = pupil_with(number)
    done = fetching.fetch(pupil)
    received, xml = fetching.received(done)
    assert DELIVERED == done.result
    assert done.signed_off_at is not None
    assert (ReceivedState.INVALID, 0) == (received.state, received.handed_over)
    assert f"/{PUBLISHED[number]}/".encode() in xml
    assert canonical(dossier(pupil, COLLECTED)) == canonical(xml)


def test_the_well_filled_dossier_has_many_attachments(fetching: Fetching) -> None:
    _, xml = fetching.received(fetching.fetch(pupil_with("613543439")))
    assert 25 < len(parse(xml).findall(".//{*}bestandsinhoud"))


def test_aanvraagdatum_decides_between_the_two_collectings(fetching: Fetching) -> None:
    pupil = pupil_with("388483763")
    _, first = fetching.received(fetching.fetch(pupil))
    _, newer = fetching.received(fetching.fetch(pupil, COLLECTED))
    assert canonical(dossier(pupil, COLLECTED)) == canonical(first)
    assert canonical(dossier(pupil, COLLECTED_AGAIN)) == canonical(newer)
    assert parse(first).find(".//{*}eindtoets_basisonderwijs") is None
    assert parse(newer).find(".//{*}eindtoets_basisonderwijs") is not None
    late = fetching.fetch(pupil, datetime(2025, 1, 1, tzinfo=UTC))
    assert "LeerlinginfoNietGewijzigd" == late.result


def test_the_binnen_brin_dossier_names_its_optional_categories(fetching: Fetching) -> None:
    done = fetching.fetch(pupil_with("238521436"))
    assert (TEST_SCHOOL, Brin("00YY")) == (done.bron_brin, done.administration.brin)
    _, xml = fetching.received(done)
    assert parse(xml).find(".//{*}categorie_uitlevering") is not None


def canonical(xml: bytes) -> bytes:
    return etree.tostring(parse(xml), method="c14n", exclusive=True, with_comments=True)
