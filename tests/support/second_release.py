"""Makes the invented release in ``tests/data/packs``: ``python tests/support/second_release.py``.

It is our newest release with what a year changes: fields added, renamed and dropped, and codes,
rules and a category with them. It is made, not kept by hand, so that a table that a release gains
is in it too.
"""

from pathlib import Path
from typing import Final

from oso_adapter.standard.build import main as build

RELEASE: Final = "2020.1-proef"
PACKS: Final = Path(__file__).parents[1] / "data" / "packs"
BASE: Final = Path(__file__).parents[2] / "oso_adapter" / "standard" / "packs" / "2019.1"

_NEW_LANGUAGE: Final = """      <xs:element name="thuistaal">
        <xs:annotation>
          <xs:documentation xml:lang="en">Language that is spoken at home (code list 90).</xs:documentation>
        </xs:annotation>
        <xs:simpleType>
          <xs:restriction base="xs:string"><xs:maxLength value="10"/></xs:restriction>
        </xs:simpleType>
      </xs:element>
"""  # noqa: E501
_WEIGHT: Final = '      <xs:element name="leerlinggewicht" type="Tekst" minOccurs="0">\n'
_NEW_CATEGORY: Final = """      <xs:element name="cat_thuistaal" type="xs:string">
        <xs:annotation>
          <xs:documentation xml:lang="en">Delivery status of the language spoken at home (code list 48).</xs:documentation>
        </xs:annotation>
      </xs:element>
"""  # noqa: E501
_END: Final = "    </xs:sequence>\n  </xs:complexType>\n"
_STATUS: Final = ", ".join(
    f'{profile} = "{status}"'
    for profile, status in {
        "POPO": "VERPLICHT",
        "POVO": "OPTIONEEL",
        "VOVO": "OPTIONEEL",
        "BB": "OPTIONEEL",
        "POSWV": "VERBODEN",
        "VOSWV": "VERBODEN",
    }.items()
)
_PROFILES: Final = f"""
[categories.cat_thuistaal]
status = {{ {_STATUS} }}
data = [
  "/dossier/huidigeschool/leerling/thuistaal",
]
"""
_CODES: Final = """
["90"]
name = "Thuistaal"
elements = ["leerling/thuistaal"]
["90".codes]
"nl" = "Nederlands"
"fy" = "Fries"
"anders" = "Een andere taal"
"""
_RULE: Final = """
[[rule]]
id = "PR.01"
context = "/od:dossier/od:huidigeschool/od:leerling[od:thuistaal = 'fy']"
assert = "od:nationaliteit"
evidence = "own"
meaning = "Who speaks Frisian at home has a nationality (an invented rule)."
message = "Bij thuistaal Fries ontbreekt de nationaliteit."
owner = "school"
"""


_GONE: Final = {'id = "OG.03"', 'id = "PaO.VV02"'}
"""Rules that this release has not: the second is about an element that it has not."""


def second_release(to: Path) -> Path:
    """Write the release into a folder of packs; gives its own folder."""
    folder = to / RELEASE
    folder.mkdir(parents=True, exist_ok=True)
    for file in BASE.glob("*.*"):
        text = file.read_text(encoding="utf-8")
        if file.name != "structure.json":
            (folder / file.name).write_text(_changed(file.name, text), encoding="utf-8")
    build(folder)
    return folder


def _changed(name: str, text: str) -> str:
    text = text.replace("oso_gegevensset/2019/", "oso_gegevensset/2020/")
    text = text.replace("vanpeuterspeelzaal", "vankindercentrum")
    match name:
        case "dossier.xsd":
            text = _without(text, "naampeuterspeelzaal")
            text = _once(text, _WEIGHT, _NEW_LANGUAGE + _WEIGHT)
            before, start, rest = text.partition('<xs:complexType name="CategorieUitlevering">')
            return before + start + _once(rest, _END, _NEW_CATEGORY + _END)
        case "pack.toml":
            text = _once(text, 'release = "2019.1"', f'release = "{RELEASE}"')
            text = _once(text, 'version = "2019.1.1"', 'version = "2020.1.1"')
            head, _, rest = text.partition("[evidence]")
            return f'{head}[evidence]\neverything = "invented for tests"\n' if rest else text
        case "profiles.toml":
            text = text.replace('  "/dossier/huidigeschool/leerling/naampeuterspeelzaal",\n', "")
            return text + _PROFILES
        case "codelists.toml":
            text = _once(text, '"overig" = "Overig"\n', "")
            return _once(text, '["11"]\n', '"3" = ""\n\n["11"]\n') + _CODES
        case "labels.toml":
            return _without_rows(text, "naampeuterspeelzaal")
        case "samples.toml":
            text = _without_rows(text, '"naampeuterspeelzaal"')
            return text + '"thuistaal" = ["nl", "anders"]\n'
        case "rules.toml":
            text = _once(text, "'2019.1'", f"'{RELEASE}'").replace("'2019.1.1'", "'2020.1.1'")
            rules = text.split("\n[[rule]]\n")
            return "\n[[rule]]\n".join(r for r in rules if not _GONE & {*r.splitlines()}) + _RULE
    return text


def _once(text: str, old: str, new: str) -> str:
    assert old in text, old
    return text.replace(old, new, 1)


def _without(xsd: str, name: str) -> str:
    """The schema without an element that is declared in one place."""
    before, found, rest = xsd.partition(f'      <xs:element name="{name}"')
    assert found
    return before + rest.partition("</xs:element>\n")[2]


def _without_rows(table: str, key: str) -> str:
    """The table without the rows of this key."""
    kept = [line for line in table.splitlines(True) if not line.startswith(f"{key} =")]
    assert len(kept) < len(table.splitlines())
    return "".join(kept)


if __name__ == "__main__":
    print(second_release(PACKS))
