"""The linter: what is wrong or dangerous in a plan, before any fact is read."""

from __future__ import annotations

from buoy_engine.kernel.problems import Problem
from buoy_engine.spec.model import Plan
from buoy_engine.spec.source import Path, Source


def check_plan(plan: Plan, source: Source, prefix: Path = ()) -> list[Problem]:
    """Problems of meaning, each with its place in the document."""
    return []
