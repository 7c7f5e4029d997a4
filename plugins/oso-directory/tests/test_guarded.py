"""Folders and files that others may reach are refused, with the remedy, and stay as they are."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from oso_directory import errors, plugin
from oso_directory.guarded import Folder

from oso_adapter.hookspecs import HookContext, ReceivedDossier

Put = Callable[..., Path]
Told = Callable[..., HookContext]
FOLDER = "99AA-0000000700099AA00001"


@pytest.mark.parametrize("part", ["", "out", f"out/{FOLDER}", f"out/{FOLDER}/P-1.json"])
@pytest.mark.parametrize("bit", [0o040, 0o020, 0o010, 0o004, 0o002, 0o001])
def test_what_others_may_reach_is_refused_and_not_mended(
    told: Told, root: Path, put: Put, as_json: str, part: str, bit: int
) -> None:
    put("P-1.json", as_json)
    path = root / part
    open_to_others = stat.S_IMODE(path.stat().st_mode) | bit
    path.chmod(open_to_others)
    with pytest.raises(errors.NotPrivate) as caught:
        plugin.oso_collect_dossier(told(), "P-1", "POVO")
    assert f"chmod {'600' if path.is_file() else '700'} {path}" in str(caught.value)
    assert open_to_others == stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("part", ["", "in", f"in/{FOLDER}", f"in/{FOLDER}/done"])
def test_nothing_is_written_where_others_may_look(
    told: Told, root: Path, received: ReceivedDossier, part: str
) -> None:
    (root / "in" / FOLDER / "done").mkdir(parents=True)
    for each in ("in", f"in/{FOLDER}", f"in/{FOLDER}/done"):
        (root / each).chmod(0o700)
    (root / part).chmod(0o750)
    with pytest.raises(errors.NotPrivate):
        plugin.oso_import_dossier(told(), received)
    assert ["done"] == os.listdir(root / "in" / FOLDER)


@pytest.mark.parametrize("part", ["", "out", f"out/{FOLDER}", f"out/{FOLDER}/P-1.json"])
def test_a_link_is_never_followed(
    told: Told, root: Path, put: Put, as_json: str, part: str
) -> None:
    put("P-1.json", as_json)
    path = root / part
    moved = path.rename(root.parent / "elsewhere")
    path.symlink_to(moved)
    with pytest.raises(errors.NoFileItself):
        plugin.oso_collect_dossier(told(), "P-1", "POVO")


def test_a_pipe_is_refused_and_not_waited_for(told: Told, root: Path) -> None:
    os.mkfifo(root / "out" / FOLDER / "P-1.json", 0o600)
    with pytest.raises(errors.NoFileItself):
        plugin.oso_collect_dossier(told(), "P-1", "POVO")


def test_what_belongs_to_another_user_is_refused(root: Path, put: Put) -> None:
    put("P-1.json", "{}")
    us, other = os.geteuid(), os.geteuid() + 1
    with (
        pytest.raises(errors.NotOurs, match=f"chown {other} "),
        Folder.opened(root, owner=other),
    ):
        pass
    with Folder.opened(root, owner=us) as folder:
        folder._owner = other  # as if what is in it were of somebody else
        with pytest.raises(errors.NotOurs), folder.inner("out"):
            pass


def test_a_folder_that_is_not_there_is_told(told: Told, tmp_path: Path) -> None:
    with pytest.raises(errors.NotThere, match="oso-directory make"):
        plugin.oso_collect_dossier(told(folder=str(tmp_path / "none")), "P-1", "POVO")


def test_more_than_is_read_is_refused(root: Path, put: Put) -> None:
    put("P-1.json", "{}   ")
    with Folder.opened(root / "out" / FOLDER) as folder:
        assert b"{}   " == folder.read("P-1.json", most=5)
        with pytest.raises(errors.TooLarge):
            folder.read("P-1.json", most=4)
