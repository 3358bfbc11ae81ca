"""What the embedded server is told: its settings, its sorting order, and who may connect."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from buoy.core.postgres.account import Account

_SMALL_SHARED_MEMORY = 256 * 1024 * 1024
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def server_settings(*, durable: bool, shared_memory: Path = Path("/dev/shm")) -> dict[str, str]:
    """Settings of the server. PostgreSQL's own defaults, which lose nothing, hold unless `durable` is off."""
    settings = {
        "listen_addresses": "",
        "max_connections": "100",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        # A transaction that somebody forgot holds locks and keeps old rows alive.
        "idle_in_transaction_session_timeout": "5min",
    }
    if _is_small(shared_memory):
        settings["dynamic_shared_memory_type"] = "mmap"
    return settings if durable else settings | _NOT_DURABLE


def locale(major: int) -> list[str]:
    """Arguments of initdb: texts sort by code point on every machine, and case is Unicode's."""
    if major >= 17:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C.UTF-8", "--lc-messages=C"]


def access() -> str:
    """The server's pg_hba.conf: through the socket only, as the system says who is there."""
    return "# Written by Buoy at each start.\nlocal all all peer map=buoy\nlocal replication all peer map=buoy\n"


def ident(account: Account) -> str:
    """The server's pg_ident.conf: which accounts of the system may be every role."""
    trusted = {account.name, pwd.getpwuid(os.geteuid()).pw_name, pwd.getpwuid(0).pw_name}
    lines = [f'buoy "{name}" all' for name in sorted(trusted)]
    return "\n".join(["# Written by Buoy at each start.", *lines, ""])


def _is_small(shared_memory: Path) -> bool:
    """Whether PostgreSQL could run out of shared memory, as in a container with Docker's 64 MB."""
    if not shared_memory.is_dir():
        return False
    size = os.statvfs(shared_memory)
    return size.f_blocks * size.f_frsize < _SMALL_SHARED_MEMORY or not os.access(shared_memory, os.W_OK)
