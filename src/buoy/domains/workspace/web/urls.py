"""The addresses of this room."""

from __future__ import annotations

from django.urls import path

from buoy.domains.workspace.web import administration, beside, home, own

app_name = "workspace"
urlpatterns = [
    path("desk/", home.desk, name="desk"),
    path("p/", home.portal, name="portal"),
    path("open/<slug:subject_type>/<uuid:subject_id>", beside.open_subject, name="open"),
    path("about/<slug:subject_type>/<uuid:subject_id>/comments/", beside.comment, name="comment"),
    path(
        "about/<slug:subject_type>/<uuid:subject_id>/comments/<uuid:comment_id>/remove/",
        beside.remove_comment,
        name="remove-comment",
    ),
    path(
        "about/<slug:subject_type>/<uuid:subject_id>/comments/<uuid:comment_id>/edit/",
        beside.edit_comment,
        name="edit-comment",
    ),
    path("about/<slug:subject_type>/<uuid:subject_id>/files/", beside.add_file, name="add-file"),
    path(
        "about/<slug:subject_type>/<uuid:subject_id>/files/<uuid:file_id>/remove/",
        beside.remove_file,
        name="remove-file",
    ),
    path("about/<slug:subject_type>/<uuid:subject_id>/tasks/", beside.add_task, name="add-task"),
    path(
        "about/<slug:subject_type>/<uuid:subject_id>/tasks/<uuid:task_id>/done/",
        beside.finish_task,
        name="finish-task",
    ),
    path("files/<uuid:file_id>/", beside.read_file, name="file"),
    path("tasks/", own.tasks, name="tasks"),
    path("notifications/", own.notifications, name="notifications"),
    path("notifications/read/", own.mark_read, name="mark-read"),
    path("notifications/<uuid:notification_id>/open/", own.open_notification, name="open-notification"),
    path("notifications/settings/", own.notification_settings, name="notification-settings"),
    path("views/", own.save_view, name="save-view"),
    path("views/<uuid:view_id>/forget/", own.forget_view, name="forget-view"),
    path("tour/end/", own.end_tour, name="end-tour"),
    path("work/<uuid:work_id>/", own.work, name="work"),
    path("work/<uuid:work_id>/cancel/", own.cancel_work, name="cancel-work"),
    path("desk/audit/", administration.audit_trail, name="audit"),
    path("desk/jobs/", administration.work_and_jobs, name="jobs"),
    path("desk/jobs/work/<uuid:work_id>/repeat/", administration.repeat_work, name="repeat-work"),
    path("desk/jobs/<int:job_id>/repeat/", administration.repeat_job, name="repeat-job"),
]
