"""The page for people is made from the schema, and needs nothing that the security policy forbids."""

import re

import pytest
from django.test import Client

from buoy.api.application import api
from buoy.api.description import REFUSALS

pytestmark = pytest.mark.django_db


def page() -> str:
    return Client().get("/api/v1/docs").content.decode()


def test_every_operation_and_parameter_is_on_the_page() -> None:
    shown = page()
    for path, operations in api.get_openapi_schema()["paths"].items():
        for method, operation in operations.items():
            assert f"{method.upper()} {path}" in shown
            assert [each["name"] for each in operation["parameters"] if each["name"] not in shown] == []
            assert operation["description"] in shown.replace("&#x27;", "'")


def test_every_operation_says_how_it_refuses() -> None:
    for path, operations in api.get_openapi_schema()["paths"].items():
        for method, operation in operations.items():
            assert set(map(str, operation["responses"])) >= set(REFUSALS), (method, path)


def test_the_page_has_nothing_within_it_that_runs_and_nothing_from_elsewhere() -> None:
    shown = page()
    assert (
        re.findall(r"<script(?! type=\"module\" src=\"/static/)|<style|style=|\son\w+=|(?:src|href)=\"https?:", shown)
        == []
    )


def test_the_schema_is_openapi_3_1() -> None:
    assert Client().get("/api/v1/openapi.json").json()["openapi"] == "3.1.0"
