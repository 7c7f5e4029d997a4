"""What people read about mandates and endpoints: who has to do what, where (osr-and-security 2.1).

Text, who acts, and the next step. ``{brin}``, ``{routing_id}`` and ``{detail}`` are filled in.
"""

from typing import Final

from oso_adapter.exchange.osr_plan import Remark

SUPPORT: Final = "Kennisnet Support (support@kennisnet.nl, 0800 321 22 33)"

_GIVE: Final = (
    "De OSR-beheerder van de school logt in op het OSR (eHerkenning met de machtiging Kennisnet "
    "beheren, of Mijn DUO met de rol OSR-toegang), kiest Mandaat toevoegen, de school, de dienst "
    "OSO-OV - OSO Overstap en ons systeem, en laat de begindatum staan. Het bestuur moet de "
    "OSR-overeenkomst en de OSO-overeenkomst hebben getekend; die regelt " + SUPPORT + "."
)

CONNECTED: Final = "verbonden"
UNSEEN: Final = "niet-bekeken"

TEXTS: Final[dict[str, tuple[str, str, str]]] = {
    "geen-mandaat": (
        "School {brin} heeft ons systeem nog geen mandaat voor OSO gegeven.",
        "school",
        _GIVE,
    ),
    "mandaat-gemist": (
        "Het OSR toont het mandaat van school {brin} vandaag niet. Er is niets beëindigd: pas als "
        "het op een volgende dag weer ontbreekt, geldt het als beëindigd.",
        "leverancier",
        "Vraag de school of zij het mandaat heeft ingetrokken; zo niet, meld het bij "
        + SUPPORT
        + ".",
    ),
    "mandaat-geëindigd": (
        "Het mandaat van school {brin} is beëindigd.",
        "school",
        "Werkt de school nog met ons systeem, dan is een nieuw mandaat nodig. " + _GIVE,
    ),
    "mandaat-later": (
        "Het mandaat van school {brin} begint op {detail}.",
        "niemand",
        "Er hoeft niets te gebeuren; vanaf die dag is de school verbonden.",
    ),
    "administratie-later": (
        "Administratie {routing_id} van school {brin} begint op {detail}.",
        "niemand",
        "Er hoeft niets te gebeuren; vanaf die dag is zij verbonden als het endpoint er staat.",
    ),
    "administratie-geëindigd": (
        "Administratie {routing_id} van school {brin} is hier geëindigd op {detail}, en is niet "
        "verbonden.",
        "leverancier",
        "Werkt de school nog met ons systeem, voeg dan een administratie toe: oso-adapter "
        "administration add.",
    ),
    "mandaat-van-bestuur": (
        "Een mandaat is door een bestuur gegeven; zo'n dienst kent geen endpoints.",
        "leverancier",
        "Vraag " + SUPPORT + " waarom OSO zo staat ingesteld.",
    ),
    "mandaat-zonder-school": (
        "Het OSR toont een mandaat van een school die het zelf niet (meer) kent.",
        "leverancier",
        "Is er een school van ons opgeheven of gefuseerd, vraag het nieuwe BRIN; weet u van geen, "
        "meld het bij " + SUPPORT + ".",
    ),
    "geen-administratie": (
        "School {brin} heeft ons systeem een mandaat gegeven, maar heeft hier geen administratie.",
        "leverancier",
        "Voeg haar toe: oso-adapter administration add. Of vraag de school het mandaat in te "
        "trekken.",
    ),
    "school-onbekend": (
        "Het OSR kent school {brin} niet (meer): zij is opgeheven of gefuseerd, of staat niet goed "
        "in RIO.",
        "school",
        "De school herstelt haar gegevens in RIO, of geeft het nieuwe BRIN door. Daarna kan zij "
        "een mandaat geven.",
    ),
    "kenmerk-van-ander": (
        "Het routeringskenmerk {routing_id} van school {brin} is in gebruik bij een ander systeem.",
        "school",
        "Spreek met de school een ander kenmerk af, of laat haar het mandaat van haar vorige "
        "systeem beëindigen en die leverancier het endpoint.",
    ),
    "kenmerk-onbekend": (
        "Het OSR heeft op naam van ons systeem een endpoint met kenmerk {routing_id} (school "
        "{brin}), dat hier bij geen administratie hoort. Het is niet aangeraakt.",
        "leverancier",
        "Voeg de administratie toe, of beëindig het endpoint met het systeem dat het registreerde.",
    ),
    "dienstversie-onbekend": (
        "Het OSR kent de dienstversie {detail} niet, of niet als actief. Er is niets voor "
        "geschreven.",
        "leverancier",
        "Kijk of [chain] osr_namespace en osr_next_namespace kloppen met het OSR.",
    ),
    "endpoints-verdwenen": (
        "Het OSR toont {detail} endpoints niet die er gisteren nog waren. Er is niets opnieuw "
        "geregistreerd.",
        "leverancier",
        "Kijk morgen weer; blijven ze weg, dan worden ze opnieuw geregistreerd.",
    ),
    "einde-niet-bevestigd": (
        "Aantal endpoints dat zou eindigen: {detail}. Dat is zoveel dat niets is beëindigd.",
        "leverancier",
        "Klopt het, geef dan: oso-adapter osr sync --account NAAM --confirm-ending {detail}",
    ),
    "geweigerd": (
        "Het OSR weigerde het endpoint {routing_id} van school {brin}{detail}.",
        "leverancier",
        "Herstel wat het OSR noemt; de volgende sync probeert het opnieuw.",
    ),
    "geen-antwoord": (
        "Het OSR gaf geen antwoord toen het endpoint {routing_id} van school {brin} werd "
        "geschreven. Of het is aangekomen, blijkt bij de volgende sync.",
        "leverancier",
        "Geeft alleen deze school steeds geen antwoord, meld het bij " + SUPPORT + ".",
    ),
    "gestrand": (
        "Bij administratie {routing_id} van school {brin}, die niet meer verbonden is, wachten "
        "nog: {detail}. Er is niets van weggegooid.",
        "school",
        "Rond het af voor de school weggaat: trek in of lever op papier wat klaarstaat, neem over "
        "wat ontvangen is, en bestel wat nog moet komen vanuit de nieuwe school.",
    ),
    "geen-endpoint": (
        "School {brin} heeft ons systeem gemandateerd, maar kenmerk {routing_id} heeft nog geen "
        "endpoint.",
        "leverancier",
        "Registreer het: oso-adapter osr sync --account NAAM.",
    ),
    "endpoint-anders": (
        "Het endpoint van kenmerk {routing_id} (school {brin}) staat niet goed in het OSR.",
        "leverancier",
        "Werk het bij: oso-adapter osr sync --account NAAM.",
    ),
    UNSEEN: (
        "Of school {brin} met kenmerk {routing_id} verbonden is, is nog niet bekeken in het OSR.",
        "leverancier",
        "Vraag de beheerder van de adapter dit een keer te geven: oso-adapter osr sync --account "
        "NAAM. Daarna kijkt de adapter zelf, binnen een uur.",
    ),
    CONNECTED: (
        "School {brin} is verbonden met kenmerk {routing_id}.",
        "niemand",
        "Er hoeft niets te gebeuren.",
    ),
}

FOR_SWV: Final = "SWV"
"""In the detail of a remark about a mandate: an administration of the school is for an SWV."""

SWV: Final = (
    " Voor een samenwerkingsverband is ook de uitbreiding van de OSO-overeenkomst nodig (OSO voor "
    "samenwerkingsverbanden); die vraagt het bestuur aan bij " + SUPPORT + "."
)


def told(remark: Remark) -> dict[str, str]:
    """A remark as people read it."""
    fields = {"brin": remark.brin, "routing_id": remark.routing_id, "detail": remark.detail}
    text, who, step = (part.format(**fields) for part in TEXTS[remark.code])
    if remark.detail == FOR_SWV:
        step += SWV
    return {
        "code": remark.code,
        "brin": remark.brin,
        "kenmerk": remark.routing_id,
        "tekst": text,
        "wie": who,
        "volgende_stap": step,
    }
