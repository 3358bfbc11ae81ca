"""The list of the audit trail says what changed, in a line, without what was empty and stayed so."""

import pytest

from buoy.domains.workspace.web.administration import changes


@pytest.mark.parametrize(
    ("details", "said"),
    [
        ({"before": {"name": "Alpha"}, "after": {"name": "Alpha & Sons"}}, "name: Alpha → Alpha & Sons"),
        ({"after": {"name": "Alpha", "description": "", "parent_id": None}}, "name: Alpha"),
        (
            {"before": {"name": "", "is_active": True}, "after": {"name": "Alpha", "is_active": False}},
            "name: Alpha; is_active: True → False",
        ),
        ({"before": {"name": "Alpha"}, "after": None}, "name: Alpha → "),
        ({"after": {"done": 0}}, "done: 0"),
        ({}, ""),
    ],
)
def test_a_line_says_what_changed(details: dict[str, dict[str, object]], said: str) -> None:
    assert changes(details) == said
