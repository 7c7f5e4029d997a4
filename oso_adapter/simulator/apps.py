"""The three simulated parties as WSGI applications."""

import json
import select
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

from flask import Flask, Response, request

from oso_adapter.bounded_xml import Limits, XmlRefused, parse_chunks
from oso_adapter.clock import Clock, utc_now
from oso_adapter.errors import Refused
from oso_adapter.identifiers import Oin
from oso_adapter.logs import event
from oso_adapter.simulator import osr, school, traffic_center
from oso_adapter.simulator.state import State, is_late
from oso_adapter.transport.peer import PeerRefused, oin_of
from oso_adapter.transport.server import peer_certificate
from oso_adapter.wire.contract import Contract, Party
from oso_adapter.wire.envelope import (
    CONTENT_TYPE,
    SoapFault,
    open_envelope,
    wrap,
    write_fault,
    write_refusal,
)
from oso_adapter.wire.messages import Message, MessageRefused, read, write
from oso_adapter.wire.wsdl import wsdl

REFUSE_WITH: Final = "refuse_with"
API_KEY_HEADER: Final = "api_key_header"
"""Names of options in the state, both for what is assumed of the real parties (U10, OSR 1.2)."""

_LIMITS: Final = Limits(size=2**20)
_JSON_SIZE: Final = 64 * 1024
_PIECE: Final = 64 * 1024
_LATEST: Final = 120.0

Environ = Mapping[str, Any]
PeerOf = Callable[[Environ], Oin]
Handle = Callable[[Message, Oin], Message]


def peer_of(environ: Environ) -> Oin:
    """OIN of the certificate with which the caller connected; raises PeerRefused without one."""
    der = peer_certificate(environ)
    if der is None:
        raise PeerRefused("no-certificate")
    return oin_of(der)


def traffic_center_app(
    state: State, contract: Contract, *, clock: Clock = utc_now, peer_of: PeerOf = peer_of
) -> Flask:
    """``POST /tc`` and ``GET /tc?wsdl``."""

    def handle(message: Message, peer: Oin) -> Message:
        return traffic_center.answer(message, peer, state=state, contract=contract, clock=clock)

    return _soap_app(
        "/tc",
        party="traffic-center",
        state=state,
        contract=contract,
        handle=handle,
        peer_of=peer_of,
    )


def school_app(bron: school.Bron, *, peer_of: PeerOf = peer_of) -> Flask:
    """``POST /oso/20200910`` and ``GET /oso/20200910?wsdl``."""

    def handle(message: Message, peer: Oin) -> Message:
        return school.answer(message, peer, bron)

    return _soap_app(
        f"/oso/{bron.contract.name}",
        party="school",
        state=bron.state,
        contract=bron.contract,
        handle=handle,
        peer_of=peer_of,
    )


def osr_app(state: State, *, clock: Clock = utc_now, peer_of: PeerOf = peer_of) -> Flask:
    """``/api/v2/...`` and ``/api/v3/...``, JSON."""
    app = Flask("osr")

    @app.route("/api/v<int:version>/<path:path>", methods=["GET", "POST", "PUT", "DELETE"])
    def call(version: int, path: str) -> Response:
        if version not in osr.VERSIONS:
            return _json(404, {"message": "Not found"})
        try:
            peer = peer_of(request.environ)
            body = _json_body()
        except PeerRefused as refused:
            event("peer.refused", reason=refused.reason)
            return _json(401, {"message": "certificate without a valid OIN"})
        except ValueError:
            return _json(400, {"message": "Validation error(s): the body is not JSON"})
        asked = osr.Request(
            method=request.method,
            path=f"/{path}",
            peer=peer,
            query=request.args.to_dict(),
            body=body,
            api_key=request.headers.get(state.option(API_KEY_HEADER) or "API-Key"),
            version=version,
        )
        return _json(*osr.answer(asked, state=state, clock=clock))

    return app


def _soap_app(
    path: str, *, party: Party, state: State, contract: Contract, handle: Handle, peer_of: PeerOf
) -> Flask:
    app = Flask("soap")
    requests = [name for name in contract.messages if name.endswith("Request")]

    @app.get(path)
    def describe() -> Response:
        if "wsdl" not in request.args:
            return Response(status=404)
        return Response(wsdl(contract, request.base_url, party), content_type=CONTENT_TYPE)

    @app.post(path)
    def post() -> Response:
        try:
            message = _read(contract, requests)
            status, body = _answer(message, state, contract, handle, peer_of)
        except SoapFault as fault:
            event("http.refused", party=party, reason=str(fault), fault_id=fault.fault_id)
            status, body = 500, write_fault(fault)
        except Exception as error:
            status, body = 500, write_fault(_failed(error))
        return Response(body, status=status, content_type=CONTENT_TYPE)

    return app


def _read(contract: Contract, requests: Iterable[str]) -> Message:
    """The message of the request, whose body is parsed while it comes in.

    One that announces too much is not read at all.
    """
    try:
        if (request.content_length or 0) > _LIMITS.size:
            raise XmlRefused("too-large")
        return read(open_envelope(parse_chunks(_pieces(), _LIMITS)), contract, *requests)
    except (XmlRefused, MessageRefused) as refused:
        raise SoapFault("Client", str(refused)) from None


def _answer(
    message: Message, state: State, contract: Contract, handle: Handle, peer_of: PeerOf
) -> tuple[int, bytes]:
    """HTTP status and document; a refusal takes the form that the state names."""
    try:
        return 200, wrap(write(handle(message, peer_of(request.environ)), contract))
    except (Refused, PeerRefused) as refused:
        code = "CertificaatNietGeautoriseerd"
        if isinstance(refused, PeerRefused):
            event("peer.refused", reason=refused.reason)
        else:
            code = refused.code
        response = traffic_center.response_name(message.name)
        return write_refusal(_refusing(contract, state), response, code)
    finally:
        if is_late(state, message.name):
            _wait_until_gone(request.environ)


def _failed(error: Exception) -> SoapFault:
    """The fault for what went wrong here; the log has its kind under the same fault id."""
    fault_id = str(uuid4())
    event("http.refused", error=type(error).__name__, fault_id=fault_id)
    return SoapFault("Server", "it could not be handled", fault_id, "TechnischeFout")


def _refusing(contract: Contract, state: State) -> Contract:
    """The contract with the form of refusing that the state names."""
    form = state.option(REFUSE_WITH) or contract.option("refusal_form")
    option = replace(contract.options["refusal_form"], value=form)
    return replace(contract, options={**contract.options, "refusal_form": option})


def _wait_until_gone(environ: Environ) -> None:
    """Wait until the caller closes its connection, two minutes at most."""
    select.select([environ["gunicorn.socket"]], [], [], _LATEST)


def _pieces() -> Iterator[bytes]:
    stream = request.environ["wsgi.input"]
    while piece := stream.read(_PIECE):
        yield piece


def _json_body() -> Any:
    data = request.environ["wsgi.input"].read(_JSON_SIZE + 1)
    if len(data) > _JSON_SIZE:
        raise ValueError
    read = json.loads(data) if data else None
    json.dumps(read, ensure_ascii=False).encode()  # half a surrogate pair is JSON, and no text
    return read


def _json(status: int, body: Any) -> Response:
    headers = {"Retry-After": "1"} if status == HTTPStatus.TOO_MANY_REQUESTS else {}
    return Response(json.dumps(body), status, headers, content_type="application/json")
