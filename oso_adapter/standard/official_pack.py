"""The folder of a pack that is made of official files, and the tables that these do not carry."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from oso_adapter.standard.build import derive, dump
from oso_adapter.standard.official_sources import Sources
from oso_adapter.standard.pack import Pack, built_in_releases, load_pack, read_pack
from oso_adapter.standard.structure import Structure, structure_of

_CATEGORIES: Final = "/dossier/metadata/categorie_uitlevering"
_OPTIONAL: Final = "OPTIONEEL"
_HEAD: Final = """\
# Assumed: official files do not carry this table. It is that of release {}, without the categories
# and data that this release does not have. A category that is new is OPTIONEEL everywhere and has
# no data: fill that in from the documentation of the release.

"""
_SCHEMA: Final = """<?xml version="1.0" encoding="UTF-8"?>
<!-- The official schema as it was imported; edit nothing here. -->
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace={namespace}>
  <xs:include schemaLocation={location}/>
</xs:schema>
"""


def write_pack(
    folder: Path,
    sources: Sources,
    schema: str,
    stylesheets: Mapping[str, str],
    versions: tuple[str, str],
) -> tuple[Pack, list[str]]:
    """Write everything but code lists; gives the pack, and what was assumed.

    folder: empty. schema, stylesheets: files of the sources, which go to ``official`` with all that
    they include. versions: the release and that of its rules.
    """
    release, version = versions
    namespace = sources.namespace(schema)
    for file in (schema, *stylesheets.values()):
        for module in sources.modules(file):
            place = folder / "official" / module
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(sources.files[module])
    wrapper = _SCHEMA.format(
        namespace=quoteattr(namespace), location=quoteattr(quote(f"official/{schema}"))
    )
    (folder / "dossier.xsd").write_text(wrapper, encoding="utf-8")
    table = derive(folder / "dossier.xsd")
    (folder / "structure.json").write_text(dump(table), encoding="utf-8")
    replaced = release in built_in_releases()
    ours = load_pack(release if replaced else built_in_releases()[-1])
    assumed = [f"labels of {ours.release}, where names of elements are the same"]
    said: dict[str, Any] = {
        "release": release,
        "validation_version": version,
        "namespace": namespace,
        "carried": "dossier",
        "replaces_built_in": replaced,
        "tables_from": {"labels.toml": ours.release},
        "stylesheets": {kind: f"official/{file}" for kind, file in stylesheets.items()},
    }
    if replaced:
        names = ("labels", "codelists", "profiles", "rules")
        said["tables_from"] = {f"{name}.toml": release for name in names}
        assumed.append(
            f"profiles, rules and code lists of {release}, but for lists that came along"
        )
    else:
        structure = structure_of(table)
        _write(folder / "profiles.toml", _profiles(ours, structure), _HEAD.format(ours.release))
        assumed.append(f"profiles of {ours.release}: see profiles.toml")
    said["evidence"] = {"imported": "from official files", "assumed": assumed}
    _write(folder / "pack.toml", said)
    return read_pack(folder), assumed


def _profiles(ours: Pack, structure: Structure) -> dict[str, Any]:
    """Our table of profiles for another release, as far as it has the same elements."""
    profiles = ours.profiles.profiles
    declared = structure.find(_CATEGORIES)
    names = list(declared.children) if declared else list(ours.profiles.data)
    categories = {}
    for name in names:
        data = ours.profiles.data.get(name, ())
        categories[name] = {
            "status": {key: each.statuses.get(name, _OPTIONAL) for key, each in profiles.items()},
            "data": [path for path in data if structure.find(path)],
        }
    kinds = {
        key: {"overdrachtsoort": each.overdrachtsoort}
        | ({"overstap": each.overstap} if each.overstap else {})
        for key, each in profiles.items()
    }
    return {"profiles": kinds, "categories": categories}


def _write(file: Path, table: Mapping[str, Any], head: str = "") -> None:
    import tomli_w  # noqa: PLC0415 - of the extra official

    file.write_text(head + tomli_w.dumps(table), encoding="utf-8")
