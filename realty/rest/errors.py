"""One shape for every error under /api/: {"code", "detail"}, with "field" or "errors" where an input is to blame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
from django.http import JsonResponse
from django.views import defaults
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.views import exception_handler

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse
    from rest_framework.response import Response


API_PREFIX = "/api/"
INVALID = "The request cannot be used as it is. See errors."


class Problem(exceptions.APIException):
    """A refusal with a stable code; `more` is put beside code and detail."""

    def __init__(self, status: int, code: str, detail: str, **more: Any) -> None:
        super().__init__(detail, code)
        self.status_code = status
        self.more = more


def handle(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Django REST framework's answer, in our shape and always as JSON; None leaves a bug to `server_error`."""
    response = exception_handler(exc, context)
    if response is None:
        return None
    if isinstance(exc, exceptions.ValidationError):
        response.data = {"code": "invalid", "detail": INVALID, "errors": list(_flat(exc.get_full_details()))}
    else:
        response.data = _single(exc)
    if request := context.get("request"):
        # The documentation page renders HTML; its errors must not.
        request.accepted_renderer, request.accepted_media_type = JSONRenderer(), "application/json"
    return response


def _single(exc: Exception) -> dict[str, Any]:
    known = exc if isinstance(exc, exceptions.APIException) else _of_django(exc)
    code = known.get_codes()
    return {"code": code, "detail": _sayable(known.detail), **getattr(known, "more", {})}


def _of_django(exc: Exception) -> exceptions.APIException:
    """Http404 and PermissionDenied, the only others that the framework answers."""
    if type(exc).__name__ == "Http404":
        return exceptions.NotFound("There is nothing with this id.")
    return exceptions.PermissionDenied()


def _sayable(message: object) -> str:
    """Messages may quote what was sent, and half a character has no bytes to answer with."""
    return str(message).encode("utf-8", "replace").decode()


def _flat(details: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Each error with the dotted path of its field: requirement.locations.0.city."""
    if isinstance(details, dict) and set(details) == {"message", "code"} and isinstance(details["code"], str):
        yield {"field": path, "code": details["code"], "detail": _sayable(details["message"])}
    elif isinstance(details, dict):
        for key, value in details.items():
            yield from _flat(value, path if key == "non_field_errors" else f"{path}.{key}".lstrip("."))
    else:
        for index, value in enumerate(details):
            is_leaf = isinstance(value, dict) and set(value) == {"message", "code"}
            yield from _flat(value, path if is_leaf else f"{path}.{index}".lstrip("."))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's 400, as JSON under /api/."""
    if not request.path.startswith(API_PREFIX):
        return defaults.bad_request(request, exception)
    return _json(400, "bad_request", "The request cannot be read. Check its address and its headers.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's 404, as JSON under /api/."""
    if not request.path.startswith(API_PREFIX):
        return defaults.page_not_found(request, exception)
    return _json(404, "not_found", "There is nothing at this address. See /api/v1/docs/.")


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's 500, as JSON with the request's id under /api/."""
    if not request.path.startswith(API_PREFIX):
        return defaults.server_error(request)
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    detail = "Something broke on our side. Send the request again; if it stays, tell us the request_id."
    return _json(500, "server_error", detail, request_id=request_id)


def _json(status: int, code: str, detail: str, **more: Any) -> JsonResponse:
    return JsonResponse({"code": code, "detail": detail, **more}, status=status)
