"""Names: each stands for one thing, everything named exists, everything that exists is used."""

from __future__ import annotations

from collections.abc import Iterator

from buoy_engine.kernel.problems import Problem
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.check.lint import NOTE, WARNING, Lint
from buoy_engine.spec.source import Path
from buoy_engine.spec.words import FUNCTIONS, KEYWORDS, LOOKUPS, ROW_WORDS, named_components, words

RESERVED = FUNCTIONS | KEYWORDS | LOOKUPS | ROW_WORDS | ast.AGGREGATES | ast.WINDOWS


def check_ids(lint: Lint) -> Iterator[Problem]:
    """Every component has a name of its own."""
    seen: dict[str, int] = {}
    for at, component in enumerate(lint.plan.components):
        if component.id in seen:
            yield lint.problem(
                ("components", at, "id"),
                "duplicate-id",
                found=f"the id {component.id!r} a second time, first for component number {seen[component.id] + 1}",
                expected="one component of that id",
                fix="give one of them another id",
            )
        seen.setdefault(component.id, at)


def check_component_names(lint: Lint) -> Iterator[Problem]:
    """earned(…), follow and combine name components that there are."""
    known = {component.id for component in lint.plan.components}
    for path, name in _named(lint):
        if name not in known:
            yield lint.problem(
                path,
                "unknown-component",
                found=f"the component {name!r}",
                expected=f"one of {', '.join(sorted(known))}",
                fix="correct the name, or add the component",
            )


def _named(lint: Lint) -> Iterator[tuple[Path, str]]:
    for path, node in lint.expressions:
        for name in dict.fromkeys(named_components(node)):
            yield path, name
    for path, component in lint.components():
        if component.credit.kind == "follow":
            yield (*path, "credit", "follow"), component.credit.component or ""
    for at, best in enumerate(lint.plan.combine):
        for i, name in enumerate(best.best_of):
            yield ("combine", at, "best_of", i), name
        if best.otherwise is not None:
            yield ("combine", at, "otherwise"), best.otherwise


def check_list_names(lint: Lint) -> Iterator[Problem]:
    """`in name` names a list of the plan."""
    for path, node in lint.expressions:
        for name in dict.fromkeys(_lists_in(node)):
            if name not in lint.plan.lists:
                there = ", ".join(lint.plan.lists) or "there are none"
                yield lint.problem(
                    path,
                    "unknown-list",
                    found=f"the list {name!r}",
                    expected=f"one of the plan's lists ({there})",
                    fix=f"add it under lists, or write the values: in (…); a text is quoted: in ({name!r})",
                )


def _lists_in(node: ast.Node) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Among) and isinstance(part.choices, str):
            yield part.choices


def check_shadows(lint: Lint) -> Iterator[Problem]:
    """A parameter or measure named like a word of the language hides that word, or can never be used."""
    for group, names in (("parameters", lint.plan.parameters), ("measures", lint.plan.measures)):
        for name in names:
            if name in RESERVED:
                yield _shadow(lint, (group, name), name, "a word of the plan language has")
            elif group == "measures" and name in lint.plan.parameters:
                yield _shadow(lint, (group, name), name, "a parameter has; the parameter is meant wherever it stands")


def _shadow(lint: Lint, path: Path, name: str, whose: str) -> Problem:
    return lint.problem(
        path,
        "shadowed-name",
        found=f"{name!r} under {path[0]}, a name that {whose}",
        expected="a name of its own",
        fix=f"choose another name, such as {name}_of_plan",
        severity=WARNING,
    )


def check_unused(lint: Lint) -> Iterator[Problem]:
    """What nothing refers to. Measures are shown on the statement and therefore always used."""
    plan = lint.plan
    spoken = {str(word) for _, node in lint.expressions for word in words(node)}
    listed = {name for _, node in lint.expressions for name in _lists_in(node)}
    tables = {c.from_ for c in plan.components} | {s.from_ for s in plan.sources.values()}
    tables |= {m.from_ for m in plan.measures.values()}
    for group, names, used in (
        ("parameters", plan.parameters, spoken),
        ("lists", plan.lists, listed),
        ("sources", plan.sources, tables),
    ):
        for name in names:
            if name not in used:
                yield _unused(lint, (group, name), f"{name!r} under {group}, which nothing refers to")


def _unused(lint: Lint, path: Path, found: str) -> Problem:
    fix = "remove it, or correct the name where it should be used"
    return lint.problem(path, "unused", found=found, expected="something that uses it", fix=fix, severity=NOTE)
