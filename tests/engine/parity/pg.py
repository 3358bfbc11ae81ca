"""A real PostgreSQL for the tests: the one named by BUOY_TEST_DSN, or a throw-away server of our own."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from buoy.core.postgres.cluster import Cluster


@contextlib.contextmanager
def server() -> Iterator[str]:
    """A connection string for as long as the context lasts."""
    if dsn := os.environ.get("BUOY_TEST_DSN"):
        yield dsn
        return
    root = Path(tempfile.mkdtemp(prefix="buoy-pg-"))
    try:
        with Cluster(root, durable=False).running() as cluster:
            yield cluster.dsn(user="postgres", database="postgres")
    finally:
        shutil.rmtree(root)
