"""Why there is no PostgreSQL, in words that say what to do.

Each class is one fact that somebody may want to tell from the others; all of them are a `PostgresFailure`.
"""

from __future__ import annotations


class PostgresFailure(Exception):
    """There is no PostgreSQL that can be used. The message says what was found, what was expected, what to do."""


class NoBinaries(PostgresFailure):
    """This machine has no PostgreSQL programs that can be run."""


class WrongVersion(PostgresFailure):
    """The programs are too old, or are not those that the data was written by."""


class FolderRefused(PostgresFailure):
    """PostgreSQL cannot keep its data, its socket or its programs where they were put."""


class NoAccount(PostgresFailure):
    """There is no account that PostgreSQL could run as."""


class Busy(PostgresFailure):
    """Another process has the data and does not let go of it."""


class DiskFull(PostgresFailure):
    """There is no room left where the data is."""


class DidNotStart(PostgresFailure):
    """PostgreSQL ended, or was not ready in time. The message holds its last words."""


def failure_of(said: str, *, doing: str, log: str) -> PostgresFailure:
    """The failure that PostgreSQL's own words tell of. `doing` begins the message; `log` says where the words are."""
    last = "\n".join(said.strip().splitlines()[-5:])
    if "No space left on device" in said or "Check free disk space" in said:
        return DiskFull(f"{doing} failed: the disk is full. Make room, then start again. PostgreSQL said:\n{last}")
    if "could not resize shared memory segment" in said or "could not map anonymous shared memory" in said:
        return DidNotStart(
            f"{doing} failed: there is not enough shared memory. Give the machine or container more memory "
            f"(with Docker: --shm-size=256m). PostgreSQL said:\n{last}"
        )
    if "incompatible with server" in said:
        return WrongVersion(f"{doing} failed: the data was written by another PostgreSQL:\n{last}")
    return DidNotStart(f"{doing} failed. PostgreSQL said ({log}):\n{last or '(nothing)'}")
