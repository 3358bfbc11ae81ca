"""Shape of what people type in the workspace."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from buoy.domains.workspace.policy import NOTICES, Channel

CHANNELS = [
    (Channel.EMAIL.value, _("At once, by e-mail")),
    (Channel.DIGEST.value, _("Once a day, by e-mail")),
    (Channel.APPLICATION.value, _("Here only")),
    (Channel.NOTHING.value, _("Not at all")),
]

NOTICE_NAMES = {
    "mentioned": _("Somebody mentions you"),
    "task_assigned": _("Somebody gives you a task"),
    "task_due": _("One of your tasks is due"),
    "role_changed": _("What you may do has changed"),
    "work_done": _("What you asked for is done"),
    "work_failed": _("What you asked for could not be done"),
}


class CommentForm(forms.Form):
    text = forms.CharField(max_length=10_000, strip=True)
    is_internal = forms.BooleanField(required=False)


class FileForm(forms.Form):
    file = forms.FileField(allow_empty_file=True)
    is_internal = forms.BooleanField(required=False)


class TaskForm(forms.Form):
    title = forms.CharField(max_length=200)
    assignee = forms.UUIDField()
    due_date = forms.DateField(required=False)
    is_internal = forms.BooleanField(required=False)


class ViewForm(forms.Form):
    list_name = forms.SlugField(max_length=60)
    name = forms.CharField(max_length=80)
    query = forms.CharField(max_length=1000, required=False)


class ChannelsForm(forms.Form):
    """A choice for each kind of notice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in NOTICES:
            self.fields[kind] = forms.ChoiceField(label=NOTICE_NAMES[kind], choices=CHANNELS)
