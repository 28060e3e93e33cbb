"""Pages of a list, its order, and the reading of request bodies."""

from __future__ import annotations

import codecs
import json
from math import isinf
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.filters import OrderingFilter
from rest_framework.pagination import PageNumberPagination
from rest_framework.parsers import JSONParser
from rest_framework.utils.json import strict_constant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.views import APIView


class Pages(PageNumberPagination):
    """50 rows a page, up to 200 on demand."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


_OF_EVERY_LIST = {"page", "page_size", "ordering", "format"}


class Ordering(OrderingFilter):
    """Orders by what was asked for, then by id: rows that are equal must not change pages."""

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: APIView) -> list[str]:
        """The fields to order by, ending in the id."""
        ordering = list(super().get_ordering(request, queryset, view) or ["-created_at"])
        return [*ordering, "-pk" if ordering[0].startswith("-") else "pk"]


class Filters(DjangoFilterBackend):  # type: ignore[misc]  # django-filter has no types
    """Narrows a list down, and refuses a parameter that it does not know: a typing error must not list everybody."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        """The rows that were asked for.

        :raises ValidationError: naming each parameter that is unknown or cannot be used.
        """
        if getattr(view, "action", "") == "list":
            filters = self.get_filterset_class(view, queryset).base_filters
            if unknown := set(request.query_params) - set(filters) - _OF_EVERY_LIST:
                why = f"No such parameter. Known are: {', '.join(sorted({*filters, *_OF_EVERY_LIST}))}."
                raise ValidationError({name: [why] for name in sorted(unknown)}, "unknown")
        found: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return found


class StrictJSONParser(JSONParser):
    """JSON; a document nested thousands deep, or a number beyond all, is malformed, and no reason to fail."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002 -- the framework's signature
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The document.

        :raises ParseError: where it is not JSON.
        """
        encoding = (parser_context or {}).get("encoding", settings.DEFAULT_CHARSET)
        try:
            return json.load(codecs.getreader(encoding)(stream), parse_constant=strict_constant, parse_float=_finite)
        except ValueError as error:
            raise ParseError(f"JSON parse error - {error}") from None
        except RecursionError:
            raise ParseError("JSON parse error - nested too deep") from None


def _finite(number: str) -> float:
    """The number; 1e999 would become an infinity, which no field expects and no database takes."""
    value = float(number)
    if isinf(value):
        raise ValueError(f"the number {number[:20]} is too large")
    return value
