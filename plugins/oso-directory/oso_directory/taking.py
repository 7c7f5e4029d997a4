"""Putting what came where the school's system finds it, and reading what that system answers."""

import json
from contextlib import suppress
from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from oso_adapter.hookspecs import ImportAnswer, ReceivedDossier, ReceivedNotification
from oso_adapter.standard.codec import CannotWrite
from oso_adapter.standard.jsonform import JsonRefused, parsed, to_json
from oso_adapter.standard.lexical import fits_xml
from oso_adapter.standard.pack import load_pack
from oso_directory import names
from oso_directory.durable import alone, make_folder, put_file, put_folder
from oso_directory.errors import AnswerUnreadable, NoFileName, NotCompleteYet, NotThere
from oso_directory.guarded import Folder

_MOST_OF_AN_ANSWER: Final = 64 * 1024


def _readable(text: str) -> None:
    if not fits_xml(text):
        raise ValidationError("it has characters that no text has")


class _Answer(Schema):
    """The form of ``answer.json``."""

    class Meta:
        """Strict: a key that is written wrongly would be left out in silence."""

        unknown = RAISE

    outcome = fields.String(
        required=True, validate=validate.OneOf(["accepted", "postponed", "rejected"])
    )
    categories = fields.List(fields.String(), load_default=())
    reason = fields.String(load_default=None, validate=[validate.Length(max=500), _readable])


def take(school: Folder, received: ReceivedDossier, *, as_json: bool) -> ImportAnswer | None:
    """Write a received dossier in a folder of its own, once, and give the answer that is there.

    school: the folder of the administration in ``in``. as_json: the JSON form too, beside the XML
    as it came. One that the school's system has moved to ``done`` is not written again. None while
    there is no answer. Raises a FolderProblem.
    """
    _require_name(school, received.id, names.DONE, names.NOTIFICATIONS)
    with alone(school):
        make_folder(school, names.DONE)
        # In this order: a folder that is moved to done meanwhile is found in one of the two.
        if not school.has(received.id):
            with school.inner(names.DONE) as done:
                if done.has(received.id):
                    return _answer_in(done, received.id)
            put_folder(school, received.id, _files(received, as_json=as_json))
        try:
            return _answer_in(school, received.id)
        except NotThere:  # moved just now
            with school.inner(names.DONE) as done:
                return _answer_in(done, received.id)


def notify(school: Folder, notification: ReceivedNotification) -> None:
    """Write that a dossier can be fetched now; the same again is the same file."""
    _require_name(school, notification.id)
    told = {
        "id": notification.id,
        "reference": notification.reference,
        "order_id": notification.order_id,
        "bron_brin": notification.bron_brin,
        "bron_routing_id": notification.bron_routing_id,
        "received_at": notification.received_at.isoformat(),
    }
    with alone(school):
        make_folder(school, names.NOTIFICATIONS)
        with school.inner(names.NOTIFICATIONS) as folder:
            put_file(folder, f"{notification.id}.json", _json(told))


def answer_of(folder: Folder) -> ImportAnswer | None:
    """What the school's system has answered in the folder of a dossier; None for nothing yet.

    Raises AnswerUnreadable, or another FolderProblem.
    """
    if not folder.has(names.ANSWER):
        return None
    path = str(folder.path / names.ANSWER)
    try:
        read = parsed(folder.read(names.ANSWER, _MOST_OF_AN_ANSWER))
        if getattr(read, "keys_twice", None):  # JSON leaves open which one would hold
            raise AnswerUnreadable(path)
        answer: dict[str, Any] = _Answer().load(read)
        return ImportAnswer(answer["outcome"], tuple(answer["categories"]), answer["reason"])
    except JsonRefused as refused:
        if any(finding.rule == "JSON.wellformed" for finding in refused.findings):
            raise NotCompleteYet(path) from None
        raise AnswerUnreadable(path) from None
    except (ValidationError, ValueError):
        raise AnswerUnreadable(path) from None


def _answer_in(folder: Folder, name: str) -> ImportAnswer | None:
    with folder.inner(name) as own:
        return answer_of(own)


def _files(received: ReceivedDossier, *, as_json: bool) -> dict[str, bytes]:
    about = {
        "id": received.id,
        "release": received.release,
        "profile": received.profile,
        "bron_brin": received.bron_brin,
        "former_numbers": list(received.former_numbers),
    }
    files = {"dossier.xml": received.xml, "about.json": _json(about)}
    if as_json:
        # A valid dossier may hold what JSON cannot; that must not keep it from being taken over.
        with suppress(CannotWrite):
            written = to_json(received.dossier, load_pack(received.release), indent=2)
            files["dossier.json"] = written.encode()
    return files


def _json(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n"


def _require_name(school: Folder, name: str, *taken: str) -> None:
    if not names.is_file_name(name) or name in taken:
        raise NoFileName(str(school.path))
