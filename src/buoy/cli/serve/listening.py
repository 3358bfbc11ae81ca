"""The socket that people connect to. The supervisor opens it and hands it to the web server.

So a port that is in use is found before anything is started, and requests that come while the web server is started
again wait instead of being refused.
"""

from __future__ import annotations

import errno
import socket

from buoy.cli import screen

_BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """A listening socket that children may inherit. Ends the command when there can be none."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        screen.stop(_said(host, port, error), screen.REFUSED)
    listening.set_inheritable(True)
    return listening


def _said(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} of {host} is in use by another program. Stop that, or choose another port: "
            f"`--port {port + 1}`, or BUOY_PORT={port + 1}."
        )
    if error.errno == errno.EACCES:
        return (
            f"port {port} needs more rights than this account has. Choose one from 1024 on, and put a proxy before it."
        )
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return f"{host} is no address of this machine. BUOY_HOST is the address to listen on: 127.0.0.1, or 0.0.0.0 for all."
    return f"cannot listen on port {port} of {host}: {error.strerror or error}"
