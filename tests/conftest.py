"""What every test relies on: laws are drawn the same way every time, and no machine is too slow for them."""

from hypothesis import HealthCheck, settings

# Here and nowhere below: one run has one server, whichever tests ask for it.
from tests.database import committed, django_db_setup, postgres_host  # noqa: F401

settings.register_profile("buoy", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("buoy")
