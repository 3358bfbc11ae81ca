"""Who reacts to what: each event and its handlers, in the order in which they are called.

Read this to know what else happens when something happens. `buoy.core.events` tells when handlers run and what becomes
of one that fails. Below stand who finds a thing by its type (`buoy.core.subjects`), who keeps the views that
people save of lists (`buoy.ui.list_views`), and who does a kind of long work (`buoy.core.work`).
"""

from __future__ import annotations

from collections.abc import Mapping

from buoy.core.events import Handler
from buoy.core.subjects import Find
from buoy.core.work import Do
from buoy.domains.catalog.queries import products as catalog
from buoy.domains.partners import queries as partners
from buoy.domains.workspace import events as workspace
from buoy.domains.workspace import jobs as workspace_jobs
from buoy.domains.workspace import queries as workspace_queries
from buoy.ui.list_views import Views

HANDLERS: Mapping[type, tuple[Handler, ...]] = {
    workspace.PeopleMentioned: (workspace_jobs.tell_the_mentioned,),
    workspace.TaskAssigned: (workspace_jobs.tell_the_assignee,),
    workspace.WorkRequested: (workspace_jobs.begin,),
    workspace.WorkEnded: (workspace_jobs.tell_the_requester,),
}

SUBJECTS: Mapping[str, Find] = {
    "partner": partners.partner_subject,
    "product": catalog.product_subject,
}

VIEWS: Views = workspace_queries.saved_views

WORK: Mapping[str, Do] = {}
