"""Structured logs that carry ids, and never a phone number, an e-mail address or a secret."""

from __future__ import annotations

import logging.config
import re
import uuid
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

    from django.http import HttpRequest, HttpResponse

_EMAIL = re.compile(r"[\w.+-]{1,64}(?:@|%40)[\w-]{1,64}(?:\.[\w-]{1,64}){1,8}", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)")
_TELLTALE = r"(?:authorization|signature|token|secret|passw(?:or)?d|api[_-]?key)"
_SECRET_KEY = re.compile(_TELLTALE, re.IGNORECASE)
_SECRET = re.compile(
    rf"({_TELLTALE}[\w-]*[\"']?\s*[:=,]\s*(?:[bru]?[\"'])?)"  # the name and what parts it from the value
    r"(?:(?:bearer|basic|token)\s+)?(?!\d{1,6}\b)[^\s\"',}&]+",  # short numbers are counts of a model's tokens
    re.IGNORECASE,
)
_CHAT = re.compile(r"(?<=/chat/)(?!new\b)[^\s\"'?#<>,}]+")  # whoever has the address writes in the lead's name
_TWILIO_ID = re.compile(r"\b(?:AC|SK)[0-9a-f]{32}\b")
_NUMBERS = re.compile(
    r"""
    (?P<keep>
        \d{4}-\d\d-\d\d (?: [T ]\d\d:\d\d (?: :\d\d (?:[.,]\d+)? )? (?: Z | [+-]\d\d:?\d\d )? )?  # a date, a time
      | [0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}  # a UUID
      | \d{1,3}(?:\.\d{1,3}){3}(?!\d)  # an IPv4 address
      | (?<![\d.])\d{1,4}\.\d+(?![\d.-])  # a duration
    )
    | (?: (?<![0-9a-z]) | (?<=\\[nrt]) | (?<=%[0-9a-f]{2}) )
      (?:\+|%2B)? \(? \d (?: (?:[ ().+\u00a0\u202f\u2010-\u2015-]|%20|%28|%29|%2D){0,3} \d ){7,14} (?![0-9a-z])
    """,
    re.IGNORECASE | re.VERBOSE,
)
_LONGEST_ID = 10_000_000  # numbers of eight digits and more may be telephones
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


def redact(text: str) -> str:
    """The text without phone numbers, e-mail addresses and secrets; ids, times and addresses of hosts stay."""
    text = _URL_PASSWORD.sub("[secret]", text)
    text = _SECRET.sub(r"\1[secret]", text)
    text = _CHAT.sub("[secret]", text)
    text = _TWILIO_ID.sub("[account]", text)
    text = _EMAIL.sub("[email]", text)
    return _NUMBERS.sub(lambda match: match["keep"] or "[number]", text)


def redact_value(value: Any) -> Any:
    """The same for whatever JSON can hold, and for the text of anything else; what a secret's name leads to goes."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < _LONGEST_ID else "[number]"
    if isinstance(value, dict):
        return {redact(str(key)): _redact_under(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redact_value(item) for item in value]
    return redact(value if isinstance(value, str) else str(value))


def _redact_under(key: str, value: Any) -> Any:
    if _SECRET_KEY.search(key) and not isinstance(value, bool | int | float | None):
        return "[secret]"
    return redact_value(value)


def redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: whatever a library or a bug put into a log line, personal data does not leave."""
    return {key: value if key in _OURS else _redact_under(key, value) for key, value in event.items()}


_OURS = {"timestamp", "level", "logger"}


def logging_config(level: str, form: str) -> None:
    """Send everything, the standard library's loggers included, through one chain to standard error.

    `form` is "json" (one object a line) or "console".
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structured": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact_event, renderer],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                "django.server": {"level": "WARNING"},
                "django-q": {"level": "WARNING"},  # realty.jobs says what matters of its INFO lines
                "twilio": {"level": "WARNING"},  # its INFO lines hold whole requests
                "urllib3": {"level": "WARNING"},
            },
        }
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


class RequestIdMiddleware:
    """Gives each request an id, which every log line of it and the response carry."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Keep the id that a proxy gave, where it has the shape of one."""
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response
