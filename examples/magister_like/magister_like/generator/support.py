"""Synthetic support and absence."""

from datetime import date, timedelta

from magister_like.generator import words
from magister_like.generator.files import attach
from magister_like.generator.maker import Maker
from magister_like.record import Record


def support(maker: Maker, record: Record) -> None:
    """Diagnoses, plans and decisions, for the pupils that have them."""
    start = date(maker.school_year, 9, 1)
    if maker.maybe(0.1):
        attach(maker, record, "TOELICHTING", 0, "Onderwijsbehoeften")
    if maker.maybe(0.15):
        _diagnosis(maker, record, start)
    if maker.maybe(0.2):
        for _ in range(maker.number(1, 2)):
            goal = maker.text(maker.pick(words.PLAN_GOALS))
            number = record.add("plan", van=start, tot=start + timedelta(days=90), doel=goal)
            if maker.maybe(0.5):
                attach(maker, record, "PLAN", number, "Handelingsplan")
    if maker.maybe(0.05):
        record.add("opp", van=start, tot=date(maker.school_year + 2, 7, 31))
        attach(maker, record, "OPP", 0, "Ontwikkelingsperspectief")
    if maker.maybe(0.05):
        _decisions(maker, record, start)


def _diagnosis(maker: Maker, record: Record, start: date) -> None:
    code, title = maker.pick(words.DIAGNOSES)
    second = maker.pick(words.DIAGNOSES)[0]
    number = record.add(
        "diagnose",
        codes=[code, second] if second != code and maker.maybe(0.2) else [code],
        naam=maker.text(title),
        datum=start - timedelta(days=maker.number(100, 700)),
        door=maker.text(f"drs. {maker.pick(words.SURNAMES)}"),
        instantie=maker.text("Praktijk De Vuurtoren"),
    )
    if maker.maybe(0.6):
        attach(maker, record, "DIAGNOSE", number, "Onderzoeksverslag")


def _decisions(maker: Maker, record: Record, start: date) -> None:
    """The decisions that a samenwerkingsverband or an institution has taken about the pupil."""
    end = date(maker.school_year + 1, 7, 31)
    network = "VO9901"
    category = maker.pick(("HOOG", "MIDDEN", "LAAG", "GEEN"))
    paper = maker.text("B-1001")
    number = record.add(
        "tlv", van=start, swv=network, categorie=category, beschikking=paper, tot=end
    )
    attach(maker, record, "TLV", number, "Toelaatbaarheidsverklaring")
    record.add("arrangement", soort="CLUSTER12", datum=start, brin="99FF", locatie="00")
    mark, paper = maker.text("Extra begeleiding lezen"), maker.text("B-1002")
    record.add("arrangement", soort="PAO", datum=start, kenmerk=mark, beschikking=paper, tot=end)
    number = record.add("lwoo", van=start, swv=network, beschikking=maker.text("B-1003"), tot=end)
    attach(maker, record, "LWOO", number, "Aanwijzing lwoo")
    record.add(
        "rvc",
        problematiek=maker.text("Leerachterstand bij rekenen"),
        maatregelen=maker.text("Kleine groep, extra instructie"),
        onderzocht=True,
        achterstand=True,
        lage_score=maker.maybe(0.5),
        datum=start,
        indicatie=maker.pick(("LWOO", "PRO")),
    )
    attach(maker, record, "RVC", 0, "Rapportage")


def absence(maker: Maker, record: Record) -> None:
    """Registrations of absence in this school year, and what was reported about them."""
    start = date(maker.school_year, 8, 25)
    kinds = [("DAGDEEL", True), ("DAGDEEL", False), ("UUR", True), ("UUR", False)]
    for unit, allowed in kinds if maker.everything else kinds[: maker.number(0, 4)]:
        for _ in range(maker.number(1, 3)):
            record.add(
                "verzuim",
                datum=maker.day(start, max(start, maker.today)),
                eenheid=unit,
                aantal=maker.number(1, 4),
                keren=1,
                geoorloofd=allowed,
            )
    if maker.maybe(0.3):
        values = {"leerplicht": maker.maybe(0.1), "rmc": maker.maybe(0.05)}
        record.add("verzuimbeeld", boven_kwart=maker.maybe(0.1), **values)
    if maker.maybe(0.1):
        attach(maker, record, "VERZUIM", 0, "Verzuimgesprek")
