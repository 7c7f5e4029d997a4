"""Two releases around a cut-over, and a release of somebody's own, from school to school."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from support.chain import ACCOUNT, Chain, School, an_order
from support.dossiers import NUMBERS
from support.fetching import TestClock
from support.official_release import EXAMPLE, FILES, INZAGE, LINKS, write_folder

from oso_adapter.bounded_xml import parse
from oso_adapter.demo.comparison import canonical
from oso_adapter.errors import ConfigurationError, NotAllowed, OsoError
from oso_adapter.exchange import prepare, receive
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.orders import Order, place
from oso_adapter.hookspecs import CollectedDossier, HookContext, hookimpl
from oso_adapter.identifiers import Brin
from oso_adapter.standard import render, validate
from oso_adapter.standard.codec import to_dict, to_xml
from oso_adapter.standard.official_import import import_release
from oso_adapter.standard.pack import forget_folders, load_pack
from oso_adapter.standard.samples import sample
from oso_adapter.store import dossiers
from oso_adapter.store.models import Exchange, PreparedState, Received, ReceivedState
from oso_adapter.work.inline import Runner

PACKS = Path(__file__).parents[1] / "data" / "packs"
NEXT = "2020.1-proef"
NOW = datetime.now(UTC)
"""The endpoint is a process, and its clock is that of the machine."""

BEFORE, AFTER = NOW - timedelta(days=30), NOW + timedelta(days=32)
CUT_OVER = f"""
[standard]
packs = "{PACKS}"
next_release = "{NEXT}"
cut_over = {(NOW - timedelta(days=20)).date()}
accepted_until = {(NOW + timedelta(days=30)).date()}
"""


@pytest.fixture(autouse=True)
def only_built_in() -> Iterator[None]:
    yield
    forget_folders()


def made(release: str, reference: str, number: str) -> bytes:
    """A dossier of a release, for the pupil with this reference and number."""
    pack = load_pack(release)
    data = sample("POVO", pack=pack)
    data["huidigeschool"]["brincode"] = "99AA"
    pupil = data["huidigeschool"]["leerling"]
    pupil |= {"bsn": number, "leerlingid": reference}
    pupil.pop("onderwijsnummer", None)
    return to_xml(data, pack)


def made_ready(bron: Adapter, school: School, xml: bytes, reference: str) -> None:
    sending = school.administration(bron)
    prepare.put(bron, sending, ACCOUNT, xml, reference)
    seen = prepare.Inzage(date(2019, 6, 20), "Ja", toestemming="Ja")
    prepare.record_inzage(bron, sending, ACCOUNT, reference, seen)
    prepare.make_ready(bron, sending, ACCOUNT, reference, [Brin("99BB")])


def fetched(doel: Adapter, school: School, order: Order) -> tuple[str | None, Received | None]:
    """The result of an order, and what was received."""
    ids = place(doel, school.administration(doel), ACCOUNT, [order])
    Runner(doel).run_until_done(ids)
    with doel.store.reading() as session:
        result = session.get_one(Exchange, ids[0]).result
        came = result == "OverdrachtGeslaagd"
        return result, dossiers.received_of(session, ids[0]) if came else None


def order_for(xml: bytes, number: str, reference: str) -> Order:
    pupil = to_dict(parse(xml), load_pack(NEXT if b"/2020/" in xml else "2019.1"))
    known = pupil["huidigeschool"]["leerling"]
    return an_order(
        number,
        reference=reference,
        surname=known["achternaam"],
        birth_date=known["geboortedatum"],
    )


def test_around_the_cut_over_both_releases_go_from_school_to_school(chain: Chain) -> None:
    chain.start("tc")
    po = chain.add_school("99AA", "PO", extra=CUT_OVER)
    vo = chain.add_school("99BB", "VO", extra=CUT_OVER)
    clock = TestClock(BEFORE)
    bron, doel = po.adapter(clock), vo.adapter(clock)
    assert "2019.1" == bron.pack.release
    old, new = made("2019.1", "P-1", NUMBERS[0]), made(NEXT, "P-2", NUMBERS[1])
    made_ready(bron, po, old, "P-1")
    made_ready(bron, po, new, "P-2")
    clock.now = NOW
    assert NEXT == bron.pack.release
    po.start("public")
    for xml, number, reference in ((old, NUMBERS[0], "P-1"), (new, NUMBERS[1], "P-2")):
        result, received = fetched(doel, vo, order_for(xml, number, reference))
        assert received is not None, result
        assert ReceivedState.PENDING == received.state
        came = receive.opened(doel, received)
        sent = prepare.show(bron, po.administration(bron), ACCOUNT, reference)
        assert canonical(parse(sent)) == canonical(parse(came))


def test_a_release_that_has_ended_is_neither_made_nor_taken_over(chain: Chain) -> None:
    school = chain.add_school("99AA", "PO", extra=CUT_OVER)
    clock = TestClock(BEFORE)
    adapter = school.adapter(clock)
    made_ready(adapter, school, made("2019.1", "P-0", NUMBERS[1]), "P-0")
    clock.now = AFTER
    with pytest.raises(NotAllowed, match=r"van versie 2019\.1, die niet meer in gebruik is"):
        prepare.make_ready(adapter, school.administration(adapter), ACCOUNT, "P-0", [Brin("99BB")])
    with pytest.raises(NotAllowed, match=NEXT):
        prepare.put(
            *(adapter, school.administration(adapter), ACCOUNT),
            made("2019.1", "P-1", NUMBERS[0]),
            "P-1",
        )
    assert not adapter.accepts("2019.1")
    assert adapter.accepts(NEXT)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('release = "1999.1"', "1999.1"),
        ('next_release = "2019.2"', "cut_over"),
        ("cut_over = 2026-08-01", "next_release"),
        ('next_release = "2019.2"\ncut_over = 2026-08-01', "2019.2"),
        ('packs = "nowhere"', "packs"),
        ('cut_over = "soon"', "cut_over"),
    ],
)
def test_releases_that_do_not_fit_stop_the_start_with_the_sentence(
    chain: Chain, text: str, word: str
) -> None:
    school = chain.add_school("99AA", "PO", extra=f"[standard]\n{text}\n")
    with pytest.raises(ConfigurationError, match=word):
        school.adapter()


OWN = EXAMPLE.replace("99ZZ", "99AA")
"""The example, of the school that hands it out."""


class Supplier:
    """A supplier whose pupil is that of the example."""

    @hookimpl
    def oso_collect_dossier(
        self, context: HookContext, pupil: str, profile: str
    ) -> CollectedDossier:
        data = to_dict(parse(OWN.encode()), load_pack("2021.2"))
        return CollectedDossier({"huidigeschool": data["huidigeschool"]})


def test_a_dossier_of_an_imported_release_is_collected_seen_and_made_ready(
    chain: Chain, tmp_path: Path
) -> None:
    packs = tmp_path / "packs"
    import_release(
        write_folder(tmp_path / "official", {**FILES, "voorbeeld.xml": OWN}, LINKS), packs
    )
    chain.start("tc")
    use = f'[standard]\npacks = "{packs}"\nrelease = "2021.2"\n'
    school = chain.add_school("99AA", "PO", extra=use)
    bron = school.adapter()
    bron.plugins.register(Supplier(), "supplier")
    sending = school.administration(bron)

    collected = prepare.collect(bron, sending, ACCOUNT, "P-1", "POVO")
    assert PreparedState.COLLECTED == collected.state
    with pytest.raises(NotAllowed, match="inzage"):
        prepare.make_ready(bron, sending, ACCOUNT, "P-1", [Brin("99BB")])
    assert (
        PreparedState.SEEN
        == prepare.record_inzage(
            bron, sending, ACCOUNT, "P-1", prepare.Inzage(date(2021, 6, 20), "Ja")
        ).state
    )
    prepare.make_ready(bron, sending, ACCOUNT, "P-1", [Brin("99BB")])
    assert validate(prepare.show(bron, sending, ACCOUNT, "P-1")).valid

    without = OWN.replace(INZAGE, "").encode()
    assert PreparedState.COLLECTED == prepare.put(bron, sending, ACCOUNT, without, "P-2").state


def test_an_imported_official_release_goes_from_school_to_school(
    chain: Chain, tmp_path: Path
) -> None:
    source = write_folder(tmp_path / "official", {**FILES, "voorbeeld.xml": OWN}, LINKS)
    packs = tmp_path / "packs"
    use = f'[standard]\npacks = "{packs}"\nrelease = "2021.2"\n'
    chain.start("tc")
    po = chain.add_school("99AA", "PO", extra=use)
    vo = chain.add_school("99BB", "VO", extra=use)
    done = po.cli("standard", "import", str(source), "--to", str(packs))
    assert 0 == done.exit_code, done.output
    bron, doel = po.adapter(), vo.adapter()
    made_ready(bron, po, OWN.encode(), "P-1")
    po.start("public")
    number = to_dict(parse(OWN.encode()), load_pack("2021.2"))["huidigeschool"]["leerling"]["bsn"]

    result, received = fetched(doel, vo, an_order(number))

    assert received is not None, result
    assert "2021.2" == received.release
    # Its pupil has no date of birth, so a person has to see whether it is the same one.
    assert ReceivedState.APART == received.state
    came = receive.opened(doel, received)
    assert "Voorbeeld" in render.html(came)
    wrong = OWN.replace("<cijfer>8<", "<cijfer>acht<").encode()
    with pytest.raises(OsoError):
        made_ready(bron, po, wrong, "P-2")
