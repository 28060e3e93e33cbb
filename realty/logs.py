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

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,8}")
# Seven to fifteen digits with the separators that people and URLs put between them, not inside an identifier.
_PHONE = re.compile(r"(?<![\w.:-])(?:\+|%2B|00)?\d(?:[ ().-]{0,2}\d){7,14}(?![\w:])", re.IGNORECASE)
_SECRET = re.compile(
    r"(?i)\b(authorization|x-twilio-signature|token|secret|password|api[_-]?key)\b(\W{1,4})([^\s\"',}&]{4,})"
)
_TWILIO_ID = re.compile(r"\b(AC|SK)[0-9a-f]{32}\b")
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


def redact(text: str) -> str:
    """The text without phone numbers, e-mail addresses and secrets."""
    text = _SECRET.sub(r"\1\2[secret]", text)
    text = _TWILIO_ID.sub("[account]", text)
    text = _EMAIL.sub("[email]", text)
    return _PHONE.sub("[number]", text)


def redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: whatever a library or a bug put into a log line, personal data does not leave."""
    for key, value in event.items():
        if key in {"timestamp", "level", "logger"} or isinstance(value, bool | int | float | None):
            continue
        event[key] = redact(value if isinstance(value, str) else str(value))
    return event


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
