"""Ids sort by the moment they were made and are never the same."""

from buoy.core.ids import new_id


def test_an_id_is_a_uuid_of_version_7() -> None:
    made = new_id()
    assert (made.version, made.variant) == (7, "specified in RFC 4122")


def test_many_ids_are_all_different() -> None:
    assert len({new_id() for _ in range(10_000)}) == 10_000


def test_a_later_id_sorts_later() -> None:
    first = new_id()
    while (second := new_id()).int >> 80 == first.int >> 80:
        pass
    assert second > first
