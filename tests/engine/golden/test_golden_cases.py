"""Every worked case of this folder gives what it says, and every case of the shared collection is here or has a reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.engine.worked_cases import case_files, misses_of, read_case

HERE = Path(__file__).parent
NOT_OURS = HERE / "NOT-OURS.md"
SHARED = HERE.parents[3] / "shared" / "cases"  # beside the repository where the cases were handed over

ENGINE = {
    "marginal_tier": """MT-001 MT-002 MT-005 MT-007 MT-009 MT-010 MT-012 MT-013 MT-014 MT-015 MT-016 MT-019
                        MT-101 MT-102 MT-103 MT-104""",
    "retro_tier": """RT-001 RT-002 RT-003 RT-006 RT-008 RT-009 RT-012 RT-014 RT-018 RT-019
                     RT-101 RT-103 RT-104 RT-106""",
    "flat": "FL-001 FL-002 FL-003 RB-008",
    "spiff_unit": "SP-003 SP-004 SP-101 SP-102",
    "accelerator": "AC-001 AC-002 AC-004 AC-102",
    "attainment": "AT-001 AT-003",
    "gate": "AC-006 GT-101 GT-102 GT-104",
    "cap": "CP-002 CP-003 CP-004 CP-101 CP-102",
    "floor_guarantee_draw": "DR-001 DR-002 DR-003 DR-005 DR-101 DR-103",
    "override_multilevel": "OV-001 OV-101 OV-102 OV-103 OV-105",
    "split": "SL-001 SL-002 SL-004 SL-102",
    "growth_rebate": "GR-001 GR-103 GR-104 RB-006",
    "rebate_method": "RB-004 RB-005",
    "stacking": "FL-004 RB-003 SK-001",
    "clawback": "CB-001 CB-003 CB-004 CB-005 CB-006 CB-008 CB-102 CB-103 CB-104",
    "fx": "FL-006 FX-002 FX-102 FX-104",
    "proration": "PR-001 PR-002 PR-003 PR-004 PR-007 PR-008 PR-103",
    "calendar": "CA-001 CA-101 CA-102",
    "allocation_rounding": "AL-002 AL-003 AL-004 AL-005 AL-006 AL-102 AL-103",
    "price_protection": "PP-101",
    "ship_and_debit": "SD-002 SD-101",
}
"""Domain → cases that the engine must hold, all 110 of them."""

OTHERS = {
    "dedup": "DD-101 SP-103",
    "conflict_price_parity": "PX-001 PX-101 PX-102 PX-104",
    "cac_delta": "CC-001",
    "enps": "EN-002 EN-101",
    "forecast_accuracy": "FA-101",
    "inventory_metrics": "IN-002 IN-003",
    "mdf_roi": "MD-001 MD-002 MD-103",
    "retention": "RE-002 RE-101",
    "velocity": "VE-101",
    "weighted_pipeline": "WP-001 WP-101",
}
"""Domain → cases that may belong to another room; then NOT-OURS.md names them."""

FILES = case_files("golden")


def ids_of(domains: dict[str, str]) -> list[str]:
    return [case for cases in domains.values() for case in cases.split()]


def transcribed() -> set[str]:
    return {path.stem[:6] for path in HERE.glob("*.yaml")}


@pytest.mark.parametrize("path", FILES)
def test_a_worked_case_gives_what_it_says(path: Path) -> None:
    assert misses_of(read_case(path)) == []


@pytest.mark.parametrize("path", FILES)
def test_a_worked_case_names_itself_and_its_source(path: Path) -> None:
    data = read_case(path).data
    assert data["case"] == path.stem[:6]
    assert str(data.get("title") or "").strip()
    assert str(data.get("source") or "").strip()


def test_every_case_of_the_engine_is_transcribed() -> None:
    assert len(ids_of(ENGINE)) == 110
    assert [case for case in ids_of(ENGINE) if case not in transcribed()] == []


def test_every_other_case_is_transcribed_or_has_a_reason() -> None:
    listed = re.findall(r"^- ([A-Z]{2}-\d{3}) .*\S: \S+", NOT_OURS.read_text(encoding="utf-8"), re.MULTILINE)
    assert [case for case in ids_of(OTHERS) if case not in transcribed() | set(listed)] == []


def test_no_file_is_foreign_to_the_collection() -> None:
    assert transcribed() <= {*ids_of(ENGINE), *ids_of(OTHERS)}


if SHARED.is_dir():  # the collection itself, where it is at hand

    def test_the_list_above_is_the_collection() -> None:
        texts = [path.read_text(encoding="utf-8") for path in SHARED.glob("*.yaml")]
        found = {(key_of(text, "domain"), key_of(text, "id")) for text in texts}
        listed = {**ENGINE, **OTHERS}
        assert found == {(domain, case) for domain, cases in listed.items() for case in cases.split()}


def key_of(text: str, key: str) -> str:
    found = re.search(rf"^{key}: *(\S+)", text, re.MULTILINE)
    assert found is not None
    return found[1]
