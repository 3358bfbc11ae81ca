"""`buoy cases`: do the worked cases still hold?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from buoy.cli import screen
from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.kernel.problems import Problem
from buoy_engine.run.backend import Backend
from buoy_engine.run.case_shape import shape_misses
from buoy_engine.run.cases import run_case
from buoy_engine.run.expectations import Miss
from buoy_engine.spec.source import load


@dataclass(frozen=True)
class Verdict:
    """What became of one file."""

    file: Path
    case: str
    misses: tuple[Miss, ...]

    @property
    def passed(self) -> bool:
        """Whether everything expected was found."""
        return not self.misses


def cases(
    paths: Annotated[list[Path], typer.Argument(metavar="DIR|FILE…", help="Folders and files with worked cases.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdicts as JSON.")] = False,
) -> None:
    """Run worked cases (docs/cases.md): every *.yaml below a folder.

    Prints each failure with what was expected and what was found. Exit code 0 when all passed, 1 when one failed,
    2 when there is no such file or no case in it.
    """
    verdicts = judge_all(case_files(paths))
    print_verdicts(verdicts, as_json=as_json)
    raise typer.Exit(screen.FINE if all(verdict.passed for verdict in verdicts) else screen.FAILED)


def case_files(paths: Iterable[Path]) -> list[Path]:
    """The named files and every *.yaml below the named folders, in order of their names. Stops when there is none."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(path.rglob("*.yaml"))
        elif path.exists():
            found.append(path)
        else:
            screen.stop(
                f"found no file or folder {path}; expected worked cases; give the path of a folder or a *.yaml file"
            )
    if not found:
        screen.stop(f"found no *.yaml file in {', '.join(map(str, paths))}; expected worked cases as in docs/cases.md")
    return found


def judge_all(files: list[Path], backend: Callable[[], Backend] | None = None) -> list[Verdict]:
    """The verdict on every file. Cases are small: one thread each on DuckDB is the fastest."""
    verdicts = []
    with screen.working("running cases") as now:
        for at, file in enumerate(files, 1):
            now(f"{at} of {len(files)}, {file.name}")
            verdicts.append(judge(file, backend or (lambda: DuckDb(threads=1))))
    return verdicts


def judge(file: Path, backend: Callable[[], Backend]) -> Verdict:
    """The verdict on one file. A broken file is a failed case with a message, so that the others still run."""
    made: list[Backend] = []

    def make() -> Backend:
        made.append(backend())
        return made[-1]

    try:
        source = load(file.read_text(encoding="utf-8"), str(file))
        if isinstance(source, Problem):
            return _broken(file, source.expected, str(source))
        if misses := shape_misses(source, source.data):
            return Verdict(file, file.name, tuple(misses))
        report = run_case(source, make)
        return Verdict(file, report.case, tuple(report.misses))
    except (OSError, UnicodeDecodeError) as error:
        return _broken(file, "a text file in UTF-8", str(error))
    except Exception as error:  # noqa: BLE001 a case that cannot even be run has failed; the next one may not
        return _broken(file, "a case as in docs/cases.md", f"{type(error).__name__}: {error}")
    finally:
        for each in made:
            each.close()


def _broken(file: Path, expected: str, found: str) -> Verdict:
    return Verdict(file, file.name, (Miss("file", expected, " ".join(found.split())),))


def print_verdicts(verdicts: list[Verdict], *, as_json: bool) -> None:
    """Every failure, then how many passed."""
    (_as_json if as_json else _as_text)(verdicts)


def _as_text(verdicts: list[Verdict]) -> None:
    for verdict in verdicts:
        for miss in verdict.misses:
            screen.say(f"{verdict.file} {verdict.case}: {miss}")
    passed = sum(verdict.passed for verdict in verdicts)
    screen.say(f"{passed} passed, {len(verdicts) - passed} failed")


def _as_json(verdicts: list[Verdict]) -> None:
    passed = sum(verdict.passed for verdict in verdicts)
    screen.as_json({"passed": passed, "failed": len(verdicts) - passed, "cases": [_record(v) for v in verdicts]})


def _record(verdict: Verdict) -> dict[str, Any]:
    misses = [{"where": m.where, "expected": _text(m.expected), "found": _text(m.found)} for m in verdict.misses]
    return {"file": str(verdict.file), "case": verdict.case, "passed": verdict.passed, "misses": misses}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
