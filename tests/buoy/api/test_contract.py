"""The API keeps to its own description, whoever calls and whatever they send: Schemathesis makes up the calls.

A test run tries few calls of each operation as several identities; the long one tries many as everybody.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core import signals
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.openapi.checks import UndefinedStatusCode
from schemathesis.specs.openapi.checks import (
    missing_required_header,
    negative_data_rejection,
    positive_data_acceptance,
)

from buoy.api import description
from buoy.config.wsgi import application
from tests.buoy.access.world import IDENTITIES, World, undone
from tests.cast import make_cast

FEW, MANY = 8, 300
MODES = [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]

NOT_ASKED = [
    positive_data_acceptance,  # A cursor of the right shape that we did not make is refused, and so is a foreign id.
    negative_data_rejection,  # A parameter that is not described is passed over.
    missing_required_header,  # Every call here brings its token, whatever is tried.
]


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    # Nobody is told to wait here: test_rate_limits.py has them wait.
    patient = django_settings.CONFIGURATION.model_copy(update={"api_calls_per_minute": 1_000_000})
    monkeypatch.setattr(django_settings, "CONFIGURATION", patient)
    # The connection holds the test's transaction; Django's own client keeps it open in the same way.
    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    yield World.of(make_cast())
    signals.request_started.connect(close_old_connections)
    signals.request_finished.connect(close_old_connections)


def operations() -> dict[str, Any]:
    """Every operation of the description, by method and path."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    read = [operation.ok() for operation in schema.get_all_operations() if isinstance(operation, Ok)]
    assert len(read) == len(list(schema.get_all_operations()))
    return {operation.label: operation for operation in read}


def keeps_its_word(operation: Any, mode: Any, token: str, examples: int) -> None:
    @settings(
        max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        with undone():
            # Asked for as it is: this client, other than a browser, does not undo a compression.
            headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
            case.call_and_validate(headers=headers, excluded_checks=NOT_ASKED)

    check()


@pytest.mark.parametrize("identity", ["partner_administrator", "reading_program", "administrator"])
def test_every_operation_keeps_to_the_description(world: World, identity: str) -> None:
    for operation in operations().values():
        for mode in MODES:
            keeps_its_word(operation, mode, world.tokens[identity], FEW)


@pytest.mark.long
@pytest.mark.parametrize("identity", sorted(set(IDENTITIES) - {"nobody"}))
def test_every_operation_keeps_to_the_description_for_everybody(world: World, identity: str) -> None:
    for operation in operations().values():
        for mode in MODES:
            keeps_its_word(operation, mode, world.tokens[identity], MANY)


def test_a_broken_word_would_be_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The description keeps silent about refusals, and a partner that does not exist is asked for."""
    monkeypatch.setattr(description, "REFUSALS", {})
    operation = operations()["GET /api/v1/partners/{partner_id}"]
    with pytest.raises(FailureGroup) as caught:
        keeps_its_word(operation, MODES[0], world.tokens["administrator"], 1)
    assert [type(each) for each in caught.value.exceptions] == [UndefinedStatusCode]
