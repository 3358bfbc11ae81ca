"""Case files: YAML read without a single float, mappings merged for variants."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.nodes import ScalarNode


class _ExactConstructor(SafeConstructor):
    """Decimal points make a Decimal, and timestamps stay the text they are."""

    def construct_exact(self, node: ScalarNode) -> Decimal:
        return Decimal(str(node.value).replace("_", ""))


_ExactConstructor.add_constructor("tag:yaml.org,2002:float", _ExactConstructor.construct_exact)


def read(path: Path) -> Any:
    """The content of a YAML file."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _ExactConstructor
    return yaml.load(path.read_text(encoding="utf-8"))


def merged(base: Any, change: Any) -> Any:
    """A variant: mappings are merged, lists of components by `id`, null removes a key, all else is replaced."""
    if isinstance(base, dict) and isinstance(change, dict):
        result = dict(base)
        for key, value in change.items():
            if value is None:
                result.pop(key, None)
            elif key == "components" and isinstance(value, list):
                result[key] = _merged_components(base.get(key) or [], value)
            else:
                result[key] = merged(base.get(key), value) if key in base else value
        return result
    return change


def _merged_components(base: list[dict[str, Any]], change: list[dict[str, Any]]) -> list[dict[str, Any]]:
    result = {component["id"]: component for component in base}
    for component in change:
        name = component["id"]
        result[name] = merged(result[name], component) if name in result else component
    return list(result.values())
