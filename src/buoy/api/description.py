"""The OpenAPI description, completed: every operation says how it can refuse, and which headers it obeys."""

from __future__ import annotations

from typing import Any

from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema

from buoy.api.problems import TYPE, Problem
from buoy.api.repeats import HEADER, LONGEST

ABOUT = """\
Call with `Authorization: Bearer …`: a token that you make in your profile, or one that an API client gets at
`/api/oauth/token` by the OAuth2 grant `client_credentials`. Lists come in pages: pass `next_cursor` of
one as `cursor` of the next. Send an `Idempotency-Key` with each POST, and the same key when you repeat it. Refusals are
`application/problem+json`; decide by their `code`."""

REFUSALS = {
    "400": "The body could not be read.",
    "401": "No valid token.",
    "403": "The token does not have the right to do this.",
    "404": "There is no such thing, or it is not the caller's to see.",
    "409": "It contradicts what is there.",
    "412": "Somebody else has changed it in the meantime.",
    "422": "The request is not as described here.",
    "429": "Too many calls; `Retry-After` says how many seconds to wait.",
    "503": "Another system that is needed does not answer.",
}
_KEY = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "A name of the caller's making for this call. Repeating the call with it gives the first answer again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[!-~]+$"},
}


def completed(schema: OpenAPISchema) -> OpenAPISchema:
    """The description with the refusals of every operation, and the header of every POST."""
    schemas = schema["components"]["schemas"]
    own = Problem.model_json_schema(ref_template=REF_TEMPLATE)
    schemas.update(own.pop("$defs"))
    schemas["Problem"] = own
    for operations in schema["paths"].values():
        for method, operation in operations.items():
            operation["responses"].update({status: _refusal(status, said) for status, said in REFUSALS.items()})
            if method == "post":
                operation["parameters"].append(_KEY)
    return schema


def _refusal(status: str, said: str) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": said,
        "content": {TYPE: {"schema": {"$ref": REF_TEMPLATE.format(model="Problem")}}},
    }
    if status == "429":
        seconds = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
        answer["headers"] = {"Retry-After": seconds}
    return answer
