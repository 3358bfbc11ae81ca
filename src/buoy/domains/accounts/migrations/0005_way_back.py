from django.db import migrations

from buoy.core.rls import PARTNERS

_OWN_PEOPLE = f"user_id in (select id from accounts_user where partner_id = ({PARTNERS})[1])"
"""The users of the scope's own partner: those below it are not its to help."""
_BEFORE = "user_id in (select id from accounts_user)"
_LINK = "socialaccount_socialaccount"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_api_client"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]

    operations = [
        # Whoever may change somebody's rights helps them back in: takes a lost second factor away, or a link to a single
        # sign-on. Neither the secret of the one nor what the other says can be read.
        migrations.RunSQL(
            f"alter policy partner_rows on mfa_authenticator using ({_OWN_PEOPLE}) with check ({_OWN_PEOPLE});"
            " grant delete on mfa_authenticator to buoy_desk, buoy_partner",
            f"alter policy partner_rows on mfa_authenticator using ({_BEFORE}) with check ({_BEFORE});"
            " revoke delete on mfa_authenticator from buoy_desk, buoy_partner",
        ),
        migrations.RunSQL(
            f"create policy desk_rows on {_LINK} to buoy_desk using (true) with check (true);"
            f" create policy partner_rows on {_LINK} to buoy_partner using ({_OWN_PEOPLE}) with check ({_OWN_PEOPLE});"
            f" grant select (id, user_id), delete on {_LINK} to buoy_desk, buoy_partner",
            f"revoke all on {_LINK} from buoy_desk, buoy_partner;"
            f" drop policy desk_rows on {_LINK}; drop policy partner_rows on {_LINK}",
        ),
    ]
