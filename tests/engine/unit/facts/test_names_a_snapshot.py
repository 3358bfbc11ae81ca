"""The name of a run's facts depends on their content and on nothing else."""

import shutil
from collections.abc import Mapping
from decimal import Decimal

from buoy_engine.facts.canonical import snapshot_id, snapshot_ids
from buoy_engine.facts.tables import Facts, inline_table
from tests.engine.unit.facts.folder import Folder

LINES = "id,partner_id,date,amount\nL1,P1,2025-01-31,10.50\n"


def test_the_same_files_have_the_same_name_anywhere(folder: Folder) -> None:
    folder.csv("lines", LINES)
    folder.csv("rates", "currency,date,rate\nEUR,2025-01-01,1.1\nGBP,2025-01-01,1.3\n")
    first = snapshot_id(folder.take_in().facts)
    elsewhere = shutil.copytree(folder.facts, folder.root / "elsewhere")
    folder.facts = elsewhere
    assert snapshot_id(folder.take_in().facts) == first
    assert len(first) == 64


def test_one_changed_byte_gives_another_name(folder: Folder) -> None:
    folder.csv("lines", LINES)
    first = snapshot_id(folder.take_in().facts)
    folder.csv("lines", LINES.replace("10.50", "10.51"))
    assert snapshot_id(folder.take_in().facts) != first


def named(*rows: Mapping[str, object]) -> str:
    return snapshot_id(Facts({"lines": inline_table("lines", rows)}))


def test_rows_in_memory_are_named_by_their_meaning(folder: Folder) -> None:
    one, two = {"id": "L1", "amount": "1.50"}, {"id": "L2", "amount": "2"}
    assert named(one, two) == named(two, {"id": "L1", "amount": Decimal("1.5"), "deal": None})
    assert named(one, two) != named(one, two, two)
    assert named({"id": "a\tb"}) != named({"id": "a", "note": "b"})
    assert named({"id": "1", "size": "1"}) != named({"id": "1", "size": "x"})


def test_the_name_of_a_table_counts(folder: Folder) -> None:
    folder.csv("lines", LINES)
    folder.csv("sales", LINES)
    ids = snapshot_ids(folder.take_in().facts)
    assert ids["lines"] == ids["sales"]
    only = {name: Facts({name: folder.take_in().facts[name]}) for name in ids}
    assert snapshot_id(only["lines"]) != snapshot_id(only["sales"])
