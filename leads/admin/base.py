"""What every admin page of ours shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from import_export.admin import ImportExportModelAdmin
from unfold.admin import ModelAdmin
from unfold.contrib.import_export.forms import ExportForm, ImportForm
from unfold.views import ChangeList

from leads.imports import Sheet

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.http import HttpRequest

    class StaffRequest(HttpRequest):
        """A request that the admin site let in."""

        user: User


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


class SheetAdmin(ImportExportModelAdmin, StaffAdmin):
    """A list that comes from and goes to spreadsheets."""

    import_form_class, export_form_class = ImportForm, ExportForm
    formats = [Sheet]

    def has_import_permission(self, request: HttpRequest) -> bool:
        """An import adds rows and changes others."""
        return bool(self.has_add_permission(request) and self.has_change_permission(request))

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whoever sees the list may take it along."""
        return bool(self.has_view_permission(request))


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
