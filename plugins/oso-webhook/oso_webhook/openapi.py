"""The OpenAPI document of what a LAS answers: ``python -m oso_webhook.openapi`` prints it."""

import json
from typing import Any, Final

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields

from oso_webhook import signature
from oso_webhook.client import ANSWER
from oso_webhook.forms import CALLS, Call, DossierField

_ABOUT: Final = f"""\
What a school administration system (LAS) answers, so that the OSO adapter can give its pupils'
dossiers to other schools and hand it those that it received. Every call is a POST of JSON, over
HTTPS with a certificate that the adapter can verify; redirects are not followed.

**Each request is signed** by the convention of https://www.standardwebhooks.com, version 1.0.0:
HMAC-SHA256 with the secret that both sides have, over `webhook-id.webhook-timestamp.body`. Verify
it over the body as it came, in constant time, refuse a timestamp of more than
{signature.TOLERANCE} seconds from now, and answer 401 when it is not right. There can be several
signatures with blanks between; one that fits is enough.

**Each answer of 200, 204 or 404 is signed too**, in the same way and with the same headers; its
`webhook-id` is `{ANSWER}` and the `webhook-id` of the request. An answer without is not believed,
so that the page of a proxy is never taken for one.

`webhook-id` is also the idempotency key: see each call. In an answer, a key that is not known here
is an error. No text of an error may hold what is in a dossier.
"""
_ID_ONCE: Final = (
    "Of this request alone. Refuse one that you saw before: it is a request that somebody copied."
)
_ID_AGAIN: Final = (
    "The same at every offer of the same thing: do it once, and answer as you did the first time. "
    "What you postponed comes again with the same id, to be decided anew."
)
_DOSSIER: Final = {
    "type": "object",
    "description": "A dossier in the JSON form: whole, or what a supplier gives of it, "
    "huidigeschool alone. Its JSON Schema: `oso-adapter standard schema --json`.",
    "additionalProperties": True,
}
_PROBLEM: Final = {
    "type": "object",
    "properties": {
        "code": {
            "type": "string",
            "pattern": "^[a-z]{1,30}(-[a-z]{1,30}){0,3}$",
            "description": "Your own word for the reason.",
        }
    },
    "required": ["code"],
}


class _Forms(MarshmallowPlugin):
    """Names the schemas after their classes, and a dossier as what it is."""

    def __init__(self) -> None:
        super().__init__(schema_name_resolver=_name)

    def init_spec(self, spec: APISpec) -> None:
        """Tell what a field of our own is."""
        super().init_spec(spec)
        assert self.converter is not None  # noqa: S101 - made by the line above
        self.converter.add_attribute_function(_dossier)  # type: ignore[no-untyped-call]


def document() -> dict[str, Any]:
    """The document, OpenAPI 3.0.3."""
    spec = APISpec(
        title="OSO adapter: the hooks that a LAS answers",
        version="1",
        openapi_version="3.0.3",
        info={"description": _ABOUT},
        servers=[{"url": "https://las.example/oso"}],
        plugins=[_Forms()],
    )
    spec.components.schema("Dossier", _DOSSIER)
    spec.components.schema("Problem", _PROBLEM)
    for call in CALLS.values():
        spec.path(path=f"/{call.name}", operations={"post": _operation(call)})
    made: dict[str, Any] = spec.to_dict()
    return made


def _operation(call: Call) -> dict[str, Any]:
    good = (
        {"204": {"description": "Done.", "headers": _headers(f"{ANSWER}...")}}
        if call.answer is None
        else {
            "200": {
                "description": (call.answer.__doc__ or "").strip(),
                "headers": _headers(f"{ANSWER}..."),
                "content": {"application/json": {"schema": call.answer}},
            }
        }
    )
    problem = {"application/problem+json": {"schema": "Problem"}}
    return {
        "operationId": call.name,
        "summary": call.about,
        "description": (call.request.__doc__ or "").strip(),
        "parameters": [
            {"name": name, "in": "header", "required": True, **told}
            for name, told in _headers(_ID_ONCE if call.once else _ID_AGAIN).items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": call.request}},
        },
        "responses": good
        | {
            "401": {"description": "The signature is not right, or too old.", "content": problem},
            "404": {
                "description": "Not mine: there is no such pupil here, or no such school. Signed.",
                "headers": _headers(f"{ANSWER}..."),
            },
            "409": {"description": "Seen before, or not possible now.", "content": problem},
            "422": {"description": "The request makes no sense here.", "content": problem},
            "500": {
                "description": "Something failed; it is tried again later.",
                "content": problem,
            },
        },
    }


def _headers(about_id: str) -> dict[str, Any]:
    return {
        signature.ID: {
            "description": about_id,
            "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,200}$"},
        },
        signature.TIMESTAMP: {
            "description": "Whole seconds since 1970.",
            "schema": {"type": "string", "pattern": "^[0-9]{1,12}$"},
        },
        signature.SIGNATURE: {
            "description": "`v1,` and Base64, or several with blanks between.",
            "schema": {"type": "string"},
        },
    }


def _dossier(_: Any, field: fields.Field[Any], **__: Any) -> dict[str, Any]:
    return {"$ref": "#/components/schemas/Dossier"} if isinstance(field, DossierField) else {}


def _name(schema: Any) -> str:
    cls = schema if isinstance(schema, type) else type(schema)
    assert issubclass(cls, Schema)  # noqa: S101 - what apispec gives
    return cls.__name__.removesuffix("Form")


if __name__ == "__main__":
    print(json.dumps(document(), ensure_ascii=False, indent=2))
