"""Reads about the tree of families. It is small and read as a whole."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, Q

from buoy.core.actor import Actor
from buoy.core.errors import NotFound
from buoy.core.scope import require_scope
from buoy.domains.catalog.models import Family
from buoy.domains.catalog.policy.families import with_those_above, with_those_below

if TYPE_CHECKING:
    from django.db.models import QuerySet


@dataclass(frozen=True)
class FamilyRow:
    """One family at its place: `depth` is 0 at the root, `path` goes from the root down to it; `products` counts those in
    sale that lie in it or in what lies in it."""

    id: UUID
    parent_id: UUID | None
    name: str
    path: tuple[str, ...]
    products: int

    @property
    def depth(self) -> int:
        return len(self.path) - 1


@dataclass(frozen=True)
class Tree:
    """All families by id, in the order of their paths."""

    rows: dict[UUID, FamilyRow]

    @property
    def parents(self) -> dict[UUID, UUID | None]:
        return {row.id: row.parent_id for row in self.rows.values()}

    def path(self, family_id: UUID | None) -> tuple[str, ...]:
        return self.rows[family_id].path if family_id in self.rows else ()

    def below(self, family_id: UUID) -> set[UUID]:
        """The family and everything in it."""
        return with_those_below(family_id, self.parents)


def visible_families(actor: Actor) -> QuerySet[Family]:
    """Every family: the tree is open to whoever sees the catalog."""
    require_scope()
    actor.require("catalog.view")
    return Family.objects.order_by("name", "id")


def family_tree(actor: Actor) -> Tree:
    """The tree. One query."""
    families = list(visible_families(actor).annotate(held=Count("products", filter=Q(products__is_active=True))))
    names = {family.id: family.name for family in families}
    parents = {family.id: family.parent_id for family in families}
    held: Counter[UUID] = Counter()
    for family in families:
        held.update(dict.fromkeys(with_those_above(family.id, parents), family.held))
    rows = [
        FamilyRow(
            id=family.id,
            parent_id=family.parent_id,
            name=family.name,
            path=tuple(names[each] for each in reversed(with_those_above(family.id, parents))),
            products=held[family.id],
        )
        for family in families
    ]
    in_order = sorted(rows, key=lambda row: tuple(name.casefold() for name in row.path))
    return Tree({row.id: row for row in in_order})


def family_row(actor: Actor, *, family_id: UUID) -> FamilyRow:
    """One family. Raises NotFound. One query."""
    row = family_tree(actor).rows.get(family_id)
    if row is None:
        raise NotFound
    return row
