"""What a browser must fetch stays small. The figures are promises to people on a slow line: raise none without need."""

from pathlib import Path

import brotli
import pytest

from tests.buoy.ui.sources import BUILT

KB = 1024
COMPRESSED_BUDGETS = {"buoy.css": 12 * KB, "app.js": 18 * KB, "board.js": 15 * KB, "icons.svg": 5 * KB}
FONT_BUDGETS = {"inter.woff2": 48 * KB, "inter-extended.woff2": 16 * KB, "arabic.woff2": 57 * KB}


@pytest.mark.parametrize("name", COMPRESSED_BUDGETS)
def test_a_file_stays_within_its_budget(name: str) -> None:
    assert len(brotli.compress((BUILT / name).read_bytes())) <= COMPRESSED_BUDGETS[name]


@pytest.mark.parametrize("name", FONT_BUDGETS)
def test_a_font_stays_within_its_budget(name: str) -> None:
    assert (BUILT / "fonts" / name).stat().st_size <= FONT_BUDGETS[name]


def test_a_first_visit_of_an_english_page_stays_within_140_kb_with_20_kb_of_html() -> None:
    compressed = sum(len(brotli.compress((BUILT / name).read_bytes())) for name in ("buoy.css", "app.js", "icons.svg"))
    assert compressed + (BUILT / "fonts" / "inter.woff2").stat().st_size + 20 * KB <= 140 * KB


def test_the_licences_of_what_is_carried_are_carried_too() -> None:
    text = Path(BUILT / "licences.txt").read_text(encoding="utf-8")
    for word in ("htmx.org 4.0.1", "sortablejs 1.15.7", "@tabler/icons", "inter", "noto-sans-arabic", "OFL", "MIT"):
        assert word in text
