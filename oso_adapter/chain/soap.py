"""One SOAP call to another party: write the message, post it, read the answer."""

from dataclasses import dataclass

from oso_adapter.errors import MalformedAnswer
from oso_adapter.transport.client import HttpsClient
from oso_adapter.wire.contract import Contract
from oso_adapter.wire.envelope import SoapFault, read_answer, wrap
from oso_adapter.wire.messages import Message, write


@dataclass(frozen=True)
class SoapCaller:
    """Speaks the contract over kept-alive mutual TLS; never repeats a call by itself."""

    client: HttpsClient
    contract: Contract

    def call(self, url: str, request: Message, *, party: str) -> Message:
        """Post a request and give the answer that belongs to it.

        url: https address; party: the word for the other side in messages ("Traffic Center").
        Raises :class:`Unreachable`, :class:`MalformedAnswer`, or :class:`Refused` when a fault
        carries a result code. A refusal in ``resultaat`` is in the answer's values.
        """
        body = wrap(write(request, self.contract))
        action = self.contract.soap_action(request.name)
        root = self.client.post_xml(url, body, party=party, soap_action=action)
        expected = request.name.removesuffix("Request") + "Response"
        try:
            return read_answer(root, self.contract, expected, self.client.limits)
        except SoapFault:
            message = f"{party} answered with a fault without a result"
            raise MalformedAnswer(message, "fault") from None
