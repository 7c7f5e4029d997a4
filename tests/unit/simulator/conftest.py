"""A small world for the simulated parties: two schools, two suppliers, the test school."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from oso_adapter.errors import Refused
from oso_adapter.identifiers import Brin, Oin, RoutingId
from oso_adapter.simulator import osr, traffic_center
from oso_adapter.simulator.seed import add_endpoint, add_mandate, add_school, add_supplier, seed
from oso_adapter.simulator.state import State
from oso_adapter.wire.contract import Contract, load
from oso_adapter.wire.messages import Message


@dataclass
class World:
    """The state, a clock to turn, and the Traffic Center and OSR as two suppliers see them.

    99AA is a po school whose supplier is ``bron``; 99BB a vo school whose supplier is ``doel``.
    """

    state: State
    contract: Contract
    now: datetime
    tokens: dict[Brin, str]

    po: ClassVar = Brin("99AA")
    vo: ClassVar = Brin("99BB")
    po_routing_id: ClassVar = RoutingId.of_school(Brin("99AA"), 1)
    vo_routing_id: ClassVar = RoutingId.of_school(Brin("99BB"), 1)
    bron: ClassVar = Oin("00000099000000005000")
    doel: ClassVar = Oin("00000099000000006000")
    stranger: ClassVar = Oin("00000099000000007000")
    key: ClassVar = {"zoeksleutel": "c2xldXRlbA==", "pgnfrag": "1234"}

    def clock(self) -> datetime:
        return self.now

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def tc(self, name: str, values: Mapping[str, Any], peer: Oin) -> Mapping[str, Any]:
        """What the Traffic Center answers."""
        message = Message(name, values)
        answer = traffic_center.answer(
            message, peer, state=self.state, contract=self.contract, clock=self.clock
        )
        return answer.values

    def refused(self, name: str, values: Mapping[str, Any], peer: Oin) -> str:
        """The code with which the Traffic Center refuses."""
        with pytest.raises(Refused) as refused:
            self.tc(name, values, peer)
        return refused.value.code

    def osr(
        self,
        method: str,
        path: str,
        peer: Oin,
        body: Any = None,
        key: str | None = None,
        version: int = 2,
        **query: str,
    ) -> tuple[int, Any]:
        """What the OSR answers."""
        request = osr.Request(method, path, peer, query, body, key, version)
        return osr.answer(request, state=self.state, clock=self.clock)

    def asking(self, **other: Any) -> dict[str, Any]:
        """The values of an overdrachtRequest, with other values or None to leave one out."""
        values = {
            "bronBrin": self.po,
            "doelBrin": self.vo,
            "doelRouteringsKenmerk": self.vo_routing_id,
            "zoeksleutelPgnfrag": self.key,
            "overdrachtsoort": "overstapdossier",
        }
        return {name: value for name, value in {**values, **other}.items() if value is not None}

    def checking(self, session: str, **other: Any) -> dict[str, Any]:
        """The values of a sessiecontroleRequest."""
        own = {"bronRouteringsKenmerk": self.po_routing_id, "sessieId": session}
        return self.asking(**{**own, **other})

    def closing(self, session: str, **other: Any) -> dict[str, Any]:
        """The values of an afmeldingRequest."""
        own = {"zoeksleutelPgnfrag": None, "overdrachtsoort": None}
        return self.checking(session, **{**own, "resultaat": "OverdrachtGeslaagd", **other})

    def open_session(self, **other: Any) -> str:
        """A session for the vo school to ask the po school."""
        session: str = self.tc("overdrachtRequest", self.asking(**other), self.doel)["sessieId"]
        return session


@pytest.fixture
def world(tmp_path: Path) -> World:
    contract = load()
    state = State(tmp_path / "simulator.sqlite")
    seed(state, contract.namespace)
    world = World(state, contract, datetime(2026, 3, 2, 9, tzinfo=UTC), {})
    for brin, sector, supplier in ((world.po, "PO", world.bron), (world.vo, "VO", world.doel)):
        add_school(state, brin, f"School {brin}", sector)
        add_supplier(state, supplier, f"Leverancier {brin}", f"sleutel-{brin}")
        world.tokens[brin] = add_mandate(state, brin, supplier)
        routing_id = RoutingId.of_school(brin, 1)
        add_endpoint(state, world.tokens[brin], routing_id, f"https://{brin}.example/oso")
    add_supplier(state, world.stranger, "Vreemde", "sleutel-vreemde")
    return world
