"""The JSON of a full dossier, and what is said of one that is refused."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from lxml import etree

from oso_adapter.standard.jsonform import JsonRefused, from_json, to_json
from oso_adapter.standard.pack import Pack
from oso_adapter.standard.samples import sample

PROFILES = ("POPO", "POVO", "VOVO", "BB", "POSWV", "VOSWV")
MARKER = "Geheimpje"
SCHOOL = "/dossier/huidigeschool"
PUPIL = f"{SCHOOL}/leerling"
Change = Callable[[dict[str, Any]], Any]


def canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True)


def plain(pack: Pack, profile: str = "VOVO") -> dict[str, Any]:
    """The JSON of a full dossier, as what another language has in its hands."""
    read: dict[str, Any] = json.loads(_text(pack, profile))
    return read


@cache
def _text(pack: Pack, profile: str) -> str:
    return to_json(sample(profile, size="full", seed=3), pack)


def pupil(data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = data["huidigeschool"]["leerling"]
    return found


def refused(text: str | bytes, pack: Pack) -> list[tuple[str, str]]:
    with pytest.raises(JsonRefused) as caught:
        from_json(text, pack)
    assert MARKER not in str(caught.value)
    assert MARKER not in repr(caught.value.findings)
    assert all(finding.severity == "error" for finding in caught.value.findings)
    assert not any("DICT" in f.rule or "Python" in f.message for f in caught.value.findings)
    return [(finding.rule, finding.path) for finding in caught.value.findings]
