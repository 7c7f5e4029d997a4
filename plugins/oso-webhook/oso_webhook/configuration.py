"""The section ``[plugins.oso-webhook]``: where the LAS answers, what, and by which secret."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from oso_webhook.forms import HOOKS
from oso_webhook.reading import problems
from oso_webhook.signature import Secrets, WrongSecret
from oso_webhook.trouble import NotConfigured

NAME: Final = "oso-webhook"


@dataclass(frozen=True)
class Configuration:
    """The section, judged.

    url: what the address of every hook begins with, without a slash at the end. hooks: those that
    the LAS answers. roots: the only authorities that are trusted, or none for those of the machine.
    """

    url: str
    hooks: frozenset[str]
    roots: tuple[Path, ...]
    secrets: Secrets


def _https(url: str) -> None:
    try:
        parts = urlsplit(url)
        good = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or set(url) & set("?#@ ") or not url.isprintable():
        raise ValidationError("has to be an address that begins with https://, without ? # or @")


def _secret(text: str) -> None:
    try:
        Secrets(text)
    except WrongSecret:
        raise ValidationError(
            "has to be whsec_ and the Base64 of 24 to 64 random bytes; several with blanks between"
        ) from None


class SettingsSchema(Schema):
    """What may stand in the section; a key that is not known is an error."""

    url = fields.String(
        required=True,
        validate=_https,
        metadata={"help": "address of the LAS, https; the name of the hook is put behind it"},
    )
    hooks = fields.List(
        fields.String(validate=validate.OneOf(HOOKS)),
        required=True,
        validate=validate.Length(min=1),
        metadata={"help": "hooks that the LAS answers, by their names without oso_"},
    )
    secret = fields.String(
        validate=_secret,
        metadata={"help": "secret of the signatures, whsec_...; or several", "secret": True},
    )
    secret_file = fields.String(
        validate=validate.Length(1, 4096),
        metadata={"help": "file with the secret instead, read at every call"},
    )
    roots = fields.List(
        fields.String(validate=validate.Length(1, 4096)),
        metadata={"help": "PEM files of the only authorities that may vouch for the LAS"},
    )

    @validates_schema
    def _one_secret(self, data: Mapping[str, Any], **_: Any) -> None:
        if ("secret" in data) == ("secret_file" in data):
            raise ValidationError("has to be given, or secret_file, and not both", "secret")


def configured(section: Mapping[str, Any]) -> Configuration:
    """Judge the section; raises :class:`NotConfigured`, which names keys and never a value."""
    try:
        read: dict[str, Any] = SettingsSchema().load(dict(section))
    except ValidationError as error:
        wrong = "; ".join(f"{place} {what}" for place, what in problems(error))
        raise NotConfigured(f"[plugins.{NAME}]: {wrong}") from None
    return Configuration(
        url=read["url"].rstrip("/"),
        hooks=frozenset(read["hooks"]),
        roots=tuple(Path(name) for name in read.get("roots", ())),
        secrets=_secrets(read),
    )


def _secrets(read: Mapping[str, Any]) -> Secrets:
    if "secret" in read:
        return Secrets(read["secret"])
    try:
        return Secrets(Path(read["secret_file"]).read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError):
        raise NotConfigured(f"[plugins.{NAME}] secret_file cannot be read") from None
    except WrongSecret:
        raise NotConfigured(f"[plugins.{NAME}] secret_file: {WrongSecret.__doc__}") from None
