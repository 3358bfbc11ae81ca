"""Plans for the tests of the linter: as short as the behaviour allows."""

from collections.abc import Iterator
from pathlib import Path

from buoy_engine.kernel.problems import Problem, Severity
from buoy_engine.run.cases import merge
from buoy_engine.spec.check import check_plan
from buoy_engine.spec.model import Plan
from buoy_engine.spec.read import plan_of, read_plan
from buoy_engine.spec.source import Source, load

GOLDEN = sorted((Path(__file__).parents[2] / "golden").rglob("*.yaml"))


def document(components: str, more: str = "") -> str:
    """A plan in USD with these components; `more` are further keys of the plan."""
    return f"currency: USD\n{more}components:\n{components}"


def plan(text: str) -> Plan:
    """The plan in the text, which must be of good form."""
    read, problems, _ = read_plan(text)
    assert read is not None, [str(problem) for problem in problems]
    return read


def checked(text: str) -> list[Problem]:
    """What the linter says about the text."""
    read, problems, source = read_plan(text)
    assert read is not None, [str(problem) for problem in problems]
    assert source is not None
    return check_plan(read, source)


def grave(text: str) -> list[str]:
    """The codes of what is more than a note."""
    return [problem.code for problem in checked(text) if problem.severity is not Severity.NOTE]


def found(text: str, code: str) -> list[Problem]:
    """The problems of one code."""
    return [problem for problem in checked(text) if problem.code == code]


def tiers(mode: str, bands: str, more: str = "") -> str:
    """A plan of one component with one scale."""
    return document(f"  - id: c\n    tiers: {{mode: {mode}, {more}bands: [{bands}]}}\n")


def golden_plans() -> Iterator[tuple[str, Plan, Source, bool]]:
    """Every plan of the worked cases and their variants, and whether the case expects it to be refused."""
    for path in GOLDEN:
        source = load(path.read_text(encoding="utf-8"), path.name)
        assert isinstance(source, Source)
        data = source.data
        for name, change in {"base": {}, **(data.get("variants") or {})}.items():
            changes = {key: value for key, value in (change or {}).items() if key != "facts"}
            read, _ = plan_of(merge(data["plan"], changes), source, ("plan",))
            expect = data.get("expect") or {}
            expect = expect.get(name) or {} if "variants" in data else expect
            if read is not None:
                yield f"{path.stem} {name}", read, source, bool(expect.get("refused"))
