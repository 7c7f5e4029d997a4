"""Synthetic schools, pupils, carers, doctors, addresses and school careers."""

from datetime import date
from typing import Any, Final

from magister_like.generator import words
from magister_like.generator.maker import Case, Maker
from magister_like.record import Record, Row

_NAMES: Final = {
    "PO": ("Basisschool De Wilde Wingerd", "BO", "openbaar", "wildewingerd"),
    "VO": ("Voorbeeldcollege Waterland", "VO", "algemeen bijzonder", "voorbeeldcollege"),
}


def school(maker: Maker, sector: str, brin: str) -> Record:
    """The school itself, with its addresses and contact lines."""
    name, kind, direction, site = _NAMES[sector]
    record = Record(
        {
            "brin": brin,
            "locatie": "00",
            "naam": name,
            "kenmerk": f"00000007000{brin}00001",
            "soort": kind,
            "richting": direction,
            "directeur": maker.text(f"mevr. {maker.pick(words.SURNAMES)}"),
            "website": f"https://www.{site}.example",
        }
    )
    town, municipality = words.TOWNS[0]
    address = {"straat": maker.pick(words.STREETS), "huisnr": "1", "postcode": "1234AB"}
    place = {"woonplaats": town, "gemeente": municipality}
    country = {"landcode": "6030", "landnaam": "Nederland"}
    visit = {"huisnr_toev": "A", "ligging": "BIJ", "ligging_tekst": "bij de sporthal"}
    record.add("adres", soort="BEZOEK", **address, **place, **country, **visit)
    record.add("adres", soort="POST", **{**address, "straat": "Postbus"}, **place)
    flags = {"geheim": False, "voor_nood": True}
    record.add("contact", soort="TEL", bereik="W", waarde="099-0000001", **flags)
    record.add("contact", soort="MAIL", bereik="W", waarde=f"post@{site}.example", **flags)
    return record


def name(maker: Maker, sex: str, surname: str | None = None) -> Row:
    """First names, initials, prefix, surname, call name and sex."""
    firsts = [maker.pick(words.FIRST_NAMES[sex]) for _ in range(maker.number(1, 2))]
    return {
        "voornamen": [maker.text(first) for first in firsts],
        "voorletters": maker.text("".join(f"{first[0]}." for first in firsts)),
        "tussenvoegsel": maker.text(maker.pick(words.PREFIXES)) if maker.maybe(0.4) else None,
        "achternaam": surname or maker.text(maker.pick(words.SURNAMES)),
        "roepnaam": maker.text(firsts[0]),
        "geslacht": sex,
        "geheim_adres": False,
    }


def address(maker: Maker, record: Record, owner: str, number: int = 0, kind: str = "WOON") -> None:
    """An address for an owner; a pupil that shows everything gets one with every detail."""
    town, municipality = maker.pick(words.TOWNS)
    code, country = maker.pick(words.COUNTRIES) if maker.maybe(0.05) else words.COUNTRIES[0]
    record.add(
        "adres",
        eigenaar=owner,
        eigenaar_nr=number,
        soort=kind,
        straat=maker.text(maker.pick(words.STREETS)),
        huisnr=str(maker.number(1, 180)),
        huisnr_toev=maker.pick("ABCD") if maker.maybe(0.15) else None,
        ligging=maker.pick(("BIJ", "TEGENOVER")) if maker.maybe(0.03) else None,
        ligging_tekst=maker.text("bij de brug") if maker.maybe(0.03) else None,
        postcode=maker.text(f"{maker.number(1000, 9999)}{maker.pick('ABCDEFGH')}X"),
        woonplaats=maker.text(town),
        gemeente=maker.text(municipality) if maker.maybe(0.5) else None,
        landcode=code if maker.maybe(0.5) else None,
        landnaam=None,
    )
    row = record.parts["adres"][-1]
    row["landnaam"] = country if row["landcode"] and maker.maybe(0.7) else None


def contacts(
    maker: Maker, record: Record, owner: str, number: int = 0, *, secret: bool = False
) -> None:
    """A telephone number and an e-mail address for an owner; secret ones where asked."""
    lines = (("TEL", maker.phone()), ("MAIL", maker.mail(f"post{maker.number(1, 9999)}")))
    for kind, value in lines:
        record.add(
            "contact",
            eigenaar=owner,
            eigenaar_nr=number,
            soort=kind,
            bereik=maker.pick(("W", "P", "O")) if maker.maybe(0.6) else None,
            waarde=value,
            geheim=secret if secret or maker.maybe(0.3) else None,
            voor_nood=maker.maybe(0.5) if maker.maybe(0.3) else None,
        )


def organisation(
    maker: Maker, record: Record, use: str, number: int, title: str, *, brin: str | None = None
) -> None:
    """An organisation that the file names; a school where it has a BRIN."""
    as_school: dict[str, Any] = {}
    if brin is not None:
        as_school = {
            "brin": brin,
            "locatie": "00",
            "kenmerk": f"00000007000{brin}00001",
            "soort": "BO",
            "richting": "openbaar",
            "directeur": maker.text(f"dhr. {maker.pick(words.SURNAMES)}"),
            "website": "https://www.school.example",
        }
    own = record.add(
        "organisatie",
        gebruik=use,
        gebruik_nr=number,
        naam=maker.text(title),
        is_school=brin is not None,
        **as_school,
    )
    address(maker, record, "ORG", own, "BEZOEK")
    contacts(maker, record, "ORG", own)


def carers(maker: Maker, record: Record, surname: str, case: Case) -> None:
    """One to three carers: secret, deceased and elsewhere living ones among them."""
    count = 3 if maker.everything else maker.pick((1, 2, 2, 2))
    for place in range(count):
        sex = "VMX"[place]
        deceased = place == 2
        secret = case.leaving and case.place == 1
        number = record.add(
            "verzorger",
            **{**name(maker, sex, surname if place else None), "geheim_adres": secret},
            relatie=str(maker.number(1, 9)),
            overleden=deceased,
            overleden_op=maker.day(record.main["geboren"], maker.today) if deceased else None,
            wettelijk=not deceased,
            bankrekening=maker.text("P000001") if maker.maybe(0.1) else None,
            iban=maker.iban() if maker.maybe(0.6) else None,
        )
        address(maker, record, "VERZORGER", number)
        contacts(maker, record, "VERZORGER", number, secret=secret)


def doctor(maker: Maker, record: Record) -> None:
    """The family's GP."""
    record.add("huisarts", **name(maker, maker.pick("MV")))
    address(maker, record, "HUISARTS", 0, "BEZOEK")
    contacts(maker, record, "HUISARTS")


def main_row(maker: Maker, case: Case) -> Row:
    """The row of ``leerling``: names, dates and what the school keeps about the pupil itself."""
    sex = maker.pick("MMMMVVVVX")
    names = name(maker, sex)
    # a po pupil of year y is about y + 4 at the start of the school year, a vo pupil y + 12
    age = case.year + (4 if case.sector == "PO" else 12)
    start = maker.school_year
    born = maker.day(date(start - age, 1, 1), date(start - age, 9, 30))
    first_day = date(born.year + 4, born.month, min(born.day, 28))
    secondary = date(start - case.year + 1, 8, 1)
    special = case.place if case.leaving else None
    by_number = special == 2 or maker.random.random() < 0.03
    abroad = special == 3
    return {
        **names,
        "status": "ACTIEF",
        "bsn": None if by_number else maker.bsn("000" if special == 6 else "999"),
        "onderwijsnr": maker.onderwijsnummer() if by_number else None,
        "geheim_adres": special == 1,
        "geboren": born,
        "geboorteplaats": maker.text(words.TOWNS[1][0]),
        "nationaliteit": maker.text("0001"),
        "eerste_schooldag": first_day,
        "start_onderwijssoort": first_day if case.sector == "PO" else secondary,
        "ingeschreven": first_day if case.sector == "PO" else secondary,
        "uitgeschreven": date(start + 1, 7, 31) if case.leaving else None,
        "teruggeplaatst_brin": "99EE" if maker.maybe(0.02) else None,
        "gewicht": maker.pick((0, 30, 120)) if maker.maybe(0.8) else None,
        "nnca": maker.pick("012") if maker.maybe(0.4) else None,
        "woont_in_tehuis": special == 4,
        "verzorgers_aansprakelijk": not (maker.everything or special == 4),
        "was_peuter": maker.maybe(0.6),
        "peuterspeelzaal": maker.text("Speelzaal Het Lieveheersbeestje")
        if maker.maybe(0.5)
        else None,
        "medicatie": maker.maybe(0.1) if maker.maybe(0.5) else None,
        "adres_buitenland": [maker.text("Rue 12"), maker.text("B-1000 Ville")]
        if abroad or maker.everything
        else None,
        **(_registered(maker, names, born) if maker.maybe(0.6) else {}),
        "bestemming_brin": case.destination,
    }


def _registered(maker: Maker, names: Row, born: date) -> Row:
    """The names as the municipality has them."""
    return {
        "gba_voornamen": [maker.text(first.split()[0]) for first in names["voornamen"]],
        "gba_tussenvoegsel": maker.text("van") if maker.maybe(0.3) else None,
        "gba_achternaam": maker.text(names["achternaam"].split()[0]),
        "gba_geboren": f"{born:%d-%m-%Y}",
    }


def career(maker: Maker, record: Record, case: Case) -> None:
    """The school years that the pupil has behind it, the present one included."""
    po_years = case.year if case.sector == "PO" else 8
    vo_years = case.year if case.sector == "VO" else 0
    total = po_years + vo_years
    for place in range(total):
        in_po = place < po_years
        begin = maker.school_year - (total - 1 - place)
        number = place + 1 if in_po else place + 1 - po_years
        kind = ("BO", "Basisonderwijs") if in_po else ("VO", "Voortgezet onderwijs")
        record.add(
            "inschrijving",
            schooljaar=f"{begin}-{begin + 1}",
            klas=f"{number}A" if in_po else f"{number}h1",
            klasnaam=f"Groep {number} blauw" if in_po else f"Havo {number}",
            leerjaar=f"{'G' if in_po else 'V'}{number}",
            van=date(begin, 8, 1),
            tot=date(begin + 1, 7, 31) if place < total - 1 or case.leaving else None,
            brin=case.brin if in_po == (case.sector == "PO") else "99AA",
            locatie="00",
            schoolsoort=kind[0],
            richting="openbaar",
            elementcode=None if in_po and not maker.everything else "0011",
            elementnaam=None if in_po and not maker.everything else "Havo",
            soortnaam=kind[1],
        )


def early_years(maker: Maker, record: Record, born: date) -> None:
    """What happened before and in the first years of school."""
    record.add(
        "voorschool",
        historie=maker.number(1, 5),
        programma=maker.number(1, 15),
        maanden=maker.number(1, 24),
        toeleider=maker.number(1, 9),
        deelname=maker.number(1, 5),
        aanwezigheid=maker.number(50, 100),
    )
    begin = date(born.year + 4, 9, 1)
    record.add(
        "vroegschool", programma=maker.number(1, 15), van=begin, tot=date(born.year + 6, 7, 1)
    )


def advice(maker: Maker, record: Record) -> None:
    """The advice for the next school."""
    codes = ("20", "21", "30", "40", "42", "50", "60", "61")
    revised = maker.maybe(0.15)
    contact = maker.maybe(0.3)
    record.add(
        "advies",
        advies=maker.pick(codes),
        wens_ouders=maker.pick(codes) if maker.maybe(0.5) else None,
        wens_leerling=maker.pick(codes) if maker.maybe(0.4) else None,
        herzien=maker.pick(codes) if revised else None,
        herzien_waarom=maker.text("De eindtoets was hoger dan verwacht.") if revised else None,
        profiel=maker.pick(("basis", "plus", "bespreek", "disharmonisch", "ondersteuning")),
        onderbouwing=maker.text(maker.pick(words.REMARKS)),
        contact_gewenst=contact,
        contact_naam=maker.text(f"mevr. {maker.pick(words.SURNAMES)}") if contact else None,
        contact_tel=maker.phone() if contact else None,
        contact_mail=maker.mail("bovenbouw") if contact else None,
        aandachtspunten=maker.text(maker.pick(words.REMARKS)) if maker.maybe(0.5) else None,
    )
