"""Every setting of the project; the environment decides what differs between two installations."""

from __future__ import annotations

import hmac
import os
from pathlib import Path
from urllib.parse import urlsplit

from realty import api_settings, env, unfold
from realty.logs import logging_config
from realty.media import media_storage
from realty.sentry import start_sentry

BASE_DIR = Path(__file__).resolve().parent.parent
env.read_dotenv(BASE_DIR / ".env")

VAR_DIR = BASE_DIR / env.text("VAR_DIR", "var")  # wherever a command is run from
env.make_folder(VAR_DIR)
SECRET_KEY = env.secret_key("SECRET_KEY", VAR_DIR / "secret_key")
DEBUG = env.flag("DEBUG", default=False)

# Providers sign the address that they were given, which behind a proxy is not the one that Django sees.
PUBLIC_BASE_URL = env.base_url("PUBLIC_BASE_URL", "http://127.0.0.1:8000")
_PUBLIC = urlsplit(PUBLIC_BASE_URL)
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", str(_PUBLIC.hostname), *env.words("ALLOWED_HOSTS")]
CSRF_TRUSTED_ORIGINS = [f"{_PUBLIC.scheme}://{_PUBLIC.netloc}"]

_IS_HTTPS = _PUBLIC.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _IS_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if _IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _IS_HTTPS
BEHIND_PROXY = env.flag("BEHIND_PROXY", default=_IS_HTTPS)  # then, and only then, X-Forwarded-* is believed
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=False)
SECURE_REDIRECT_EXEMPT = [r"^webhooks/", r"^health/"]  # a redirect would lose what a provider posts
X_FRAME_OPTIONS = "DENY"

INSTALLED_APPS = [
    "realty",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "realty.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "phonenumber_field",
    "import_export",
    "django_q",
    "leads",
    "voice",
    "calls",
]

MIDDLEWARE = [
    "realty.logs.RequestIdMiddleware",
    "realty.rest.limits.FailureLimit",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "realty.urls"
LOGIN_REDIRECT_URL = "admin:index"
WSGI_APPLICATION = "realty.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {"default": env.database("DATABASE_URL", VAR_DIR / "realty.sqlite3")}
if str(DATABASES["default"]["ENGINE"]).endswith("sqlite3"):
    DATABASES["default"]["ENGINE"] = "realty.patient_sqlite3"
    DATABASES["default"]["CONN_MAX_AGE"] = 600  # seconds; opening one costs more than a turn's statements
    DATABASES["default"]["OPTIONS"] = {
        # A deferred transaction that reads and then writes fails at once when another one wrote in between.
        "transaction_mode": "IMMEDIATE",
        "timeout": 4,  # seconds, for each of a turn's transactions: Twilio waits for 15 s at most
        # NORMAL may lose the last commits when the power fails, never when a process is killed.
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA mmap_size=268435456;"
        "PRAGMA cache_size=-65536;PRAGMA temp_store=MEMORY;",
    }
else:
    DATABASES["default"] |= {
        "CONN_MAX_AGE": 600,  # seconds
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            # For each of a turn's transactions; Twilio waits for 15 s at most.
            "connect_timeout": 3,
            "options": "-c lock_timeout=4s",
            **dict(DATABASES["default"].get("OPTIONS", {})),
        },
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

LANGUAGE_CODE = "en-gb"  # the day before the month, in what is typed too
FORMAT_MODULE_PATH = ["realty.formats"]
TIME_ZONE = env.zone("TIME_ZONE", "Asia/Kolkata")
PURGE_AT = env.clock("PURGE_AT", "03:00")  # by that zone
# Numbers of erased people are kept under the first; all are known again.
ERASURE_KEYS = env.erasure_keys("ERASURE_KEY", SECRET_KEY)
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "realty" / "static"]
MEDIA_ROOT = BASE_DIR / (env.text("MEDIA_ROOT") or VAR_DIR / "media")
STORAGES = {
    "default": media_storage(),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
IMPORT_EXPORT_TMP_STORAGE_CLASS = "leads.waiting.WaitingFile"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576  # bytes; the largest webhook is a Vapi report of some 100 kB

PHONENUMBER_DEFAULT_REGION = "IN"
PHONENUMBER_DB_FORMAT = "E164"

# Seconds without news of a call after which its provider is asked.
ASK_AFTER_S = env.number("ASK_AFTER_S", 120, least=20)

# How many recordings are transcribed at once; 0: another node does it.
TRANSCRIPTION_WORKERS = int(env.number("TRANSCRIPTION_WORKERS", min(4, os.cpu_count() or 1), least=0))

Q_CLUSTER = {
    "name": "calls",
    "orm": "default",  # on PostgreSQL too: the Redis broker loses the job of a killed worker
    "broker_class": "realty.broker.Broker",
    "workers": int(env.number("WORKERS", 2, least=1)),
    "poll": 0.1,  # seconds
    # Seconds; a request to a provider with its further tries. A job that dials must be over before anybody asks the
    # provider what became of it, or a second worker would dial what the first is about to.
    "timeout": min(60, int(ASK_AFTER_S) - 5),
    "retry": 240,  # seconds; must exceed (queue_limit / workers + 1) * timeout or a job runs twice
    "queue_limit": 1,
    "bulk": 1,
    "max_attempts": 3,  # of a job whose worker was killed; tries of a call belong to calls.schedule
    "ack_failures": True,
    "save_limit": -1,  # keeping successes costs a scan per job; calls keep their own record
    "scheduler": False,  # the dispatcher sees to what is due; django-q2's own only asks for the write lock
    "guard_cycle": 0.5,  # must divide timeout + 3 exactly in binary, or a stuck job is never ended
    "recycle": 10_000,
    "label": "Jobs",
    "ALT_CLUSTERS": {
        "transcription": {
            "broker_class": "realty.broker.HearingBroker",
            "workers": max(1, TRANSCRIPTION_WORKERS),
            "poll": 1,  # seconds
            "timeout": 4 * 3600,  # seconds; for hours of speech. A process that is stuck ends by its lease
            "retry": 9 * 3600,  # a recording whose process was killed gets another job from the dispatcher, and sooner
            "recycle": 2_000,  # pulses count: after an hour or so without work the weights leave the memory
            "scheduler": False,
        },
    },
}

DEFAULT_PROVIDER = env.choice(
    "DEFAULT_PROVIDER", {"pretend", "twilio", "vapi"}, "twilio" if env.text("TWILIO_ACCOUNT_SID") else "pretend"
)
PROVIDERS = {
    "twilio": {
        "account_sid": env.text("TWILIO_ACCOUNT_SID"),
        "auth_tokens": env.words("TWILIO_AUTH_TOKEN"),  # the first one signs what we send; all are accepted
        "from_number": env.text("TWILIO_FROM_NUMBER"),
        "base_url": env.base_url("TWILIO_BASE_URL", "https://api.twilio.com"),
        "timeout_s": env.number("TWILIO_TIMEOUT_S", 10, least=0.1),
        "calls_per_second": env.number("TWILIO_CALLS_PER_SECOND", 1),
        "max_lines": int(env.number("TWILIO_MAX_LINES", 0)),
        "cost_per_minute": env.number("TWILIO_COST_PER_MINUTE", 0.014),
    },
    "vapi": {
        "api_key": env.text("VAPI_API_KEY"),
        "assistant_id": env.text("VAPI_ASSISTANT_ID"),
        "phone_number_id": env.text("VAPI_PHONE_NUMBER_ID"),
        "webhook_auth": env.choice("VAPI_WEBHOOK_AUTH", {"bearer", "x-vapi-secret", "hmac"}, "x-vapi-secret"),
        "webhook_secrets": env.words("VAPI_WEBHOOK_SECRET"),  # all are accepted
        "base_url": env.base_url("VAPI_BASE_URL", "https://api.vapi.ai"),
        "timeout_s": env.number("VAPI_TIMEOUT_S", 10, least=0.1),
        "credential_id": env.text("VAPI_CREDENTIAL_ID"),
        "public_key": env.text("VAPI_PUBLIC_KEY"),
        "model": env.text("VAPI_MODEL", "openai/gpt-4.1-mini"),
        "max_lines": int(env.number("VAPI_MAX_LINES", 10, least=0)),
        "cost_per_minute": env.number("VAPI_COST_PER_MINUTE", 0.10, least=0),
    },
    "pretend": {
        "local_base_url": env.base_url("LOCAL_BASE_URL", PUBLIC_BASE_URL),
        "secret": hmac.digest(SECRET_KEY.encode(), b"pretend network", "sha256").hex(),
        "folder": str(VAR_DIR / "pretend"),
        "pace_s": env.number("PRETEND_PACE_S", 1.5),  # seconds a pretend callee takes to answer
    },
}

_LLM_TIMEOUT_S = env.number("LLM_TIMEOUT_S", 3.5, least=0.5)
LANGUAGE_MODELS = {  # in the order that they are asked; one without its model or key is not
    "primary": {
        "base_url": env.base_url("LLM_BASE_URL", "http://127.0.0.1:11434/v1"),
        "model": env.text("LLM_MODEL"),
        "api_key": env.text("LLM_API_KEY"),
        "timeout_s": _LLM_TIMEOUT_S,
    },
    "gemini": {
        "base_url": env.base_url("GEMINI_BASE_URL", "https://generativelanguage.googleapis.com"),
        "model": env.text("GEMINI_MODEL"),
        "api_key": env.text("GEMINI_API_KEY"),
        "timeout_s": _LLM_TIMEOUT_S,
    },
}

# Seconds until a caller whose agent hears by Whisper is asked again, and heard by the provider's recogniser instead.
LIVE_WHISPER_DEADLINE_S = env.number("LIVE_WHISPER_DEADLINE_S", 5, least=1, most=30)  # the line is silent meanwhile
TRANSCRIBE = env.flag("TRANSCRIBE", default=True)
RECORDING_MAX_BYTES = int(env.number("RECORDING_MAX_MB", 200, least=1) * 1_000_000)
RECORDINGS_DELETE_AT_PROVIDER = env.flag("RECORDINGS_DELETE_AT_PROVIDER", default=False)
WHISPER_MODEL = env.text("WHISPER_MODEL", "base")  # a name, or a folder with a CTranslate2 model

CACHES = api_settings.caches(VAR_DIR / "cache")
FAILURE_RATES, CHAT_RATES = api_settings.FAILURE_RATES, api_settings.CHAT_RATES
WIDGET_ORIGINS = env.origins("WIDGET_ORIGINS")  # the sites that may show the chat
REST_KNOX, SPECTACULAR_SETTINGS = api_settings.REST_KNOX, api_settings.SPECTACULAR_SETTINGS
UNFOLD = unfold.UNFOLD
REST_FRAMEWORK = api_settings.rest_framework(proxies=1 if BEHIND_PROXY else 0)

SENTRY_DSN = env.text("SENTRY_DSN")
start_sentry(SENTRY_DSN)
LOGGING_CONFIG = None
logging_config(
    env.choice("LOG_LEVEL", {"DEBUG", "INFO", "WARNING", "ERROR"}, "INFO"),
    env.choice("LOG_FORMAT", {"json", "console"}, "json"),
)
