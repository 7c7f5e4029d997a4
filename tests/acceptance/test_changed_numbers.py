"""A pupil whose number changes: found by either number, and never made into a second pupil."""

from datetime import date
from pathlib import Path

from magister_like import database, schema
from magister_like.generator import generate
from sqlalchemy import func, select, update
from support.chain import ACCOUNT, Chain, School, an_order
from support.dossiers import sent
from support.fetching import NUMBERS, Doel
from support.las import decided, fetched, said, with_las

from oso_adapter.exchange import prepare, receive
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.orders import place
from oso_adapter.hookspecs import ImportAnswer
from oso_adapter.identifiers import Brin
from oso_adapter.store import dossiers
from oso_adapter.store.models import Received, ReceivedState
from oso_adapter.work.inline import Runner


def test_another_number_of_the_same_pupil_is_told_and_handed_over(doel: Doel, number: str) -> None:
    las = with_las(doel)
    done = fetched(doel, sent(next(NUMBERS)), number)

    assert ReceivedState.ACCEPTED == doel.received(done).state
    assert (said(doel, done) or "").startswith("Nummer gewijzigd: ")
    [offered] = las.offered
    assert (number,) == offered.former_numbers


def test_the_number_that_was_ordered_is_no_former_number(doel: Doel, number: str) -> None:
    las = with_las(doel)
    done = fetched(doel, sent(number), number)

    assert ((), None) == (las.offered[0].former_numbers, said(doel, done))


def test_a_number_that_somebody_else_was_ordered_by_is_kept_apart(doel: Doel, number: str) -> None:
    """A twin has the same name and date of birth."""
    las = with_las(doel)
    twin = next(NUMBERS)
    doel.place(twin, doel.stage.bron())
    done = fetched(doel, sent(twin), number)

    assert ReceivedState.APART == doel.received(done).state
    assert "dat van een andere bestelling" in (said(doel, done) or "")
    assert [] == las.offered


def test_a_plugin_hears_of_both_numbers_when_a_person_says_it_is_the_same_pupil(
    doel: Doel, number: str
) -> None:
    las = with_las(doel)
    done = fetched(doel, sent(next(NUMBERS), surname="Andersma"), number)
    assert ReceivedState.ACCEPTED == decided(doel, done, ImportAnswer("accepted"))

    assert [(number,)] == [offered.former_numbers for offered in las.offered]


def las_school(chain: Chain, brin: str, sector: str, path: Path) -> School:
    extra = (
        f'[plugins]\nenabled = ["magister_like"]\n[plugins.magister_like]\ndatabase = "{path}"\n'
    )
    return chain.add_school(brin, sector, extra=extra)


def pupils(path: Path) -> int:
    with database.opened(path) as connection:
        return connection.execute(select(func.count()).select_from(schema.leerling)).scalar_one()


def test_a_real_product_finds_its_pupil_by_the_former_number(chain: Chain, tmp_path: Path) -> None:
    """The new school knows the onderwijsnummer; the old school has the BSN by now."""
    made = generate(tmp_path)
    chain.start("tc")
    po, vo = (
        las_school(chain, "99AA", "PO", made.po),
        las_school(chain, "99BB", "VO", made.vo),
    )
    bron, doel = po.adapter(), vo.adapter()
    sending = po.administration(bron)
    code = database.leavers(made.po)[7]
    with database.opened(made.po) as connection:
        record = database.load(connection, database.number_of_code(connection, code) or 0)
    [former] = [row["nummer"] for row in record.of("oud_nummer")]
    with database.opened(made.vo, writes=True) as connection:
        new = schema.aanmelding
        connection.execute(update(new).where(new.c.pgn == record.main["bsn"]).values(pgn=former))
    prepare.collect(bron, sending, ACCOUNT, code, "POVO")
    prepare.record_inzage(bron, sending, ACCOUNT, code, prepare.Inzage(date(2025, 3, 2), "Ja"))
    prepare.make_ready(bron, sending, ACCOUNT, code, [Brin("99BB")])
    po.start("public")
    before = pupils(made.vo)
    known = {"surname": record.main["achternaam"], "birth_date": record.main["geboren"]}

    first = ordered(doel, vo, former, **known)
    assert ReceivedState.ACCEPTED == first.state
    assert (receive.reason_of(doel, first) or "").startswith("Nummer gewijzigd: ")
    assert before + 1 == pupils(made.vo)

    again = ordered(doel, vo, record.main["bsn"], **known)
    assert (ReceivedState.ACCEPTED, None) == (again.state, receive.reason_of(doel, again))
    assert before + 1 == pupils(made.vo)
    with database.opened(made.vo) as connection:
        assert database.numbers_of_pgn(connection, former) == database.numbers_of_pgn(
            connection, record.main["bsn"]
        )


def ordered(doel: Adapter, vo: School, number: str, **known: object) -> Received:
    [order] = place(doel, vo.administration(doel), ACCOUNT, [an_order(number, "99AA", **known)])
    Runner(doel).run_until_done([order])
    with doel.store.reading() as session:
        return dossiers.received_of(session, order)
