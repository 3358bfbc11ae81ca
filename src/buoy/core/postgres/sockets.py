"""Where the server's socket is: the one thing that those who only connect need to know."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

_LONGEST = 80
"""The path of a socket may have 107 bytes (103 on macOS), its name included."""


def socket_folder(root: Path) -> Path:
    """The folder of the socket for the server whose files are in `root`.

    Beside the data; where that path is too long, in the folder for temporary files under a name made from it.
    """
    root = root.resolve()
    near = root / "socket"
    if len(os.fsencode(near)) <= _LONGEST:
        return near
    name = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"buoy-{name}"
