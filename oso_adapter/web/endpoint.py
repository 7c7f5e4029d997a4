"""The public endpoint: POST /oso/20200910, SOAP 1.1 over mutual TLS.

A refusal with a result code is an ordinary response; only what is no proper OSO message, and what
went wrong here, is a SOAP fault, with a fault id that is also in the log (design of the contract,
marked assumed there).
"""

from collections.abc import Callable, Iterator
from typing import BinaryIO, Final
from uuid import uuid4

from flask import Flask, Response, request

from oso_adapter.bounded_xml import Limits, XmlRefused, parse_chunks
from oso_adapter.errors import OsoError, Refused
from oso_adapter.exchange import notified
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.exchange.asked import RECEIVED
from oso_adapter.exchange.authorisation import UNAUTHORISED
from oso_adapter.exchange.deliver import deliver
from oso_adapter.identifiers import Oin
from oso_adapter.logs import event as log_event
from oso_adapter.transport.peer import PeerRefused, oin_of
from oso_adapter.transport.server import peer_certificate
from oso_adapter.wire import envelope
from oso_adapter.wire.envelope import FaultCode, SoapFault
from oso_adapter.wire.messages import Message, MessageRefused, read, write
from oso_adapter.wire.wsdl import wsdl

SOAP: Final = envelope.CONTENT_TYPE
PIECE: Final = 64 * 1024
STRANGER: Final = Limits(size=64 * 1024)
"""What is read of a peer without an OIN: enough to refuse in the form of the message it sent."""

TECHNICAL: Final = "TechnischeFout"

Handler = Callable[[Adapter, Message, Oin], Message]


def _ping(adapter: Adapter, message: Message, peer: Oin) -> Message:
    return Message("pingResponse", {})


def _document(adapter: Adapter, message: Message, peer: Oin) -> Message:
    return Message("documentResponse", {}, dossier=deliver(adapter, message, peer))


def _notification(adapter: Adapter, message: Message, peer: Oin) -> Message:
    notified.receive(adapter, message, peer)
    return Message("notificatieResponse", {"resultaat": RECEIVED})


HANDLERS: Final[dict[str, Handler]] = {
    "pingRequest": _ping,
    "documentRequest": _document,
    "notificatieRequest": _notification,
}


def create_app(adapter: Adapter) -> Flask:
    """The WSGI application of the public listener."""
    app = Flask(__name__, static_folder=None)
    path = f"/oso/{adapter.contract.name}"
    limits = Limits(size=adapter.settings.limits.message_size)

    @app.get(path)
    def describe() -> Response:
        if "wsdl" not in request.args:
            text = f"POST SOAP 1.1 here; the WSDL is at {path}?wsdl\n"
            return Response(text, 405, {"Allow": "POST"}, content_type="text/plain")
        described = wsdl(adapter.contract, _address(adapter), requests=HANDLERS)
        return Response(described, 200, content_type=SOAP)

    @app.post(path)
    def answer() -> Response:
        fault_id = str(uuid4())
        try:
            answered = _answer(adapter, limits)
        except Exception as error:
            fault = _fault(error, fault_id)
            return Response(envelope.write_fault(fault), 500, content_type=SOAP)
        status, document = answered
        return Response(document, status, content_type=SOAP)

    return app


def _answer(adapter: Adapter, limits: Limits) -> tuple[int, bytes]:
    """Know the peer, read the message, and let the handler answer: HTTP status and document."""
    peer = _peer()
    message = _message(adapter, limits if peer else STRANGER)
    response = message.name.removesuffix("Request") + "Response"
    if peer is None:
        return envelope.write_refusal(adapter.contract, response, UNAUTHORISED)
    try:
        answer = HANDLERS[message.name](adapter, message, peer)
    except Refused as refusal:
        if refusal.code == TECHNICAL:
            raise  # as a fault, with a fault id of our own
        return envelope.write_refusal(adapter.contract, response, refusal.code)
    return 200, envelope.wrap(write(answer, adapter.contract))


def _peer() -> Oin | None:
    """The OIN in the peer's certificate; without one it is refused, once its message is known."""
    try:
        return oin_of(peer_certificate(request.environ) or b"")
    except PeerRefused as refused:
        log_event("peer.refused", reason=refused.reason, peer=request.remote_addr)
        return None


def _message(adapter: Adapter, limits: Limits) -> Message:
    declared = request.content_length
    if declared is not None and declared > limits.size:
        raise XmlRefused("too-large")
    if request.mimetype == "application/soap+xml":
        raise SoapFault("VersionMismatch", "this endpoint speaks SOAP 1.1 only")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise SoapFault("Client", "a compressed body (Content-Encoding) is not understood")
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise XmlRefused("encoding")
    root = parse_chunks(_pieces(), limits)
    return read(envelope.open_envelope(root), adapter.contract, *HANDLERS)


def _pieces() -> Iterator[bytes]:
    """The body in pieces, straight from the server: our limits count, not Werkzeug's."""
    stream = request.environ["wsgi.input"]
    while piece := _piece(stream):
        yield piece


def _piece(stream: BinaryIO) -> bytes:
    try:
        return stream.read(PIECE)
    except Exception:  # errors of the server's own: bad chunks, a peer that is slow or gone
        raise SoapFault("Client", "the body could not be read to its end") from None


def _fault(error: Exception, fault_id: str) -> SoapFault:
    """The fault for an error, and the event that tells its reason under the same id."""
    code, text, reason = _judged(error)
    log_event("endpoint.fault", fault_id=fault_id, code=code, reason=reason)
    result = TECHNICAL if code == "Server" else None
    return SoapFault(code, text, fault_id=fault_id, result_code=result)


def _judged(error: Exception) -> tuple[FaultCode, str, str]:
    """Whose fault it is, what the caller is told, and the reason for the log."""
    if isinstance(error, XmlRefused):
        return "Client", str(error), error.reason
    if isinstance(error, MessageRefused):
        return "Client", str(error), str(error)
    if isinstance(error, SoapFault):
        return error.code, error.text, error.text
    reason = f"{type(error).__name__}: {error}" if isinstance(error, OsoError) else ""
    return "Server", TECHNICAL, reason or type(error).__name__


def _address(adapter: Adapter) -> str:
    return adapter.settings.transport.public_url or request.base_url
