"""How people sign in: Django's and allauth's settings, from the configuration of the installation.

Accounts are made by invitation only. Whoever signs in by e-mail and password, by a code sent to them, or by the
company's single sign-on, is then asked for the second factor that their account has; a passkey is both at once.
"""

from __future__ import annotations

from typing import Any

from buoy.core.configuration import Configuration

_WEB = "buoy.domains.accounts.web"
SESSION_HOURS = 12

APPS = [
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.idp.oidc",
]


def sign_in_settings(configuration: Configuration, *, https: bool) -> dict[str, Any]:
    """All settings of signing in, by name."""
    return {
        **_passwords(),
        **_sessions(https=https),
        **_accounts(),
        **_second_factors(configuration, https=https),
        **_single_sign_on(configuration),
        # API clients: tokens for programs, and no sign-in elsewhere with an account here.
        "IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN": 60 * 60,
        "IDP_OIDC_AUTH_METHODS": ["client_secret_basic", "client_secret_post"],
    }


def _passwords() -> dict[str, Any]:
    return {
        "AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"],
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
            {
                "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
                "OPTIONS": {"user_attributes": ("email", "name")},
            },
            {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
            {"NAME": "buoy.domains.accounts.forms.BreachedPasswordValidator"},
        ],
        "PASSWORD_RESET_TIMEOUT": 60 * 60,
    }


def _sessions(*, https: bool) -> dict[str, Any]:
    return {
        "SESSION_COOKIE_NAME": "__Host-session" if https else "session",
        "CSRF_COOKIE_NAME": "__Host-csrf" if https else "csrf",
        "SESSION_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SECURE": https,
        "CSRF_COOKIE_SECURE": https,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_AGE": SESSION_HOURS * 60 * 60,
    }


def _accounts() -> dict[str, Any]:
    return {
        "LOGIN_URL": "account_login",
        "LOGIN_REDIRECT_URL": "home",
        "ACCOUNT_ADAPTER": f"{_WEB}.adapter.AccountAdapter",
        "ACCOUNT_FORMS": {"login": "buoy.domains.accounts.forms.SignInForm"},
        "ACCOUNT_LOGIN_METHODS": {"email"},
        "ACCOUNT_SIGNUP_FIELDS": ["email*", "password1*"],
        "ACCOUNT_USER_MODEL_USERNAME_FIELD": None,
        "ACCOUNT_EMAIL_VERIFICATION": "mandatory",
        "ACCOUNT_EMAIL_SUBJECT_PREFIX": "",
        "ACCOUNT_EMAIL_NOTIFICATIONS": True,
        "ACCOUNT_CHANGE_EMAIL": True,
        # A link could be opened by whoever reads the mail; a code is typed by whoever asked for it.
        "ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED": True,
        "ACCOUNT_LOGIN_BY_CODE_ENABLED": True,
        "ACCOUNT_LOGIN_BY_CODE_TIMEOUT": 10 * 60,
        "ACCOUNT_REAUTHENTICATION_REQUIRED": True,
        "ACCOUNT_SESSION_REMEMBER": False,
        # Ten wrong guesses in five minutes from one place at one account; the adapter says what a place is.
        "ACCOUNT_RATE_LIMITS": {"login_failed": "50/5m/ip,10/5m/key"},
    }


def _second_factors(configuration: Configuration, *, https: bool) -> dict[str, Any]:
    return {
        "MFA_ADAPTER": f"{_WEB}.adapter.SecondFactorAdapter",
        "MFA_FORMS": {
            "authenticate": f"{_WEB}.second_factor.AuthenticateForm",
            "reauthenticate": f"{_WEB}.second_factor.ReauthenticateForm",
        },
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        "MFA_RECOVERY_CODES_SHOW_ONCE": True,
        # A clock may be half a minute off; that no code counts twice is seen to by the form.
        "MFA_TOTP_TOLERANCE": 1,
        # Browsers allow passkeys over plain HTTP on the own machine only.
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": not https,
    }


def _single_sign_on(configuration: Configuration) -> dict[str, Any]:
    apps = []
    if configuration.oidc_issuer:
        apps.append(
            {
                "provider_id": "company",
                "name": configuration.oidc_name,
                "client_id": configuration.oidc_client_id,
                "secret": configuration.oidc_client_secret,
                "settings": {
                    "server_url": str(configuration.oidc_issuer).rstrip("/"),
                    "oauth_pkce_enabled": True,
                    "addresses_are_verified": configuration.oidc_addresses_are_verified,
                },
            }
        )
    return {
        "SOCIALACCOUNT_ADAPTER": f"{_WEB}.adapter.SingleSignOnAdapter",
        "SOCIALACCOUNT_PROVIDERS": {"openid_connect": {"APPS": apps}},
        # The address decides who it is, provided that the company's provider says it is verified.
        "SOCIALACCOUNT_EMAIL_AUTHENTICATION": True,
        "SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT": True,
        # A form that posts to us and is sent on to the provider would be stopped by `form-action`; a link is not.
        "SOCIALACCOUNT_LOGIN_ON_GET": True,
    }
