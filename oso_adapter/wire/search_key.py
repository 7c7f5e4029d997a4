"""The zoeksleutel: how a pupil is named without the personal number (wire 4.2).

The real algorithm is not public, so it comes from the supplier by a hook. Known of it: 128 octets
in Base64, and a fragment of four digits that narrows the candidates.
"""

import base64
import binascii
import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

from oso_adapter.identifiers import Pgn

_SALT: Final = 16
_DERIVED: Final = 112
_ITERATIONS: Final = 1_000


@dataclass(frozen=True, repr=False)
class SearchKey:
    """A zoeksleutel with its pgnfrag; both as they are on the wire, neither is ever printed."""

    key: str
    fragment: str

    def __repr__(self) -> str:
        return "SearchKey(***)"


@runtime_checkable
class SearchKeyAlgorithm(Protocol):
    """How search keys are made and recognised."""

    @property
    def name(self) -> str:
        """What configuration and messages call it."""

    def make(self, pgn: Pgn) -> SearchKey:
        """A key for this number."""

    def matches(self, pgn: Pgn, key: SearchKey | str) -> bool:
        """Whether the key was made of this number."""


class SimulationSearchKey:
    """The algorithm of the simulated chain: salted, slow, and not that of OSO.

    16 random octets of salt, then 112 octets of PBKDF2-HMAC-SHA-512 with 1,000 iterations over the
    nine digits, in Base64; the fragment is the last four digits (assumed, wire 4.2).
    """

    name = "simulation"

    def make(self, pgn: Pgn) -> SearchKey:
        """A key for this number; each call gives another one."""
        salt = os.urandom(_SALT)
        key = base64.b64encode(salt + _derive(pgn, salt)).decode("ascii")
        return SearchKey(key, _fragment(pgn))

    def matches(self, pgn: Pgn, key: SearchKey | str) -> bool:
        """Whether the key was made of this number; white space in it means nothing."""
        if isinstance(key, SearchKey):
            if not hmac.compare_digest(key.fragment.encode(), _fragment(pgn).encode()):
                return False
            key = key.key
        try:
            octets = base64.b64decode("".join(key.split()), validate=True)
        except (binascii.Error, ValueError):
            return False
        if len(octets) != _SALT + _DERIVED:
            return False
        return hmac.compare_digest(octets[_SALT:], _derive(pgn, octets[:_SALT]))


def _derive(pgn: Pgn, salt: bytes) -> bytes:
    digits = pgn.reveal().encode("ascii")
    return hashlib.pbkdf2_hmac("sha512", digits, salt, _ITERATIONS, _DERIVED)


def _fragment(pgn: Pgn) -> str:
    return pgn.reveal()[-4:]
