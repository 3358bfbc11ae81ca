"""The navigation marks the entry that the page lies under: the longest address that fits."""

import pytest

from buoy.ui.shell import Group, Link, current_url

GROUPS = [
    Group(links=[Link(label="Home", url="/desk/", icon="home")]),
    Group(title="Sell", links=[
        Link(label="Deals", url="/desk/deals/", icon="briefcase"), Link(label="Jobs", url="/desk/jobs", icon="clock"),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/desk/", "/desk/"),
        ("/desk/deals/", "/desk/deals/"),
        ("/desk/deals/17/edit", "/desk/deals/"),
        ("/desk/jobs", "/desk/jobs"),
        ("/desk/jobs-of-others", "/desk/"),
        ("/p/deals/", ""),
    ],
)
def test_the_longest_address_that_fits_is_current(path: str, expected: str) -> None:
    assert current_url(GROUPS, path) == expected
