"""People who sign in. A user belongs to the vendor or to one partner, for good."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from buoy.core import clock
from buoy.core.ids import new_id


class UserManager(BaseUserManager["User"]):
    """Finds a user by e-mail address, whatever its case: addresses are stored in lower case."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())

    def create_user(self, *, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class Theme(models.TextChoices):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class User(AbstractBaseUser):
    """`partner` is empty for the vendor's own people. `roles` and `grants` are words of `policy`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    partner = models.ForeignKey("partners.Partner", on_delete=models.PROTECT, null=True, related_name="+")
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=200)
    roles = ArrayField(models.CharField(max_length=40), default=list)
    grants = ArrayField(models.CharField(max_length=60), default=list)
    language = models.CharField(max_length=8, default="en")
    time_zone = models.CharField(max_length=64, default="UTC")
    theme = models.CharField(max_length=8, choices=Theme.choices, default=Theme.SYSTEM)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)
    session_epoch = models.PositiveIntegerField(default=0)
    """A session is of the epoch in which it began; counting up ends all of them."""

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [
            # Two addresses that differ in case only are one person.
            models.CheckConstraint(name="accounts_user_email_is_lower", condition=models.Q(email=Lower("email"))),
        ]
        indexes = [
            # The list of a partner's users, and row-level security.
            models.Index(fields=["partner", "name"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_partner_user(self) -> bool:
        return self.partner_id is not None

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must carry to be alive: it changes with the password and with the epoch.

        Django calls it for sessions; there is no public name to override that also knows older secret keys.
        """
        return salted_hmac(
            "buoy.accounts.session", f"{self.password}|{self.session_epoch}", secret=secret, algorithm="sha256"
        ).hexdigest()


class ApiToken(models.Model):
    """A key of one user for programs: `by_<prefix>_<secret>`, of which only the SHA-256 of the secret is kept.

    It can do what its user may, as far as `scopes` (words of `policy`) go.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.BinaryField()
    scopes = ArrayField(models.CharField(max_length=60))
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # The list of somebody's tokens, newest first.
            models.Index(fields=["user", "-id"], name="accounts_apitoken_of_user"),
        ]

    def __str__(self) -> str:
        return self.name


class ApiClient(models.Model):
    """The terms of a program that gets its tokens by OAuth2 (client credentials).

    Name, scopes, owner and the hash of its secret stand in allauth's client, which this row belongs to. It can do what its
    owner may, as far as its scopes go, and ends with its owner's account.
    """

    client = models.OneToOneField(
        "allauth_idp_oidc.Client", on_delete=models.PROTECT, primary_key=True, related_name="terms"
    )
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.client_id)


class Invitation(models.Model):
    """Somebody may join, as `roles` of `partner` or, without one, of the vendor. The letter holds a signed link."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    partner = models.ForeignKey("partners.Partner", on_delete=models.PROTECT, null=True, related_name="+")
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=200)
    roles = ArrayField(models.CharField(max_length=40))
    language = models.CharField(max_length=8)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    letter = models.PositiveIntegerField(default=1)
    """Which letter counts: sending another one makes the links of those before it worthless."""
    sent_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="accounts_invitation_email_is_lower", condition=models.Q(email=Lower("email"))),
            # Asking the same person twice is a mistake; the same address may be asked by two organisations.
            models.UniqueConstraint(
                name="accounts_invitation_one_open",
                fields=["email", "partner"],
                nulls_distinct=False,
                condition=models.Q(accepted_at=None, revoked_at=None),
            ),
        ]
        indexes = [
            # The list of a partner's open invitations, and row-level security.
            models.Index(fields=["partner", "created_at"]),
        ]

    def __str__(self) -> str:
        return self.email
