"""What the standard says about one element, for whoever has to fill it: everything in one place."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from oso_adapter.errors import NotFound
from oso_adapter.standard.categories import Categories
from oso_adapter.standard.codelists import CodeList
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.rules import Rule
from oso_adapter.standard.structure import Element

_STEP: Final = re.compile(r"od:([\w-]+)")
_STEPS: Final = re.compile(r"/?(?:od:[\w-]+/)*od:[\w-]+")
_SCHOOL: Final = ("dossier", "huidigeschool")
_HOLD_MUCH: Final = {("dossier",), ("dossier", "metadata"), (*_SCHOOL, "leerling")}
_OFTEN: Final = {(0, 1): "0 or 1", (1, 1): "1", (0, None): "0 or more", (1, None): "1 or more"}


@dataclass(frozen=True)
class Description:
    """What is known of the element at one path.

    occurs: how often within its block. choice: the other alternatives, where only one may be there.
    privacy: none, personal or special. content: of a block. statuses: of its category, by profile.
    rules: ids and meanings of the business rules that look at it.
    """

    path: str
    label: str
    documentation: str
    type: str
    occurs: str
    facets: dict[str, str]
    attributes: list[str]
    choice: list[str]
    privacy: str
    codelist: str | None
    codes: dict[str, str]
    category: str | None
    statuses: dict[str, str]
    rules: dict[str, str]
    content: list[str]

    def as_dict(self) -> dict[str, Any]:
        """The form that is printed as JSON."""
        return asdict(self)


def describe(pack: Pack, wanted: str) -> list[Description]:
    """What is known of the elements that a path, or the end of one, means; positions are ignored.

    ``/dossier/metadata/datum`` is one element, ``adres/plaats`` are several. Raises NotFound, which
    names what comes near.
    """
    end = re.sub(r"\[[0-9]+\]", "", wanted).strip("/")
    found = [
        (path, element)
        for path, element in pack.structure.walk(pack.carried)
        if path.strip("/") == end or path.endswith(f"/{end}")
    ]
    if not found:
        raise NotFound(f"release {pack.release} has no element with that path; see `standard show`")
    return [_description(pack, path, element) for path, element in found]


def rules_about(pack: Pack, path: str) -> Iterator[Rule]:
    """The business rules that look at the element at a path."""
    names = tuple(path.strip("/").split("/"))
    for rule in pack.rules.rules:
        if any(_means(end, names, anchored=fixed) for end, fixed in _looked_at(rule)):
            yield rule


def _looked_at(rule: Rule) -> Iterator[tuple[tuple[str, ...], bool]]:
    """The paths that a rule looks at, as names; whether they begin at the root or anywhere.

    Where it stands, each place that it names from there, and each block on the way: what is
    missing there is missing in the block. Not the blocks that hold nearly everything, unless the
    rule is about their value.
    """
    place, _, rest = rule.context.partition("[")
    around, fixed = _names(place), not place.startswith("//")
    if around not in _HOLD_MUCH or re.search(r"(?<![\w)])\.(?![\w.])", rule.test):
        yield around, fixed
    for step in _STEPS.findall(f"{rest} {rule.test}"):
        from_root = step.startswith("/")
        end = _names(step) if from_root else around + _names(step)
        for length in range(1 if from_root else len(around) + 1, len(end) + 1):
            if end[:length] not in (_SCHOOL, *_HOLD_MUCH) or length == len(end):
                yield end[:length], from_root or fixed


def _names(path: str) -> tuple[str, ...]:
    return tuple(_STEP.findall(path))


def _means(end: tuple[str, ...], names: tuple[str, ...], *, anchored: bool) -> bool:
    return names == end if anchored else names[-len(end) :] == end


def _description(pack: Pack, path: str, element: Element) -> Description:
    names = tuple(path.strip("/").split("/"))
    label = pack.labels.of(names)
    codes = pack.codelists.by_path.find(names)
    category = category_of(pack.profiles, path)
    return Description(
        path=path,
        label=label.text,
        documentation=element.documentation,
        type=element.type,
        occurs=_OFTEN.get((element.min, element.max), f"{element.min} to {element.max}"),
        facets=dict(element.facets),
        attributes=[attribute.name for attribute in element.attributes],
        choice=_alternatives(pack, path, element),
        privacy=label.privacy,
        codelist=_list_name(codes),
        codes=dict(codes.codes) if codes else {},
        category=category,
        statuses=_statuses(pack.profiles, category),
        rules={rule.id: rule.meaning for rule in rules_about(pack, path)},
        content=[child.name for child in element.content],
    )


def category_of(profiles: Categories, path: str) -> str | None:
    """The category that an element is in; None where it holds several, or none."""
    for category, data in profiles.data.items():
        if any(path == start or path.startswith(f"{start}/") for start in data):
            return category
    return None


def _statuses(profiles: Categories, category: str | None) -> dict[str, str]:
    if category is None:
        return {}
    return {name: profile.statuses[category] for name, profile in profiles.profiles.items()}


def _list_name(codes: CodeList | None) -> str | None:
    return f"{codes.number} {codes.name}" if codes else None


def _alternatives(pack: Pack, path: str, element: Element) -> list[str]:
    above = pack.structure.find(path.rpartition("/")[0]) if element.choice else None
    if above is None:
        return []
    return [c.name for c in above.content if c.choice == element.choice and c is not element]
