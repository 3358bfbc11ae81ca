"""Every screen says what it is for, and a tour of real pages shows newcomers around once."""

import re
from typing import Any

import pytest
from django.test import Client

from buoy.config.help import OF_SCREEN, TOPICS
from buoy.config.tour import STOPS
from buoy.core.actor import Face
from tests.buoy.access import table
from tests.buoy.access.test_access_matrix import own_things
from tests.buoy.access.world import World
from tests.buoy.accounts.browsing import sign_in
from tests.cast import Cast, make_cast

pytestmark = pytest.mark.usefixtures("committed")

PANEL = re.compile(r'<dialog class="drawer" id="help-panel".*?</dialog>', re.DOTALL)
STEP = re.compile(r'<section class="tour" .*?</section>', re.DOTALL)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def page(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def sentences(text: str) -> int:
    return len(re.findall(r"[.!?](?:\s|$)", text))


def test_every_screen_says_what_it_is_for_and_leads_to_more() -> None:
    world = World.of(make_cast())
    for identity, who in (("administrator", "ada"), ("partner_administrator", "ramon")):
        client = sign_in(world.cast.users[who])
        whole = page(client, "/help/")
        for row in table.read():
            if row.route.method != "GET" or row.route.path.startswith("/styleguide/"):
                continue
            answer: Any = client.get(row.address(own_things(world, row, identity)))
            if answer.streaming or b'class="shell ' not in answer.content or answer.status_code != 200:
                continue
            panel = PANEL.search(answer.content.decode())
            assert panel, row
            topic = re.search(r'href="/help/#([a-z]+)"', panel[0])
            assert topic, row
            assert f'id="{topic[1]}"' in whole, f"{row}: the page of help does not have {topic[1]}"


@pytest.mark.parametrize("name", TOPICS)
def test_a_topic_is_told_in_two_to_five_sentences(name: str) -> None:
    assert 2 <= sentences(str(TOPICS[name].text)) <= 5


def test_every_topic_belongs_to_a_screen() -> None:
    assert set(OF_SCREEN.values()) == set(TOPICS)


def test_nobody_is_told_of_what_they_may_not_do(cast: Cast) -> None:
    told = page(sign_in(cast.users["rita"]), "/help/")
    assert 'id="company"' in told
    assert 'id="audit"' not in told
    assert 'id="settings"' not in told


@pytest.mark.parametrize(("who", "face", "home"), [("mei", Face.DESK, "/desk/"), ("rita", Face.PARTNER, "/p/")])
def test_the_tour_leads_through_real_pages_from_its_offer_to_its_end(
    cast: Cast, who: str, face: Face, home: str
) -> None:
    client = sign_in(cast.users[who])
    assert "Show me around" in page(client, home)
    address, visited = f"{home}?tour=1", 0
    while address:
        answer = client.get(address)
        assert answer.status_code == 200
        step = STEP.search(answer.content.decode())
        assert step
        visited += 1
        assert f"Step {visited} of {len(STOPS[face])}" in step[0]
        onward = re.search(r'href="([^"]+)"[^>]*>Next<', step[0])
        address = onward[1] if onward else ""
    assert visited == len(STOPS[face])
    client.post("/tour/end/")
    assert "Show me around" not in page(client, home)


def test_it_can_be_ended_at_once_and_taken_later_from_the_help(cast: Cast) -> None:
    client = sign_in(cast.users["mei"])
    for _again in range(2):
        assert client.post("/tour/end/").status_code == 302
    assert "Show me around" not in page(client, "/desk/")
    assert "/desk/?tour=1" in page(client, "/help/")
    assert STEP.search(page(client, "/desk/?tour=1"))


def test_what_one_person_put_away_another_is_still_offered(cast: Cast) -> None:
    sign_in(cast.users["mei"]).post("/tour/end/")
    assert "Show me around" in page(sign_in(cast.users["maya"]), "/desk/")


@pytest.mark.parametrize("asked", ["0", "6", "-1", "x", "９", "99999"])
def test_a_step_that_there_is_not_is_no_mistake(cast: Cast, asked: str) -> None:
    assert not STEP.search(page(sign_in(cast.users["mei"]), f"/desk/?tour={asked}"))
