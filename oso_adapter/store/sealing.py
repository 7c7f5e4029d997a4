"""Sealing: what is personal is encrypted before it reaches the database, and found by digest.

AES-256-GCM with a fresh key for every seal, wrapped (RFC 3394) by a key of the key provider. The
purpose is authenticated with it, so that a sealed thing in the wrong place does not open. Without
its wrapped key nothing can open a payload: destroying the key destroys the dossier.
"""

import hmac
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from oso_adapter.errors import WrongKey
from oso_adapter.store.engine import Store
from oso_adapter.store.keys import KeyProvider, is_key_id
from oso_adapter.store.models import KeyCheck

_KEY: Final = 32
_WRAPPED: Final = 40
_NONCE: Final = 12
_CHECK: Final = b"oso-adapter key check"
_REMEDY: Final = "put the key file that belongs to this database in [keys] file"
_DOES_NOT_OPEN: Final = (
    f"what is stored does not open with these keys, or it was changed; {_REMEDY}"
)


class Purpose(StrEnum):
    """What a sealed thing, or a digest, is for; those of one purpose do not fit another."""

    PAYLOAD = "payload"
    PGN = "pgn"
    PUPIL = "pupil"
    ORDER = "order"
    DECISION = "decision"
    SEARCH_KEY = "search-key"
    FRAGMENT = "fragment"
    KEY_CHECK = "key-check"
    REQUEST = "request"
    JOB = "job"


@dataclass(frozen=True)
class Sealed:
    """A sealed payload: the id of the wrapping key, the wrapped key, and the box."""

    key_id: str
    wrapped_key: bytes = field(repr=False)
    box: bytes = field(repr=False)


class Sealer:
    """Seals, opens and makes look-up digests with the keys of a provider."""

    def __init__(self, provider: KeyProvider) -> None:
        self._provider = provider

    def seal(self, data: bytes, purpose: Purpose) -> Sealed:
        """Seal under a fresh key."""
        key, nonce = secrets.token_bytes(_KEY), secrets.token_bytes(_NONCE)
        key_id = self._provider.current_id
        wrapped = aes_key_wrap(self._provider.key(key_id), key)
        return Sealed(key_id, wrapped, nonce + AESGCM(key).encrypt(nonce, data, purpose.encode()))

    def open(self, sealed: Sealed, purpose: Purpose) -> bytes:
        """Open what was sealed for that purpose; raises :class:`WrongKey` when it does not open."""
        try:
            key = aes_key_unwrap(self._provider.key(sealed.key_id), sealed.wrapped_key)
            nonce, box = sealed.box[:_NONCE], sealed.box[_NONCE:]
            return AESGCM(key).decrypt(nonce, box, purpose.encode())
        except (InvalidUnwrap, InvalidTag, ValueError):
            raise WrongKey(_DOES_NOT_OPEN) from None

    def seal_field(self, data: bytes, purpose: Purpose) -> bytes:
        """Seal something small, as one value that carries its key id and wrapped key."""
        sealed = self.seal(data, purpose)
        key_id = sealed.key_id.encode()
        return bytes([len(key_id)]) + key_id + sealed.wrapped_key + sealed.box

    def open_field(self, value: bytes, purpose: Purpose) -> bytes:
        """Open what :meth:`seal_field` made; raises :class:`WrongKey` when it does not open."""
        end = 1 + (value[0] if value else 0)
        key_id = value[1:end].decode(errors="replace")
        if not is_key_id(key_id):  # a changed length would put sealed bytes in a message
            raise WrongKey(_DOES_NOT_OPEN)
        wrapped, box = value[end : end + _WRAPPED], value[end + _WRAPPED :]
        return self.open(Sealed(key_id, wrapped, box), purpose)

    def digest(self, purpose: Purpose, text: str) -> bytes:
        """HMAC-SHA-256 of a text under the look-up key; another purpose gives another digest."""
        message = f"{purpose}\0{text}".encode()
        return hmac.digest(self._provider.lookup_key(), message, "sha256")


def check_key(store: Store, sealer: Sealer) -> None:
    """Whether the keys belong to the store; a new store takes them as its own.

    Raises :class:`WrongKey`.
    """
    with store.reading() as session:
        row = session.get(KeyCheck, 1)
    expected = _CHECK + sealer.digest(Purpose.KEY_CHECK, "lookup")
    if row is None:
        sealed = sealer.seal_field(expected, Purpose.KEY_CHECK)
        with store.writing() as session:
            row = session.get(KeyCheck, 1)
            if row is None:
                session.add(KeyCheck(id=1, sealed=sealed))
                return
    if sealer.open_field(row.sealed, Purpose.KEY_CHECK) != expected:
        raise WrongKey(f"the look-up key is not that of this database; {_REMEDY}")
