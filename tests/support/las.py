"""A school's own system, and what becomes of the dossiers that it is offered."""

from collections.abc import Callable

from oso_adapter.bounded_xml import parse
from oso_adapter.exchange import receive
from oso_adapter.hookspecs import HookContext, ImportAnswer, ReceivedDossier, hookimpl
from oso_adapter.store.models import Exchange, ReceivedState
from support.chain import ACCOUNT
from support.fetching import Doel
from support.scripted import delivers


class Las:
    """A school's own system: takes over what it is offered, unless it has other answers.

    answers: what it does at each call; the last one stays. offered: what it was given.
    """

    def __init__(self, *answers: ImportAnswer | Exception | Callable[[], object] | None) -> None:
        self.answers = list(answers) or [ImportAnswer("accepted")]
        self.offered: list[ReceivedDossier] = []

    @hookimpl
    def oso_import_dossier(
        self, context: HookContext, received: ReceivedDossier
    ) -> ImportAnswer | None:
        self.offered.append(received)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            answer()
            return None
        return answer


def with_las(doel: Doel, *answers: ImportAnswer | Exception | Callable[[], object] | None) -> Las:
    las = Las(*answers)
    doel.adapter.plugins.register(las, "las")
    return las


def fetched(doel: Doel, xml: bytes, number: str, **order: object) -> Exchange:
    return doel.fetch(number, doel.stage.bron(delivers(xml)), **order)


def unknown_element(xml: bytes) -> bytes:
    at = xml.rindex(b"</", 0, xml.rindex(b"leerling>"))
    root = parse(xml)
    name = f'<onbekend xmlns="{root.nsmap[root.prefix]}"/>'
    return xml[:at] + name.encode() + xml[at:]


def said(doel: Doel, done: Exchange) -> str | None:
    return receive.reason_of(doel.adapter, doel.received(done))


def decided(doel: Doel, done: Exchange, answer: ImportAnswer) -> ReceivedState:
    return receive.decide(doel.adapter, doel.received(done), answer, account=ACCOUNT)
