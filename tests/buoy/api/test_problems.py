"""Every refusal is problem+json with a code that the documentation explains."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from buoy.api.problems import STATUSES
from buoy.core.errors import Kind
from tests.buoy.api.conftest import caller
from tests.cast import Cast


def checked(answer: Any, status: int, code: str) -> Any:
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert (problem["status"], problem["code"], problem["type"]) == (status, code, f"/api/v1/docs#{code}")
    assert f'id="{code}"' in Client().get("/api/v1/docs").content.decode()
    return problem


def test_every_kind_of_error_has_a_status() -> None:
    assert set(STATUSES) == set(Kind)


def test_without_a_token_nobody_comes_in(db: None) -> None:
    answer = Client().get("/api/v1/partners")
    assert answer["WWW-Authenticate"] == "Bearer"
    checked(answer, 401, "not-signed-in")


def test_what_is_not_there_is_not_found(cast: Cast) -> None:
    checked(caller(cast.mei)("GET", f"/partners/{uuid4()}"), 404, "not-found")
    checked(caller(cast.mei)("GET", "/no/such/thing"), 404, "not-found")


def test_an_unknown_address_is_not_found_by_every_method(cast: Cast) -> None:
    strict = Client(enforce_csrf_checks=True)
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        checked(strict.generic(method, "/api/v1/me/tokens/x"), 404, "not-found")


def test_what_is_foreign_is_not_told_from_what_is_not_there(cast: Cast) -> None:
    call = caller(cast.otto)
    foreign, missing = call("GET", f"/partners/{cast.alpha.id}"), call("GET", f"/partners/{uuid4()}")
    assert foreign.content == missing.content


def test_what_is_not_allowed_is_said(cast: Cast) -> None:
    checked(caller(cast.rita)("GET", "/audit-events"), 403, "not-allowed")


def test_a_wrong_shape_names_its_places(cast: Cast) -> None:
    problem = checked(caller(cast.mei)("GET", "/partners?limit=x&search=%00"), 422, "invalid-request")
    assert [part["place"] for part in problem["errors"]] == ["query.limit", "query.search"]


def test_a_mistake_of_ours_tells_nothing_of_it(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    def fail(execute: Any, sql: str, *more: Any) -> Any:
        if "partners_partner" in sql:
            raise RuntimeError("the secret of the house")
        return execute(sql, *more)

    call = caller(cast.mei)
    with connection.execute_wrapper(fail):
        answer = call("GET", "/partners")
    checked(answer, 500, "broken")
    assert "secret of the house" not in answer.content.decode()
    assert "secret of the house" in caplog.text


def test_a_sentence_is_in_the_language_that_is_asked_for(cast: Cast) -> None:
    answer = caller(cast.mei)("GET", "/no", **{"Accept-Language": "nl"})
    assert answer["Content-Language"] == "nl"
