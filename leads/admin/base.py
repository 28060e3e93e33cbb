"""What every admin page of ours shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unfold.admin import ModelAdmin

if TYPE_CHECKING:
    from django.http import HttpRequest

STATUS_COLOURS = {
    "new": "info",
    "contacted": "",
    "callback": "warning",
    "qualified": "success",
    "not_qualified": "",
    "wrong_number": "danger",
    "do_not_call": "danger",
}


class StaffAdmin(ModelAdmin):
    """A list that stays quick however long it grows."""

    show_full_result_count = False
    list_per_page = 50
    empty_value_display = "–"


class RecordAdmin(StaffAdmin):
    """Records of what happened: nobody writes them by hand, and only superusers delete them."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002 -- Django's signature
        """Never: records write themselves."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002 -- Django's signature
        """Never: what happened has happened."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002 -- Django's signature
        """Superusers only."""
        return bool(request.user.is_superuser)
