"""One thing is done with many rows: each by itself, twice without harm, and what was refused is told row by row."""

import re
from typing import Any

import pytest
from django.test import Client

from buoy.core import clock
from buoy.core.ids import new_id
from buoy.core.models import AuditEvent
from buoy.core.scope import acting
from buoy.domains.accounts.models import User
from buoy.domains.partners.models import Partner
from buoy.domains.workspace import actions as workspace
from buoy.domains.workspace.models import Task
from buoy.ui import bulk
from tests.buoy.accounts.browsing import give_second_factor
from tests.cast import JOB, SETUP, Cast, make_cast


@pytest.fixture
def cast(committed: None) -> Cast:
    return make_cast()


def browser(cast: Cast, name: str) -> Client:
    user = cast.users[name]
    if name in ("ada", "ramon"):
        give_second_factor(user)
    client = Client()
    client.force_login(user)
    return client


def active() -> dict[str, bool]:
    with acting(SETUP):
        return dict(Partner.objects.order_by("name").values_list("name", "is_active"))


def choose(client: Client, what: str, *rows: Any, **more: str) -> Any:
    return client.post("/desk/partners/", {"bulk": what, "row": [str(row) for row in rows], **more})


def test_what_cannot_be_undone_is_asked_about_first(cast: Cast) -> None:
    mei = browser(cast, "mei")
    page = choose(mei, "end", cast.alpha.id, cast.beta.id)
    assert page.status_code == 200
    said = page.content.decode()
    assert "Shall these partners take part no longer?" in said
    assert active() == {"Alpha": True, "Beta": True, "Delta": True}
    kept = re.findall(r'name="row" value="([^"]+)"', said)
    choose(mei, "end", *kept, sure="yes")
    assert active() == {"Alpha": False, "Beta": False, "Delta": True}


def test_each_row_is_recorded_and_the_second_time_nothing_happens(cast: Cast) -> None:
    mei = browser(cast, "mei")
    for _again in range(2):
        answer = choose(mei, "end", cast.alpha.id, cast.beta.id, sure="yes")
        assert answer.status_code == 302
    with acting(JOB):
        changed = AuditEvent.objects.filter(action="partner.changed")
        assert {event.object_id for event in changed} == {str(cast.alpha.id), str(cast.beta.id)}
        assert changed.count() == 2


def test_all_that_were_found_are_meant_and_no_others(cast: Cast) -> None:
    mei = browser(cast, "mei")
    choose(mei, "end", all="yes", query="q=lta", sure="yes")
    assert active() == {"Alpha": True, "Beta": True, "Delta": False}


def test_the_way_back_keeps_the_search(cast: Cast) -> None:
    answer = choose(browser(cast, "mei"), "start", cast.alpha.id, query="q=alp&sort=-name")
    assert answer["Location"] == "/desk/partners/?q=alp&sort=-name"


def test_who_may_not_is_refused_even_by_hand(cast: Cast) -> None:
    finn = browser(cast, "finn")
    give_second_factor(cast.users["finn"])
    assert choose(finn, "end", cast.alpha.id, sure="yes").status_code == 403
    assert active()["Alpha"]


@pytest.mark.parametrize("rows", [[], ["nonsense"], [str(new_id())]])
def test_nothing_chosen_is_told(cast: Cast, rows: list[str]) -> None:
    answer = browser(cast, "mei").post("/desk/partners/", {"bulk": "start", "row": rows}, follow=True)
    assert "Choose the rows first." in answer.content.decode()


def test_too_many_at_once_are_told_before_anything_is_done(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 2)
    answer = browser(cast, "mei").post("/desk/partners/", {"bulk": "end", "all": "yes", "sure": "yes"}, follow=True)
    assert "More than 2 rows were chosen" in answer.content.decode()
    assert all(active().values())


def test_one_refusal_does_not_take_the_others_along(cast: Cast) -> None:
    ada = browser(cast, "ada")
    rows = [str(cast.users[name].id) for name in ("ada", "maya", "evan")]
    answer = ada.post("/desk/users/", {"bulk": "close", "row": rows, "sure": "yes"})
    said = answer.content.decode()
    assert answer.status_code == 200
    assert "You cannot change your own rights." in said
    assert set(User.objects.filter(is_active=False).values_list("name", flat=True)) == {"Maya", "Evan"}


def test_a_partner_closes_no_foreign_account(cast: Cast) -> None:
    ramon = browser(cast, "ramon")
    rows = [str(cast.users[name].id) for name in ("rita", "otto", "mei")]
    ramon.post("/p/team/", {"bulk": "close", "row": rows, "sure": "yes"})
    assert list(User.objects.filter(is_active=False).values_list("name", flat=True)) == ["Rita"]


def test_tasks_are_done_together_and_a_done_one_is_no_mistake(cast: Cast) -> None:
    about: dict[str, Any] = {"subject_type": "partner", "subject_id": cast.alpha.id, "now": clock.now()}
    ids = [
        workspace.add_task(cast.mei, title=title, assignee_id=cast.rita.person, **about) for title in ("Call", "Write")
    ]
    workspace.finish_task(cast.rita, task_id=ids[0], now=clock.now())
    rita = browser(cast, "rita")
    answer = rita.post("/tasks/", {"bulk": "done", "row": [str(id_) for id_ in ids]}, follow=True)
    assert "1 row was changed. 1 was so already." in answer.content.decode()
    with acting(JOB):
        assert not Task.objects.filter(done_at=None).exists()


def test_a_rival_cannot_do_a_task_of_another(cast: Cast) -> None:
    task = workspace.add_task(
        cast.mei,
        subject_type="partner",
        subject_id=cast.alpha.id,
        title="Call",
        assignee_id=cast.rita.person,
        now=clock.now(),
    )
    browser(cast, "otto")
    give_second_factor(cast.users["otto"])
    client = Client()
    client.force_login(cast.users["otto"])
    client.post("/tasks/", {"bulk": "done", "row": [str(task)]})
    with acting(JOB):
        assert Task.objects.get().done_at is None


def test_staff_who_look_as_a_partner_sees_are_offered_nothing(cast: Cast) -> None:
    mei = browser(cast, "mei")
    workspace.add_task(
        cast.mei,
        subject_type="partner",
        subject_id=cast.alpha.id,
        title="Call",
        assignee_id=cast.rita.person,
        now=clock.now(),
    )
    assert "rows-bulk" in mei.get("/tasks/").content.decode()
    mei.post(f"/desk/users/{cast.users['rita'].id}/look/")
    page = mei.get("/tasks/").content.decode()
    assert "Call" in page
    assert "rows-bulk" not in page


def test_a_badge_is_exported_by_its_words(cast: Cast) -> None:
    lines = browser(cast, "mei").get("/desk/partners/?export=csv").content.decode("utf-8-sig").splitlines()
    assert lines[0].split(",")[2] == "State"
    assert lines[1].split(",")[2] == "Active"


def test_the_people_are_sorted_narrowed_and_exported(cast: Cast) -> None:
    ada = browser(cast, "ada")
    found = ada.get("/desk/users/?role=partner_seller&sort=-name&export=csv").content.decode("utf-8-sig").splitlines()
    assert [line.partition(",")[0] for line in found[1:]] == ["Rita", "Olga"]
    page = ada.get(f"/desk/users/?partner={cast.alpha.id}").content.decode()
    assert "Ramon" in page
    assert "Otto" not in page
