"""What the API answers when it cannot do what it was asked: problem+json (RFC 9457), from one table.

A use case raises a `DomainError`, which knows its kind and its code and nothing of HTTP; `STATUSES` maps kinds. `type` leads
to the words on the code in the API's own documentation, and programs decide by `code`, never by the sentence.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any, ClassVar

from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from ninja import Field, NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from buoy.core.errors import DomainError, Kind, NotFound

TYPE = "application/problem+json"
STATUSES = {
    Kind.INVALID: 422,
    Kind.NOT_FOUND: 404,
    Kind.NOT_ALLOWED: 403,
    Kind.CONFLICT: 409,
    Kind.STALE: 412,
    Kind.UNAVAILABLE: 503,
    Kind.TOO_MANY: 429,
}
NOT_SIGNED_IN, MALFORMED, BROKEN = "not-signed-in", "malformed", "broken"
OUTSIDE = {
    NOT_SIGNED_IN: (
        401,
        _("No token was sent, or it is unknown, expired or revoked. Send `Authorization: Bearer by_…`."),
    ),
    MALFORMED: (400, _("The body could not be read. It must be JSON in UTF-8.")),
    BROKEN: (500, _("Something went wrong on our side. It has been written to the log; try again later.")),
}
"""Refusals that no use case makes: their status and what they say, by code."""

log = logging.getLogger(__name__)


class InvalidRequest(DomainError):
    """A part of the request has not the shape that the description asks for."""

    kind = Kind.INVALID
    code: ClassVar[str] = "invalid-request"
    message = _(
        "The request is not as the description of this operation asks for. Each of `errors` names a place in it."
    )


class Part(Schema):
    """One place of the request that is wrong."""

    place: str = Field(description="Where: `body.name`, `query.limit`.")
    message: str


class Problem(Schema):
    """Why a request was not done."""

    type: str = Field(description="An address that explains the code.")
    title: str
    status: int
    code: str = Field(description="Never changes, so that a program can decide by it.")
    detail: str = Field(description="A sentence for people, in the language that was asked for.")
    errors: list[Part] = Field(default_factory=list)


def problem(
    *, status: int, code: str, detail: str, errors: list[Part] | None = None, headers: dict[str, str] | None = None
) -> HttpResponse:
    """An answer that says what is wrong."""
    said = Problem(
        type=f"/api/v1/docs#{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
        errors=errors or [],
    )
    return HttpResponse(said.model_dump_json(), status=status, content_type=TYPE, headers=headers)


def of_domain(request: HttpRequest, error: DomainError) -> HttpResponse:
    """A use case refused."""
    if error.kind is Kind.NOT_ALLOWED:
        log.warning("refused: %s %s lacks %s", request.method, request.path, error.params.get("permission"))
    headers = {"Retry-After": str(error.params["seconds"])} if error.kind is Kind.TOO_MANY else None
    return problem(status=STATUSES[error.kind], code=error.code, detail=str(error), headers=headers)


def of_shape(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """The request has not the right shape."""
    parts = [Part(place=".".join(map(str, each["loc"])), message=each["msg"]) for each in error.errors]
    return problem(status=422, code=InvalidRequest.code, detail=str(InvalidRequest.message), errors=parts)


def of_http(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Ninja itself refused: nobody is known by the token, or the body is no JSON."""
    return not_signed_in() if isinstance(error, AuthenticationError) else _outside(MALFORMED)


def not_signed_in() -> HttpResponse:
    """Who calls is not known."""
    return _outside(NOT_SIGNED_IN, {"WWW-Authenticate": "Bearer"})


def _outside(code: str, headers: dict[str, str] | None = None) -> HttpResponse:
    status, detail = OUTSIDE[code]
    return problem(status=status, code=code, detail=str(detail), headers=headers)


@csrf_exempt
def not_found(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """There is no such address, or no such thing."""
    return of_domain(request, NotFound())


def of_mistake(request: HttpRequest, error: Exception) -> HttpResponse:
    """A mistake of ours: told to the log, and to the caller only that there was one."""
    log.exception("%s %s failed", request.method, request.path)
    got_request_exception.send(sender=None, request=request)
    return _outside(BROKEN)


def handle(api: NinjaAPI) -> None:
    """Answer every error of the API in this form."""
    # Ninja's types would let a handler be given a class as well as an error; it never is.
    handlers: dict[type[Exception], Any] = {
        DomainError: of_domain,
        ValidationError: of_shape,
        HttpError: of_http,
        Http404: not_found,
        Exception: of_mistake,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)
