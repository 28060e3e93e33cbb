"""What the OpenAPI document needs beyond the views: one form of each address, and the errors."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.plumbing import build_choice_field

_FIELD_ERROR = {
    "type": "object",
    "required": ["field", "code", "detail"],
    "properties": {
        "field": {"type": "string", "description": "Dotted path, such as requirement.budget_max; empty for the whole."},
        "code": {"type": "string"},
        "detail": {"type": "string"},
    },
}
_ERROR = {
    "type": "object",
    "required": ["code", "detail"],
    "properties": {
        "code": {"type": "string", "description": "Stable; see the table at the top."},
        "detail": {"type": "string", "description": "A sentence for people."},
        "field": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldError"}},
        "existing_id": {"type": "integer"},
        "request_id": {"type": "string"},
    },
}
_RESPONSE = {
    "description": "Refused, or failed.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}


class MaybeEmptyChoice(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # it has few types
    """A choice that may be empty in the database is so in answers, too; a read-only field has forgotten that."""

    target_class = "rest_framework.fields.ChoiceField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """The schema of the choices, with the empty one where the model's field has it."""
        del auto_schema, direction
        field = self.target
        model = getattr(getattr(field.parent, "Meta", None), "model", None)
        known = {one.name: one for one in model._meta.get_fields()} if model else {}
        field.allow_blank |= field.read_only and getattr(known.get(field.source), "blank", False)
        return dict(build_choice_field(field))


def without_trailing_slash(endpoints: list[tuple[str, str, str, Any]], **_: Any) -> list[tuple[str, str, str, Any]]:
    """The addresses as we write them; the slash at their end is optional."""
    return [(path.rstrip("/"), regex, method, view) for path, regex, method, view in endpoints]


def with_errors(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Every operation may answer an Error."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas |= {"Error": _ERROR, "FieldError": _FIELD_ERROR}
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = _RESPONSE
    return result
