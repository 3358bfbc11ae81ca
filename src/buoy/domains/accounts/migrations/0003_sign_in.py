import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import buoy.core.ids
from buoy.core.rls import OWN_ONLY, Rows, protect

_PEOPLE_IN_SIGHT = "user_id in (select id from accounts_user)"
"""Of those users that the scope's own policy on users shows."""
_CLIENTS_IN_SIGHT = "owner_id in (select id from accounts_user)"
_CLIENT = "id, name, scopes, grant_types, owner_id, created_at"
"""What there is to see of a program that calls the API: never the hash of its secret."""
_AT_THE_DOOR = Rows("select, insert, update, delete")
"""allauth works before there is an actor: the login itself reads and writes."""
_GRANTS = """
grant select (session_epoch), update (session_epoch) on accounts_user to buoy_desk, buoy_partner;
grant select (session_epoch) on accounts_user to buoy_job;
grant insert on accounts_user to buoy_job
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_api_token"),
        ("partners", "0001_initial"),
        ("core", "0003_cache"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("usersessions", "0001_initial"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
        ("allauth_idp_oidc", "0003_client_allow_uri_wildcards"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="session_epoch",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=buoy.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("email", models.EmailField(max_length=254)),
                ("name", models.CharField(max_length=200)),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None),
                ),
                ("language", models.CharField(max_length=8)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("letter", models.PositiveIntegerField(default=1)),
                ("sent_at", models.DateTimeField(null=True)),
                ("accepted_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "invited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.partner"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["partner", "created_at"], name="accounts_in_partner_b32f26_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="accounts_invitation_email_is_lower",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("accepted_at", None), ("revoked_at", None)),
                        fields=("email", "partner"),
                        name="accounts_invitation_one_open",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            _GRANTS,
            "revoke insert, select (session_epoch) on accounts_user from buoy_job;"
            " revoke select (session_epoch), update (session_epoch) on accounts_user from buoy_desk, buoy_partner",
        ),
        protect(
            "accounts_invitation",
            desk=Rows("select, insert, update"),
            partner=Rows("select, insert, update", OWN_ONLY),
            # The door acts as a job for whoever holds a link.
            job=Rows("select, update"),
        ),
        protect("account_emailaddress", app=_AT_THE_DOOR, desk=Rows("select, insert"), job=Rows("select, insert")),
        protect("account_emailconfirmation", app=_AT_THE_DOOR),
        protect(
            "mfa_authenticator",
            app=_AT_THE_DOOR,
            # Whether somebody has a second factor, and never its secret.
            desk=Rows("select (id, user_id, type, created_at, last_used_at)"),
            partner=Rows("select (id, user_id, type, created_at, last_used_at)", _PEOPLE_IN_SIGHT),
        ),
        protect("usersessions_usersession", app=_AT_THE_DOOR),
        protect("socialaccount_socialapp", app=Rows("select")),
        protect("socialaccount_socialaccount", app=_AT_THE_DOOR),
        protect("socialaccount_socialtoken", app=_AT_THE_DOOR),
        protect(
            "allauth_idp_oidc_client",
            app=Rows("select"),
            desk=Rows(f"select ({_CLIENT}), insert, delete"),
            partner=Rows(f"select ({_CLIENT}), insert, delete", _CLIENTS_IN_SIGHT),
        ),
        protect("allauth_idp_oidc_token", app=_AT_THE_DOOR),
    ]
