"""Reading a dossier that the school's system has put in its folder ``out``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from oso_adapter import bounded_xml
from oso_adapter.bounded_xml import XmlRefused
from oso_adapter.errors import InvalidIdentifier
from oso_adapter.identifiers import Pgn
from oso_adapter.standard import codec
from oso_adapter.standard.attachments import MAX_UNPACKED, with_files
from oso_adapter.standard.jsonform import MAX_SIZE, JsonRefused, from_json
from oso_adapter.standard.pack import Pack, pack_of
from oso_directory import names
from oso_directory.errors import (
    AttachmentMissing,
    BothForms,
    NoFileName,
    NotADossier,
    NotCompleteYet,
    NotThere,
    NumbersUnreadable,
    OtherRelease,
)
from oso_directory.guarded import Folder
from oso_directory.losses import losses

_GIVEN: Final = "huidigeschool"
_MOST_NUMBERS: Final = 10_000
_CUT_OFF: Final = frozenset({"JSON.wellformed", "not-well-formed"})


@dataclass(frozen=True, repr=False)
class Found:
    """A pupil's dossier in the dict form (``huidigeschool`` alone), and former numbers."""

    dossier: dict[str, Any]
    former_numbers: tuple[str, ...]


def read(school: Folder, pupil: str, pack: Pack) -> Found | None:
    """The dossier of a pupil, or None when there is no file of that name.

    pupil: the name of the file without its end. Raises a FolderProblem.
    """
    if not names.is_file_name(pupil):
        return None
    there = [form for form in names.FORMS if school.has(pupil + form)]
    if not there:
        return None
    if len(there) > 1:
        raise BothForms(str(school.path / pupil))
    dossier = read_file(school, pupil, there[0], pack)
    return Found({_GIVEN: dossier[_GIVEN]}, former_numbers(school, pupil))


def read_file(school: Folder, pupil: str, form: str, pack: Pack) -> dict[str, Any]:
    """The dict form of the file of a pupil, with ``huidigeschool`` and what else it holds.

    form: ``.json`` or ``.xml``. Raises a FolderProblem.
    """
    name = pupil + form
    path = str(school.path / name)
    content = school.read(name, MAX_SIZE)
    if _ends_in_a_character(content):
        raise NotCompleteYet(path)

    def beside(file: str) -> bytes:
        return _attachment(school, pupil, file)

    dossier = _READERS[form](content, pack, path, beside)
    if _GIVEN not in dossier:
        raise NotADossier(path)
    return dossier


def former_numbers(school: Folder, pupil: str) -> tuple[str, ...]:
    """The other numbers under which a pupil may be asked for, one a line; none without the file."""
    name = pupil + names.NUMBERS
    if not school.has(name):
        return ()
    try:
        lines = school.read(name, _MOST_NUMBERS).decode("ascii").split()
        return tuple(Pgn(line).reveal() for line in lines)
    except (InvalidIdentifier, UnicodeDecodeError):
        raise NumbersUnreadable(str(school.path / name)) from None


def _attachment(school: Folder, pupil: str, file: str) -> bytes:
    """An attachment that lies in the folder of the pupil, beside the dossier."""
    path = str(school.path / pupil / file)
    if not names.is_file_name(file):
        raise NoFileName(str(school.path / pupil))
    try:
        with school.inner(pupil) as beside:
            return beside.read(file, MAX_UNPACKED)
    except NotThere:
        raise AttachmentMissing(path) from None


def _of_json(
    content: bytes, pack: Pack, path: str, beside: Callable[[str], bytes]
) -> dict[str, Any]:
    try:
        return from_json(content, pack, file=beside)
    except JsonRefused as refused:
        if any(finding.rule in _CUT_OFF for finding in refused.findings):
            raise NotCompleteYet(path) from None
        raise NotADossier(path, refused.findings) from None


def _of_xml(
    content: bytes, pack: Pack, path: str, beside: Callable[[str], bytes]
) -> dict[str, Any]:
    try:
        root = bounded_xml.parse(content)
    except XmlRefused as refused:
        if refused.reason in _CUT_OFF:
            raise NotCompleteYet(path) from None
        raise NotADossier(path) from None
    name = etree.QName(root)
    if name.localname != pack.carried:
        raise NotADossier(path)
    if pack_of(name.namespace or "") is not pack:
        raise OtherRelease(path)
    if lost := losses(root, _GIVEN, pack):
        raise NotADossier(path, lost)
    filled: dict[str, Any] = with_files(codec.to_dict(root, pack), pack, beside)
    return filled


_READERS: Final = {".json": _of_json, ".xml": _of_xml}


def _ends_in_a_character(content: bytes) -> bool:
    """Whether the last character is there in part, as where a writer has come so far."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return False
