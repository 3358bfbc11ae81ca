"""`buoy cases`: verdicts, messages and exit codes."""

from pathlib import Path

from tests.buoy.cli.conftest import Buoy

GOOD = """\
case: GOOD-1
plan:
  currency: USD
  period: month
  components: [{id: commission, rate: 5%}]
facts: {lines: [{id: L1, partner: P1, date: 2025-01-10, amount: "100.00"}]}
expect: {earned: {P1: "5.00"}}
"""


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def test_cases_that_hold_are_counted(buoy: Buoy, tmp_path: Path) -> None:
    said = buoy("cases", written(tmp_path, good=GOOD))
    assert (said.code, said.out) == (0, "1 passed, 0 failed\n")


def test_cases_below_the_folder_are_found(buoy: Buoy, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    written(tmp_path / "deep", good=GOOD)
    assert buoy("cases", tmp_path).out == "1 passed, 0 failed\n"


def test_a_failure_says_what_was_expected_and_found(buoy: Buoy, tmp_path: Path) -> None:
    said = buoy("cases", written(tmp_path, bad=GOOD.replace('"5.00"', '"6.00"'), good=GOOD))
    assert said.code == 1
    assert f"{tmp_path / 'bad.yaml'} GOOD-1: earned.P1: expected 6.00, found 5.00" in said.out
    assert said.out.endswith("1 passed, 1 failed\n")


def test_a_broken_file_is_a_failed_case_and_the_others_still_run(buoy: Buoy, tmp_path: Path) -> None:
    broken = {
        "yaml": "case: [",
        "shape": "- just a list\n",
        "facts": GOOD.replace("facts: {lines: [{", "facts: {lines: [[{"),
    }
    said = buoy("cases", written(tmp_path, good=GOOD, **broken, empty=""))
    assert said.code == 1
    assert said.out.endswith("1 passed, 4 failed\n")
    assert "Traceback" not in said.out + said.err


def test_a_mistake_of_form_is_told_with_its_line(buoy: Buoy, tmp_path: Path) -> None:
    text = GOOD.replace("facts: {lines: [{", "facts:\n  lines:\n    - [{").replace('"100.00"}]}', '"100.00"}]')
    said = buoy("cases", written(tmp_path, bad=text))
    assert "line 8, facts.lines.0: expected a row such as {id: L1, partner: P1}, found a list" in said.out


def test_a_file_that_is_not_text_is_a_failed_case(buoy: Buoy, tmp_path: Path) -> None:
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00case")
    said = buoy("cases", tmp_path)
    assert said.code == 1
    assert "expected a text file in UTF-8" in said.out


def test_a_folder_without_cases_is_wrong_use(buoy: Buoy, tmp_path: Path) -> None:
    said = buoy("cases", tmp_path)
    assert said.code == 2
    assert "found no *.yaml file" in said.err


def test_a_folder_that_is_not_there_is_wrong_use(buoy: Buoy, tmp_path: Path) -> None:
    said = buoy("cases", tmp_path / "nowhere")
    assert said.code == 2
    assert "nowhere" in said.err


def test_verdicts_come_as_json(buoy: Buoy, tmp_path: Path) -> None:
    said = buoy("cases", "--json", written(tmp_path, bad=GOOD.replace('"5.00"', '"6.00"')))
    assert said.code == 1
    found = said.json
    assert (found["passed"], found["failed"]) == (0, 1)
    assert found["cases"][0]["misses"] == [{"where": "earned.P1", "expected": "6.00", "found": "5.00"}]
