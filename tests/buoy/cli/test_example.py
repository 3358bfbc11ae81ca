"""`buoy example`: the example programme, from its folder to statements."""

from pathlib import Path

import pytest

from tests.buoy.cli.conftest import Buoy


@pytest.mark.long
def test_the_example_says_what_was_earned_and_where_to_look(buoy: Buoy, tmp_path: Path) -> None:
    said = buoy("example", "--out", tmp_path)
    assert said.code == 0
    assert "2,568,756.58" in said.out
    (folder,) = [entry for entry in tmp_path.iterdir() if entry.name != "facts"]
    assert f"plan statement {folder} --partner 312" in said.out
    assert "plan explain" in said.out
    everybody = buoy("plan", "statement", folder, "--out", tmp_path / "statements")
    assert everybody.code == 0
    assert len(list((tmp_path / "statements").iterdir())) == 667
