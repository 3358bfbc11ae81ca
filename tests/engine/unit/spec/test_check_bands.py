"""Bands hold every measure exactly once: no gap, no overlap, from 0 to as high as it gets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buoy_engine.kernel.problems import Severity
from tests.engine.unit.spec.plans import found, grave, tiers


def flat(bands: str, more: str = "") -> list[str]:
    """The codes of a scale whose bands all pay 1, so that only the edges matter."""
    return grave(tiers("marginal", bands.replace("}", ", rate: 1}"), more))


@pytest.mark.parametrize(
    "bands",
    [
        "{from: 0}, {from: 50}, {from: 100}",
        "{up_to: 50}, {up_to: 100}, {title: above}",
        "{title: below}, {from: 50}",
        "{below: 50}, {from: 50, up_to: 100}, {above: 100}",
        "{from: 0, to: 50}, {from: 50, to: 100}, {from: 100}",
        "{from: 0, to: 50}, {from: 50, below: 100}, {from: 100}",
        "{from: 0, up_to: 50}, {above: 50, up_to: 100}, {above: 100}",
        "{above: 0}, {above: 50}",
        "{up_to: 0}, {up_to: 50}, {title: above}",
        "{from: 0%}, {from: 90%}, {from: 100%}",
        "{from: 0}, {from: target(revenue)}, {from: target(revenue) * 2}",
        "{up_to: target(revenue)}, {from: 100}",
        "{from: 0}",
        "{title: everything}",
    ],
)
def test_bands_that_tile_are_accepted(bands: str) -> None:
    assert flat(bands) == []


@pytest.mark.parametrize(
    ("bands", "codes"),
    [
        ("{below: 50}, {above: 50, up_to: 100}, {from: 100}", ["band-gap", "band-overlap"]),  # RT-019
        ("{from: 0, to: 50}, {from: 51}", ["band-gap"]),
        ("{up_to: 50}, {from: 51}", ["band-gap"]),
        ("{up_to: 50}, {from: 50}", ["band-overlap"]),
        ("{from: 0, up_to: 60}, {from: 50}", ["band-overlap"]),
        ("{from: 0, below: 50}, {above: 50}", ["band-gap"]),
        ("{title: one}, {title: other}", ["band-overlap"]),
        ("{from: 1}, {from: 50}", ["band-start"]),
        ("{from: -10}, {from: 50}", ["band-start"]),
        ("{up_to: 50}, {up_to: 100}", ["band-open-end"]),  # MT-014
        ("{up_to: target(revenue)}", ["band-open-end"]),
        ("{from: 0}, {from: 100}, {from: 50}", ["band-order"]),
        ("{up_to: 100}, {up_to: 50}, {title: above}", ["band-order"]),
        ("{from: 0}, {from: 100, to: 50}", ["band-open-end", "band-order"]),
        ("{from: 0}, {from: 50}, {from: 50}", ["band-unreachable"]),
        ("{from: 0, above: 0}, {from: 50}", ["band-edges"]),
        ("{up_to: 50, below: 60}, {from: 60}", ["band-edges"]),
    ],
)
def test_bands_that_do_not_tile_are_told_apart(bands: str, codes: list[str]) -> None:
    assert sorted(flat(bands)) == codes


def test_exceed_moves_every_from_edge_out_of_its_band() -> None:
    assert flat("{from: 0, to: 50}, {from: 50}", "edges: exceed, ") == []
    assert flat("{up_to: 50}, {from: 50}", "edges: exceed, ") == []
    assert flat("{below: 50}, {from: 50}", "edges: exceed, ") == ["band-gap"]


def test_the_last_filled_band_says_how_far_it_is_filled() -> None:
    assert grave(tiers("filled", "{from: 0, amount: 10}, {from: 100, to: 200, amount: 30}")) == []


def test_edges_are_compared_through_parameters_and_arithmetic() -> None:
    plan = "parameters: {edge: 50}\n" + tiers("marginal", "{up_to: edge, rate: 1}, {from: edge * 2 - 49, rate: 1}")
    assert grave(plan) == ["band-gap"]


def test_versions_and_alternatives_are_checked_as_well() -> None:
    later = "versions: [{from: 2025-07-01, bands: [{from: 5, rate: 1}]}], "
    assert grave(tiers("marginal", "{from: 0, rate: 1}", later)) == ["band-start"]
    otherwise = "    when: count() > 1\n    otherwise: {tiers: {mode: marginal, bands: [{from: 5, rate: 1}]}}\n"
    assert grave(tiers("marginal", "{from: 0, rate: 1}") + otherwise) == ["band-start"]


def test_a_gap_is_said_with_its_place_its_edges_and_a_remedy() -> None:
    text = tiers("marginal", "{below: 50, rate: 1}, {above: 50, rate: 2}")
    (problem,) = found(text, "band-gap")
    line = text.splitlines()[3]
    assert (problem.line, problem.column) == (4, line.index("above: 50") + len("above: ") + 1)
    assert problem.severity is Severity.BLOCKING
    assert problem.found == "50 itself is in no band (band 1 below: 50, band 2 above: 50) (component c)"
    assert problem.fix == "leave above out of band 2: it then begins where band 1 ends"


edges = st.lists(st.integers(1, 9), min_size=1, max_size=4, unique=True).map(sorted)
lower = st.sampled_from(["from", "above", ""])
upper = st.sampled_from(["up_to", "below", "to", ""])


Edges = list[tuple[str, int]]


def pairwise_of(highs: Edges, lows: Edges) -> list[tuple[tuple[str, int], tuple[str, int]]]:
    """Where each band ends and the next begins."""
    return list(zip(highs[:-1], lows[1:], strict=True))


@given(edges, st.data())
def test_a_scale_is_accepted_when_every_measure_is_in_one_band(inner: list[int], data: st.DataObject) -> None:
    """Band by band, by brute force over halves: the rule of the edge words, written a second time."""
    lows = [("from", 0)] + [(data.draw(lower), edge + data.draw(st.sampled_from([0, 0, 0, 1]))) for edge in inner]
    highs = [(data.draw(upper), edge) for edge in inner] + [("", 0)]
    bands = []
    for (low, a), (high, b) in zip(lows, highs, strict=True):
        bands.append("{rate: 1" + "".join(f", {word}: {edge}" for word, edge in ((low, a), (high, b)) if word) + "}")
    codes = set(grave(tiers("marginal", ", ".join(bands))))
    unsaid = any(not end and not start for (end, _), (start, _) in pairwise_of(highs, lows))
    if unsaid or codes & {"band-order", "band-unreachable"}:
        return

    def holds(i: int, measure: float) -> bool:
        (low, a), (high, b) = lows[i], highs[i]
        if not low:  # begins where the band before ends
            word, edge = highs[i - 1]
            low, a = {"up_to": "above", "below": "from", "to": "from"}[word], edge
        if not high and i + 1 < len(lows):
            word, edge = lows[i + 1]
            high, b = {"from": "below", "above": "up_to"}[word], edge
        above = measure >= a if low == "from" else measure > a
        below = not high or (measure <= b if high == "up_to" else measure < b)
        return above and below

    counts = [sum(holds(i, half / 2) for i in range(len(bands))) for half in range(24)]
    assert (codes == set()) == (set(counts) == {1}), (bands, counts)
    assert ("band-gap" in codes) == (0 in counts)
