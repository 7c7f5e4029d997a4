"""Every obligation of a supplier has a place in the code and a proof, or a reason why not."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs/obligations.md").read_text("utf-8").splitlines()
    if line.startswith("| PvE-")
]


def test_all_obligations_are_there_in_their_order() -> None:
    assert [f"PvE-{number}" for number in range(1, 23)] == [row[0] for row in ROWS]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_an_obligation_has_its_place_and_its_proof(row: list[str]) -> None:
    _, _, _, where, proof = row
    places = re.findall(r"`([^`]+)`", where)
    assert places
    assert [] == [place for place in places if not (ROOT / place).is_file()]
    if proof.startswith(("niet van toepassing: ", "niet mogelijk: ")):
        assert len(proof.split()) > 8
        return
    proofs = re.findall(r"`(tests/[^`]+)`", proof)
    assert proofs
    assert [] == [named for named in proofs if not _is_test(named)]


def _is_test(named: str) -> bool:
    file, _, name = named.partition("::")
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
