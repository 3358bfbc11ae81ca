"""The fingerprint of a plan: the same for two texts that pay the same, another as soon as a rule differs.

The problem
    A run is stored under the hash of its inputs, and a plan version is approved as what it was. A corrected comment or
    a nicer title must change neither; a rate that went from 5% to 5.5% must change both.

Chosen steps
    1. The plan as read, not its text: comments, order of keys, quotes, `5%` or `0.05` are gone by then.
    2. Labels are left out (`LABELS`).
    3. A key at its default is left out, and settings are compared with what would hold without them, so that writing
       a default down changes nothing, and a new key of a later version leaves old fingerprints as they are.
    4. What is left is written as JSON with sorted keys and hashed with SHA-256.

What it does not do
    It does not see through equivalent arithmetic: `2 * 3` is not `6`. The order of lists (bands, components, limits)
    counts; the order of the reasons under `where` does not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from buoy_engine.spec import expressions as ast
from buoy_engine.spec.model import SETTING_DEFAULTS, Band, Component, ComponentSettings, Model, Parameter, Plan

LABELS: Mapping[type[Model], frozenset[str]] = {
    Plan: frozenset({"title", "version", "examples", "settings"}),
    Component: frozenset({"title", "settings"}),
    Band: frozenset({"title"}),
    Parameter: frozenset({"title"}),
}
"""Keys that pay nothing; `settings` are added in their effect."""


def fingerprint(plan: Plan) -> str:
    """SHA-256 of the plan's logic, in hexadecimal."""
    text = json.dumps(canonical(plan), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(text.encode("ascii")).hexdigest()


def canonical(plan: Plan) -> dict[str, Any]:
    """The plan's logic as plain data: what the fingerprint is made of."""
    logic = _model(plan)
    logic["components"] = [_component(plan, component) for component in plan.components]
    if said := _said(plan.settings, SETTING_DEFAULTS):
        logic["settings"] = said
    return logic


def _component(plan: Plan, component: Component) -> dict[str, Any]:
    logic = _model(component)
    if said := _said(component.settings, {name: plan.setting(name) for name in SETTING_DEFAULTS}):
        logic["settings"] = said
    return logic


def _said(settings: ComponentSettings, otherwise: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that make a difference to what would hold without them."""
    answers = {name: getattr(settings, name, None) for name in SETTING_DEFAULTS}
    return {n: _plain(value) for n, value in answers.items() if value is not None and value != otherwise[n]}


def _model(model: Model) -> dict[str, Any]:
    labels = LABELS.get(type(model), frozenset())
    logic = {}
    for name, about in type(model).model_fields.items():
        value = getattr(model, name)
        if name not in labels and value != about.get_default(call_default_factory=True):
            logic[about.alias or name] = _plain(value)
    return logic


def _plain(value: Any) -> Any:
    """Numbers, dates and trees are tagged, so that the text "5" and the number 5 differ."""
    match value:
        case None | bool() | str():
            return value
        case int() | Decimal():
            return {"number": _digits(Decimal(value))}
        case date():
            return {"date": value.isoformat()}
        case Model():
            return _model(value)
        case ast.Choice(by, keys, otherwise):
            rows = sorted(([_plain(key), _plain(part)] for key, part in keys), key=json.dumps)
            return {"Choice": [_plain(by), rows, _plain(otherwise)]}
        case Mapping():
            return {str(key): _plain(part) for key, part in value.items()}
        case tuple() | list():
            return [_plain(part) for part in value]
    assert is_dataclass(value), value
    return {type(value).__name__: [_plain(getattr(value, part.name)) for part in fields(value)]}


def _digits(number: Decimal) -> str:
    """The shortest exact form: 0.050 and 0.05 are one number, and so are 0 and -0."""
    text = f"{number:f}"
    return "0" if not number else text.rstrip("0").rstrip(".") if "." in text else text
