"""Writes about the tree of families."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from buoy.core.actor import Actor
from buoy.core.audit import record
from buoy.core.errors import DomainError, Kind, NotFound
from buoy.core.scope import acting, writing
from buoy.domains.catalog.models import EngagementRule, Family, Product
from buoy.domains.catalog.policy.families import DEEPEST, may_lie_in
from buoy.domains.catalog.queries.families import family_tree, visible_families


class FamilyExists(DomainError):
    """There is a family of this name at this place."""

    kind = Kind.CONFLICT
    code = "family-exists"
    message = _("There is a family called %(name)s here already. Use it, or choose another name.")


class FamilyMisplaced(DomainError):
    """The family would lie in itself, or too deep."""

    kind = Kind.CONFLICT
    code = "family-misplaced"
    message = _(
        "%(name)s cannot lie there: a family does not lie in itself, and the tree has at most %(most)s levels."
        " Choose another place."
    )


class FamilyInUse(DomainError):
    """The family holds something, or a rule speaks of it."""

    kind = Kind.CONFLICT
    code = "family-in-use"
    message = _(
        "%(name)s still holds products or families, or a rule of engagement speaks of it. Move or change those first."
    )


def add_family(actor: Actor, *, name: str, parent_id: UUID | None) -> UUID:
    """Put a family into the tree. Writes a family. Raises NotAllowed, NotFound, FamilyExists, FamilyMisplaced."""
    with acting(actor):
        writing(actor)
        actor.require("catalog.manage")
        parents = _locked(actor)
        family = Family(name=name, parent_id=parent_id)
        _check_place(family, parents)
        family.save(force_insert=True)
        record(actor, action="family.added", object_type="family", object_id=family.id, after=_told(family))
    return family.id


def change_family(actor: Actor, *, family_id: UUID, name: str, parent_id: UUID | None) -> None:
    """Rename or move a family; what lies in it moves along.

    Raises NotAllowed, NotFound, FamilyExists, FamilyMisplaced.
    """
    with acting(actor):
        writing(actor)
        actor.require("catalog.manage")
        parents = _locked(actor)
        family = visible_families(actor).filter(id=family_id).first()
        if family is None:
            raise NotFound
        before = _told(family)
        family.name, family.parent_id = name, parent_id
        _check_place(family, parents)
        family.save(force_update=True)
        record(
            actor,
            action="family.changed",
            object_type="family",
            object_id=family_id,
            before=before,
            after=_told(family),
        )


def remove_family(actor: Actor, *, family_id: UUID) -> None:
    """Take an empty family out of the tree. Raises NotAllowed, NotFound, FamilyInUse."""
    with acting(actor):
        writing(actor)
        actor.require("catalog.manage")
        _locked(actor)
        family = visible_families(actor).filter(id=family_id).first()
        if family is None:
            raise NotFound
        holders = (
            Product.objects.filter(family_id=family_id),
            Family.objects.filter(parent_id=family_id),
            EngagementRule.objects.filter(family_id=family_id),
        )
        if any(rows.exists() for rows in holders):
            raise FamilyInUse(name=family.name)
        before = _told(family)
        family.delete()
        record(actor, action="family.removed", object_type="family", object_id=family_id, before=before)


def make_path(actor: Actor, path: tuple[str, ...], known: dict[tuple[str, ...], UUID]) -> UUID | None:
    """The family at this path, made with all above it where there is none. For an import, in its transaction."""
    parent_id = None
    for depth in range(1, len(path) + 1):
        at = path[:depth]
        if at not in known:
            family = Family.objects.create(name=at[-1], parent_id=parent_id)
            record(actor, action="family.added", object_type="family", object_id=family.id, after=_told(family))
            known[at] = family.id
        parent_id = known[at]
    return parent_id


def known_paths(actor: Actor) -> dict[tuple[str, ...], UUID]:
    """Every family by its path."""
    return {row.path: row.id for row in family_tree(actor).rows.values()}


def _locked(actor: Actor) -> dict[UUID, UUID | None]:
    """What lies in what, held still: two moves at once could otherwise close a circle."""
    rows = visible_families(actor).select_for_update().values_list("id", "parent_id")
    return dict(rows)


def _check_place(family: Family, parents: dict[UUID, UUID | None]) -> None:
    if family.parent_id is not None and family.parent_id not in parents:
        raise NotFound
    if not may_lie_in(family.id, family.parent_id, parents):
        raise FamilyMisplaced(name=family.name, most=DEEPEST)
    if Family.objects.filter(parent_id=family.parent_id, name=family.name).exclude(id=family.id).exists():
        raise FamilyExists(name=family.name)


def _told(family: Family) -> dict[str, object]:
    return {"name": family.name, "parent_id": family.parent_id}
