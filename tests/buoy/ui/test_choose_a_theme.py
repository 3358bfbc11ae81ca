"""Light, dark, or as the system has it: kept in a cookie of this device."""

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from buoy.ui.templatetags.ui import theme_of
from buoy.ui.views import set_theme


def test_a_chosen_theme_is_kept_and_leads_back(rf: RequestFactory) -> None:
    answer = set_theme(rf.post("/theme/", {"theme": "dark", "next": "/styleguide/?a=1"}))
    assert (answer.status_code, answer["Location"]) == (302, "/styleguide/?a=1")
    assert answer.cookies["theme"].value == "dark"


def test_the_theme_of_the_system_takes_the_cookie_away(rf: RequestFactory) -> None:
    answer = set_theme(rf.post("/theme/", {"theme": ""}))
    assert answer.cookies["theme"]["max-age"] == 0


def test_another_word_is_refused(rf: RequestFactory) -> None:
    answer = set_theme(rf.post("/theme/", {"theme": '"><script>'}))
    assert answer.status_code == 400
    assert "theme" not in answer.cookies


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_it_never_leads_to_another_site(rf: RequestFactory, elsewhere: str) -> None:
    assert set_theme(rf.post("/theme/", {"theme": "dark", "next": elsewhere}))["Location"] == "/"


@pytest.mark.parametrize(("kept", "seen"), [("dark", "dark"), ("light", "light"), ("blue", ""), (None, "")])
def test_only_a_known_theme_reaches_the_page(rf: RequestFactory, kept: str | None, seen: str) -> None:
    request: HttpRequest = rf.get("/")
    if kept:
        request.COOKIES["theme"] = kept
    assert theme_of(request) == seen
