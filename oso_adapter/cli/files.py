"""Dossiers as files: a name that is safe, a file that only its owner reads."""

import os
import re
from pathlib import Path

from oso_adapter.errors import OsoError


def safe_name(reference: str) -> str:
    """A file name for a pupil reference: letters, digits, dot, dash and underscore only."""
    name = re.sub(r"[^A-Za-z0-9._-]", "_", reference).lstrip(".")
    return name[:100] or "dossier"


def write_dossier(file: Path, xml: bytes) -> None:
    """Write a dossier to a file that only its owner can read."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(xml)
    except OSError as error:
        raise OsoError(f"{file} cannot be written: {error.strerror}") from None
