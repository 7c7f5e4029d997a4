"""Who may ask: the system that calls must be mandated by the school it speaks for.

A certificate and a session that the Traffic Center confirms are needed anyway. That the school has
mandated this system is known from checks in the background, since the OSR limits reading and is
not the delivery path (osr-and-security 0, 5): in the path is one look in the store. Only a pair
that is not known yet is asked once, within two seconds. When the OSR is down, a yes holds for a
week; a no holds until the OSR says yes.
"""

from datetime import timedelta
from typing import Final

from oso_adapter.chain.osr import OsrRefused
from oso_adapter.errors import OsoError, Refused, Unreachable
from oso_adapter.exchange.adapter import Adapter
from oso_adapter.identifiers import Brin, Oin
from oso_adapter.logs import event as log_event
from oso_adapter.store import events, mandate_checks

UNAUTHORISED: Final = "CertificaatNietGeautoriseerd"
HONOURED: Final = timedelta(days=7)
"""How long a yes holds while the OSR cannot be asked."""
_AT_A_TIME: Final = 20


def require_mandated(adapter: Adapter, oin: Oin, brin: Brin) -> None:
    """Raise Refused (CertificaatNietGeautoriseerd) unless the system may speak for the school.

    oin: in the certificate of the caller; brin: of the school for which it says it speaks. A pair
    about which the OSR was never heard, or not for a week, is treated as ``[chain]
    osr_unavailable`` says when it cannot be asked either.
    """
    now = adapter.clock()
    with adapter.store.reading() as session:
        known = mandate_checks.found(session, oin, brin)
    if known is not None and known.mandated and now - (known.checked_at or now) <= HONOURED:
        if now - known.asked_at > mandate_checks.DAILY:
            _note(adapter, oin, brin)
        return
    if known is not None and known.mandated is False:
        _note(adapter, oin, brin)
        raise Refused(UNAUTHORISED)
    _note(adapter, oin, brin)
    mandated = adapter.asking.ask((oin, brin), lambda: _found_out(adapter, oin, brin))
    if mandated is None and adapter.settings.chain.osr_unavailable == "allow_and_flag":
        with adapter.store.writing() as session:
            events.record(session, "request.unchecked", now, counterpart=f"{brin} {oin}")
        return
    if not mandated:
        raise Refused(UNAUTHORISED)


def check_due(adapter: Adapter) -> int:
    """Ask the OSR about the pairs that have to be asked again; gives how many were.

    Raises what the client raises when the OSR cannot be asked; what it said before stays.
    """
    with adapter.store.reading() as session:
        pairs = [
            (Oin(row.oin), Brin(row.brin))
            for row in mandate_checks.due(session, adapter.clock(), _AT_A_TIME)
        ]
    refused = None
    for oin, brin in pairs:
        try:
            _found_out(adapter, oin, brin)
        except OsrRefused as error:
            if error.concerns_us:
                raise
            refused = error  # of this pair alone: the others are not kept waiting
    if pairs:
        with adapter.store.writing() as session:
            mandate_checks.forget(session, adapter.clock())
    if refused is not None:
        raise refused
    return len(pairs)


def _note(adapter: Adapter, oin: Oin, brin: Brin) -> None:
    with adapter.store.writing() as session:
        mandate_checks.asked(session, oin, brin, adapter.clock())


def _found_out(adapter: Adapter, oin: Oin, brin: Brin) -> bool:
    """What the OSR says of the pair now, kept in the store.

    A question that it refuses about a pair that it was never heard about is no yes, and counts as a
    no: such a pair holds up no other, and is asked again when the system asks again.
    """
    try:
        mandated = adapter.osr.is_mandated(oin, brin)
    except OsoError as error:
        about_the_pair = isinstance(error, OsrRefused) and not error.concerns_us
        if not about_the_pair or _was_heard_about(adapter, oin, brin):
            reason = error.reason if isinstance(error, Unreachable) else type(error).__name__
            log_event("osr.unavailable", reason=reason)
            raise
        mandated = False
    with adapter.store.writing() as session:
        mandate_checks.checked(session, oin, brin, mandated, adapter.clock())
    return mandated


def _was_heard_about(adapter: Adapter, oin: Oin, brin: Brin) -> bool:
    with adapter.store.reading() as session:
        known = mandate_checks.found(session, oin, brin)
    return known is not None and known.mandated is not None
