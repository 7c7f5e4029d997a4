"""The keys that seal what is stored, and the file that holds them when nothing else does."""

import base64
import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

from oso_adapter.errors import ConfigurationError, OsoError, WrongKey

OCTETS: Final = 32


@runtime_checkable
class KeyProvider(Protocol):
    """Keys that seal payloads: 32 octets each, looked up by their id."""

    @property
    def current_id(self) -> str:
        """The id of the key that seals from now on: 1 to 64 printable ASCII characters."""
        ...

    def key(self, key_id: str) -> bytes:
        """The key of that id; raises :class:`WrongKey` when there is none."""
        ...

    def lookup_key(self) -> bytes:
        """The key under which look-up digests are made; it does not change."""
        ...


@dataclass(frozen=True)
class StaticKeys:
    """Keys held in memory, as a key file gives them."""

    keys: Mapping[str, bytes] = field(repr=False)
    current_id: str
    lookup: bytes = field(repr=False)

    def key(self, key_id: str) -> bytes:
        """The key of that id; raises :class:`WrongKey`."""
        try:
            return self.keys[key_id]
        except KeyError:
            raise WrongKey(
                f"the key {key_id} that sealed something here is not in the key file; "
                "put the key file that belongs to this database in [keys] file"
            ) from None

    def lookup_key(self) -> bytes:
        """The key for look-up digests."""
        return self.lookup


def read_keys(text: str) -> StaticKeys:
    """Read a key file: TOML with `current`, `lookup` and a table `keys`, each key in Base64.

    Raises :class:`ConfigurationError`, never with what stands in the file.
    """
    try:
        data = tomllib.loads(text)
        keys = {key_id: _octets(value) for key_id, value in data["keys"].items()}
        current, lookup = str(data["current"]), _octets(data["lookup"])
    except (tomllib.TOMLDecodeError, KeyError, AttributeError, ValueError, TypeError):
        raise ConfigurationError(
            "the key file is not right; make one with: oso-adapter config keys FILE"
        ) from None
    if not all(is_key_id(key_id) for key_id in keys):
        raise ConfigurationError("a key id must be 1 to 64 printable ASCII characters")
    if current not in keys:
        raise ConfigurationError("the key file names a current key that is not in it")
    return StaticKeys(keys, current, lookup)


def new_keys() -> str:
    """The text of a key file with fresh random keys."""
    return (
        "# Keys of the OSO adapter. Keep a copy in a safe place: without it nothing can be read."
        "\n# To change keys add one under [keys] and make it current; the old ones must stay.\n"
        f'current = "k1"\nlookup = "{_fresh()}"\n\n[keys]\nk1 = "{_fresh()}"\n'
    )


def make_key_file(path: Path) -> None:
    """Write a new key file that only its owner can read; one that is there is never overwritten.

    Raises :class:`ConfigurationError` for such a one, OsoError when it cannot be written.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigurationError(f"{path} is there already; keys are never overwritten") from None
    except OSError as error:
        raise OsoError(f"{path} cannot be written: {error.strerror}") from None
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(new_keys())


def is_key_id(text: str) -> bool:
    """Whether a text can be the id of a key, and so may be named in a message."""
    return 1 <= len(text) <= 64 and text.isascii() and text.isprintable()


def _fresh() -> str:
    return base64.b64encode(secrets.token_bytes(OCTETS)).decode()


def _octets(value: Any) -> bytes:
    octets = base64.b64decode(value, validate=True)
    if len(octets) != OCTETS:
        raise ValueError
    return octets
