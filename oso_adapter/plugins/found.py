"""Where plugins are: installed packages with an entry point, and one folder of files.

Only what ``[plugins] enabled`` names is looked for, in every environment: a file that somebody
leaves in the folder is not run by that alone.
"""

import importlib.util
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, Final

from oso_adapter.hookspecs import GROUP
from oso_adapter.plugins.problems import PluginProblem, problem

MODULES: Final = "oso_adapter_plugin_"
"""How the module of a plugin from the folder is named, so that it replaces no other module."""

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True)
class Found:
    """A plugin that can be loaded.

    target: ``module`` or ``module:object`` of the entry point, or the path of the file when
    ``is_file``.
    """

    name: str
    target: str
    is_file: bool = False

    def load(self) -> Any:
        """Import it; raises whatever the plugin raises."""
        if not self.is_file:
            return EntryPoint(self.name, self.target, GROUP).load()
        path, name = Path(self.target), f"{MODULES}{self.name.replace('-', '_')}"
        package = [str(path.parent)] if path.name == "__init__.py" else None
        spec = importlib.util.spec_from_file_location(
            name, path, submodule_search_locations=package
        )
        if spec is None or spec.loader is None:
            raise ImportError
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
        return module


def find(name: str, points: Iterable[EntryPoint], folder: Path | None) -> Found | PluginProblem:
    """The plugin of that name, or what is wrong.

    points: the entry points of the group; folder: where ``NAME.py`` or the package ``NAME`` may
    stand, if any.
    """
    installed = [point for point in points if point.name == name]
    path = _in_folder(name, folder)
    if len({point.value for point in installed}) > 1:
        return problem(name, "ambiguous", "two installed packages have an entry point of this name")
    if installed and path is not None:
        return problem(name, "ambiguous", "it is installed, and it stands in the directory")
    if installed:
        return Found(name, installed[0].value)
    if path is None:
        return problem(name, "not-found", "" if folder is None else ", nor is it in the directory")
    if open_to_others := next(_open_to_others(path), None):
        return problem(name, "writable", open_to_others)
    return Found(name, str(path), is_file=True)


def _in_folder(name: str, folder: Path | None) -> Path | None:
    if folder is None or not _NAME.fullmatch(name):
        return None
    paths = (folder / f"{name}.py", folder / name / "__init__.py")
    return next((path.absolute() for path in paths if path.is_file()), None)


def _open_to_others(path: Path) -> Iterator[str]:
    """What somebody else could put other code in: the files, and the folders on the way there.

    What Python itself writes beside a file is read as code as well.
    """
    real = path.resolve()
    is_package = path.name == "__init__.py"
    folder = real.parent.parent if is_package else real.parent
    below = real.parent if is_package else folder / "__pycache__"
    for each in (folder, real, below, *below.rglob("*")):
        if each.exists() and not _is_safe(each):
            yield f"the file or folder {each.name}"
    for above in folder.parents:
        if not _is_safe(above, sticky=True):
            yield f"the folder {above}"


def _is_safe(path: Path, *, sticky: bool = False) -> bool:
    """Whether only its owner writes there, who is root or we.

    sticky: that others may add to a folder is no harm, as long as they cannot change what is there.
    """
    known = path.stat()
    if known.st_uid not in (0, os.geteuid()):
        return False
    return not known.st_mode & _OTHERS_WRITE or (sticky and bool(known.st_mode & stat.S_ISVTX))
