"""One's own: notifications and how they come, saved views, the work that one asked for."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from buoy.core import clock
from buoy.core.http import Request, door
from buoy.core.scope import acting
from buoy.domains.workspace import actions, queries
from buoy.domains.workspace.forms import ChannelsForm, ViewForm
from buoy.domains.workspace.policy import TOUR, Channel
from buoy.domains.workspace.web import lists
from buoy.domains.workspace.web.beside import INSIDE
from buoy.domains.workspace.web.lists import NOTIFICATIONS
from buoy.ui.bulk import answer_bulk
from buoy.ui.list_views import answer_list, read_list
from buoy.ui.shell import Crumb


@require_http_methods(["GET", "HEAD", "POST"])
@door(INSIDE, "comments.view")
def notifications(request: Request) -> HttpResponse:
    """One's own, newest first; by post, something done with chosen ones."""
    crumbs = [Crumb(label=_("Notifications"), url=request.path)]
    if request.method == "POST":
        return answer_bulk(request, NOTIFICATIONS, lambda: queries.own_notifications(request.actor), crumbs=crumbs)
    with acting(request.actor, read_only=True):
        listed = read_list(request, NOTIFICATIONS, queries.own_notifications(request.actor))
    return answer_list(request, "workspace/notifications.html", listed, {"crumbs": crumbs})


@require_http_methods(["GET", "HEAD", "POST"])
@door(INSIDE, "tasks.view")
def tasks(request: Request) -> HttpResponse:
    """All tasks that one sees; by post, something done with chosen ones."""
    crumbs = [Crumb(label=_("Tasks"), url=request.path)]
    table = lists.tasks(request.actor)
    if request.method == "POST":
        return answer_bulk(request, table, lambda: queries.visible_tasks(request.actor), crumbs=crumbs)
    with acting(request.actor, read_only=True):
        listed = read_list(request, table, queries.visible_tasks(request.actor))
    return answer_list(request, "workspace/task_list.html", listed, {"crumbs": crumbs})


@require_POST
@door(INSIDE, "comments.view")
def mark_read(request: Request) -> HttpResponse:
    actions.mark_read(request.actor, now=clock.now())
    return redirect("workspace:notifications")


@require_POST
@door(INSIDE, "comments.view")
def open_notification(request: Request, notification_id: UUID) -> HttpResponse:
    """To what it tells of. By a form and not by a link, since a link that is only pointed at is fetched already."""
    path = actions.open_notification(request.actor, notification_id=notification_id, now=clock.now())
    return redirect(path or "workspace:notifications")


@require_http_methods(["GET", "HEAD", "POST"])
@door(INSIDE, "comments.view")
def notification_settings(request: Request) -> HttpResponse:
    with acting(request.actor, read_only=True):
        now = {kind: channel.value for kind, channel in queries.preferences(request.actor).items()}
    form = ChannelsForm(request.POST if request.method == "POST" else None, initial=now)
    if request.method == "POST" and form.is_valid():
        chosen = {kind: Channel(value) for kind, value in form.cleaned_data.items()}
        actions.choose_channels(request.actor, channels=chosen)
        messages.success(request, _("Your changes were saved."))
        return redirect("workspace:notification-settings")
    crumbs = [Crumb(label=_("Notifications"), url="/notifications/"), Crumb(label=_("Settings"))]
    context = {"form": form, "crumbs": crumbs}
    return render(request, "workspace/notification_settings.html", context, status=422 if form.is_bound else 200)


@require_POST
@door(INSIDE, "comments.view")
def save_view(request: Request) -> HttpResponse:
    form = ViewForm(request.POST)
    following = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(following, {request.get_host()}, require_https=request.is_secure()):
        following = "/"
    if form.is_valid():
        actions.save_view(request.actor, **form.cleaned_data)
        messages.success(request, _("The view was saved."))
        return redirect(f"{following}?{form.cleaned_data['query']}")
    messages.error(request, _("Give the view a name of at most 80 letters."))
    return redirect(following)


@require_POST
@door(INSIDE, "comments.view")
def forget_view(request: Request, view_id: UUID) -> HttpResponse:
    actions.forget_view(request.actor, view_id=view_id)
    return redirect("home")


@require_POST
@door(INSIDE, "comments.view")
def end_tour(request: Request) -> HttpResponse:
    """Whoever has seen the tour, or does not want to, is not offered it again; the page of help has it still."""
    actions.put_away(request.actor, name=TOUR, now=clock.now())
    return redirect("home")


@require_safe
@door(INSIDE, "comments.view")
def work(request: Request, work_id: UUID) -> HttpResponse:
    """How far a piece of work is; the part with the progress asks again each second until it has ended."""
    with acting(request.actor, read_only=True):
        row = queries.work_row(request.actor, work_id=work_id)
    template = "workspace/work.html#state" if request.htmx else "workspace/work.html"
    return render(request, template, {"work": row, "crumbs": [Crumb(label=_("Your request"))]})


@require_POST
@door(INSIDE, "comments.view")
def cancel_work(request: Request, work_id: UUID) -> HttpResponse:
    actions.cancel_work(request.actor, work_id=work_id, now=clock.now())
    return redirect("workspace:work", work_id)
