"""A small shop's plan and sales, and a way to run the command on them."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from buoy.cli import app
from tests.house.repository import ROOT

PLAN = """\
# What Alpha and Beta earn.
buoy: 1
plan: shop
title: The shop programme
currency: USD
period: month
valid: {from: 2025-01-01, to: 2025-03-31}
parameters:
  bonus: {value: 25, min: 0, max: 50}
components:
  - id: commission
    where: {too_small: amount >= 100}
    tiers:
      mode: marginal
      bands:
        - {from: 0, rate: 5%}
        - {from: 10000, rate: 8%}
    limits: [{max: 1000, per: period}]
  - id: bikes
    where:
      no_bike: product.family == "Bikes"
      not_in_season: date >= 2025-02-01
    base: quantity
    rate: bonus
    limits: [{max: 10000, per: period}]
  - id: loyalty
    amount: 50
    when:
      few_orders: count() >= 3
"""

EXAMPLES = """\
examples:
  - example: The first tier
    facts: {lines: [{id: X1, partner: P, date: 2025-01-05, amount: "1000.00", product: B1, quantity: 1}]}
    expect: {earned: {P: {commission: "50.00", loyalty: "0"}}}
  - example: A bike
    facts:
      lines: [{id: X1, partner: P, date: 2025-02-05, amount: "99.00", product: B1, quantity: 2}]
      products: [{product: B1, family: Bikes}]
    expect: {earned: {P: {commission: "0", bikes: "50.00"}}}
"""

LINES = """\
id,partner_id,date,amount,quantity,product_id
L1,alpha,2025-01-10,9000.00,3,B1
L2,alpha,2025-01-20,2000.00,1,H1
L3,alpha,2025-02-03,99.50,1,H1
L4,beta,2025-02-10,500.00,2,B1
L5,beta,2025-03-10,80.00,1,B1
L6,alpha,2025-02-11,400.00,4,B1
L7,alpha,2025-02-12,300.00,1,H1
L8,alpha,2025-02-13,200.00,1,H1
"""

PRODUCTS = """\
product_id,family
B1,Bikes
H1,Helmets
"""


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The answer as data."""
        return json.loads(self.out)


Buoy = Callable[..., Said]


def environment_of(data: Path, **settings: str) -> dict[str, str]:
    """The environment of a `buoy` in a process of its own: nothing of the machine's configuration, nothing of the tests'."""
    foreign = ("BUOY_", "DATABASE_URL", "DJANGO_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return kept | {"BUOY_DATA": str(data), "BUOY_CONFIG": os.devnull, "PYTHONPATH": str(ROOT / "src")} | settings


@pytest.fixture
def buoy() -> Buoy:
    """Runs the command in this process; what nobody foresaw is raised."""

    def run(*words: object) -> Said:
        done = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
        return Said(done.exit_code, done.stdout, done.stderr)

    return run


@dataclass(frozen=True)
class Shop:
    """A folder with a plan and facts."""

    folder: Path

    @property
    def plan(self) -> Path:
        """The plan."""
        return self.folder / "plan.yaml"

    @property
    def tested_plan(self) -> Path:
        """The plan with its examples."""
        return self.write("tested.yaml", PLAN + EXAMPLES)

    @property
    def red_plan(self) -> Path:
        """The plan with an example that it does not meet."""
        return self.write("red.yaml", PLAN + EXAMPLES.replace('commission: "50.00"', 'commission: "51.00"'))

    @property
    def facts(self) -> Path:
        """The folder of facts."""
        return self.folder / "facts"

    def other_plan(self, name: str, *changes: tuple[str, str]) -> Path:
        """A copy of the plan with texts replaced."""
        text = self.plan.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        return self.write(name, text)

    def write(self, name: str, text: str) -> Path:
        """A file of the folder."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """The shop's plan and sales."""
    made = Shop(tmp_path)
    made.write("plan.yaml", PLAN)
    made.write("facts/lines.csv", LINES)
    made.write("facts/products.csv", PRODUCTS)
    return made
