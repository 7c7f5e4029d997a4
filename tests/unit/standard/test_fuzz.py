"""Spoilt dossiers, JSON and ZIPs: a finding or a refusal, and nothing else, ever.

The same few hundred each time; by ``make soak`` new ones for OSO_TEST_SOAK_SECONDS (600).
"""

import os
import random
import time
from collections import Counter
from pathlib import Path

import pytest
from support.fuzzing import KINDS

SEED = 1
CASES = {"xml": 120, "json": 100, "zip": 400}


def run(kind: str, seed: int, number: int, folder: Path) -> str:
    """One case; when it breaks anything it is written, with how to make it again."""
    make, attempt = KINDS[kind]
    case = make(seed, number)
    try:
        return attempt(case)
    except Exception as error:
        file = folder / f"{kind}-{seed}-{number}"
        file.write_bytes(case if isinstance(case, bytes) else case.encode())
        again = f"python tests/support/fuzzing.py {kind} {seed} {number}"
        error.add_note(f"the case is in {file}, or again by: {again}")
        raise


@pytest.mark.parametrize("kind", CASES)
def test_what_is_spoilt_gets_a_finding_or_a_refusal(kind: str, tmp_path: Path) -> None:
    outcomes = Counter(run(kind, SEED, number, tmp_path) for number in range(CASES[kind]))
    assert len(outcomes) > 1, outcomes  # cases that all end alike try nothing


@pytest.mark.soak
def test_nothing_breaks_in_ten_minutes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seconds = float(os.environ.get("OSO_TEST_SOAK_SECONDS", "600"))
    seed = random.SystemRandom().randrange(2, 2**32)
    outcomes: Counter[tuple[str, str]] = Counter()
    number = 0
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        for kind, often in (("xml", 1), ("json", 1), ("zip", 30)):
            for _ in range(often):
                outcomes[kind, run(kind, seed, number, tmp_path)] += 1
                number += 1
    with capsys.disabled():
        print(f"\n{outcomes.total()} cases of seed {seed} in {seconds:.0f} s")
        for (kind, outcome), times in sorted(outcomes.items()):
            print(f"  {kind} {outcome}: {times}")
