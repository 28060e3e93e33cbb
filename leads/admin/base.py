"""What every admin page of ours shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unfold.admin import ModelAdmin
from unfold.views import ChangeList

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


class QuickList(ChangeList):
    """A list that counts once: without a filter, what was found is all there is."""

    def get_results(self, request: HttpRequest) -> None:
        """Fetch one page and the number of rows."""
        super().get_results(request)
        if not self.params and not self.query:
            self.full_result_count = self.result_count


class StaffAdmin(ModelAdmin):
    """A list that stays quick however long it grows."""

    show_full_result_count = False
    compressed_fields = False
    list_per_page = 50
    empty_value_display = "–"

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:  # noqa: ARG002 -- Django's signature
        """The list that counts once."""
        return QuickList


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
