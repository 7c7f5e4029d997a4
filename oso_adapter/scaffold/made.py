"""A new package from the templates of a kind: every file of the kind's folder, filled in."""

import importlib.util
import keyword
import re
import sys
from collections.abc import Iterator
from dataclasses import fields
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from jinja2 import Environment, StrictUndefined

from oso_adapter.errors import ConfigurationError
from oso_adapter.settings import Plugins

KINDS: Final = ("python", "sql", "webhook", "directory")
"""The back ends for which there are templates; each is a folder beside this module."""

_NAME: Final = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
_TAKEN: Final = {field.name for field in fields(Plugins)}
_SUFFIX: Final = ".jinja"
_MODULE: Final = "module"
"""The part of a path in the templates that becomes the name of the Python package."""


def module_name(name: str) -> str:
    """The Python package of a plugin with this name, which is its entry point and its section too.

    Raises ConfigurationError for a name that cannot be one, or that something else has.
    """
    module = name.replace("-", "_")
    if not _NAME.fullmatch(name) or keyword.iskeyword(module):
        raise ConfigurationError(
            "a name begins with a small letter and has small letters, digits and dashes: my-las"
        )
    if module in _TAKEN:
        raise ConfigurationError(
            f"[plugins] {module} is a setting of the adapter; choose another name"
        )
    if module in sys.stdlib_module_names or importlib.util.find_spec(module) is not None:
        raise ConfigurationError(f"there is a Python package {module} already; choose another name")
    return module


def make(name: str, kind: str, folder: Path) -> list[Path]:
    """Write the package into a folder that is not there yet, or empty; gives its files.

    kind: one of KINDS. Raises ConfigurationError for a name that cannot be one and for a folder
    that holds something, of which nothing is ever overwritten.
    """
    told = {"name": name, _MODULE: module_name(name)}
    # What is made is Python and TOML, never HTML, and a word without a value is a mistake of ours.
    environment = Environment(  # noqa: S701
        undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True
    )
    texts = {
        path: environment.from_string(text).render(told)
        for path, text in _templates(files("oso_adapter.scaffold") / kind)
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ConfigurationError(f"{folder} holds something already; nothing was written")
        written = [folder / path.replace(_MODULE, told[_MODULE]) for path in texts]
        for file, text in zip(written, texts.values(), strict=True):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{folder} cannot be written: {error.strerror}") from None
    return written


def _templates(folder: Traversable, above: str = "") -> Iterator[tuple[str, str]]:
    """Path and text of every template, in the sequence of their names."""
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _templates(entry, f"{above}{entry.name}/")
        elif entry.name.endswith(_SUFFIX):
            yield above + entry.name.removesuffix(_SUFFIX), entry.read_text(encoding="utf-8")
