"""Random amounts through the money kernel of an engine, with the answers worked out beside them in Python integers.

A batch is one small table whose columns have scales of their own: `a` and `b` are added, subtracted and multiplied,
`x` is divided by `y`, `z` is rounded. The batches go through all eight modes and all digits from −2 to 6. Every fourth
row divides to an exact tie, every fourth to one unit of the last decimal beside a tie, the others to anything, zero and
the largest amounts included; the same for what is rounded. Nothing here is shared with the engine: a reference with a
fault of ours in it would agree with us.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Context, Decimal
from random import Random

from buoy_engine.compile.lower import to_sql
from buoy_engine.facts.tables import Table
from buoy_engine.kernel.ir import Col, Expr, Op, Query, Stage, add, div, mul, neg, number, round_to, sub
from buoy_engine.run.backend import Backend

MODES = ("half_up", "half_even", "half_down", "half_ceiling", "up", "down", "ceiling", "floor")
DIGITS = range(-2, 7)
PRODUCT_SCALE = 18
_WIDE = Context(prec=100)

Row = tuple[int, int, int, int, int]


@dataclass(frozen=True)
class Batch:
    """`scale_x` is that of a and x, `scale_y` that of b and y; `scale` of the quotient, `digits` of the rounding."""

    seed: int
    mode: str
    digits: int
    scale: int
    scale_x: int
    scale_y: int
    scale_z: int
    rows: int

    def __str__(self) -> str:
        return (
            f"seed {self.seed}: x({self.scale_x}) y({self.scale_y}) z({self.scale_z}), "
            f"divided to {self.scale}, rounded to {self.digits}, {self.mode}"
        )


def batches(rows: int, seed: int = 1) -> Iterator[Batch]:
    """Batches of `rows` rows in all (a few more, so that they are equal)."""
    random = Random(seed)
    combinations = [(mode, digits) for mode in MODES for digits in DIGITS]
    for number_, (mode, digits) in enumerate(combinations):
        yield Batch(
            seed=1000 * seed + number_,
            mode=mode,
            digits=digits,
            scale=random.choice([0, 2, 2, 3, 4, 6, 12, 12]),
            scale_x=random.choice([0, 2, 2, 4, 6, 8, 9, 12]),
            scale_y=random.choice([0, 2, 2, 3, 6, 8, 10, 12]),
            scale_z=random.choice([max(digits, 0) + 1, 8, 12, 18]),
            rows=-(-rows // len(combinations)),
        )


# --- The rows: integers, in units of the column's last decimal ---------------------------------------------------


def amounts(batch: Batch) -> list[Row]:
    """a, b, x, y and z of every row."""
    random = Random(batch.seed)
    rows = []
    for number_ in range(batch.rows):
        kind = number_ % 4
        rows.append((*_factors(batch, random), *_division(batch, random, kind), _rounding(batch, random, kind)))
    return rows


def _factors(batch: Batch, random: Random) -> tuple[int, int]:
    """Together they have 20 digits before the point, which is what a product of 18 decimals has room for."""
    whole = random.randint(0, 20)
    return _any(random, whole + batch.scale_x), _any(random, 20 - whole + batch.scale_y)


def _division(batch: Batch, random: Random, kind: int) -> tuple[int, int]:
    if kind < 2:
        x, y = _tie(batch, random)
        return (x + random.choice([-1, 1]), y) if kind == 1 else (x, y)
    x = _any(random, min(18, 36 - batch.scale - batch.scale_y) + batch.scale_x)
    y = _any(random, 12 + batch.scale_y)
    # A quotient of 12 decimals has room for 22 digits before the point: see docs/algorithms/money-kernel.md.
    while y and abs(x) * 10 ** (batch.scale + batch.scale_y) >= 10**34 * abs(y) * 10**batch.scale_x:
        x = abs(x) // 10
    return x, y


def _tie(batch: Batch, random: Random) -> tuple[int, int]:
    """x ÷ y lies exactly between two results: x = m·(2n + 1)·10^(t − scale) and y = 2·m·10^t."""
    t = max(batch.scale - batch.scale_x, -batch.scale_y)
    m, n = random.randint(1, 10 ** random.randint(1, 6)), random.randint(0, 10 ** random.randint(0, 6))
    x = m * (2 * n + 1) * 10 ** (t - batch.scale + batch.scale_x)
    y = 2 * m * 10 ** (t + batch.scale_y)
    return random.choice([-1, 1]) * x, random.choice([-1, 1]) * y


def _rounding(batch: Batch, random: Random, kind: int) -> int:
    if kind >= 2:
        return _any(random, min(30, 36 - 7))
    unit = 10 ** (batch.scale_z - batch.digits)
    tie = random.randint(0, 10 ** random.randint(0, 7)) * unit + unit // 2
    return random.choice([-1, 1]) * (tie + (random.choice([-1, 1]) if kind == 1 else 0))


def _any(random: Random, most_digits: int) -> int:
    """Zero, one unit, the largest, and every size between."""
    largest = 10**most_digits - 1
    special = random.randrange(10)
    if special == 0:
        return random.choice([0, 0, 1, -1])
    if special == 1:
        return random.choice([-largest, largest])
    return random.choice([-1, 1]) * random.randrange(10 ** random.randint(0, most_digits))


# --- The answers -------------------------------------------------------------------------------------------------


def nearest(top: int, bottom: int, mode: str) -> int:
    """top ÷ bottom as a whole number."""
    if bottom < 0:
        top, bottom = -top, -bottom
    below, rest = divmod(top, bottom)
    if not rest:
        return below
    away = below if top < 0 else below + 1
    toward = below + 1 if top < 0 else below
    if 2 * rest != bottom and mode.startswith("half"):
        return below + (2 * rest > bottom)
    choices = {
        "half_up": away,
        "half_down": toward,
        "half_even": below + below % 2,
        "half_ceiling": below + 1,
        "up": away,
        "down": toward,
        "ceiling": below + 1,
        "floor": below,
    }
    return choices[mode]


def rounded(units: int, scale: int, digits: int, mode: str) -> int:
    """A number of `scale` decimals at `digits` decimals, in units of its own last decimal."""
    return units if digits >= scale else nearest(units, 10 ** (scale - digits), mode)


@dataclass(frozen=True)
class Check:
    """One column of the result: what the engine calculates, and what it has to find, in units of its last decimal."""

    expression: Expr
    expected: Callable[[Row], int | None]


def checks(batch: Batch) -> dict[str, Check]:
    """Column → check."""
    sx, sy, sz, scale, mode = batch.scale_x, batch.scale_y, batch.scale_z, batch.scale, batch.mode
    a, b, x, y, z = (Col(number(s), name, "t") for name, s in zip("abxyz", (sx, sy, sx, sy, sz), strict=True))
    widest = max(sx, sy)
    up_a, up_b = 10 ** (widest - sx), 10 ** (widest - sy)
    # Beyond 18 decimals the finer factor of a product is rounded first.
    excess = max(0, sx + sy - PRODUCT_SCALE)
    keep_a, keep_b = (sx - excess, sy) if sx >= sy else (sx, sy - excess)
    step = 10 ** max(0, -batch.digits)
    return {
        "sum": Check(add(a, b), lambda r: r[0] * up_a + r[1] * up_b),
        "difference": Check(sub(a, b), lambda r: r[0] * up_a - r[1] * up_b),
        "negative": Check(neg(a), lambda r: -r[0]),
        "size": Check(Op(a.type, "abs", (a,)), lambda r: abs(r[0])),
        "product": Check(
            mul(a, b), lambda r: rounded(r[0], sx, keep_a, "half_up") * rounded(r[1], sy, keep_b, "half_up")
        ),
        "quotient": Check(
            div(x, y, scale, mode),
            lambda r: nearest(r[2] * 10 ** (scale + sy), r[3] * 10**sx, mode) if r[3] else None,
        ),
        "rounded": Check(round_to(z, batch.digits, mode), lambda r: rounded(r[4], sz, batch.digits, mode) * step),
    }


# The table of docs/algorithms/money-kernel.md: a dividend, a divisor, and the quotient at two decimals in every mode.
WORKED = """
          1.00             8   0.13   0.12   0.12   0.13   0.13   0.12   0.13   0.12
         -1.00             8  -0.13  -0.12  -0.12  -0.12  -0.13  -0.12  -0.12  -0.13
          3.00             8   0.38   0.38   0.37   0.38   0.38   0.37   0.38   0.37
         -3.00             8  -0.38  -0.38  -0.37  -0.37  -0.38  -0.37  -0.37  -0.38
          0.01             3   0.00   0.00   0.00   0.00   0.01   0.00   0.01   0.00
         -0.01             3   0.00   0.00   0.00   0.00  -0.01   0.00   0.00  -0.01
12499999999.99  100000000000   0.12   0.12   0.12   0.12   0.13   0.12   0.13   0.12
12500000000.01  100000000000   0.13   0.13   0.13   0.13   0.13   0.12   0.13   0.12
          5.00             0   null   null   null   null   null   null   null   null
"""


def worked(backend: Backend) -> str:
    """The worked table as the engine fills it in."""
    rows = [line.split() for line in WORKED.strip().splitlines()]
    table = Table(
        "worked",
        {"id": number(), "x": number(2), "y": number(0)},
        [(Decimal(i), Decimal(row[0]), Decimal(row[1])) for i, row in enumerate(rows)],
    )
    backend.register(table)
    x, y = Col(number(2), "x", "t"), Col(number(0), "y", "t")
    columns: dict[str, Expr] = {"id": Col(number(), "id", "t")} | {mode: div(x, y, 2, mode) for mode in MODES}
    stage = Stage("worked_quotients", "amount", Query(columns, "worked", "t"))
    backend.run(stage, to_sql(stage, backend.dialect))
    found = sorted(backend.read(stage.name), key=lambda row: row["id"])
    lines = []
    for row, answer in zip(rows, found, strict=True):
        shown = ["null" if answer[mode] is None else f"{answer[mode]:f}" for mode in MODES]
        lines.append(f"{row[0]:>14}{row[1]:>14}" + "".join(f"{each:>7}" for each in shown))
    return "\n".join(["", *lines, ""])


# Amounts with more digits than there is room for: operator, x with 2 decimals, y with 6.
TOO_LARGE = {
    "product": ("1" + "0" * 18, "1" + "0" * 13),
    "dividend": ("1" + "0" * 30, "1"),
    "quotient": ("1" + "0" * 21, "0.000001"),
    "sum": ("9" * 36, "9" * 32),
}


def calculate_too_large(name: str, backend: Backend) -> None:
    """An engine has to raise an error of its own: anything it answered would be wrong."""
    types = {"x": number(2), "y": number(6)}
    backend.register(Table("large", types, [tuple(map(Decimal, TOO_LARGE[name]))]))
    x, y = Col(number(2), "x", "t"), Col(number(6), "y", "t")
    operators = {"product": mul(x, y), "dividend": div(x, y), "quotient": div(x, y, 12), "sum": add(x, y)}
    stage = Stage("too_large", "amount", Query({"answer": operators[name]}, "large", "t"))
    backend.run(stage, to_sql(stage, backend.dialect))


def difference(batch: Batch, backend: Backend) -> list[str]:
    """What the engine found otherwise than expected, at most ten lines of it."""
    table = f"amounts_{batch.seed}"
    scales = (batch.scale_x, batch.scale_y, batch.scale_x, batch.scale_y, batch.scale_z)
    types = {"id": number()} | {name: number(scale) for name, scale in zip("abxyz", scales, strict=True)}
    rows = amounts(batch)
    decimals = [(Decimal(i), *map(_decimal, row, scales)) for i, row in enumerate(rows)]
    backend.register(Table(table, types, decimals))
    wanted = checks(batch)
    columns: dict[str, Expr] = {"id": Col(number(), "id", "t")} | {n: check.expression for n, check in wanted.items()}
    stage = Stage(f"kernel_{batch.seed}", "amount", Query(columns, table, "t"))
    backend.run(stage, to_sql(stage, backend.dialect))
    found = {int(row["id"]): row for row in backend.read(stage.name)}
    assert len(found) == len(rows)
    misses = []
    for i, row in enumerate(rows):
        for name, check in wanted.items():
            units = check.expected(row)
            expected = None if units is None else _decimal(units, check.expression.type.scale)
            if not _same(found[i][name], expected):
                misses.append(f"{batch}: {name} of {decimals[i][1:]}: expected {expected}, found {found[i][name]}")
    return misses[:10]


def _decimal(units: int, scale: int) -> Decimal:
    return Decimal(units).scaleb(-scale, context=_WIDE)


def _same(found: Decimal | None, expected: Decimal | None) -> bool:
    """The same number with the same decimals."""
    if found is None or expected is None:
        return found is expected
    return found == expected and found.as_tuple().exponent == expected.as_tuple().exponent
