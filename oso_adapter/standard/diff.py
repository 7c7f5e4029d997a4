"""What a supplier has to change for another release: ``standard diff``.

Two packs are compared as data: elements, values, codes, profiles, rules. Sorted with what breaks
first, since that is the order in which somebody works through it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from oso_adapter.standard.pack import Pack
from oso_adapter.standard.structure import Element

Kind = Literal[
    "element removed",
    "element renamed",
    "mandatory element added",
    "mandatory now",
    "value changed",
    "occurrence changed",
    "choice changed",
    "code removed",
    "profile status changed",
    "rule added",
    "rule changed",
    "code list added",
    "order changed",
    "code list removed",
    "optional element added",
    "optional now",
    "code added",
    "category added",
    "category removed",
    "rule removed",
]

_MOST_URGENT_FIRST: Final[tuple[Kind, ...]] = Kind.__args__  # type: ignore[attr-defined]
_BREAKING: Final = frozenset(_MOST_URGENT_FIRST[: _MOST_URGENT_FIRST.index("order changed")])


@dataclass(frozen=True)
class Change:
    """One difference.

    path: of the element; of a profile, rule or code list, what names it. old, new: what it was and
    is, as text; None where there was or is nothing. breaks: whether a dossier that was right can be
    wrong now. text: the difference as a sentence in English.
    """

    kind: Kind
    path: str
    old: str | None
    new: str | None
    breaks: bool
    text: str

    def as_dict(self) -> dict[str, Any]:
        """The form that is printed as JSON."""
        return asdict(self)


def diff(old: Pack, new: Pack) -> list[Change]:
    """What differs, what breaks a dossier first; nothing when the releases are the same."""
    found = [
        *_elements(old, new),
        *_codes(old, new),
        *_profiles(old, new),
        *_rules(old, new),
    ]
    rank = {kind: n for n, kind in enumerate(_MOST_URGENT_FIRST)}
    return sorted(dict.fromkeys(found), key=lambda change: (not change.breaks, rank[change.kind]))


def _change(kind: Kind, path: str, old: str | None, new: str | None, text: str) -> Change:
    return Change(kind, path, old, new, kind in _BREAKING, text)


def _elements(old: Pack, new: Pack) -> Iterator[Change]:
    """Per root; a root that another root holds (``dossiers``) is told of once."""
    for name, root in old.structure.roots.items():
        if name not in new.structure.roots:
            yield _removed(root, f"/{name}")
            continue
        for change in _block(root, new.structure.roots[name], f"/{name}"):
            _, _, first, *deeper = change.path.split("/")
            if not (deeper and first in old.structure.roots):
                yield change
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
        yield _change("value changed", path, before, after, text)
    if old.min != new.min:
        kind: Kind = "mandatory now" if new.min > old.min else "optional now"
        text = f"{path} has to be there {new.min} time(s) at least; it was {old.min}."
        yield _change(kind, path, str(old.min), str(new.min), text)
    if old.max != new.max or old.sequence_repeats != new.sequence_repeats:
        before, after = _most(old), _most(new)
        text = f"{path} may be there {after}; it was {before}. Its form as a dict changes with it."
        yield _change("occurrence changed", path, before, after, text)
    if (old.choice is None) != (new.choice is None) or old.choice_required != new.choice_required:
        before, after = _chosen(old), _chosen(new)
        yield _change("choice changed", path, before, after, f"{path} was {before}, is {after}.")
    if old.is_block and new.is_block:
        yield from _block(old, new, path)


def _order(old: Element, new: Element, path: str) -> Iterator[Change]:
    shared = set(old.children) & set(new.children)
    before = [child.name for child in old.content if child.name in shared]
    after = [child.name for child in new.content if child.name in shared]
    if before != after:
        text = f"The elements of {path} have another order; who writes the dict form sees nothing."
        yield _change("order changed", path, " ".join(before), " ".join(after), text)


def _removed(element: Element, path: str) -> Change:
    text = f"{path} is gone; leave it out."
    return _change("element removed", path, _value(element), None, text)


def _renamed(old: Element, new: Element, path: str) -> Change:
    text = f"{path}/{old.name} is gone and {new.name} is new with the same form: renamed, probably."
    return _change("element renamed", f"{path}/{old.name}", old.name, new.name, text)


def _added(element: Element, path: str) -> Change:
    needed = element.min > 0 and not element.choice
    kind: Kind = "mandatory element added" if needed else "optional element added"
    text = f"{path} is new, {_value(element)}; it {'has to' if needed else 'may'} be there."
    return _change(kind, path, None, _value(element), text)


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


def _codes(old: Pack, new: Pack) -> Iterator[Change]:
    before, after = old.codelists.lists, new.codelists.lists
    for number in [*before, *(number for number in after if number not in before)]:
        at = f"code list {number}"
        if number not in after:
            text = f"Code list {number} ({before[number].name}) is gone."
            yield _change("code list removed", at, before[number].name, None, text)
            continue
        elements = after[number].elements
        known = before[number].elements if number in before else ()
        for suffix in (suffix for suffix in elements if suffix not in known):
            text = f"The values of {suffix} are checked against code list {number} now."
            yield _change("code list added", f"{at}: {suffix}", None, after[number].name, text)
        if number in before:
            yield from _one_list(before[number].codes, after[number].codes, at)


def _one_list(before: Mapping[str, str], after: Mapping[str, str], at: str) -> Iterator[Change]:
    for code in before:
        if code not in after:
            text = f"Code {code} ({before[code] or 'no meaning known'}) of {at} is gone."
            yield _change("code removed", at, code, None, text)
    for code in after:
        if code not in before:
            text = f"Code {code} ({after[code] or 'no meaning known'}) of {at} is new."
            yield _change("code added", at, None, code, text)


def _profiles(old: Pack, new: Pack) -> Iterator[Change]:
    before, after = old.profiles, new.profiles
    for category in before.data:
        if category not in after.data:
            text = f"Category {category} is gone."
            yield _change("category removed", category, category, None, text)
    for category in after.data:
        if category not in before.data:
            statuses = (f"{name} {p.statuses[category]}" for name, p in after.profiles.items())
            text = f"Category {category} is new: {', '.join(statuses)}."
            yield _change("category added", category, None, category, text)
    for name, profile in after.profiles.items():
        known = before.profiles[name].statuses if name in before.profiles else {}
        for category, status in profile.statuses.items():
            was = known.get(category)
            if category in before.data and was != status:
                text = f"{category} is {status} in {name}; it was {was or 'unknown'}."
                yield _change("profile status changed", f"{name}: {category}", was, status, text)


def _rules(old: Pack, new: Pack) -> Iterator[Change]:
    before, after = _by_id(old), _by_id(new)
    for rule in before:
        if rule not in after:
            text = f"Rule {rule} is gone: {before[rule].meaning}"
            yield _change("rule removed", rule, before[rule].test, None, text)
    for rule, found in after.items():
        if rule not in before:
            text = f"Rule {rule} is new: {found.meaning}"
            yield _change("rule added", rule, None, found.test, text)
        elif (was := _asks(before[rule])) != (now := _asks(found)):
            text = f"Rule {rule} asks something else now: {found.meaning}"
            yield _change("rule changed", rule, was, now, text)


def _by_id(pack: Pack) -> dict[str, Any]:
    book = getattr(pack, "rules", None)
    return {rule.id: rule for rule in book.rules} if book else {}


def _asks(rule: Any) -> str:
    scopes = " ".join(sorted(rule.scopes))
    return f"[{scopes}] {rule.context}: {rule.test} ({rule.severity})"
