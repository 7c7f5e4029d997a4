"""Killed anywhere, and cut off by a power failure: what is there is whole, and the rest comes."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from oso_directory import durable, errors, plugin
from oso_directory.guarded import Folder

from oso_adapter.hookspecs import HookContext, ImportAnswer, ReceivedDossier
from oso_adapter.standard.samples import sample, sample_xml

Told = Callable[..., HookContext]
FILES = ["about.json", "dossier.json", "dossier.xml"]
CUTTER = Path(__file__).parent / "cutter.py"


def test_killed_before_any_line_of_it_the_dossier_is_whole_or_not_there(
    told: Told, root: Path, tmp_path: Path, received: ReceivedDossier
) -> None:
    context = told(format="json")
    received = replace(received, xml=sample_xml("POVO"), dossier=sample("POVO"))
    coming = root / "in" / "99AA-0000000700099AA00001"
    (tmp_path / "dossier.xml").write_bytes(received.xml)
    found_whole = set()
    with subprocess.Popen(
        [sys.executable, str(CUTTER), str(root), str(tmp_path / "dossier.xml"), received.id],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line in count(1):
            shutil.rmtree(root / "in", ignore_errors=True)
            print(line, file=process.stdin, flush=True)
            if process.stdout.readline() != "-9\n":
                break
            seen = [name for name in listed(coming) if not name.startswith(".")]
            found_whole.add(received.id in seen)
            if received.id in seen:
                assert FILES == listed(coming / received.id)
                assert received.xml == (coming / received.id / "dossier.xml").read_bytes()
            told_of = [n for n in listed(coming / "notifications") if not n.startswith(".")]
            assert all(json.loads((coming / "notifications" / n).read_text()) for n in told_of)

            assert ImportAnswer("accepted") == plugin.oso_import_dossier(context, received)
            assert FILES == listed(coming / received.id)
            assert [received.id, "done"] == [n for n in listed(coming) if n != "notifications"]
        process.stdin.close()
    assert {False, True} == found_whole
    assert line > 50
    assert process.returncode == 0


def test_what_an_earlier_attempt_left_is_taken_away(
    told: Told, root: Path, received: ReceivedDossier
) -> None:
    coming = root / "in" / "99AA-0000000700099AA00001"
    left = coming / f".begun-{received.id}"
    left.mkdir(parents=True)
    for path in (root / "in", coming):
        path.chmod(0o700)
    (left / "dossier.xml").write_bytes(received.xml[:100])
    assert ImportAnswer("accepted") == plugin.oso_import_dossier(told(), received)
    assert [received.id, "done"] == listed(coming)
    assert received.xml == (coming / received.id / "dossier.xml").read_bytes()


def test_everything_is_on_the_disk_before_it_gets_its_name_and_the_name_before_the_answer(
    told: Told, received: ReceivedDossier, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[int] = set()
    fsync, rename = os.fsync, os.rename
    renamed_in = []

    def watched_fsync(descriptor: int) -> None:
        fsync(descriptor)
        synced.add(os.fstat(descriptor).st_ino)

    def watched_rename(source: str, target: str, **within: Any) -> None:
        folder = os.stat(source, dir_fd=within["src_dir_fd"])
        descriptor = os.open(source, os.O_RDONLY, dir_fd=within["src_dir_fd"])
        inside = [os.stat(name, dir_fd=descriptor).st_ino for name in os.listdir(descriptor)]
        os.close(descriptor)
        assert {folder.st_ino, *inside} <= synced
        assert 2 == len(inside)
        synced.clear()
        renamed_in.append(os.fstat(within["dst_dir_fd"]).st_ino)
        rename(source, target, **within)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", watched_fsync)
        patched.setattr(os, "rename", watched_rename)
        plugin.oso_import_dossier(told(), received)
    assert 1 == len(renamed_in)
    assert set(renamed_in) <= synced


def test_a_disk_that_is_full_leaves_nothing_behind(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with Folder.opened(root) as folder, durable.alone(folder):
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            with pytest.raises(errors.NotWritten, match="No space left"):
                durable.put_folder(folder, "new", {"a": b"1"})
            with pytest.raises(errors.NotWritten):
                durable.put_file(folder, "file", b"1")
        assert ["out"] == listed(root)
        durable.put_folder(folder, "new", {"a": b"1"})
    assert ["new", "out"] == listed(root)


def listed(folder: Path) -> list[str]:
    return sorted(os.listdir(folder)) if folder.exists() else []
