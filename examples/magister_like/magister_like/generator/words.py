"""Word lists of the generator."""

from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES: Final = {
    "M": _words(
        "Bram Daan Sem Finn Lucas Milan Levi Noud Jesse Thijs Ruben Sami Yusuf Ravi Joris "
        "Koen Mees Stijn Timo Wout Pepijn Ilias Ömer Siebe"
    ),
    "V": _words(
        "Anna Eva Julia Lotte Noor Sanne Fleur Roos Yasmin Zoë Maud Isa Femke Tess Lieke Amira "
        "Nienke Jasmijn Elif Saar Puck Britt Myrthe Renée"
    ),
    "X": ("Robin", "Sam", "Charlie", "Noa", "Kim", "Jamie"),
}
SURNAMES: Final = _words(
    "Appelbos Berkenveld Blauwdijk Boterberg Breedsloot Dennenhof Duinrand Eikelaar Fluitekruid "
    "Geelgors Graanschuur Grasbeek Haverland Heideveld Hooiberg IJsvogel Karekiet Klaproos "
    "Knotwilg Korenaar Kwikstaart Lindenhout Mosselbank Nachtegaal Oeverzand Polderman "
    "Rietzanger Roggeveld Schapendijk Steenuil Tarwekamp Veldsla Vlierboom Vuurvlinder Waterlelie "
    "Weidemolen Wilgenroos Zandkasteel Zeeaster Zilvermeeuw"
)
PREFIXES: Final = ("van", "van de", "van der", "de", "den", "ter", "op de")
STREETS: Final = _words(
    "Appelgaarde Boekweitstraat Distelveld Eikenlaan Fazanthof Graspieperweg Hazelaarpad "
    "Irisstraat Jasmijnlaan Korenbloemweg Lijsterhof Molenpad Narcisstraat Ooievaarsnest "
    "Populierendreef Reigerstraat Sperwerlaan Tuinfluiterweg Vlinderveld Zwaluwpad"
)
TOWNS: Final = (
    ("Voorbeelddorp", "Voorbeeldland"),
    ("Proefstad", "Proefmeren"),
    ("Testerveen", "Voorbeeldland"),
    ("Oefenburg", "Oefenwaard"),
    ("Schijnhoven", "Proefmeren"),
)
COUNTRIES: Final = (("6030", "Nederland"), ("5010", "België"), ("9089", "Duitsland"))
JOBS: Final = ("intern begeleider", "leerkracht", "orthopedagoog", "mentor", "decaan")
SUBJECTS_PO: Final = ("Rekenen", "Spelling", "Begrijpend lezen", "Schrijven", "Gymnastiek")
SUBJECTS_VO: Final = (
    ("NE", "Nederlands"),
    ("EN", "Engels"),
    ("WI", "Wiskunde"),
    ("GS", "Geschiedenis"),
    ("AK", "Aardrijkskunde"),
    ("BI", "Biologie"),
    ("LO", "Lichamelijke opvoeding"),
)
TESTS: Final = (
    ("REK", "rekenen-wiskunde", "Oefentoets rekenen"),
    ("SPE", "spelling", "Oefentoets spelling"),
    ("BGL", "begrijpend lezen", "Oefentoets begrijpend lezen"),
    ("WRD", "woordenschat", "Oefentoets woordenschat"),
    ("DMT", "technisch lezen", "Oefentoets technisch lezen"),
)
DIAGNOSES: Final = (
    ("F81.0", "Dyslexie"),
    ("F81.2", "Dyscalculie"),
    ("F90.0", "Aandachtstekort"),
    ("F84.0", "Autisme"),
    ("HB", "Hoogbegaafdheid"),
    ("F82", "Coördinatiestoornis"),
)
PLAN_GOALS: Final = (
    "Vlotter lezen door dagelijks te oefenen met een maatje",
    "Werk plannen met een weektaak en een vast overlegmoment",
    "Automatiseren van de tafels tot en met tien",
    "Zelf hulp vragen wanneer een opdracht niet lukt",
)
REMARKS: Final = (
    "Werkt graag samen en neemt daarbij de leiding.",
    "Heeft baat bij een rustige plek en korte opdrachten.",
    "Leest veel en vertelt daar enthousiast over.",
    "Begint snel, maar controleert het werk niet altijd.",
)
