"""Idempotency-Key: a POST that comes again is carried out once, and gets the same answer.

Kept for a day for each token, sealed, with a digest of the whole request. What was refused before
anything was done, or failed here, is not kept: the same request may come again.
"""

import json
from collections.abc import Callable
from typing import Final

from flask import Response, request

from oso_adapter.exchange.jobs import ANSWERS_KEPT
from oso_adapter.store import answers
from oso_adapter.store.models import KeptAnswer
from oso_adapter.store.sealing import Purpose
from oso_adapter.web.api.calls import Call
from oso_adapter.web.api.problems import Problem

HEADER: Final = "Idempotency-Key"
_LONGEST: Final = 255


def once(call: Call, work: Callable[[], Response]) -> Response:
    """The answer to this request: the one that was kept, or else that of doing the work."""
    given = request.headers.get(HEADER)
    if given is None:
        return work()
    if not (0 < len(given) <= _LONGEST and given.isascii() and given.isprintable()):
        problem = f"has to be 1 to {_LONGEST} printable ASCII characters"
        raise Problem(422, errors=[(HEADER, problem)])
    sealer, moment = call.adapter.sealer, call.adapter.clock()
    new = KeptAnswer(
        token_id=call.caller.token_id,
        key=sealer.digest(Purpose.REQUEST, given),
        request=sealer.digest(Purpose.REQUEST, _whole(call)),
        asked_at=moment,
    )
    with call.adapter.store.writing() as session:
        dead = moment - call.adapter.longest_step
        kept = answers.reserve(session, new, kept=moment - ANSWERS_KEPT, dead=dead)
    if kept is not new:
        return _again(call, kept, new)
    return _first(call, new, work)


def _first(call: Call, new: KeptAnswer, work: Callable[[], Response]) -> Response:
    sealed = None
    try:
        response = work()
        told = json.dumps([response.content_type, response.get_data(as_text=True)])
        sealed = call.adapter.sealer.seal_field(told.encode(), Purpose.REQUEST)
        return response
    finally:
        with call.adapter.store.writing() as session:
            if sealed is None:
                answers.forget(session, new.token_id, new.key)
            else:
                answers.settle(session, new.token_id, new.key, response.status_code, sealed)


def _again(call: Call, kept: KeptAnswer, new: KeptAnswer) -> Response:
    if kept.request != new.request:
        raise Problem(422, errors=[(HEADER, "was used before, with another request")])
    if kept.status is None or kept.answer_sealed is None:
        raise Problem(409, "the same request is still being carried out; ask again later")
    opened = call.adapter.sealer.open_field(kept.answer_sealed, Purpose.REQUEST)
    kind, text = json.loads(opened)
    return Response(text, kept.status, content_type=kind)


def _whole(call: Call) -> str:
    """All of the request that makes a difference; a body that is no text differs byte by byte."""
    body = request.get_data().decode("latin-1")
    return "\0".join((request.method, request.full_path, call.account, body))
