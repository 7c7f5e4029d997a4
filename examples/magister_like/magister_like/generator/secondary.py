"""Synthetic results that only vo has: subjects, examination, traineeship, competences, choice."""

from datetime import date

from magister_like.generator import words
from magister_like.generator.maker import Case, Maker
from magister_like.generator.people import organisation
from magister_like.record import Record

_ASSESSMENTS: tuple[tuple[str, list[str]], ...] = (
    ("OORDEEL", ["V"]),
    ("EXAMEN", ["7"]),
    ("CE", ["6.4"]),
    ("SE-EIND", ["7.1"]),
    ("SE", ["6.5", "7.8"]),
    ("RAPPORT", ["8.0"]),
    ("WERKSTUK", ["goed"]),
)


def secondary(maker: Maker, record: Record, case: Case) -> None:
    """Everything of a vo pupil's file that a po pupil does not have."""
    day = date(maker.school_year, 7, 10)
    record.add("bevordering", elementcode="0011", leerjaar=str(case.year))
    for (code, _), (kind, marks) in zip(words.SUBJECTS_VO, _ASSESSMENTS, strict=True):
        finished = case.year > 3 or maker.everything
        record.add(
            "vakresultaat",
            vak=code,
            leergebied="talen" if code in ("NE", "EN") else "overig",
            afgerond=finished,
            datum=day if finished else None,
            examenvak=kind in ("OORDEEL", "EXAMEN", "CE", "SE", "SE-EIND"),
            soort=kind,
            cijfers=marks,
            titel=maker.text("Het leven in de sloot") if kind == "WERKSTUK" else None,
        )
    if case.year > 5 or maker.everything:
        result = maker.pick(("GESLAAGD", "GEZAKT", "HEREXAMEN"))
        record.add("examen", diploma="havo", jaar=maker.school_year, datum=day, uitslag=result)
    if maker.maybe(0.3):
        record.add("certificaat", naam=maker.text("Certificaat veilig werken"))
        record.add("certificaat", naam=maker.text("Certificaat Engels"))
    if maker.maybe(0.3):
        record.add(
            "competentie",
            code="C1",
            categorie="samenwerken",
            beschrijving=maker.text("Werkt goed samen in wisselende groepen"),
            status="behaald",
        )
    if maker.maybe(0.3):
        number = record.add(
            "stage",
            van=date(maker.school_year - 1, 10, 1),
            tot=date(maker.school_year - 1, 10, 14),
            soort="maatschappelijk",
            rol=maker.text("hulp in de keuken"),
            beoordeling=maker.text("ruim voldoende"),
        )
        organisation(maker, record, "STAGE", number, "Zorgboerderij De Klaverweide")
    if maker.maybe(0.3):
        choice = maker.text("hbo verpleegkunde")
        flags = {"test": True, "portfolio": maker.maybe(0.5), "pop": False, "brief": False}
        record.add("lob", keuze=choice, dossier=maker.maybe(0.5), **flags)
