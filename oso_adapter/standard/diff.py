"""What a supplier has to change for another release: ``standard diff``.

Two packs are compared as data: elements and values here, codes, profiles and rules in
``diff_tables``. Sorted with what breaks first, since that is the order in which somebody works
through it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from oso_adapter.standard.changes import Change, Kind, change, in_order
from oso_adapter.standard.diff_tables import table_changes
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.structure import Element

__all__ = ["Change", "diff"]


def diff(old: Pack, new: Pack) -> list[Change]:
    """What differs, what breaks a dossier first; nothing when the releases are the same."""
    return in_order([*_elements(old, new), *table_changes(old, new)])


def _elements(old: Pack, new: Pack) -> Iterator[Change]:
    """Per root; a root that another root holds (``dossiers``) is told of once."""
    for name, root in old.structure.roots.items():
        if name not in new.structure.roots:
            yield _removed(root, f"/{name}")
            continue
        for found in _block(root, new.structure.roots[name], f"/{name}"):
            _, _, first, *deeper = found.path.split("/")
            if not (deeper and first in old.structure.roots):
                yield found
    for name, root in new.structure.roots.items():
        if name not in old.structure.roots:
            yield _added(root, f"/{name}")


def _block(old: Element, new: Element, path: str) -> Iterator[Change]:
    gone = [child for child in old.content if child.name not in new.children]
    come = [child for child in new.content if child.name not in old.children]
    renamed = _renames(gone, come, old, new)
    for child in gone:
        if after := renamed.get(child.name):
            yield _renamed(child, after, path)
            yield from _element(child, after, f"{path}/{after.name}")
        else:
            yield _removed(child, f"{path}/{child.name}")
    for child in come:
        if child.name not in {after.name for after in renamed.values()}:
            yield _added(child, f"{path}/{child.name}")
    for child in old.content:
        if child.name in new.children:
            yield from _element(child, new.children[child.name], f"{path}/{child.name}")
    yield from _order(old, new, path)


def _renames(
    gone: list[Element], come: list[Element], old: Element, new: Element
) -> Mapping[str, Element]:
    """By old name, an added element that looks like it and stands between the same neighbours.

    Two empty places are too little to go by: what is taken for a rename would be a wrong mapping.
    """
    found: dict[str, Element] = {}
    for child in gone:
        for other in come:
            same = _shape(child) == _shape(other) and other not in found.values()
            if same and _neighbours(child, old, new) & _neighbours(other, new, old):
                found[child.name] = other
                break
    return found


def _shape(element: Element) -> tuple[Any, ...]:
    below = tuple(child.name for child in element.content)
    return element.type, _value(element), element.max, below


def _neighbours(element: Element, parent: Element, other: Element) -> set[tuple[int, str]]:
    """The nearest element before and after it that both releases have here."""
    names = [child.name for child in parent.content]
    at = names.index(element.name)
    shared = set(other.children)
    before = next((name for name in reversed(names[:at]) if name in shared), "")
    after = next((name for name in names[at + 1 :] if name in shared), "")
    return {(-1, before), (1, after)}


def _element(old: Element, new: Element, path: str) -> Iterator[Change]:
    if _value(old) != _value(new):
        before, after = _value(old), _value(new)
        text = f"{path} was {before} and is now {after}."
        yield change("value changed", path, before, after, text)
    yield from _attributes(old, new, path)
    if old.min != new.min:
        kind: Kind = "mandatory now" if new.min > old.min else "optional now"
        text = f"{path} has to be there {new.min} time(s) at least; it was {old.min}."
        yield change(kind, path, str(old.min), str(new.min), text)
    if old.max != new.max or old.sequence_repeats != new.sequence_repeats:
        before, after = _most(old), _most(new)
        text = f"{path} may be there {after}; it was {before}. Its form as a dict changes with it."
        yield change("occurrence changed", path, before, after, text)
    if (old.choice is None) != (new.choice is None) or old.choice_required != new.choice_required:
        before, after = _chosen(old), _chosen(new)
        yield change("choice changed", path, before, after, f"{path} was {before}, is {after}.")
    if old.is_block and new.is_block:
        yield from _block(old, new, path)


def _attributes(old: Element, new: Element, path: str) -> Iterator[Change]:
    """Whether one has to be there; that it is there at all belongs to the value."""
    before = {each.name: each.required for each in old.attributes}
    for each in new.attributes:
        if each.required == before.get(each.name, False):
            continue
        kind: Kind = "attribute mandatory now" if each.required else "attribute optional now"
        was, now = ("optional", "mandatory") if each.required else ("mandatory", "optional")
        yield change(kind, f"{path}/@{each.name}", was, now, f"{path}/@{each.name} is {now} now.")


def _order(old: Element, new: Element, path: str) -> Iterator[Change]:
    shared = set(old.children) & set(new.children)
    before = [child.name for child in old.content if child.name in shared]
    after = [child.name for child in new.content if child.name in shared]
    if before != after:
        text = f"The elements of {path} have another order; who writes the dict form sees nothing."
        yield change("order changed", path, " ".join(before), " ".join(after), text)


def _removed(element: Element, path: str) -> Change:
    text = f"{path} is gone; leave it out."
    return change("element removed", path, _value(element), None, text)


def _renamed(old: Element, new: Element, path: str) -> Change:
    text = f"{path}/{old.name} is gone and {new.name} is new with the same form: renamed, probably."
    return change("element renamed", f"{path}/{old.name}", old.name, new.name, text)


def _added(element: Element, path: str) -> Change:
    needed = element.min > 0 and not element.choice
    kind: Kind = "mandatory element added" if needed else "optional element added"
    text = f"{path} is new, {_value(element)}; it {'has to' if needed else 'may'} be there."
    return change(kind, path, None, _value(element), text)


def _value(element: Element) -> str:
    if element.is_block:
        return "a block"
    facets = [f"{name} {text}" for name, text in element.facets.items()]
    named = [f"@{each.name} {each.type}" for each in element.attributes]
    values = [f"one of {' '.join(element.values)}"] if element.values else []
    return ", ".join([element.type, *facets, *values, *named])


def _most(element: Element) -> str:
    times = "any number of times" if element.max is None else f"{element.max} time(s)"
    return f"{times}, its content repeating" if element.sequence_repeats else times


def _chosen(element: Element) -> str:
    if element.choice is None:
        return "not one of a choice"
    return "one of a mandatory choice" if element.choice_required else "one of a choice"
