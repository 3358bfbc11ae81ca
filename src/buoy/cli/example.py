"""`buoy example`: the example programme, calculated: what a plan and a sales file give."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from buoy.cli import plan, screen

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "adventureworks"


def example(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the run's folder is written.")] = Path(
        "runs"
    ),
) -> None:
    """Calculate the example programme (examples/adventureworks) and say what was earned and where to look."""
    programme, facts = EXAMPLE / "programme.yaml", EXAMPLE / "facts"
    if not programme.exists():
        screen.stop(f"found no {programme}; expected Buoy's repository; the example is not part of a package")
    where, sales = _short(programme), _short(facts)
    folder = plan.run_and_print(programme, facts, out)
    screen.say()
    screen.say("A partner's statements, told line by line:")
    screen.say(f"  python3 go.py plan statement {folder} --partner 312")
    screen.say("Ask why, for a partner or a line:")
    screen.say(f"  python3 go.py plan explain {where} --facts {sales} --partner 312 --period 2013-Q2")
    screen.say(f"  python3 go.py plan explain {where} --facts {sales} --line SO43897-1")
    screen.say("What would change:")
    screen.say(f"  python3 go.py plan simulate {where} --facts {sales} --set spiff=10,15,20")


def _short(path: Path) -> Path:
    """As seen from here, where that is shorter."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
