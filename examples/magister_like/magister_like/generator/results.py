"""Synthetic test results and report cards."""

from datetime import date
from decimal import Decimal

from magister_like.generator import words
from magister_like.generator.files import attach
from magister_like.generator.maker import Case, Maker
from magister_like.generator.people import organisation
from magister_like.record import Record


def final_test(maker: Maker, record: Record, *, taken: bool, year: int) -> None:
    """The final test of primary school; a pupil that did not take it has an exemption or not.

    ``year``: the calendar year of the test.
    """
    record.add(
        "eindtoets",
        deelgenomen=taken,
        soort=maker.pick(("0011", "0012", "0013", "0014", "0016")),
        niveau="G",
        omschrijving="Voorbeeldeindtoets",
        datum=date(year, 4, maker.number(15, 20)),
        ontheffing=not taken,
        score=maker.number(501, 550) if taken else None,
        advies=maker.text("havo/vwo") if taken else None,
    )
    if not taken:
        return
    for code, domain in (("8000", "8050"), ("8001", "8051")):
        levels = ("01", "02", "03", "04")
        title = "Taal" if code == "8000" else "Rekenen"
        part = record.add(
            "eindtoets_onderdeel", code=code, omschrijving=title, niveau=maker.pick(levels)
        )
        values = {
            "code": domain,
            "omschrijving": f"{title}verzorging",
            "niveau": maker.pick(levels),
        }
        record.add("eindtoets_domein", onderdeel_nr=part, **values)
    if maker.maybe(0.3):
        attach(maker, record, "EINDTOETS", 0, "Leerlingrapport eindtoets")


def tests(maker: Maker, record: Record, case: Case) -> None:
    """Tests of the last years, older ones included: which may be sent depends on the profile."""
    for back in range(min(case.year, 4) if case.leaving else 1):
        begin = maker.school_year - back
        for code, area, title in maker.random.sample(words.TESTS, 3 if case.leaving else 2):
            group = f"{'G' if case.sector == 'PO' else 'V'}{case.year - back}"
            number = record.add(
                "toets",
                code=f"OEF-{code}-{group}",
                vakgebied=area,
                naam=title,
                versie="3.0" if maker.maybe(0.5) else None,
                datum=maker.day(date(begin, 8, 20), date(begin, 9, 30)),
                leerjaar=group,
                didactische_leeftijd=max(0, (case.year - back - 2) * 10),
                afnemer=maker.text(f"juf {maker.pick(words.SURNAMES)}") if back == 0 else None,
                afnemer_functie=maker.pick(words.JOBS) if back == 0 else None,
                opmerking=maker.text(maker.pick(words.REMARKS)) if maker.maybe(0.2) else None,
            )
            _figures(maker, record, "TOETS", number)
            _norm(maker, record, "TOETS", number)
            if maker.maybe(0.1):
                _test_details(maker, record, number, taker=back == 0)


def _test_details(maker: Maker, record: Record, number: int, *, taker: bool) -> None:
    """Where the taker of a test works, a part of the test, and the report as a document."""
    attach(maker, record, "TOETS", number, "Toetsrapport")
    if taker:
        brin = "99CC" if number % 2 else None
        organisation(maker, record, "TOETS", number, "Begeleidingsdienst Oost", brin=brin)
    part = record.add(
        "toets_onderdeel", toets_nr=number, code=f"ONDERDEEL-{number}", naam="Hoofdrekenen"
    )
    _figures(maker, record, "ONDERDEEL", part)
    _norm(maker, record, "ONDERDEEL", part)
    if maker.maybe(0.5):
        attach(maker, record, "ONDERDEEL", part, "Foutenanalyse")


def _figures(maker: Maker, record: Record, of: str, number: int) -> None:
    """Scores, one row each."""
    asked = maker.number(20, 60)
    right = maker.number(10, asked)
    skill = Decimal(maker.number(400, 3200)) / 10
    rows = {"OPGAVEN": Decimal(asked), "GOED": Decimal(right), "FOUT": Decimal(asked - right)}
    if maker.maybe(0.3):
        rows |= {"GELEZEN": Decimal(asked), "TIJD": Decimal("12.5"), "VAARDIGHEID": skill}
        rows |= {"ONDERGRENS": skill - 5, "BOVENGRENS": skill + 5}
        record.add("toets_score", bij=of, bij_nr=number, grootheid="SCHAAL", schaal="OEF-1")
    for kind, value in rows.items():
        record.add("toets_score", bij=of, bij_nr=number, grootheid=kind, waarde=value)


def _norm(maker: Maker, record: Record, of: str, number: int) -> None:
    kind, value = maker.pick((("DLE", "42"), ("IV", "II"), ("Percentiel", "71")))
    verdict = maker.pick(("goed", "voldoende", "zwak"))
    values = {"soort": kind, "groep": "Landelijk", "waarde": value, "oordeel": verdict}
    record.add("toets_norm", bij=of, bij_nr=number, **values)


def reports(maker: Maker, record: Record, case: Case) -> None:
    """Report cards: the last one of the year before, and the first of this year."""
    letter = "G" if case.sector == "PO" else "V"
    names = words.SUBJECTS_PO if case.sector == "PO" else [long for _, long in words.SUBJECTS_VO]
    for back in range(min(case.year, 2) if case.leaving else 1):
        group = f"{letter}{case.year - back}"
        day = date(maker.school_year - back, 9, 30)
        number = record.add("rapport", leerjaar=group, periode=f"Rapport {2 - back}", datum=day)
        for title in names[: 5 if case.leaving else 3]:
            own = record.add("rapport_vak", rapport_nr=number, naam=title)
            mark = Decimal(maker.number(40, 95)) / 10
            record.add("rapport_cijfer", vak_nr=own, cijfer=str(mark), oordeel="goed")
            if maker.maybe(0.1):
                record.add("rapport_cijfer", vak_nr=own, cijfer=None, oordeel="werkt hard")
                record.add(
                    "rapport_onderdeel",
                    vak_nr=own,
                    naam="Toets 1",
                    cijfer=str(mark),
                    oordeel="ruim voldoende",
                    datum=day,
                    leerjaar=group,
                    periode="1",
                )
