"""The tables of the LAS: its own names and codes, not those of the OSO standard.

One database file holds one school. ``leerling`` is the pupil; nearly every other table holds parts
of a pupil's file and has the key (``leerling_nr``, ``volgnr``), so that a file is loaded and saved
part by part. Addresses, contact lines, organisations and documents belong to different kinds of
owner and say which in ``eigenaar`` (or ``gebruik``, ``plaats``) and its ``volgnr``.
"""

from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)

metadata: Final = MetaData()


class _Exact(TypeDecorator[Decimal]):
    """A decimal kept as text, since SQLite would make a binary fraction of it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Any) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Any) -> Decimal | None:
        return None if value is None else Decimal(value)


def _text(*names: str) -> list[Column[str]]:
    return [Column(name, Text) for name in names]


def _flag(*names: str) -> list[Column[bool]]:
    return [Column(name, Boolean) for name in names]


def _date(*names: str) -> list[Column[Any]]:
    return [Column(name, Date) for name in names]


def _number(*names: str) -> list[Column[int]]:
    return [Column(name, Integer) for name in names]


def _list(*names: str) -> list[Column[Any]]:
    return [Column(name, JSON(none_as_null=True)) for name in names]


def _part(name: str, *columns: Column[Any]) -> Table:
    """A table with parts of a pupil's file."""
    return Table(
        name,
        metadata,
        Column("leerling_nr", ForeignKey("leerling.nr"), primary_key=True),
        Column("volgnr", Integer, primary_key=True),
        *columns,
    )


def _address() -> list[Column[Any]]:
    return _text(
        *("soort", "straat", "huisnr", "huisnr_toev", "ligging", "ligging_tekst", "postcode"),
        *("woonplaats", "gemeente", "landcode", "landnaam"),
    )


def _contact() -> list[Column[Any]]:
    return [*_text("soort", "bereik", "waarde"), *_flag("geheim", "voor_nood")]


def _person() -> list[Column[Any]]:
    return [
        *_list("voornamen"),
        *_text("voorletters", "tussenvoegsel", "achternaam", "roepnaam", "geslacht"),
        *_flag("geheim_adres"),
    ]


school: Final = Table(
    "school",
    metadata,
    Column("brin", Text, primary_key=True),
    *_text("locatie", "naam", "kenmerk", "soort", "richting", "directeur", "website"),
)
school_adres: Final = Table(
    "school_adres", metadata, Column("volgnr", Integer, primary_key=True), *_address()
)
school_contact: Final = Table(
    "school_contact", metadata, Column("volgnr", Integer, primary_key=True), *_contact()
)

leerling: Final = Table(
    "leerling",
    metadata,
    Column("nr", Integer, primary_key=True),
    Column("leerlingcode", Text, nullable=False, unique=True),
    Column("status", Text, nullable=False),
    Column("bsn", Text, unique=True),
    Column("onderwijsnr", Text, unique=True),
    *_person(),
    *_date("geboren", "eerste_schooldag", "start_onderwijssoort", "ingeschreven", "uitgeschreven"),
    *_text("geboorteplaats", "nationaliteit", "teruggeplaatst_brin", "nnca", "peuterspeelzaal"),
    *_number("gewicht"),
    *_flag("woont_in_tehuis", "verzorgers_aansprakelijk", "was_peuter", "medicatie"),
    *_list("adres_buitenland", "gba_voornamen"),
    *_text("gba_tussenvoegsel", "gba_achternaam", "gba_geboren", "bestemming_brin"),
)
"""``status``: ACTIEF for the school's own pupils, OVERGENOMEN for what came by OSO and nobody
has worked on yet."""

aanmelding: Final = Table(
    "aanmelding",
    metadata,
    Column("nr", Integer, primary_key=True),
    Column("pgn", Text, nullable=False, unique=True),
    *_text("achternaam", "bron_brin"),
    *_date("geboren", "startdatum"),
)
oso_verwerkt: Final = Table(
    "oso_verwerkt",
    metadata,
    Column("ontvangst_id", Text, primary_key=True),
    *_text("uitkomst", "reden"),
    *_list("onderdelen"),
)

_part("herkomst", *_text("brin", "leerlingcode"), *_date("ingeschreven", "uitgeschreven"))
oud_nummer: Final = _part("oud_nummer", *_text("nummer"))
_part("adres", *_text("eigenaar"), *_number("eigenaar_nr"), *_address())
_part("contact", *_text("eigenaar"), *_number("eigenaar_nr"), *_contact())
_part(
    "organisatie",
    *_text("gebruik", "naam", "brin", "locatie", "kenmerk", "soort", "richting", "directeur"),
    *_text("website"),
    *_number("gebruik_nr"),
    *_flag("is_school"),
)
_part(
    "verzorger",
    *_person(),
    *_text("relatie", "bankrekening", "iban"),
    *_flag("overleden", "wettelijk"),
    *_date("overleden_op"),
)
_part("huisarts", *_person())
_part(
    "document",
    *_text("plaats", "bestandsnaam", "omschrijving", "verpakt"),
    *_number("plaats_nr"),
    Column("inhoud", LargeBinary),
)
_part(
    "voorschool",
    *_number("historie", "programma", "maanden", "toeleider", "deelname", "aanwezigheid"),
)
_part("vroegschool", *_number("programma"), *_date("van", "tot"))
_part(
    "inschrijving",
    *_text("schooljaar", "klas", "klasnaam", "leerjaar", "brin", "locatie", "schoolsoort"),
    *_text("richting", "elementcode", "elementnaam", "soortnaam"),
    *_date("van", "tot"),
)
_part(
    "advies",
    *_text("advies", "wens_ouders", "wens_leerling", "herzien", "herzien_waarom", "profiel"),
    *_text("onderbouwing", "contact_naam", "contact_tel", "contact_mail", "aandachtspunten"),
    *_flag("contact_gewenst"),
)

_part("diagnose", *_list("codes"), *_text("naam", "door", "instantie"), *_date("datum"))
_part("plan", *_date("van", "tot"), *_text("doel"))
_part("opp", *_date("van", "tot"))
_part("tlv", *_date("van", "tot"), *_text("swv", "categorie", "beschikking"))
_part(
    "arrangement",
    *_text("soort", "brin", "locatie", "kenmerk", "beschikking"),
    *_date("datum", "tot"),
)
_part("lwoo", *_date("van", "tot"), *_text("swv", "beschikking"))
_part(
    "rvc",
    *_text("problematiek", "maatregelen", "indicatie"),
    *_flag("onderzocht", "achterstand", "lage_score"),
    *_date("datum"),
)

_part(
    "verzuim",
    *_date("datum"),
    *_text("eenheid"),
    *_number("aantal", "keren"),
    *_flag("geoorloofd"),
)
_part("verzuimbeeld", *_flag("boven_kwart", "leerplicht", "rmc"))

_part(
    "eindtoets",
    *_flag("deelgenomen", "ontheffing"),
    *_text("soort", "niveau", "omschrijving", "advies"),
    *_date("datum"),
    *_number("score"),
)
_part("eindtoets_onderdeel", *_text("code", "omschrijving", "niveau"))
_part("eindtoets_domein", *_number("onderdeel_nr"), *_text("code", "omschrijving", "niveau"))
_part(
    "toets",
    *_text("code", "vakgebied", "naam", "versie", "leerjaar", "afnemer", "afnemer_functie"),
    *_text("opmerking"),
    *_date("datum"),
    *_number("didactische_leeftijd"),
)
_part("toets_onderdeel", *_number("toets_nr"), *_text("code", "naam"))
_part(
    "toets_score",
    *_text("bij", "grootheid", "schaal"),
    *_number("bij_nr"),
    Column("waarde", _Exact),
)
_part("toets_norm", *_text("bij", "soort", "groep", "waarde", "oordeel"), *_number("bij_nr"))

_part("rapport", *_text("leerjaar", "periode"), *_date("datum"))
_part("rapport_vak", *_number("rapport_nr"), *_text("naam"))
_part("rapport_cijfer", *_number("vak_nr"), *_text("cijfer", "oordeel"))
_part(
    "rapport_onderdeel",
    *_number("vak_nr"),
    *_text("naam", "cijfer", "oordeel", "leerjaar", "periode"),
    *_date("datum"),
)

_part("bevordering", *_text("elementcode", "leerjaar"))
_part("examen", *_text("diploma", "uitslag"), *_number("jaar"), *_date("datum"))
_part(
    "vakresultaat",
    *_text("vak", "leergebied", "soort", "titel"),
    *_flag("afgerond", "examenvak"),
    *_date("datum"),
    *_list("cijfers"),
)
_part("certificaat", *_text("naam"))
_part("competentie", *_text("code", "categorie", "beschrijving", "status"))
_part("stage", *_date("van", "tot"), *_text("soort", "rol", "beoordeling"))
_part("lob", *_text("keuze"), *_flag("test", "portfolio", "pop", "brief", "dossier"))

PARTS: Final = tuple(table for table in metadata.sorted_tables if "leerling_nr" in table.columns)
"""Every table with parts of a pupil's file."""
