"""The project's settings for tests: a folder of their own, nothing from `.env`, quick passwords, no collected files."""

import atexit
import os
import re
import shutil
import tempfile
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_KEPT = {"DATABASE_URL", "WHISPER_MODEL"}  # these say what to test with

for _name in re.findall(r"^# ([A-Z][A-Z0-9_]*)=", (_ROOT / ".env.example").read_text(), re.MULTILINE):
    # A blank value counts as unset, and as set for `.env`, which then changes nothing.
    os.environ[_name] = os.environ.get(_name, "") if _name in _KEPT else ""
os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="realty-tests-")
atexit.register(shutil.rmtree, os.environ["VAR_DIR"], ignore_errors=True)

from realty.settings import *  # noqa: E402, F403 -- reads the environment prepared above
from realty.settings import DATABASES, STORAGES, VAR_DIR  # noqa: E402

(VAR_DIR / "static").mkdir()  # WhiteNoise warns where it is missing

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}

DATABASES["default"]["CONN_MAX_AGE"] = 0  # a connection kept open would keep a test database from being dropped
if str(DATABASES["default"]["ENGINE"]).endswith("sqlite3"):
    # A file, as in production: threads would share a database in memory, locks included.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
