"""Dossiers as files: a name that is safe, a file that only its owner reads."""

import hashlib
import os
import re
from pathlib import Path

from oso_adapter.errors import ConfigurationError, OsoError


def safe_name(reference: str) -> str:
    """A file name for a pupil reference: letters, digits, dot, dash and underscore only.

    A reference that is no such name gets a digest behind it, so that two references never give
    the same name (``a/b`` and ``a_b``) and one pupil does not replace another.
    """
    name = re.sub(r"[^A-Za-z0-9._-]", "_", reference).lstrip(".")[:100]
    if name and name == reference:
        return name
    digest = hashlib.sha256(reference.encode(errors="surrogatepass")).hexdigest()[:8]
    return f"{name or 'dossier'}-{digest}"


def write_dossier(file: Path, xml: bytes) -> None:
    """Write a dossier to a file that only its owner can read."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(xml)
    except OSError as error:
        raise OsoError(f"{file} cannot be written: {error.strerror}") from None


def made_folder(folder: Path) -> Path:
    """A folder that is there and can be written, made for its owner where it was not.

    Raises :class:`ConfigurationError`: the user named another than he meant.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigurationError(f"{folder} cannot be used: {error.strerror}") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigurationError(f"{folder} cannot be used: it cannot be written")
    return folder
