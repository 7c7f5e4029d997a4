"""The plugin: the hooks of the OSO adapter, answered by files in a folder.

Configuration: ``[plugins.oso-directory]``; see :class:`SettingsSchema`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from oso_adapter.hookspecs import (
    CollectedDossier,
    HookContext,
    ImportAnswer,
    ReceivedDossier,
    ReceivedNotification,
    hookimpl,
)
from oso_adapter.standard.pack import load_pack
from oso_directory import names, reading, taking
from oso_directory.durable import make_folder
from oso_directory.guarded import Folder

NAME: Final = "oso-directory"
OSO_API: Final = (1, 1)


class SettingsSchema(Schema):
    """The keys of ``[plugins.oso-directory]``."""

    class Meta:
        """Strict: a key that is written wrongly would be left out in silence."""

        unknown = RAISE

    folder = fields.String(
        required=True,
        validate=validate.Length(min=1),
        metadata={"help": "the folder with `in` and `out`, of the adapter's own user, mode 0700"},
    )
    format = fields.String(
        load_default="xml",
        validate=validate.OneOf(["xml", "json"]),
        metadata={"help": "of what came: `xml` as it came, or `json` for the JSON form beside it"},
    )
    answer = fields.String(
        load_default="on-write",
        validate=validate.OneOf(["on-write", "by-file"]),
        metadata={
            "help": "when a dossier is taken over: `on-write`, as soon as it is durably in the "
            "folder, or `by-file`, when your system has put an answer.json beside it"
        },
    )


OSO_SETTINGS: Final = SettingsSchema


class NotConfigured(Exception):
    """The section ``[plugins.oso-directory]`` is not right."""


@dataclass(frozen=True)
class Settings:
    """What the section says."""

    folder: Path
    format: Literal["xml", "json"]
    answer: Literal["on-write", "by-file"]


@hookimpl
def oso_collect_dossier(context: HookContext, pupil: str, profile: str) -> CollectedDossier | None:
    """Read ``out/<brin>-<routing id>/<pupil>.json`` or ``.xml``; None when there is none."""
    if context.administration is None:
        return None
    with Folder.opened(settings_of(context).folder) as root:
        if not root.has(names.OUT):
            return None
        with root.inner(names.OUT) as out:
            name = names.of_school(context.administration)
            if not out.has(name):
                return None
            with out.inner(name) as school:
                found = reading.read(school, pupil, load_pack(context.release))
    return None if found is None else CollectedDossier(found.dossier, found.former_numbers)


@hookimpl
def oso_import_dossier(context: HookContext, received: ReceivedDossier) -> ImportAnswer | None:
    """Write ``in/<brin>-<routing id>/<id>/``; the answer is in there, or that it is written."""
    settings = settings_of(context)
    with _taking(context, settings) as school:
        if school is None:
            return None
        answer = taking.take(school, received, as_json=settings.format == "json")
    if answer is None and settings.answer == "on-write":
        return ImportAnswer("accepted")
    return answer


@hookimpl
def oso_notification_received(context: HookContext, notification: ReceivedNotification) -> None:
    """Write ``in/<brin>-<routing id>/notifications/<id>.json``."""
    with _taking(context, settings_of(context)) as school:
        if school is not None:
            taking.notify(school, notification)


@contextmanager
def _taking(context: HookContext, settings: Settings) -> Iterator[Folder | None]:
    """The folder for what comes for a school, made when it is not there yet."""
    if context.administration is None:
        yield None
        return
    name = names.of_school(context.administration)
    with Folder.opened(settings.folder) as root:
        make_folder(root, names.IN)
        with root.inner(names.IN) as coming:
            make_folder(coming, name)
            with coming.inner(name) as school:
                yield school


def settings_of(context: HookContext) -> Settings:
    """The section of the configuration; raises NotConfigured, which names the keys alone."""
    try:
        loaded: dict[str, Any] = SettingsSchema().load(dict(context.settings(NAME)))
    except ValidationError as error:
        keys = ", ".join(sorted(map(str, error.messages_dict)))
        raise NotConfigured(f"[plugins.{NAME}]: look at {keys}") from None
    return Settings(Path(loaded["folder"]), loaded["format"], loaded["answer"])
