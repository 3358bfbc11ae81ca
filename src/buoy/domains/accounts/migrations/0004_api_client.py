import django.db.models.deletion
from django.db import migrations, models

from buoy.core.rls import PARTNERS, Rows, protect

_OWN_PEOPLE = f"select id from accounts_user where partner_id = ({PARTNERS})[1]"
"""The users of the scope's own partner, without those of the partners below it."""
_OWN_CLIENTS = f"select c.id from allauth_idp_oidc_client c where c.owner_id in ({_OWN_PEOPLE})"
_OWNED = f"owner_id in ({_OWN_PEOPLE})"
_BEFORE = "owner_id in (select id from accounts_user)"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_sign_in"),
        ("allauth_idp_oidc", "0003_client_allow_uri_wildcards"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiClient",
            fields=[
                (
                    "client",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="terms",
                        serialize=False,
                        to="allauth_idp_oidc.client",
                    ),
                ),
                ("expires_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
        ),
        protect(
            "accounts_apiclient",
            # Who calls is found out before there is an actor.
            app=Rows("select, update (last_used_at)"),
            desk=Rows("select, insert, update (revoked_at)"),
            partner=Rows("select, insert, update (revoked_at)", f"client_id in ({_OWN_CLIENTS})"),
        ),
        # A client is never deleted: the audit trail and its tokens name it.
        migrations.RunSQL(
            f"alter policy partner_rows on allauth_idp_oidc_client using ({_OWNED}) with check ({_OWNED});"
            " revoke delete on allauth_idp_oidc_client from buoy_desk, buoy_partner",
            f"alter policy partner_rows on allauth_idp_oidc_client using ({_BEFORE}) with check ({_BEFORE});"
            " grant delete on allauth_idp_oidc_client to buoy_desk, buoy_partner",
        ),
    ]
