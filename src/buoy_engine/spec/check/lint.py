"""What every check of the linter works with: the plan, its document, and its expressions with their places."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from buoy_engine.kernel.problems import Problem, Severity
from buoy_engine.spec import constants
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.model import Component, Model, Plan, RateFunction, Tiers
from buoy_engine.spec.read import problem_at
from buoy_engine.spec.source import Path, Source

BLOCKING, WARNING, NOTE = Severity.BLOCKING, Severity.WARNING, Severity.NOTE


@dataclass(frozen=True)
class Lint:
    """A plan under examination; `prefix` is where it stands in the document."""

    plan: Plan
    source: Source
    prefix: Path = ()
    expressions: tuple[tuple[Path, ast.Node], ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "expressions", tuple(nodes_of(self.plan)))

    def problem(
        self, path: Path, code: str, *, found: str, expected: str, fix: str, severity: Severity = BLOCKING
    ) -> Problem:
        """A problem at a place of the plan. Says whose it is when it stands in a component."""
        return problem_at(self.source, self.prefix + path, code, f"{found}{self._whose(path)}", expected, fix, severity)

    def _whose(self, path: Path) -> str:
        match path:
            case ("components", int(at), *_):
                return f" (component {self.plan.components[at].id})"
        return ""

    def constant(self, node: ast.Node | None) -> Fraction | None:
        """The value of a node that depends on no fact."""
        return constants.constant(self.plan, node)

    def components(self) -> Iterator[tuple[Path, Component]]:
        """Every component with its path."""
        for at, component in enumerate(self.plan.components):
            yield ("components", at), component

    def functions(self) -> Iterator[tuple[Path, Component, RateFunction]]:
        """Every rate function: the component's own and the one used when a gate fails."""
        for path, component in self.components():
            yield path, component, component
            if component.otherwise is not None:
                yield (*path, "otherwise"), component, component.otherwise

    def scales(self) -> Iterator[tuple[Path, Component, Tiers]]:
        """Every scale of bands, with the path of its `tiers`."""
        for path, component, function in self.functions():
            if function.tiers is not None:
                yield (*path, "tiers"), component, function.tiers


Check = Callable[[Lint], Iterator[Problem]]


def nodes_of(value: object, path: Path = ()) -> Iterator[tuple[Path, ast.Node]]:
    """Every expression below a model, with the path at which it is written."""
    if isinstance(value, ast.Node):
        yield path, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from nodes_of(part, (*path, key))
    elif isinstance(value, tuple):
        for at, part in enumerate(value):
            yield from nodes_of(part, (*path, at))
    elif isinstance(value, Model):
        for name, about in type(value).model_fields.items():
            yield from nodes_of(getattr(value, name), (*path, about.alias or name))
