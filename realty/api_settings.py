"""The settings of the API: keys, limits, pages, errors and the OpenAPI document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured

from realty import env

if TYPE_CHECKING:
    from pathlib import Path

_RATE = re.compile(r"[1-9]\d*/(s|sec|second|m|min|minute|h|hour|d|day)")


def _rate(name: str, default: str) -> str:
    value = env.text(name) or default
    if not _RATE.fullmatch(value):
        raise ImproperlyConfigured(f"{name} is {value!r}. Write how many in which time, such as {name}={default}.")
    return value


# Failed attempts from one address: wrong passwords, wrong keys, webhooks without a good signature.
FAILURE_RATES = {
    "login": _rate("LOGIN_FAILURE_RATE", "10/min"),
    "key": _rate("API_FAILURE_RATE", "60/min"),
    "webhook": _rate("WEBHOOK_FAILURE_RATE", "600/min"),
}

# Messages in the chat: of one link, and from one address, which many telephones of one carrier may share; and chats
# that one address may begin on the brokerage's site.
CHAT_RATES = {
    "link": _rate("CHAT_LINK_RATE", "20/min"),
    "address": _rate("CHAT_ADDRESS_RATE", "300/min"),
    "new": _rate("CHAT_NEW_RATE", "30/hour"),
}


def caches(folder: Path) -> dict[str, Any]:
    """Files, because several web processes count together; two machines still count apart."""
    return {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": folder,
            # Each write lists the folder, so it stays small; a flood of addresses must not drop its own counters.
            "OPTIONS": {"MAX_ENTRIES": 3_000},
        }
    }


REST_KNOX = {"TOKEN_TTL": None, "TOKEN_PREFIX": "ra_"}  # a prefix lets scanners find keys that leaked


def rest_framework(*, proxies: int) -> dict[str, Any]:
    """The framework's settings; `proxies` is how many of our own stand in front and write X-Forwarded-For."""
    return {
        "DEFAULT_AUTHENTICATION_CLASSES": [
            "realty.rest.access.KeyAuthentication",
            "rest_framework.authentication.SessionAuthentication",
        ],
        "DEFAULT_PERMISSION_CLASSES": ["realty.rest.access.Permissions"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["realty.rest.pages.StrictJSONParser"],
        "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
        "DEFAULT_PAGINATION_CLASS": "realty.rest.pages.Pages",
        "DEFAULT_FILTER_BACKENDS": [
            "realty.rest.pages.Filters",
            "realty.rest.pages.Ordering",
        ],
        "DEFAULT_THROTTLE_CLASSES": [
            "rest_framework.throttling.AnonRateThrottle",
            "rest_framework.throttling.UserRateThrottle",
            "rest_framework.throttling.ScopedRateThrottle",
        ],
        "DEFAULT_THROTTLE_RATES": {
            "anon": _rate("API_ANONYMOUS_RATE", "60/min"),
            "user": _rate("API_RATE", "600/min"),
            "place_call": _rate("API_CALL_RATE", "60/min"),
        },
        "NUM_PROXIES": proxies,
        "EXCEPTION_HANDLER": "realty.rest.errors.handle",
        "TEST_REQUEST_DEFAULT_FORMAT": "json",
    }


_DESCRIPTION = """
Leads, what they want, and the calls that a voice agent makes to them.

**Keys.** `manage.py api_key create --user NAME` prints a key once. Send it as `Authorization: Token KEY` (or `Bearer`).
A key may do what its user may do in the admin.

**Errors** are JSON of one shape: a stable `code`, a `detail` for people, and `errors` with one `field`, `code` and
`detail` for each input that cannot be used. A 429 says in `Retry-After` how many seconds to wait.

| status | codes |
|---|---|
| 400 | `invalid` (see `errors`), `parse_error`, `bad_request`, `invalid_idempotency_key`, `not_a_value` |
| 401 | `not_authenticated`, `authentication_failed` |
| 403 | `permission_denied`, `do_not_call_stands` |
| 404, 405, 406, 415 | `not_found`, `method_not_allowed`, `not_acceptable`, `unsupported_media_type` |
| 409, lead | `duplicate_phone` (with `existing_id`), `do_not_call_stands`, `live_call` |
| 409, call | `live_call`, and why nobody is called: `do_not_call`, `erased`, `outside_calling_hours`, `cap_day` ... |
| 409, cancel | `not_queued` |
| 409, campaign | `wrong_state`, `nobody`, `over`, `not_set_up`, `cap_too_low`, `no_lines`, `by_filter` |
| 409, upload | `known_recording`, `uploading` (with the call's `existing_id`) |
| 409, review | `decided`, `gone`, `changed`, `no_value` |
| 413, 503 | `too_large`, `not_stored` |
| 422 | `idempotency_key_reused`, `not_audio` |
| 429 | `throttled` |
| 500 | `server_error` (with `request_id`) |

Addresses work with and without a trailing slash. Money is whole rupees, phone numbers are E.164, times carry an offset.
"""

SPECTACULAR_SETTINGS = {
    "TITLE": "RealtyAssistant",
    "DESCRIPTION": _DESCRIPTION.strip(),
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "PREPROCESSING_HOOKS": ["realty.rest.schema.without_trailing_slash"],
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "realty.rest.schema.with_errors"],
    "ENUM_NAME_OVERRIDES": {
        "LeadStatusEnum": "leads.models.LeadStatus",
        "ListingStatusEnum": "leads.models.ListingStatus",
        "CallStatusEnum": "calls.filters.STATUSES",
        "LanguageEnum": "leads.models.Language",
        "CategoryEnum": "leads.models.Category",
        "VerdictStatusEnum": ["qualified", "not_qualified"],
    },
}
