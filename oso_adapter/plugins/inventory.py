"""Which plugins there are to choose from: those of installed packages, and those in the folder.

Nothing is imported: whether one works is for :mod:`oso_adapter.plugins.descriptions` to say.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path

from oso_adapter.plugins.descriptions import installed
from oso_adapter.settings import Settings


@dataclass(frozen=True)
class Available:
    """A plugin that could be enabled, or is.

    origin: the entry point (``module`` or ``module:object``), or the path of the file; empty when
    it is enabled and nowhere to be found. package and version: of the installed package, None for
    one in the folder.
    """

    name: str
    origin: str = ""
    package: str | None = None
    version: str | None = None
    enabled: bool = False


def available(
    settings: Settings, points: Callable[[], list[EntryPoint]] = installed
) -> list[Available]:
    """All of them: those that are enabled first, in their order, then the others by name.

    points: gives the entry points, by default those of the installed packages.
    """
    there = [*_installed(points()), *_in_folder(settings.plugins.directory)]
    enabled = list(dict.fromkeys(settings.plugins.enabled))
    chosen = [
        Available(each.name, each.origin, each.package, each.version, enabled=True)
        for name in enabled
        for each in ([one for one in there if one.name == name] or [Available(name)])
    ]
    others = sorted((one for one in there if one.name not in enabled), key=lambda one: one.name)
    return [*chosen, *others]


def _installed(points: list[EntryPoint]) -> Iterator[Available]:
    for point in points:
        package, version = (point.dist.name, point.dist.version) if point.dist else (None, None)
        yield Available(point.name, point.value, package, version)


def _in_folder(folder: Path | None) -> Iterator[Available]:
    if folder is None or not folder.is_dir():
        return
    files = [*folder.glob("*.py"), *(path.parent for path in folder.glob("*/__init__.py"))]
    for path in sorted(files):
        if not path.name.startswith(("_", ".")):
            yield Available(path.stem, str(path))
