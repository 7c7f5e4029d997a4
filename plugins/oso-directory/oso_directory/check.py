"""``oso-directory check``: whether the folder is safe, and what is wrong with the files in it.

Nothing is changed, and nothing of what is in a file is told but the paths of the standard.
"""

import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

from oso_adapter.identifiers import holds_number
from oso_adapter.standard import codec, fields, profiles, validate
from oso_adapter.standard.findings import Finding
from oso_adapter.standard.pack import Pack
from oso_directory import names, reading
from oso_directory.errors import BothForms, FolderProblem, NotADossier, NotThere
from oso_directory.guarded import Folder
from oso_directory.taking import answer_of

_GIVEN: Final = "huidigeschool"
_HIDDEN: Final = "***"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where in the folder, where in the dossier, for which profile.

    file: as a path in the folder; a name that holds a personal number is ``***``.
    """

    severity: Literal["error", "warning"]
    file: str
    message: str
    path: str | None = None
    profile: str | None = None


@dataclass
class Checked:
    """What was looked at, and what is wrong with it."""

    problems: list[Problem]
    dossiers: int = 0


def check(root: Path, pack: Pack, wanted: Iterable[str], on: date) -> Checked:
    """Look at everything in the folder.

    wanted: the profiles that each dossier in ``out`` is judged for; on: the day of collecting.
    """
    checked = Checked([])
    looking = _Looking(root, pack, tuple(wanted), on, checked)
    with looking.telling(), Folder.opened(root) as folder:
        looking.schools(folder, names.OUT, looking.out)
        looking.schools(folder, names.IN, looking.coming)
    return checked


class _Looking:
    """Goes through the folder and notes what is wrong; one bad file does not hide the next."""

    def __init__(
        self, root: Path, pack: Pack, wanted: tuple[str, ...], on: date, checked: Checked
    ) -> None:
        self._root = root
        self._pack = pack
        self._wanted = wanted
        self._on = on
        self._checked = checked

    def telling(self) -> "_Telling":
        """Notes a problem with a file or folder, and goes on behind it."""
        return _Telling(self)

    def schools(self, root: Folder, name: str, look: Any) -> None:
        """The folders of the administrations in ``in`` or ``out``."""
        if not root.has(name):
            self.note(root.path / name, NotThere.__doc__ or "", severity="warning")
            return
        with self.telling(), root.inner(name) as folder:
            for school in folder.names():
                if not names.SCHOOL.fullmatch(school):
                    words = (
                        "it is not named as an administration, such as 99AA-0000000700099AA00001"
                    )
                    self.note(folder.path / school, words, severity="warning")
                    continue
                with self.telling(), folder.inner(school) as inner:
                    look(inner)

    def out(self, school: Folder) -> None:
        """The dossiers of an administration, and what lies beside them."""
        found = school.names()
        for name in found:
            if names.unfinished(name):
                self.note(school.path / name, "it is not finished, and not read", "warning")
                continue
            with self.telling():
                self._one(school, name, found)

    def coming(self, school: Folder) -> None:
        """What came for an administration."""
        for name in school.names():
            if names.unfinished(name):
                continue
            with self.telling(), school.inner(name) as folder:
                if name == names.DONE:
                    for done in folder.names():
                        with self.telling(), folder.inner(done) as inner:
                            self._taken(inner)
                else:
                    self._taken(folder)

    def _taken(self, folder: Folder) -> None:
        for name in folder.names():
            with self.telling():
                folder.look_at(name)
        answer_of(folder)

    def _one(self, school: Folder, name: str, found: list[str]) -> None:
        path = school.path / name
        if school.kind(name) == stat.S_IFDIR:
            with school.inner(name) as beside:
                for file in beside.names():
                    with self.telling():
                        beside.look_at(file)
            if not any(name + form in found for form in names.FORMS):
                self.note(path, "there is no dossier with these attachments", "warning")
            return
        school.look_at(name)
        if name.endswith(names.NUMBERS):
            reading.former_numbers(school, name.removesuffix(names.NUMBERS))
            return
        pupil, form = Path(name).stem, Path(name).suffix
        if form not in names.FORMS or not names.is_file_name(pupil):
            self.note(path, "it is no dossier: the name is a reference and .json or .xml")
            return
        if holds_number(pupil):
            self.note(path, "the name holds a BSN or onderwijsnummer; give it another")
        if form == names.FORMS[0] and pupil + names.FORMS[1] in found:
            self.note(path, BothForms.__doc__ or "")
        self._checked.dossiers += 1
        dossier = reading.read_file(school, pupil, form, self._pack)
        for profile in self._wanted:
            for finding in self._judged(dossier, profile):
                self._note_finding(path, finding, profile)

    def _judged(self, dossier: dict[str, Any], profile: str) -> list[Finding]:
        """The findings once the adapter has completed it; inzage comes later."""
        given = {_GIVEN: dossier[_GIVEN]}
        findings = fields.check(given, self._pack)
        if findings:
            return findings
        whole, _ = profiles.complete(
            given,
            self._pack,
            profiles.profile(profile, self._pack),
            package="oso-directory",
            package_version="0",
            on=self._on,
        )
        xml = codec.to_xml(whole, self._pack)
        return list(validate(xml, profile=profile, inzage=False).findings)

    def _note_finding(self, path: Path, finding: Finding, profile: str | None) -> None:
        if finding.severity != "info":
            words = f"{finding.message} ({finding.rule})"
            self.note(path, words, finding.severity, finding.path, profile)

    def note(
        self,
        path: Path,
        message: str,
        severity: Literal["error", "warning"] = "error",
        place: str | None = None,
        profile: str | None = None,
    ) -> None:
        """Note something that is wrong with a file or folder."""
        below = path.relative_to(self._root).parts if path != self._root else (".",)
        shown = "/".join(_HIDDEN if _personal(part) else part for part in below)
        words = " ".join(message.split())
        self._checked.problems.append(Problem(severity, shown, words, place, profile))

    def note_problem(self, problem: FolderProblem) -> None:
        """Note what the reading of a file has met."""
        path = Path(problem.path)
        if isinstance(problem, NotADossier) and problem.findings:
            for finding in problem.findings:
                self._note_finding(path, finding, None)
        else:
            self.note(path, problem.reason)


class _Telling:
    def __init__(self, looking: _Looking) -> None:
        self._looking = looking

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        if isinstance(error, FolderProblem):
            self._looking.note_problem(error)
        return isinstance(error, FolderProblem)


def _personal(name: str) -> bool:
    """Whether a name holds a personal number; that of an administration never does."""
    return not names.SCHOOL.fullmatch(name) and holds_number(name)


def problems_of(checked: Checked) -> Iterator[str]:
    """A line for each problem."""
    for each in checked.problems:
        where = f"{each.file} {each.path}" if each.path else each.file
        yield f"{each.severity:<8}{each.profile or '*':<5} {where}: {each.message}"
