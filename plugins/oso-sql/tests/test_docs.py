"""The page about mappings says what the code says, and its first mapping can be read."""

import re
import textwrap
from pathlib import Path

import pytest
from oso_sql import mapping, reading

PAGE = (Path(__file__).parents[3] / "docs" / "oso-sql.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.split(f"## {title}\n")[1].split("\n## ")[0]


def test_the_first_mapping_is_one(tmp_path: Path) -> None:
    found = re.findall(r"^ *```toml\n(.*?)^ *```$", section("The first dossier"), re.M | re.S)
    parts = [textwrap.dedent(part) for part in found]
    path = tmp_path / "oso-sql.toml"
    path.write_text("".join(part for part in parts if "[plugins]" not in part), encoding="utf-8")
    read = reading.read(path)
    assert ["leerling"] == [block.path[-1] for block in read.root.blocks]
    path.write_text(
        f"{section('Taking over').split('```')[1].removeprefix('toml')}{path.read_text()}"
    )
    assert reading.read(path).taking is not None


@pytest.mark.parametrize(
    ("title", "keys"), [("Blocks", reading.BLOCK_KEYS), ("Fields", reading.FIELD_KEYS)]
)
def test_every_key_is_explained_and_no_other(title: str, keys: frozenset[str]) -> None:
    rows = re.findall(r"^\| (`.*?) \|", section(title), re.M)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert keys - {"blocks"} == named


def test_every_parameter_is_named() -> None:
    told = {*mapping.GIVEN, *mapping.RECEIVED}
    assert told <= set(re.findall(r"`:(\w+)`", PAGE))
