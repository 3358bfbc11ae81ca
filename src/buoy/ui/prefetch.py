"""A page is fetched while the pointer rests on its link, so that it is there when the press comes.

Browsers that know the header `Speculation-Rules` do this by themselves. What a GET answers must therefore have no effect
on anything, which house rules ask for anyway. A link whose page is dear to make, or that downloads, says
`data-no-prefetch`.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

RULES = {
    "prefetch": [
        {
            "where": {
                "and": [
                    {"href_matches": "/*"},
                    {"not": {"href_matches": "/api/*"}},
                    {"not": {"href_matches": "/static/*"}},
                    {"not": {"selector_matches": "[download], [data-no-prefetch], [target=_blank]"}},
                ]
            },
            "eagerness": "moderate",
        }
    ]
}
Respond = Callable[[HttpRequest], HttpResponse]


@require_safe
@cache_control(max_age=3600, public=True)
def rules(request: HttpRequest) -> HttpResponse:
    return JsonResponse(RULES, content_type="application/speculationrules+json")


def offer_prefetch(respond: Respond) -> Respond:
    """Names the rules on each whole page; not on fragments, and not on answers that are no page."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = respond(request)
        is_page = response.get("Content-Type", "").startswith("text/html") and response.status_code == 200
        if is_page and "HX-Request" not in request.headers:
            response["Speculation-Rules"] = f'"{reverse("ui:prefetch")}"'
        return response

    return middleware
