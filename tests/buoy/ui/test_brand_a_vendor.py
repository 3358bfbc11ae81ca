"""A vendor's three tokens become a style sheet, or are refused with the reason."""

import pytest

from buoy.ui.brand import Brand, UnreadableBrand, contrast


def test_a_brand_is_a_style_sheet_of_three_tokens() -> None:
    css = Brand(accent="#0f766e", accent_text="#ffffff", radius_px=4).css()
    assert css == ":root{--accent:#0f766e;--accent-text:#ffffff;--radius:4px}\n"


@pytest.mark.parametrize(("one", "other", "ratio"), [("#000000", "#ffffff", 21), ("#777777", "#777777", 1)])
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio)


def test_the_grey_of_the_textbooks_is_just_readable_on_white() -> None:
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


def test_words_that_could_not_be_read_are_refused_with_their_contrast() -> None:
    with pytest.raises(
        UnreadableBrand, match=r"#ffffff on #ffd400 has a contrast of 1\.4 to 1; it must be at least 4\.5"
    ):
        Brand(accent="#ffd400")


@pytest.mark.parametrize("accent", ["red", "#12345", "#0f766e;}body{display:none", "url(x)"])
def test_only_a_plain_colour_gets_into_the_style_sheet(accent: str) -> None:
    with pytest.raises(ValueError, match="must be written as #rrggbb"):
        Brand(accent=accent)


def test_a_roundness_outside_nought_to_sixteen_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 16 pixels; it is 40"):
        Brand(accent="#0f766e", radius_px=40)
