"""A real OpenID Connect provider: allauth's own, as a process of its own, on whichever port of this machine is free.

Started with what it is to know, as JSON, on its standard input; it prints its address and serves until its input ends.

    {"client": {"id": "buoy", "secret": "…", "redirect_uris": ["http://testserver/…"]},
     "people": {"rita": {"email": "rita@alpha.example", "verified": true, "id_token": {}, "userinfo": {}}}}

`id_token` and `userinfo` change what it says of that person; null takes a claim away, and `{address}` is its address. Below
`/forged` it describes an issuer that publishes a false key under the name of the true one, and below `/moved` one that sends
its readers elsewhere.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

PASSWORD = "a password at the company"
SECRET = "a secret of the tests"
CALLBACK = "/account/oidc/company/login/callback/"


@contextmanager
def running(people: Mapping[str, Any], *, site: str) -> Iterator[str]:
    """The address of a provider that knows these people, all with one password, and Buoy at `site`."""
    client = {"id": "buoy", "secret": SECRET, "redirect_uris": [site + CALLBACK]}
    with subprocess.Popen(
        [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps({"client": client, "people": people}) + "\n")
        process.stdin.flush()
        address = process.stdout.readline().strip()
        assert address.startswith("http://"), "the provider did not start; what it says stands above"
        yield address
        process.stdin.close()
        assert process.wait(timeout=10) == 0


def new_key() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form, kind = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(form, kind, serialization.NoEncryption()).decode()


def configure(key: str) -> None:
    import django
    from django.conf import settings

    settings.configure(
        SECRET_KEY="of the provider of the tests, which keeps nothing",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "allauth",
            "allauth.account",
            "allauth.idp.oidc",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "allauth.account.middleware.AccountMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        ACCOUNT_EMAIL_VERIFICATION="none",
        ACCOUNT_UNIQUE_EMAIL=False,
        LOGIN_URL="account_login",
        ACCOUNT_RATE_LIMITS=False,
        SESSION_COOKIE_NAME="provider",
        IDP_OIDC_PRIVATE_KEY=key,
        IDP_OIDC_ADAPTER=f"{__name__}.adapter_class",
        USE_TZ=True,
    )
    django.setup()


def adapter_class() -> Any:
    from allauth.idp.oidc.adapter import DefaultOIDCAdapter

    def changed(claims: dict[str, Any], by: dict[str, Any]) -> None:
        for name, value in by.items():
            claims.pop(name, None)
            if value is not None:
                claims[name] = value

    class Adapter(DefaultOIDCAdapter):
        def get_issuer(self) -> str:
            return ADDRESS[0]

        def populate_id_token(self, id_token: dict[str, Any], client: Any, scopes: Any, **more: Any) -> None:
            changed(id_token, PEOPLE[id_token["sub"]].get("id_token", {}))

        def get_claims(self, purpose: Any, user: Any, *args: Any, **more: Any) -> dict[str, Any]:
            claims = super().get_claims(purpose, user, *args, **more)
            if purpose == "userinfo":
                changed(claims, PEOPLE[user.username].get("userinfo", {}))
            return claims

        def get_user_sub(self, client: Any, user: Any) -> str:
            return str(user.username)

        def get_user_by_sub(self, client: Any, sub: str) -> Any:
            from django.contrib.auth.models import User

            return User.objects.get(username=sub)

    return Adapter()


PEOPLE: dict[str, dict[str, Any]] = {}
ADDRESS: list[str] = []


def fill(client: dict[str, Any]) -> None:
    from allauth.account.models import EmailAddress
    from allauth.idp.oidc.models import Client
    from django.contrib.auth.models import User
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    program = Client(id=client["id"], name="Buoy", scopes="openid\nprofile\nemail", skip_consent=True)
    program.set_secret(client["secret"])
    program.set_redirect_uris(client["redirect_uris"])
    program.save()
    for name, person in PEOPLE.items():
        user = User.objects.create_user(name, person["email"], PASSWORD)
        EmailAddress.objects.create(user=user, email=person["email"], verified=person["verified"], primary=True)


def patterns(address: str, key: str) -> list[Any]:
    from allauth.core.internal import jwkkit
    from allauth.idp.oidc import views
    from django.http import HttpResponse, JsonResponse
    from django.shortcuts import redirect
    from django.urls import include, path

    true, _ = jwkkit.load_jwk_from_pem(key)
    false, _ = jwkkit.load_jwk_from_pem(new_key())

    def forged(request: Any) -> Any:
        said = json.loads(views.configuration(request).content)
        return JsonResponse({**said, "issuer": f"{address}/forged", "jwks_uri": f"{address}/forged/keys"})

    return [
        path("forged/.well-known/openid-configuration", forged),
        path("forged/keys", lambda request: JsonResponse({"keys": [{**false, "kid": true["kid"]}]})),
        path("moved/.well-known/openid-configuration", lambda request: redirect("/.well-known/openid-configuration")),
        path("favicon.ico", lambda request: HttpResponse(status=204)),
        path("", include("allauth.idp.urls")),
        path("account/", include("allauth.account.urls")),
    ]


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


def main() -> None:
    server = make_server("127.0.0.1", 0, lambda *_: [], handler_class=Quiet)
    address = f"http://127.0.0.1:{server.server_port}"
    told = json.loads(sys.stdin.readline().replace("{address}", address))
    PEOPLE.update(told["people"])
    ADDRESS.append(address)
    key = new_key()
    configure(key)
    fill(told["client"])
    globals()["urlpatterns"] = patterns(address, key)
    from django.core.wsgi import get_wsgi_application

    server.set_app(get_wsgi_application())
    # Ends with whoever started it.
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    sys.stdout.write(address + "\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
