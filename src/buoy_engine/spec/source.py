"""YAML that keeps what its author wrote: comments, order, exact numbers, and where everything stands.

Numbers with a point are read as `Decimal` from their own text, so that 0.1 is one tenth; a document that is changed and
written again differs only where it was changed.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter

from buoy_engine.kernel.problems import Problem, Severity

Path = tuple[str | int, ...]


class ExactNumber(Decimal):
    """A decimal that remembers how it was written."""

    text: str

    def __new__(cls, text: str) -> ExactNumber:
        made = super().__new__(cls, text.replace("_", ""))
        made.text = text
        return made


class _Constructor(RoundTripConstructor):
    pass


class _Representer(RoundTripRepresenter):
    pass


def _exact(constructor: _Constructor, node: ScalarNode) -> Any:
    try:
        return ExactNumber(node.value)
    except InvalidOperation:  # .inf and .nan are floats to YAML and no amounts to us
        return node.value


_Constructor.add_constructor("tag:yaml.org,2002:float", _exact)
_Representer.add_representer(ExactNumber, lambda r, data: r.represent_scalar("tag:yaml.org,2002:float", data.text))


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.Constructor = _Constructor
    yaml.Representer = _Representer
    yaml.preserve_quotes = True
    yaml.width = 140
    return yaml


@dataclass(frozen=True)
class Source:
    """A YAML document: `tree` for round trips, `data` as plain Python, `position(path)` for messages."""

    name: str
    tree: Any

    @property
    def data(self) -> Any:
        """The document as dicts, lists and scalars."""
        return plain(self.tree)

    def position(self, path: Path) -> tuple[int, int]:
        """1-based line and column of the deepest part of `path` that stands in the file."""
        node, found = self.tree, (1, 1)
        for step in path:
            if isinstance(node, CommentedMap) and step in node:
                line, column = node.lc.value(step) if not isinstance(node[step], CommentedMap | CommentedSeq) else node.lc.key(step)
            elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
                line, column = node.lc.item(step)
            else:
                break
            found = (line + 1, column + 1)
            node = node[step]
        return found

    def text(self) -> str:
        """The document as YAML again, comments and order kept."""
        out = io.StringIO()
        _yaml().dump(self.tree, out)
        return out.getvalue()


def plain(node: Any) -> Any:
    """Plain dicts and lists, without the round-trip wrappers."""
    if isinstance(node, Mapping):
        return {key: plain(value) for key, value in node.items()}
    if isinstance(node, Sequence) and not isinstance(node, str | bytes):
        return [plain(value) for value in node]
    if isinstance(node, str):
        return str(node)
    if isinstance(node, int) and not isinstance(node, bool):
        return int(node)
    return node


def load(text: str, name: str = "plan.yaml") -> Source | Problem:
    """The document, or the problem that keeps it from being YAML."""
    try:
        return Source(name, _yaml().load(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return Problem(
            code="yaml-broken",
            severity=Severity.BLOCKING,
            where=name,
            line=mark.line + 1 if mark else None,
            column=mark.column + 1 if mark else None,
            found=str(error.problem or error.context or error),
            expected="a YAML document",
            fix="check indentation, quotes and colons on this line",
        )
