"""The description of the API, for programs (`openapi.json`) and for people: a page made from the very same schema.

The page is rendered here, so it needs no script of its own, works without a network and cannot tell another story than the schema.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from buoy.api import description
from buoy.api.application import api
from buoy.api.problems import OUTSIDE
from buoy.core.errors import DomainError


@dataclass(frozen=True)
class Field:
    """One parameter of an operation, or one member of a body or an answer."""

    name: str
    kind: str
    place: str
    is_required: bool
    about: str


@dataclass(frozen=True)
class Answer:
    """What an operation answers when it is done."""

    status: str
    about: str
    fields: list[Field]


@dataclass(frozen=True)
class Operation:
    """One operation, as the page shows it."""

    id: str
    method: str
    path: str
    about: str
    fields: list[Field]
    answers: list[Answer]
    example: str


@dataclass(frozen=True)
class Section:
    """The operations of one tag."""

    title: str
    operations: list[Operation]


@dataclass(frozen=True)
class Refusal:
    """One code that the API can answer with."""

    code: str
    message: str


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """The OpenAPI description, for everybody."""
    return JsonResponse(api.get_openapi_schema())


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The description for people, for everybody."""
    described = api.get_openapi_schema()
    context = {
        "about": description.ABOUT,
        "sections": sections(described, request.build_absolute_uri("/").rstrip("/")),
        "refusals": refusals(),
        "statuses": description.REFUSALS.items(),
    }
    return render(request, "api/documentation.html", context)


def sections(described: dict[str, Any], address: str) -> list[Section]:
    """Every operation of the schema, by tag, in the order in which the routers were added."""
    found: dict[str, list[Operation]] = {}
    for path, operations in described["paths"].items():
        for method, told in operations.items():
            made = _operation(described, method.upper(), path, told, address)
            found.setdefault(told["tags"][0], []).append(made)
    return [Section(title, operations) for title, operations in found.items()]


def _operation(described: dict[str, Any], method: str, path: str, told: dict[str, Any], address: str) -> Operation:
    parameters = [
        Field(
            name=each["name"],
            kind=kind_of(each["schema"]),
            place=each["in"],
            is_required=each["required"],
            about=each.get("description", ""),
        )
        for each in told["parameters"]
    ]
    body = _json(told.get("requestBody", {}))
    return Operation(
        id=told["operationId"],
        method=method,
        path=path,
        about=told.get("description", told["summary"]),
        fields=[*parameters, *members_of(described, body)],
        answers=[
            Answer(str(status), answer["description"], list(members_of(described, _json(answer))))
            for status, answer in told["responses"].items()
            if str(status) not in description.REFUSALS
        ],
        example=_example(method, address + path, has_body=bool(body)),
    )


def _json(told: dict[str, Any]) -> dict[str, Any]:
    """The schema of a body or an answer; empty when there is none."""
    schema: dict[str, Any] = told.get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def _example(method: str, url: str, *, has_body: bool) -> str:
    lines = [f'curl -X {method} "{url}"', '  -H "Authorization: Bearer $BUOY_TOKEN"']
    if method == "POST":
        lines.append('  -H "Idempotency-Key: $(uuidgen)"')
    if has_body:
        lines.append("""  -H "Content-Type: application/json" -d '{…}'""")
    return " \\\n".join(lines)


def members_of(described: dict[str, Any], schema: dict[str, Any], place: str = "") -> Iterator[Field]:
    """The members of an object, those of the objects within it after it, by their paths: `items[].name`."""
    whole = _resolved(described, schema)
    for name, told in whole.get("properties", {}).items():
        path = f"{place}{name}"
        yield Field(
            name=path,
            kind=kind_of(told),
            place="body",
            is_required=name in whole.get("required", []),
            about=told.get("description", ""),
        )
        inner = _resolved(described, told)
        if inner.get("type") == "array":
            yield from members_of(described, inner["items"], f"{path}[].")
        elif "properties" in inner:
            yield from members_of(described, inner, f"{path}.")


def _resolved(described: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        named: dict[str, Any] = described["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        return named
    return schema


def kind_of(schema: dict[str, Any]) -> str:
    """The type in a few words: `text`, `uuid or null`, `list of PartnerOut`, `"name" or "-name"`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(kind_of(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(json.dumps(each) for each in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {kind_of(schema['items'])}"
    return str(schema.get("format") or {"string": "text"}.get(schema.get("type", "any"), schema.get("type", "any")))


def refusals() -> list[Refusal]:
    """Every code, with what it says; `{days}` stands for what the sentence is filled with."""
    said = {code: message for code, (_status, message) in OUTSIDE.items()} | {
        error.code: error.message for error in _all(DomainError) if "code" in vars(error)
    }
    return [Refusal(code, re.sub(r"%\((\w+)\)s", r"{\1}", str(message))) for code, message in sorted(said.items())]


def _all(of: type[DomainError]) -> Iterator[type[DomainError]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _all(kind)
