"""The header `Idempotency-Key` of the API: a POST that is sent again with its key is done once (`buoy.core.idempotency`)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from buoy.api import problems
from buoy.api.authentication import ApiToken
from buoy.core.actor import Actor
from buoy.core.errors import DomainError, Kind
from buoy.core.idempotency import once

HEADER = "Idempotency-Key"
LONGEST = 200

Run = Callable[..., HttpResponse]


class BadIdempotencyKey(DomainError):
    """The key is empty or too long."""

    kind = Kind.INVALID
    code: ClassVar[str] = "bad-idempotency-key"
    message = _("An idempotency key has 1 to %(longest)s visible characters; a random UUID is a good one.")


class _Refused(Exception):
    """Leaves the transaction of a call that was not done, and takes its answer out."""

    def __init__(self, answer: HttpResponse) -> None:
        self.answer = answer


def once_per_key(token: ApiToken) -> Callable[[Run], Run]:
    """A decorator for every operation: those that are POST obey the header."""

    def decorate(run: Run) -> Run:
        @wraps(run)
        def answer(request: HttpRequest, **parameters: Any) -> HttpResponse:
            key = request.headers.get(HEADER)
            if key is None or request.method != "POST":
                return run(request, **parameters)
            try:
                actor = token(request)
                if actor is None:
                    return problems.not_signed_in()
                return _once(run, request, parameters, actor=actor, key=_checked(key))
            except DomainError as error:
                return problems.of_domain(request, error)
            except _Refused as refused:
                return refused.answer

        return answer

    return decorate


def _checked(key: str) -> str:
    if not (0 < len(key) <= LONGEST and key.isascii() and key.isprintable()):
        raise BadIdempotencyKey(longest=LONGEST)
    return key


def _once(run: Run, request: HttpRequest, parameters: dict[str, Any], *, actor: Actor, key: str) -> HttpResponse:
    content = hashlib.sha256(f"{request.get_full_path()}\n".encode() + request.body).digest()
    caller = f"token:{actor.api_client_id}"
    with once(actor, caller=caller, key=key, request_hash=content) as call:
        if call.answer is not None:
            return HttpResponse(
                call.answer.body,
                status=call.answer.status,
                content_type="application/json; charset=utf-8",
                headers={"Idempotent-Replay": "true"},
            )
        made = run(request, **parameters)
        if made.status_code >= 400:
            raise _Refused(made)
        call.keep(status=made.status_code, body=made.content.decode())
        return made
