"""The one place that opens a transaction: durable, and in the eyes of one actor.

    with acting(actor):
        rows = queries.open_tasks(actor)

Outside of it the application's login has no right on a table with partner data: a query that forgot its scope is
refused by PostgreSQL, loudly. Inside, PostgreSQL shows what the actor's role may see, by row-level security: staff see
all partners, a partner sees its own rows and those of the partners below it.

Role and partners are set for the transaction only (`set_config(…, true)`), so a connection that goes back to the pool
carries nothing over. Scopes do not nest: a use case is one transaction, and one that calls another would hide where
the first one ends. What is to happen after the commit is given to `after_commit`; it runs outside, and opens a scope of
its own if it reads or writes.

A scope that reads for a page must be left with plain rows in hand: a lazy queryset that is evaluated later is refused.

What must be written last, such as the audit trail, whose chain is under a lock, is gathered in the scope (`gather`) and
handed over once, right before the commit.

One door needs more: a call of the API with an idempotency key keeps the key, the use case and its answer in one
transaction. It opens a scope that it lends (`lends=True`): the scopes that the use case opens for the same actor are then
parts of the door's transaction, one after the other and still never one within the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from buoy.core.actor import Actor
from buoy.core.errors import NotAllowed

PARTNERS = "buoy.partner_ids"
USER = "buoy.user_id"


class NoScope(RuntimeError):
    """Code that needs a scope was called outside of one: a mistake of ours, never of a user."""


@dataclass
class _Scope:
    """`gathered` holds, for each function that writes at the end, what it is to write."""

    actor: Actor
    lends: bool
    is_lent: bool = False
    gathered: dict[Callable[[list[Any]], None], list[Any]] = field(default_factory=dict)


_current: ContextVar[_Scope | None] = ContextVar("scope", default=None)


@contextmanager
def acting(actor: Actor, *, read_only: bool = False, lends: bool = False) -> Iterator[None]:
    """Open the transaction of a use case in the actor's scope; commit at its end, roll back on an error.

    `read_only` lets PostgreSQL refuse every write; an actor that only looks is held to it in any case. `lends` lets the
    scopes within become parts of this one: only the API's door asks for it.
    """
    around = _current.get()
    if around is not None and around.lends and not around.is_lent and around.actor == actor:
        with _lent(around):
            yield
        return
    # Only Django's TestCase, whose transaction is rolled back after the test, may be open already.
    in_a_test = connection.in_atomic_block
    with transaction.atomic(durable=True):
        partners, user = ",".join(map(str, actor.partner_ids)), str(actor.user_id or "")
        before = _enter(actor.face.value, partners, user, read_only or actor.is_read_only)
        scope = _Scope(actor=actor, lends=lends)
        outside = _current.set(scope)
        try:
            yield
            for write, items in scope.gathered.items():
                write(items)
        finally:
            _current.reset(outside)
        if in_a_test and not connection.needs_rollback:
            _enter(*before)


@contextmanager
def _lent(scope: _Scope) -> Iterator[None]:
    scope.is_lent = True
    try:
        yield
    finally:
        scope.is_lent = False


def writing(actor: Actor) -> None:
    """Called first by an action that is about to write: an actor that looks with another's eyes may not.

    Raises NotAllowed, and NoScope outside of `acting`.
    """
    require_scope()
    if actor.is_read_only:
        raise NotAllowed(permission="write")


def require_scope() -> None:
    """Raises NoScope outside of `acting`."""
    if _current.get() is None:
        raise NoScope("a query or action was called outside of `with acting(actor)`")


def gather(write: Callable[[list[Any]], None], item: Any) -> None:
    """Have `write` called once, at the very end of the scope and within it, with all that was gathered for it."""
    scope = _current.get()
    if scope is None:
        raise NoScope(f"{write.__qualname__} was given something to write outside of `with acting(actor)`")
    scope.gathered.setdefault(write, []).append(item)


def after_commit(do: Callable[[], None]) -> None:
    """Run once the transaction has been committed, and never if it is rolled back.

    What is done is done: an error in `do` is logged and does not reach the caller, who has been served.
    """
    require_scope()
    transaction.on_commit(do, robust=True)


def _enter(role: str, partners: str, user: str, read_only: bool = False) -> tuple[str, str, str]:
    """Set role, partners, user and whether it only reads until the end of the transaction, in one round trip; what the first
    three were before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select current_setting('role'), coalesce(current_setting(%(partners)s, true), ''),"
            " coalesce(current_setting(%(user)s, true), ''),"
            " set_config(%(partners)s, %(ids)s, true), set_config(%(user)s, %(me)s, true), set_config('role', %(role)s, true)"
            + (", set_config('transaction_read_only', 'on', true)" if read_only else ""),
            {"partners": PARTNERS, "user": USER, "ids": partners, "me": user, "role": role},
        )
        before_role, before_partners, before_user, *_ = cursor.fetchone()
    return before_role, before_partners, before_user
