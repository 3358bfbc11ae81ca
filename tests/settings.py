"""The application's settings as its tests use them: nothing of the machine's own configuration, files in a folder that
goes away, static files by their plain names. The tests' server is put in by tests/database.py."""

import atexit
import os
import shutil
import tempfile

for _name in [name for name in os.environ if name.startswith("BUOY_") and name != "BUOY_TEST_DSN"]:
    del os.environ[_name]
os.environ.pop("DATABASE_URL", None)
os.environ["BUOY_DATA"] = tempfile.mkdtemp(prefix="buoy-tests-")
os.environ["BUOY_CONFIG"] = os.devnull
atexit.register(shutil.rmtree, os.environ["BUOY_DATA"], ignore_errors=True)

from django.contrib.auth.hashers import Argon2PasswordHasher  # noqa: E402

from buoy.config.settings import *  # noqa: E402, F403
from buoy.config.settings import CONFIGURATION, DATABASES, STORAGES  # noqa: E402

DATABASES["default"]["OPTIONS"] = {}
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}


class QuickHasher(Argon2PasswordHasher):
    """The real one with the least work, since a whole cast is made for many tests."""

    time_cost, memory_cost, parallelism = 1, 8, 1


PASSWORD_HASHERS = ["tests.settings.QuickHasher"]
STYLEGUIDE = True
# A test asks for more pages in a minute than a person does.
CONFIGURATION = CONFIGURATION.model_copy(update={"pages_per_minute": 1_000_000})
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
