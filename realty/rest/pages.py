"""Pages of a list, its order, and the reading of request bodies."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

from rest_framework.exceptions import ParseError
from rest_framework.filters import OrderingFilter
from rest_framework.pagination import PageNumberPagination
from rest_framework.parsers import JSONParser

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


class Ordering(OrderingFilter):
    """Orders by what was asked for, then by id: rows that are equal must not change pages."""

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: APIView) -> list[str]:
        """The fields to order by, ending in the id."""
        ordering = list(super().get_ordering(request, queryset, view) or ["-created_at"])
        return [*ordering, "-pk" if ordering[0].startswith("-") else "pk"]


class StrictJSONParser(JSONParser):
    """JSON; a document nested thousands deep is malformed, and no reason to fail."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The document.

        :raises ParseError: where it is not JSON.
        """
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError("JSON parse error - nested too deep") from None
