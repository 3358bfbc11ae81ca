"""The tree of families: names, moves, and no circle."""

import pytest

from buoy.core.errors import NotAllowed, NotFound
from buoy.core.ids import new_id
from buoy.core.scope import acting
from buoy.domains.catalog.actions import families
from buoy.domains.catalog.policy.families import DEEPEST, may_lie_in, path_of, with_those_below
from buoy.domains.catalog.queries.families import family_tree
from tests.buoy.catalog.conftest import Make
from tests.cast import Cast


def paths(cast: Cast) -> list[str]:
    with acting(cast.rita):
        return ["/".join(row.path) for row in family_tree(cast.rita).rows.values()]


def test_the_tree_is_told_in_the_order_of_its_paths(cast: Cast, family: Make) -> None:
    bikes, parts = family(name="Bikes"), family(name="accessories")
    family(name="Road", parent_id=bikes)
    family(name="Locks", parent_id=parts)
    assert paths(cast) == ["accessories", "accessories/Locks", "Bikes", "Bikes/Road"]


def test_a_name_stands_once_at_a_place_and_again_elsewhere(cast: Cast, family: Make) -> None:
    bikes = family(name="Bikes")
    with pytest.raises(families.FamilyExists):
        family(name="Bikes")
    family(name="Bikes", parent_id=bikes)
    assert paths(cast) == ["Bikes", "Bikes/Bikes"]


def test_a_family_moves_with_all_that_lies_in_it(cast: Cast, family: Make) -> None:
    bikes, sport = family(name="Bikes"), family(name="Sport")
    family(name="Road", parent_id=bikes)
    families.change_family(cast.mei, family_id=bikes, name="Cycles", parent_id=sport)
    assert paths(cast) == ["Sport", "Sport/Cycles", "Sport/Cycles/Road"]


def test_no_family_lies_in_itself(cast: Cast, family: Make) -> None:
    bikes = family(name="Bikes")
    road = family(name="Road", parent_id=bikes)
    for place in (bikes, road):
        with pytest.raises(families.FamilyMisplaced):
            families.change_family(cast.mei, family_id=bikes, name="Bikes", parent_id=place)


def test_the_tree_is_not_deeper_than_anybody_keeps_apart(cast: Cast, family: Make) -> None:
    parent = None
    for level in range(DEEPEST):
        parent = family(name=f"Level {level}", parent_id=parent)
    with pytest.raises(families.FamilyMisplaced, match=str(DEEPEST)):
        family(name="One more", parent_id=parent)


def test_only_an_empty_family_is_removed(cast: Cast, family: Make, product: Make) -> None:
    bikes = family(name="Bikes")
    road = family(name="Road", parent_id=bikes)
    product(code="R-1", family_id=road)
    for held in (bikes, road):
        with pytest.raises(families.FamilyInUse):
            families.remove_family(cast.mei, family_id=held)
    empty = family(name="Empty")
    families.remove_family(cast.mei, family_id=empty)
    with pytest.raises(NotFound):
        families.remove_family(cast.mei, family_id=empty)


def test_a_family_does_not_lie_in_one_that_is_not_there(family: Make) -> None:
    with pytest.raises(NotFound):
        family(name="Lost", parent_id=new_id())


def test_partners_read_the_tree_and_do_not_change_it(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        families.add_family(cast.ramon, name="Mine", parent_id=None)


def test_a_path_is_read_with_its_blanks_cleaned() -> None:
    assert path_of("  Bikes >  Road   Bikes> ") == ("Bikes", "Road Bikes")
    assert path_of(" > ") == ()


def test_a_circle_that_is_there_does_not_hang() -> None:
    parents = {"a": "b", "b": "a", "c": "b"}
    assert with_those_below("a", parents) == {"a", "b", "c"}
    assert not may_lie_in("c", "c", parents)


def test_a_family_counts_what_lies_in_it_and_below(cast: Cast, family: Make, product: Make) -> None:
    bikes = family(name="Bikes")
    road = family(name="Road", parent_id=bikes)
    product(code="R-1", family_id=road)
    product(code="R-2", family_id=road, is_active=False)
    product(code="B-1", family_id=bikes)
    with acting(cast.mei):
        rows = family_tree(cast.mei).rows
    assert (rows[bikes].products, rows[road].products) == (2, 1)
