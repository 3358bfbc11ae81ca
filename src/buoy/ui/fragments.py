"""One template for a screen and for its parts, so that the whole page and what htmx fetches cannot drift apart."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def render_screen(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, parts: Collection[str] = (), status: int = 200
) -> HttpResponse:
    """The page; or, when htmx asks for the element whose id is one of `parts`, the partial of that name.

    The partial must draw the element itself, id included: the answer takes its place (`hx-swap="outerHTML"`).
    The template is told by `is_part`.
    """
    asked = request.headers.get("HX-Target", "").partition("#")[2]  # htmx sends the tag as well: "div#rows".
    is_part = request.headers.get("HX-Request-Type") == "partial" and asked in parts
    response = render(
        request, f"{template}#{asked}" if is_part else template, {**context, "is_part": is_part}, status=status
    )
    patch_vary_headers(response, ["HX-Request-Type", "HX-Target"])
    return response
