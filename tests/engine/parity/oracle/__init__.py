"""An independent second opinion: the plan language as a row loop over exact fractions.

It shares no code with `src/`: only the standard library and ruamel.yaml. It is slow, plain and meant to be obviously
right, so that a difference between it and the SQL engine is worth an hour of somebody's time. Where the
documents leave a choice, the reading taken here is written in CHOICES.md.

    python -m tests.engine.parity.oracle DIR       runs every case file below DIR
    evaluate(plan, facts)                          runs one plan on one set of facts
"""

from .exact import Refused
from .result import Result, evaluate

__all__ = ["Refused", "Result", "evaluate"]
