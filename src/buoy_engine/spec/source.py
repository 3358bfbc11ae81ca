"""YAML that keeps what its author wrote: comments, order, exact numbers, and where everything stands.

Numbers with a point are read as `Decimal` from their own text, so that 0.1 is one tenth; a document that is changed and
written again differs only where it was changed.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import ConstructorError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
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


def _timestamp(constructor: _Constructor, node: ScalarNode) -> Any:
    try:
        return constructor.construct_yaml_timestamp(node)
    except ValueError:
        raise ConstructorError(None, None, f"{node.value} is not a date in the calendar", node.start_mark) from None


_Constructor.add_constructor("tag:yaml.org,2002:float", _exact)
_Constructor.add_constructor("tag:yaml.org,2002:timestamp", _timestamp)
_Representer.add_representer(ExactNumber, lambda r, data: r.represent_scalar("tag:yaml.org,2002:float", data.text))
_Representer.add_representer(Decimal, lambda r, data: r.represent_scalar("tag:yaml.org,2002:float", f"{data:f}"))


def _yaml(offset: int = 0) -> YAML:
    yaml = YAML(typ="rt")
    yaml.Constructor = _Constructor
    yaml.Representer = _Representer
    yaml.preserve_quotes = True
    yaml.brace_single_entry_mapping_in_flow_sequence = True  # {rate: 3%} in a list keeps its braces
    yaml.width = 10**6  # lines are as long as their author made them
    yaml.indent(mapping=2, sequence=offset + 2, offset=offset)
    return yaml


_LIST_BELOW_KEY = re.compile(r"^( *)(?:- )?[^\s#][^\n]*:[ ]*(?:#[^\n]*)?\n(?:[ ]*(?:#[^\n]*)?\n)*( *)- ", re.MULTILINE)


def _dash_offset(text: str) -> int:
    """How far the dashes of a list stand to the right of its key, as in most of the document's lists."""
    offsets = Counter(len(dash) - len(key) for key, dash in _LIST_BELOW_KEY.findall(text) if len(dash) >= len(key))
    return offsets.most_common(1)[0][0] if offsets else 0


@dataclass(frozen=True)
class Source:
    """A YAML document: `tree` for round trips, `data` as plain Python, `position(path)` for messages.

    `dash_offset`: how far the author sets the dashes of a list to the right of its key.
    """

    name: str
    tree: Any
    dash_offset: int = 0

    @property
    def data(self) -> Any:
        """The document as dicts, lists and scalars."""
        return plain(self.tree)

    def position(self, path: Path, *, on_key: bool = False) -> tuple[int, int]:
        """1-based line and column of the deepest part of `path` that stands in the file.

        That is where a number or text itself stands, but the key of a mapping or list; `on_key` asks for the key.
        """
        node, found = self.tree, (1, 1)
        for step in path:
            if isinstance(node, CommentedMap) and step in node:
                of_key = on_key or isinstance(node[step], CommentedMap | CommentedSeq)
                line, column = node.lc.key(step) if of_key else node.lc.value(step)
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
        _yaml(self.dash_offset).dump(self.tree, out)
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
        return Source(name, _yaml().load(text), _dash_offset(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = str(error.problem or error.context or error)
        return _broken(name, said, mark.line + 1 if mark else None, mark.column + 1 if mark else None)
    except YAMLError as error:  # a character that no YAML may hold
        return _broken(name, str(error), None, None)


_CUT = "quote a text that holds a comma: inside {…} and […] YAML ends a value at a comma"


def _broken(name: str, said: str, line: int | None, column: int | None) -> Problem:
    return Problem(
        code="yaml-broken",
        severity=Severity.BLOCKING,
        where=name,
        line=line,
        column=column,
        found=said.removeprefix("found "),
        expected="a YAML document",
        fix=_CUT if "but got '<scalar>'" in said else "check indentation, quotes and colons on this line",
    )
