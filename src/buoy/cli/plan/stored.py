"""Runs on disk: the one of a plan and facts, if there is one, and the one in a folder."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from buoy.cli import screen
from buoy.cli.plan import inputs
from buoy_engine.facts.canonical import snapshot_ids
from buoy_engine.facts.files import open_facts
from buoy_engine.run.record import run_id
from buoy_engine.run.stored import RELATIONS, StoredRun
from buoy_engine.spec.model import Plan
from buoy_engine.spec.source import Source


def run_of(plan: Plan, source: Source, facts: Path, runs: Path, *, only: str) -> StoredRun | None:
    """The run of this plan and these facts, by its name; None when there is none. Its facts were checked when it was made."""
    if not runs.is_dir():
        return None
    with TemporaryDirectory(prefix="buoy-") as scratch:
        opened, problems = open_facts(facts, Path(scratch))
        if any(problem.is_blocking for problem in problems):
            return None
        folder = runs / run_id(source.data, snapshot_ids(opened))
    return StoredRun(folder, plan, only) if (folder / RELATIONS).is_dir() else None


def run_in(folder: Path, *, only: str | None = None) -> StoredRun:
    """The run in a folder. Stops when there is none."""
    if not (folder / RELATIONS).is_dir():
        screen.stop(f"found no run in {folder}; expected a folder that `plan run` wrote")
    plan, _, _ = inputs.sound_plan(folder / "plan.yaml")
    return StoredRun(folder, plan, only)
