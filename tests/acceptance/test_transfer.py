"""One dossier from school to school, over real mutual TLS, step for step."""

from datetime import date

from support.chain import ACCOUNT, Chain, an_order
from support.dossiers import NUMBERS, dossier

from oso_adapter.bounded_xml import parse
from oso_adapter.demo.comparison import canonical
from oso_adapter.exchange import prepare, receive
from oso_adapter.exchange.orders import place
from oso_adapter.identifiers import Brin
from oso_adapter.store import dossiers
from oso_adapter.store.models import PreparedState, ReceivedState
from oso_adapter.work.inline import Runner


def test_a_dossier_that_is_ready_arrives_unchanged(chain: Chain) -> None:
    chain.start("tc")
    po, vo = chain.add_school("99AA", "PO"), chain.add_school("99BB", "VO")
    bron, doel = po.adapter(), vo.adapter()
    sending = po.administration(bron)
    xml = dossier(NUMBERS[0], attachments={"verslag.txt": b"een verslag"})
    prepare.put(bron, sending, ACCOUNT, xml)
    prepare.record_inzage(bron, sending, ACCOUNT, "P-1", prepare.Inzage(date(2025, 3, 2), "Ja"))
    prepare.make_ready(bron, sending, ACCOUNT, "P-1", [Brin("99BB")])
    po.start("public")

    ids = place(doel, vo.administration(doel), ACCOUNT, [an_order(NUMBERS[0])])
    Runner(doel).run_until_done(ids)

    with doel.store.reading() as session:
        received = dossiers.received_of(session, ids[0])
    assert ReceivedState.PENDING == received.state
    sent = prepare.show(bron, sending, ACCOUNT, "P-1")
    came = receive.opened(doel, received)
    assert canonical(parse(sent)) == canonical(parse(came))
    assert PreparedState.FETCHED == prepare.current(bron, sending, "P-1").state
