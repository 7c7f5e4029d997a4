"""Instants are in UTC and days are those of the Netherlands, wherever the machine thinks it is."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support import in_a_zone
from support.chain import ACCOUNT, School, program

TESTS = Path(__file__).parents[2]
PACKS = TESTS / "data" / "packs"
NEXT = "2020.1-proef"
CUT_OVER = f'[standard]\npacks = "{PACKS}"\nnext_release = "{NEXT}"\ncut_over = 2025-08-01\n'
AUCKLAND, LOS_ANGELES = "Pacific/Auckland", "America/Los_Angeles"


BEFORE = {
    "made": "2025-07-31",
    "seen": ["2025-07-31"],
    "until": ["2025-07-31", "2025-08-01", "2025-08-02"],
    "stored": "2025-07-31 21:30",
    "read": "2025-07-31 23:30",
    "release": "2019.1",
}
AFTER = {
    "made": "2025-08-01",
    "seen": ["2025-07-31", "2025-08-01"],
    "until": ["2025-08-01", "2025-08-02"],
    "stored": "2025-07-31 22:30",
    "read": "2025-08-01 00:30",
    "release": NEXT,
}


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        (AUCKLAND, "2025-08-01 09", "2025-08-01 10"),
        (LOS_ANGELES, "2025-07-31 14", "2025-07-31 15"),
    ],
)
def test_the_next_day_begins_at_midnight_in_the_netherlands(
    school: School, zone: str, before: str, after: str
) -> None:
    """Half past eleven and half past twelve there, both the last evening of July in UTC."""
    school.configure(CUT_OVER)
    moments = ("2025-07-31T21:30:00+00:00", "2025-07-31T22:30:00+00:00")
    done = subprocess.run(
        [sys.executable, in_a_zone.__file__, str(school.config), *moments],
        env={**os.environ, "TZ": zone, "PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    expected = [{"machine": before, **BEFORE}, {"machine": after, **AFTER}]
    assert expected == json.loads(done.stdout)


def test_a_command_tells_the_same_moments_in_every_zone(school: School, put: Any) -> None:
    put()
    command = program("--config", str(school.config), "dossier", "list", "--administration", "99AA")
    shown = {
        subprocess.run(
            command, env={**os.environ, "TZ": zone}, capture_output=True, text=True, check=True
        ).stdout
        for zone in (AUCKLAND, LOS_ANGELES)
    }
    assert 1 == len(shown)
    assert ACCOUNT in shown.pop()
