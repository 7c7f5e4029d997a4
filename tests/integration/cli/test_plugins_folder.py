"""Commands with a plugin from a folder, that prints and gives dossiers of others."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.chain import ACCOUNT, School, program
from support.dossiers import NUMBERS, content

SOURCE = """
import datetime, os
from oso_adapter.hookspecs import CollectedDossier, hookimpl

OSO_API = (1, 1)
CONTENT = {content}

@hookimpl
def oso_collect_dossier(context, pupil, profile):
    os.system("echo printed by a program")
    print("printed by the plugin")
    leerling = {{**CONTENT["huidigeschool"]["leerling"], "leerlingid": pupil}}
    if pupil == "P-4":
        leerling["leerlingid"] = "P-5"
    dossier = {{"huidigeschool": {{**CONTENT["huidigeschool"], "leerling": leerling}}}}
    return CollectedDossier(dossier, pupil="P-7" if pupil == "P-6" else None)
"""


@pytest.fixture
def folder(school: School) -> Path:
    """A folder with a plugin that gives everybody the same number."""
    folder = school.folder / "plugins"
    folder.mkdir(mode=0o700)
    (folder / "own.py").write_text(SOURCE.format(content=repr(content(NUMBERS[0]))))
    (folder / "own.py").chmod(0o600)
    school.configure('[plugins]\nenabled = ["own"]\n')
    return folder


def collect(school: School, folder: Path, *pupils: str) -> Any:
    by = ("--profile", "POVO", "--administration", "99AA", "--account", ACCOUNT)
    return school.cli("--plugins-dir", str(folder), "dossier", "collect", *pupils, *by)


def test_what_a_plugin_and_its_programs_print_is_not_in_the_output_of_a_command(
    school: School, folder: Path
) -> None:
    by = ("--profile", "POVO", "--administration", "99AA", "--account", ACCOUNT)
    command = program(
        *("--config", str(school.config), "--plugins-dir", str(folder)),
        *("dossier", "collect", "P-1", "--format", "json", *by),
    )
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)

    [row] = json.loads(done.stdout)
    assert ("P-1", "verzameld") == (row["leerling"], row["stand"])
    assert b"printed" not in done.stderr


def test_the_dossier_of_another_pupil_is_refused_with_what_to_do(
    school: School, folder: Path
) -> None:
    first, *others = [collect(school, folder, f"P-{n}") for n in (1, 2, 4, 6)]

    assert 0 == first.exit_code, first.output
    for other in others:
        assert 1 == other.exit_code
        assert "De koppeling own gaf het dossier van een andere leerling." in other.output
        assert "dossier withdraw" in other.output
        assert NUMBERS[0] not in other.output


def test_a_pupil_with_another_reference_is_collected_once_the_old_dossier_is_withdrawn(
    school: School, folder: Path
) -> None:
    by = ("--administration", "99AA", "--account", ACCOUNT)
    assert 0 == collect(school, folder, "P-1").exit_code
    assert 0 == collect(school, folder, "P-1").exit_code
    assert 1 == collect(school, folder, "P-2").exit_code
    assert 0 == school.cli("dossier", "withdraw", "P-1", *by).exit_code

    assert 0 == collect(school, folder, "P-2").exit_code


def test_without_its_folder_the_plugin_is_named_with_the_remedy(
    school: School, folder: Path
) -> None:
    done = school.cli("config", "check")

    assert 1 == done.exit_code
    assert "problem: plugin own is not installed; install its package" in done.output
