"""Reads about people: who there is, who is invited, what each role is called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from allauth.idp.oidc.models import Client
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Exists, F, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from buoy.core.actor import Actor, Face
from buoy.core.errors import NotFound
from buoy.core.scope import require_scope
from buoy.domains.accounts import policy
from buoy.domains.accounts.models import ApiToken, Invitation, User

if TYPE_CHECKING:
    from django.db.models import QuerySet

ROLE_NAMES: dict[str, str | Promise] = {
    "administrator": _("Administrator"),
    "channel_manager": _("Channel manager"),
    "finance": _("Finance"),
    "marketing": _("Marketing"),
    "executive": _("Executive"),
    "auditor": _("Auditor"),
    "delegate": _("Delegated administrator"),
    "partner_administrator": _("Partner administrator"),
    "partner_seller": _("Seller"),
    "partner_marketing": _("Partner marketing"),
    "partner_finance": _("Partner finance"),
}

PERMISSION_NAMES: dict[str, str | Promise] = {
    "desk.enter": _("Come in at the vendor's desk"),
    "portal.enter": _("Come in at the partner portal"),
    "partners.view": _("See partners"),
    "partners.manage": _("Change partners"),
    "partners.look_as": _("See what a partner sees"),
    "catalog.view": _("See the catalog"),
    "catalog.manage": _("Change the catalog"),
    "engagement.view": _("See the rules of engagement"),
    "sales.view": _("See sales and exchange rates"),
    "sales.import": _("Import sales files"),
    "sales.match": _("Match names in sales files"),
    "rates.manage": _("Change exchange rates"),
    "users.view": _("See people"),
    "users.manage": _("Invite people and change their rights"),
    "users.invite_partner": _("Invite people of partners"),
    "comments.view": _("Read comments"),
    "comments.write": _("Write comments"),
    "files.view": _("Open files"),
    "files.write": _("Add files"),
    "tasks.view": _("See tasks"),
    "tasks.write": _("Give and close tasks"),
    "audit.view": _("Read the audit trail"),
    "jobs.view": _("See jobs"),
    "jobs.manage": _("Repeat and cancel jobs"),
    "settings.manage": _("Change the settings"),
    "api_clients.manage": _("Let programs use the API"),
    "tokens.manage": _("End one's own tokens"),
    "bank.view": _("See bank accounts"),
    "margins.view": _("See margins"),
}
"""What each permission lets somebody do, as forms and lists say it."""
SCOPE_NAMES: dict[str, str | Promise] = {
    policy.READ: _("Read everything"),
    policy.WRITE: _("Read and change everything"),
    **PERMISSION_NAMES,
}

_SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@dataclass(frozen=True)
class Person:
    """One user, as lists and pages show them."""

    id: UUID
    name: str
    email: str
    roles: tuple[str, ...]
    grants: tuple[str, ...]
    partner_id: UUID | None
    partner_name: str
    is_active: bool
    last_login: datetime | None
    has_second_factor: bool
    is_linked: bool
    """Has come by single sign-on, and belongs to somebody there."""
    language: str
    time_zone: str
    theme: str

    @property
    def role_names(self) -> list[str]:
        return [role_name(role) for role in self.roles]

    @property
    def grant_names(self) -> list[str]:
        return [permission_name(grant) for grant in self.grants]


@dataclass(frozen=True)
class InvitationRow:
    """One invitation that nobody has accepted yet. `sent_at` is empty while its letter waits."""

    id: UUID
    name: str
    email: str
    roles: tuple[str, ...]
    sent_at: datetime | None
    expires_at: datetime
    is_expired: bool

    @property
    def role_names(self) -> list[str]:
        return [role_name(role) for role in self.roles]


def role_name(role: str) -> str:
    """What a role is called in the reader's language."""
    return str(ROLE_NAMES[role])


def permission_name(permission: str) -> str:
    """What a permission is called in the reader's language."""
    return str(PERMISSION_NAMES[permission])


def scope_names(scopes: Iterable[str]) -> list[str]:
    """What these scopes are called in the reader's language, the widest first."""
    given = set(scopes)
    return [str(name) for scope, name in SCOPE_NAMES.items() if scope in given]


def people(actor: Actor, *, partner_id: UUID | None = None, words: str = "") -> list[Person]:
    """The people that the actor sees, by name: all of them, or those of one partner; `words` are looked for in name
    and address. One query.
    """
    users = visible_people(actor)
    if partner_id is not None:
        users = users.filter(partner_id=partner_id)
    if words:
        users = users.filter(Q(name__icontains=words) | Q(email__icontains=words))
    return [person_of(user) for user in users.order_by("name", "id")]


def visible_people(actor: Actor) -> QuerySet[User]:
    """The people that the actor sees. A partner's actor sees their own organisation, not those below it."""
    require_scope()
    actor.require("users.view")
    return _users(actor)


def person(actor: Actor, *, user_id: UUID) -> Person:
    """One person: oneself, or somebody that the actor sees. Raises NotFound. One query."""
    require_scope()
    if user_id != actor.user_id:
        actor.require("users.view")
    user = _users(actor).filter(id=user_id).first()
    if user is None:
        raise NotFound
    return person_of(user)


def organisation(actor: Actor, *, partner_id: UUID | None) -> str:
    """What a partner is called; nothing for the vendor. Raises NotFound for one that the actor does not see. One query."""
    require_scope()
    actor.require("partners.view")
    if partner_id is None:
        return ""
    try:
        partner = Invitation(partner_id=partner_id).partner
    except ObjectDoesNotExist:
        raise NotFound from None
    return partner.name if partner else ""


def invitations(actor: Actor, *, partner_id: UUID | None, now: datetime) -> list[InvitationRow]:
    """Who has been invited into a partner's team (the vendor's, for none) and has not come yet; newest first. One query."""
    require_scope()
    actor.require("users.view")
    rows = Invitation.objects.filter(Q(partner_id=partner_id), accepted_at=None, revoked_at=None).order_by(
        "-created_at"
    )
    return [
        InvitationRow(
            id=row.id,
            name=row.name,
            email=row.email,
            roles=tuple(row.roles),
            sent_at=row.sent_at,
            expires_at=row.expires_at,
            is_expired=row.expires_at <= now,
        )
        for row in rows
    ]


def unsent_invitations(actor: Actor, *, now: datetime) -> list[UUID]:
    """Invitations whose letter should have left a minute ago. One query."""
    require_scope()
    waiting = Invitation.objects.filter(
        sent_at=None, accepted_at=None, revoked_at=None, expires_at__gt=now, created_at__lt=now - policy.LETTER_WAITS
    )
    return list(waiting.order_by("created_at").values_list("id", flat=True))


@dataclass(frozen=True)
class Named:
    """A person as a choice in a list."""

    id: UUID
    name: str


def people_around(actor: Actor, *, partner_id: UUID | None) -> list[Named]:
    """Who sees a thing of this partner (None: of the vendor alone) and may be spoken to by the actor; by name. One query.

    For the vendor's people: themselves and the partner's users. For a partner's: the users of that partner.
    """
    require_scope()
    people = Q(partner_id=partner_id) if partner_id else Q()
    if actor.face is not Face.PARTNER:
        people |= Q(partner_id=None)
    rows = User.objects.filter(people, is_active=True).order_by("name", "id").values_list("id", "name")
    return [Named(*row) for row in rows]


@dataclass(frozen=True)
class Reader:
    """What a letter to somebody needs to know of them."""

    name: str
    email: str
    language: str
    time_zone: str


def reader(actor: Actor, *, user_id: UUID) -> Reader:
    """Raises User.DoesNotExist. One query."""
    require_scope()
    return Reader(*User.objects.values_list("name", "email", "language", "time_zone").get(id=user_id))


@dataclass(frozen=True)
class TokenRow:
    """One token of a user, without what would let somebody use it."""

    id: UUID
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None

    @property
    def scope_names(self) -> list[str]:
        return scope_names(self.scopes)

    @classmethod
    def of(cls, token: ApiToken) -> TokenRow:
        return cls(
            id=token.id,
            name=token.name,
            prefix=token.prefix,
            scopes=tuple(token.scopes),
            created_at=token.created_at,
            expires_at=token.expires_at,
            last_used_at=token.last_used_at,
        )


def own_tokens(actor: Actor) -> QuerySet[ApiToken]:
    """The actor's tokens that were not revoked, expired ones included, newest first."""
    require_scope()
    # No scope may read the hash of the secret.
    return ApiToken.objects.defer("digest").filter(user_id=actor.person, revoked_at=None).order_by("-id")


@dataclass(frozen=True)
class ClientRow:
    """One program of an organisation, without what would let somebody use it."""

    id: UUID
    name: str
    scopes: tuple[str, ...]
    owner: str
    organisation: str
    """The partner's name; empty for the vendor."""
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None

    @property
    def scope_names(self) -> list[str]:
        return scope_names(self.scopes)


def api_clients(actor: Actor) -> list[ClientRow]:
    """The programs that were not revoked, expired ones included, newest first: of one's own organisation, and for the
    vendor's people those of all. One query.
    """
    require_scope()
    actor.require("api_clients.manage")
    clients = Client.objects.filter(terms__revoked_at=None)
    if actor.face is Face.PARTNER:
        clients = clients.filter(owner__partner_id=actor.partner_id)
    rows = clients.order_by("-created_at", "id").values_list(
        "id",
        "name",
        "scopes",
        "owner__name",
        "owner__partner__name",
        "created_at",
        "terms__expires_at",
        "terms__last_used_at",
    )
    return [
        ClientRow(UUID(id_), name, tuple(scopes.split()), owner, organisation or "", *when)
        for id_, name, scopes, owner, organisation, *when in rows
    ]


_COLUMNS = (
    "id",
    "name",
    "email",
    "roles",
    "grants",
    "partner",
    "is_active",
    "last_login",
    "language",
    "time_zone",
    "theme",
)


def _users(actor: Actor) -> QuerySet[User]:
    # No scope may read the hash of a password.
    users = User.objects.only(*_COLUMNS).annotate(
        second_factor=Exists(Authenticator.objects.filter(user=OuterRef("pk"), type__in=_SECOND_FACTORS)),
        is_linked=Exists(SocialAccount.objects.filter(user=OuterRef("pk"))),
        partner_name=F("partner__name"),
    )
    return users.filter(Q(partner_id=actor.partner_id)) if actor.face is Face.PARTNER else users


def person_of(user: Any) -> Person:
    """A user of `visible_people`, with what it adds to them."""
    return Person(
        id=user.id,
        name=user.name,
        email=user.email,
        roles=tuple(user.roles),
        grants=tuple(user.grants),
        partner_id=user.partner_id,
        partner_name=user.partner_name or "",
        is_active=user.is_active,
        last_login=user.last_login,
        has_second_factor=user.second_factor,
        is_linked=user.is_linked,
        language=user.language,
        time_zone=user.time_zone,
        theme=user.theme,
    )


def administrators(actor: Actor) -> list[str]:
    """The addresses of the vendor's administrators who can sign in, by name. One query."""
    require_scope()
    actor.require("users.view")
    found = User.objects.filter(is_active=True, roles__contains=["administrator"])
    return list(found.order_by("name", "id").values_list("email", flat=True))


def has_colleagues(actor: Actor, *, now: datetime) -> bool:
    """Is there anybody else among the vendor's people, or an invitation to become one? At most two queries."""
    require_scope()
    actor.require("users.view")
    others = User.objects.filter(Q(partner_id=None), is_active=True).exclude(id=actor.person)
    return others.exists() or bool(invitations(actor, partner_id=None, now=now))
