"""Delivering, when the school orders something else between finding the dossier and sending it."""

from datetime import date

import pytest
from support.chain import ACCOUNT, Chain
from support.dossiers import NUMBERS, dossier

from oso_adapter.errors import Refused
from oso_adapter.exchange import deliver, prepare
from oso_adapter.identifiers import Brin, Oin, Pgn, RoutingId, SessionId
from oso_adapter.store.models import PreparedState

VO = Brin("99BB")
SESSION = SessionId("11111111-2222-4333-8444-555555555555")


def test_a_school_that_was_just_left_out_gets_nothing(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    chain = Chain.create(tmp_path_factory.mktemp("hand-out"))
    school = chain.add_school("99AA", "PO", registered=False)
    adapter = school.adapter()
    owner = school.administration(adapter)
    mine = (adapter, owner, ACCOUNT)
    prepare.put(*mine, dossier(NUMBERS[0]))
    prepare.record_inzage(*mine, "P-1", prepare.Inzage(date(2025, 3, 2), "Ja"))
    prepare.make_ready(*mine, "P-1", [VO])
    question = deliver.Question(
        bron_brin=Brin("99AA"),
        bron_routing_id=RoutingId(owner.routing_id),
        doel_brin=VO,
        doel_routing_id=RoutingId.of_school(VO, 1),
        key=adapter.search_key.make(Pgn(NUMBERS[0])),
        overdrachtsoort="overstapdossier",
        session_id=SESSION,
        asked_after=None,
        sector="VO",
        peer=Oin("00000099000000011000"),
    )
    request = deliver._remember(adapter, owner, question)
    found = deliver._find(adapter, owner, question)

    prepare.make_ready(*mine, "P-1", [Brin("99CC")])

    with pytest.raises(Refused, match="LeerlinginfoNietVoorDoel"):
        deliver._hand_out(adapter, question, request, found)
    assert PreparedState.READY == prepare.current(adapter, owner, "P-1").state
    chain.stop()
