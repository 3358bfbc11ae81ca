"""The random amounts are the hard ones that they are meant to be."""

from collections import Counter

from tests.engine.parity.money_kernel import DIGITS, MODES, amounts, batches


def test_every_mode_and_digit_meets_ties_and_their_neighbours_on_both_sides_of_zero() -> None:
    for batch in batches(20_000):
        met: Counter[str] = Counter()
        for _, _, x, y, z in amounts(batch):
            met["zero divisor"] += y == 0
            if y:
                # The distance to the nearest tie, in units of the dividend's last decimal times the divisor.
                top, bottom = 2 * x * 10 ** (batch.scale + batch.scale_y), y * 10**batch.scale_x
                _note(met, "quotient", top, bottom, 2 * 10 ** (batch.scale + batch.scale_y))
            _note(met, "rounded", 2 * z, 10 ** (batch.scale_z - batch.digits), 2)
        sides = ("tie above zero", "tie below zero", "beside a tie above zero", "beside a tie below zero")
        wanted = {f"{what}: {side}" for what in ("quotient", "rounded") for side in sides} | {"zero divisor"}
        assert {name for name in wanted if not met[name]} == set(), batch


def _note(met: Counter[str], what: str, top: int, bottom: int, step: int) -> None:
    """A tie is an odd number of halves: top ÷ bottom in halves, one last decimal being `step`."""
    side = "above zero" if (top < 0) == (bottom < 0) else "below zero"
    if _is_tie(top, bottom):
        met[f"{what}: tie {side}"] += 1
    elif _is_tie(top + step, bottom) or _is_tie(top - step, bottom):
        met[f"{what}: beside a tie {side}"] += 1


def _is_tie(top: int, bottom: int) -> bool:
    halves, rest = divmod(top, bottom)
    return rest == 0 and halves % 2 == 1


def test_all_modes_and_digits_are_gone_through() -> None:
    assert {(b.mode, b.digits) for b in batches(1)} == {(mode, digits) for mode in MODES for digits in DIGITS}
