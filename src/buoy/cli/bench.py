"""`buoy bench`: the engine's own figures on this machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from buoy.cli import screen

app = typer.Typer(name="bench", help="Measure Buoy on this machine.", no_args_is_help=True)

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks" / "engine"


@app.callback()
def _benchmarks() -> None:
    """Hold the benchmarks, of which the engine's is the first."""


@app.command("engine")
def engine(
    lines: Annotated[int, typer.Option("--lines", min=1, help="How many synthetic sales lines.")] = 1_000_000,
    data: Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Where the facts are or shall be.")] = None,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Processor threads of the engine.")] = 2,
    repeat: Annotated[int, typer.Option("--repeat", min=1, help="Runs of each measurement.")] = 3,
) -> None:
    """Make synthetic facts; measure a bare scan, hand-written SQL and the engine (benchmarks/engine/README.md)."""
    if not BENCHMARKS.is_dir():
        screen.stop(f"found no folder {BENCHMARKS}; expected Buoy's repository; the benchmark is not part of a package")
    folder = data or Path("build") / f"bench-{lines}"
    if not (folder / "lines.parquet").exists():
        screen.warn(f"making {lines:,} lines in {folder}")
        _python("generate.py", "--lines", str(lines), "--out", str(folder))
    options = ("--data", str(folder), "--threads", str(threads), "--repeat", str(repeat))
    _python("measure.py", *options)
    _python("engine.py", *options)


def _python(script: str, *arguments: str) -> None:
    """Every measurement has a process of its own, so that nothing of this one is counted."""
    code = subprocess.call([sys.executable, str(BENCHMARKS / script), *arguments])
    if code:
        screen.stop(f"benchmarks/engine/{script} failed with exit code {code}", screen.FAILED)
