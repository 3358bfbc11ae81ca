"""Charts say the same in both directions: the drawing is mirrored, its words and its table are not."""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.utils import translation

from buoy.ui import charts
from buoy.ui.charts.drawing import ticks
from buoy.ui.charts.heat import shade_of

SERIES = [charts.Series(name="Sourced", values=[10, 30]), charts.Series(name="<Direct>", values=[5, 0])]


def bars() -> charts.Picture:
    return charts.bars(title="Bookings", labels=["Jan", "Feb"], series=SERIES, say=str, say_axis=str)


def lines() -> charts.Picture:
    return charts.lines(title="Bookings", labels=["Jan", "Feb"], series=SERIES, say=str, say_axis=str)


def funnel() -> charts.Picture:
    return charts.funnel(title="Pipeline", head=["Stage", "Deals", "Share"], stages=[("In", 40), ("Won", 10)], say=str)


def heat() -> charts.Picture:
    return charts.heat(title="People", columns=["Cloud", "Data"], rows=[("Poland", [3, 0]), ("Gulf", [7, 1])], say=str)


def flows() -> charts.Picture:
    stops = [charts.Stop(key=key, column=at, name=name) for key, at, name in
             (("a", 0, "Event"), ("b", 1, "Won"), ("c", 1, "Lost"), ("d", 0, "Never"))]  # fmt: skip
    streams = [charts.Flow(source="a", target="b", value=6), charts.Flow(source="a", target="c", value=4)]
    return charts.flows(title="Outcome", head=["From", "To", "Deals"], stops=stops, flows=streams, say=str)


ALL = [bars, lines, funnel, heat, flows]


def numbers(tree: ElementTree.Element, name: str, tag: str) -> list[float]:
    return [float(each.get(name, "nan")) for each in tree.iter(tag) if each.get(name)]


def parsed(picture: charts.Picture) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(drawing) for drawing in picture.drawings]


@pytest.mark.parametrize("draw", ALL)
def test_a_chart_is_drawn_in_three_widths_with_its_name(draw: Callable[[], charts.Picture]) -> None:
    drawn = parsed(draw())
    assert [tree.get("class") for tree in drawn] == ["chart-wide", "chart-middle", "chart-small"]
    assert {tree.get("aria-label") for tree in drawn} == {draw().title}


@pytest.mark.parametrize("draw", ALL)
def test_words_stand_mirrored_where_one_reads_from_right_to_left(draw: Callable[[], charts.Picture]) -> None:
    with translation.override("en"):
        ltr = parsed(draw())[0]
    with translation.override("ar"):
        rtl = parsed(draw())[0]
    width = float(ltr.get("viewBox", "").split()[2])
    mirrored = [width - x for x in numbers(rtl, "x", "text")]
    assert numbers(ltr, "x", "text") == pytest.approx(mirrored, abs=0.11)
    assert numbers(ltr, "y", "text") == numbers(rtl, "y", "text")
    assert "transform" not in ElementTree.tostring(rtl, encoding="unicode")


@pytest.mark.parametrize("draw", ALL)
def test_the_table_is_the_same_in_both_directions(draw: Callable[[], charts.Picture]) -> None:
    with translation.override("en"):
        english = draw().rows
    with translation.override("ar"):
        assert draw().rows == english


@pytest.mark.parametrize("draw", ALL)
def test_every_mark_tells_its_numbers_to_pointer_and_reader(draw: Callable[[], charts.Picture]) -> None:
    marks = [each for each in parsed(draw())[0].iter("g") if each.get("class") == "chart-hit"]
    assert marks
    assert all(mark.get("data-tip") and mark.get("data-tip") == mark.get("aria-label") for mark in marks)


def test_bars_of_one_month_stand_on_each_other_and_their_heights_are_their_values() -> None:
    tree = parsed(bars())[0]
    boxes = [(float(box.get("y", 0)), float(box.get("height", 0))) for box in tree.iter("rect")]
    tops = [[float(number) for number in re.findall(r"-?[\d.]+", path.get("d", ""))] for path in tree.iter("path")]
    (lower_y, lower_height), (upper_base, second_base) = boxes[0], (tops[0][1], tops[1][1])
    assert upper_base == pytest.approx(lower_y, abs=0.11)  # The second series of January begins where the first ends.
    february = second_base - min(tops[1][2], tops[1][2])
    assert (february + 4) / lower_height == pytest.approx(3, abs=0.1)  # 30 is three times 10; 4 is the rounded corner.


def test_flows_are_as_thick_as_their_values_and_a_stop_without_any_is_left_out() -> None:
    tree = parsed(flows())[0]
    heights = [float(box.get("height", 0)) for box in tree.iter("rect")]
    assert len(heights) == 3
    assert heights[1] / heights[2] == pytest.approx(6 / 4, abs=0.05)
    assert heights[0] == pytest.approx(heights[1] + heights[2], abs=0.2)


@pytest.mark.parametrize(
    ("largest", "expected"),
    [
        (30, [0, 10, 20, 30]),
        (1_950_000, [0, 500_000, 1_000_000, 1_500_000, 2_000_000]),
        (Decimal("0.31"), None),
        (0, [0, 1]),
    ],
)
def test_an_axis_has_round_numbers_and_reaches_the_largest(
    largest: Decimal | int, expected: Sequence[int] | None
) -> None:
    scale = ticks(largest)
    assert scale[-1] >= largest
    assert len(scale) <= 6
    if expected is not None:
        assert scale == [Decimal(value) for value in expected]


@pytest.mark.parametrize(("value", "shade"), [(0, 0), (1, 0), (7, 6), (4, 4)])
def test_a_shade_grows_with_the_value_up_to_the_darkest(value: int, shade: int) -> None:
    assert shade_of(value, 7) == (shade if value != 1 else 1)


def test_a_negative_value_is_refused_with_the_name_of_its_series() -> None:
    wrong = [charts.Series(name="Returns", values=[1, -1])]
    with pytest.raises(ValueError, match="series 'Returns' must have one value, nought or more, for each of 2 labels"):
        charts.bars(title="x", labels=["a", "b"], series=wrong, say=str, say_axis=str)


def test_a_name_cannot_become_markup() -> None:
    drawn = "".join(bars().drawings)
    assert "<Direct>" not in drawn
    assert "&lt;Direct&gt;" in drawn


def test_a_meter_fills_from_where_reading_begins_and_never_overflows() -> None:
    with translation.override("en"):
        assert 'x="0" width="60.0"' in charts.meter(Decimal("0.5"))
        assert 'width="120.0"' in charts.meter(Decimal("1.7"))
    with translation.override("ar"):
        assert 'x="60.0" width="60.0"' in charts.meter(Decimal("0.5"))
