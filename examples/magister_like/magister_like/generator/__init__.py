"""A seeded generator of two synthetic schools: a primary (po) and a secondary (vo) one.

Nothing in it comes from a real person: names, streets and numbers are drawn from word lists and
counters, and the numbers pass the 11-tests without being taken from anywhere.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from sqlalchemy import insert

from magister_like import database, schema
from magister_like.generator import files, people, results, secondary, support
from magister_like.generator.maker import MARKER_PREFIX, Case, Maker
from magister_like.record import Record, Row
from oso_adapter.clock import school_date, utc_now

__all__ = ["MARKER_PREFIX", "Generated", "generate"]

PO_BRIN: Final = "99AA"
VO_BRIN: Final = "99BB"
OTHER_PO: Final = "99CC"
OTHER_VO: Final = "99DD"

_PO_YEAR: Final = 40
_VO_YEAR: Final = 36
_ANNOUNCED: Final = 32
_MOVERS: Final = 6
_LARGE: Final = 12_600_000


@dataclass(frozen=True)
class Generated:
    """The two database files; ``markers``: every PGN and every marker that is in them."""

    po: Path
    vo: Path
    markers: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Generated(po={self.po}, vo={self.vo})"


def generate(
    directory: Path, *, seed: int = 1, markers: bool = False, today: date | None = None
) -> Generated:
    """Make ``po.sqlite`` and ``vo.sqlite`` in a directory; the same arguments give the same data.

    ``markers``: every personal text also gets a unique word that starts with MARKER_PREFIX, so
    that one can search where personal data went. ``today``: the day up to which everything has
    happened; where it is not given the last 12 May, when the final tests have been taken and the
    pupils of group 8 are about to leave.
    """
    maker = Maker(seed, marked=markers, today=today or _last_12_may(school_date(utc_now())))
    po, vo = directory / "po.sqlite", directory / "vo.sqlite"
    po_pupils = [_pupil(maker, "PO", place) for place in range(8 * _PO_YEAR)]
    vo_pupils = [_pupil(maker, "VO", place) for place in range(6 * _VO_YEAR)]
    _write(po, people.school(maker, "PO", PO_BRIN), po_pupils, [])
    announced = [
        {
            "pgn": pupil["bsn"] or pupil["onderwijsnr"],
            "achternaam": pupil["achternaam"],
            "geboren": pupil["geboren"],
            "bron_brin": PO_BRIN,
            "startdatum": maker.next_august,
        }
        for pupil in (record.main for record in po_pupils)
        if pupil["bestemming_brin"] == VO_BRIN
    ]
    _write(vo, people.school(maker, "VO", VO_BRIN), vo_pupils, announced)
    return Generated(po, vo, (*maker.numbers, *maker.markers))


def _last_12_may(day: date) -> date:
    return date(day.year - ((day.month, day.day) < (5, 12)), 5, 12)


def _case(sector: str, place: int) -> Case:
    """Which pupil the one at this place of its school is: the year, and where it goes next."""
    size = _PO_YEAR if sector == "PO" else _VO_YEAR
    year, place_in_year = place // size + 1, place % size
    destination = None
    if sector == "PO" and year == 8:
        destination = VO_BRIN if place_in_year < _ANNOUNCED else OTHER_VO
    elif place_in_year < _MOVERS and year == (5 if sector == "PO" else 3):
        destination = OTHER_PO if sector == "PO" else OTHER_VO
    return Case(sector, PO_BRIN if sector == "PO" else VO_BRIN, year, place_in_year, destination)


def _pupil(maker: Maker, sector: str, place: int) -> Record:
    """One pupil's file; the first of those who leave shows everything that a file can hold."""
    case = _case(sector, place)
    maker.everything = case.leaving and case.place == 0
    record = Record({"nr": place + 1, "leerlingcode": f"{sector[0]}{place + 1:04d}"})
    record.main.update(people.main_row(maker, case))
    if case.leaving and case.place == 7:
        record.add("oud_nummer", nummer=maker.onderwijsnummer())
    if not record.main["adres_buitenland"] or maker.everything:
        people.address(maker, record, "LEERLING")
    people.contacts(maker, record, "LEERLING", secret=record.main["geheim_adres"])
    people.carers(maker, record, record.main["achternaam"], case)
    if not record.main["verzorgers_aansprakelijk"]:
        people.organisation(maker, record, "AANSPRAKELIJK", 0, "Stichting Thuishaven")
    if maker.maybe(0.5):
        people.doctor(maker, record)
    people.career(maker, record, case)
    if maker.maybe(0.2):
        people.early_years(maker, record, record.main["geboren"])
    if case.leaving or maker.maybe(0.1):
        people.advice(maker, record)
    support.support(maker, record)
    support.absence(maker, record)
    _results(maker, record, case)
    return record


def _results(maker: Maker, record: Record, case: Case) -> None:
    if case.sector == "VO" or (case.leaving and case.year == 8):
        year = maker.school_year + 1 - (case.year if case.sector == "VO" else 0)
        results.final_test(maker, record, taken=case.place != 6, year=year)
    results.tests(maker, record, case)
    results.reports(maker, record, case)
    if case.sector == "VO":
        secondary.secondary(maker, record, case)
    if maker.maybe(0.4):
        for _ in range(maker.number(1, 2)):
            files.attach(
                maker, record, "OVERIG", 0, maker.pick(("Groeidocument", "Verslag", "Foto"))
            )
    if case.leaving and case.sector == "PO" and case.year == 8 and case.place == 5:
        files.attach_large(maker, record, _LARGE)


def _write(
    path: Path,
    school: Record,
    pupils: list[Record],
    announced: list[Row],
) -> None:
    path.unlink(missing_ok=True)
    database.create(path, school)
    with database.opened(path, writes=True) as connection:
        database.save_new(connection, pupils)
        if announced:
            connection.execute(insert(schema.aanmelding), announced)
