"""What every test relies on: laws are drawn the same way every time, no machine is too slow for them, and pages speak
every language."""

from hypothesis import HealthCheck, settings

from buoy.core import catalogues

# Here and nowhere below: one run has one server, whichever tests ask for it.
from tests.database import committed, django_db_setup, postgres_host  # noqa: F401

settings.register_profile("buoy", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("buoy")


def pytest_configure() -> None:
    """As a start does, before anything is translated."""
    catalogues.compile_all()
