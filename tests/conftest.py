"""What every test relies on: laws are drawn the same way every time, and no machine is too slow for them."""

from hypothesis import HealthCheck, settings

settings.register_profile("buoy", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("buoy")
