"""A partner sees itself and, on the day, everyone below it."""

from datetime import date

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from buoy.core.errors import NotFound
from buoy.core.scope import acting
from buoy.domains.partners import queries
from buoy.domains.partners.models import Upline
from tests.cast import ON, SETUP, make_cast

pytestmark = pytest.mark.django_db


def test_a_distributor_sees_those_below_itself_first() -> None:
    cast = make_cast()
    assert cast.dana.partner_ids == (cast.delta.id, cast.alpha.id)


def test_before_the_chain_began_it_saw_nobody() -> None:
    cast = make_cast()
    assert queries.partner_ids_in_sight(cast.delta.id, on=date(2025, 12, 31)) == (cast.delta.id,)


def test_a_circle_ends() -> None:
    cast = make_cast()
    with acting(SETUP):
        Upline.objects.create(partner=cast.delta, parent=cast.alpha, valid=DateRange(date(2026, 1, 1), None))
    assert set(queries.partner_ids_in_sight(cast.alpha.id, on=ON)) == {cast.alpha.id, cast.delta.id}


def test_a_foreign_partner_is_not_found() -> None:
    cast = make_cast()
    with acting(cast.rita):
        assert queries.partner_row(cast.rita, partner_id=cast.alpha.id).name == "Alpha"
    with acting(cast.otto), pytest.raises(NotFound):
        queries.partner_row(cast.otto, partner_id=cast.alpha.id)
