"""What every admin page of ours shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.db import transaction
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from import_export.admin import ImportExportModelAdmin
from unfold.admin import ModelAdmin
from unfold.contrib.import_export.forms import ExportForm, ImportForm
from unfold.views import ChangeList

from calls.operations.owing import owe
from leads.imports import Sheet

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import Field, Model, QuerySet
    from django.http import HttpRequest, HttpResponse

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

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """A time's two boxes, each with a name for screen readers."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        for part, box in zip(("date", "time"), getattr(field and field.widget, "widgets", ()), strict=False):
            box.attrs["aria-label"] = f"{field.label}: {part}"
        return field


class FreshAdmin(StaffAdmin):
    """Rows whose form notices what changed since it was opened; who may only look sees nothing of that."""

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> list[tuple[str | None, dict[str, Any]]]:
        """What only the form needs is for who may save it."""
        shown: list[tuple[str | None, dict[str, Any]]] = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return shown
        return [(name, {**part, "fields": [one for one in part["fields"] if one != "as_of"]}) for name, part in shown]


class OneRowAdmin(FreshAdmin):
    """Settings that are one row: its list is its form, and it is neither added nor deleted."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 -- Django's signature
        """Never: there is one row."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002 -- Django's signature
        """Never: there is one row."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The one row's form, for whoever may see it."""
        if not self.has_view_permission(request):
            page: HttpResponse = super().changelist_view(request, extra_context)
            return page
        self.model.objects.get_or_create(pk=1)
        return self._to_form()

    def response_post_save_change(self, request: HttpRequest, obj: Model) -> HttpResponse:  # noqa: ARG002 -- Django's signature
        """Stay with what was saved."""
        return self._to_form()

    def _to_form(self) -> HttpResponse:
        return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[1]))


class LiveStays(StaffAdmin):
    """Records that stay while a call is under way, since the caller is talking to them."""

    actions: list[Any] = ["delete_selected"]
    of_recording = ""  # the way from a recording to such a record

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """Delete it, and what was recorded, wherever that is kept."""
        with transaction.atomic():
            owe(now=timezone.now(), **{self.of_recording: obj})
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete them all, and what was recorded, wherever that is kept."""
        with transaction.atomic():
            owe(now=timezone.now(), **{f"{self.of_recording}__in": queryset})
            super().delete_queryset(request, queryset)

    def live_among(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of `rows` that must stay for now."""
        raise NotImplementedError

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask, then delete; of a record that must stay only why, and when it may go."""
        row = self.get_object(request, object_id)
        asked = row and self.has_delete_permission(request)
        if asked and self._must_stay(request, self.model.objects.filter(pk=row.pk)):
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
            return HttpResponseRedirect(reverse(name, args=[row.pk]))
        page: HttpResponse = super().delete_view(request, object_id, extra_context)
        return page

    @admin.action(description="Delete selected %(verbose_name_plural)s", permissions=["delete"])
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Ask, then delete all; none where one must stay."""
        if self._must_stay(request, queryset):
            return None
        return delete_selected(self, request, queryset)

    def _must_stay(self, request: HttpRequest, rows: QuerySet[Any]) -> bool:
        stays: list[Model] = list(self.live_among(rows)[:3])
        if stays:
            names = ", ".join(str(row) for row in stays)
            messages.warning(request, f"Nothing was deleted: a call is under way ({names}). Wait until it has ended.")
        return bool(stays)


_LOGGED_AT_ONCE = 200  # rows; a caller's turn waits for one such write at most
_TOLD_AT_MOST = 10  # rows that were not imported


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

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """The preview; where some rows are bad, the good ones may come in without them."""
        page: HttpResponse = super().import_action(request, **kwargs)
        shown = getattr(page, "context_data", {})
        result = shown.get("result")
        if result and not result.has_errors() and result.has_validation_errors() and result.valid_rows():
            shown["confirm_form"] = self.create_confirm_form(request, import_form=shown["form"])
        return page

    def generate_log_entries(self, result: Any, request: StaffRequest) -> None:
        """Tell the history of each record, in writes so small that nobody waits for them."""
        for flag, kind, said in ((ADDITION, "new", "Imported."), (CHANGE, "update", "Changed by an import.")):
            rows = [row.instance for row in result if row.import_type == kind]
            for start in range(0, len(rows), _LOGGED_AT_ONCE):
                some = rows[start : start + _LOGGED_AT_ONCE]
                LogEntry.objects.log_actions(request.user.pk, some, flag, change_message=said)

    def add_success_message(self, result: Any, request: HttpRequest) -> None:
        """Tell what came in, and of each row that did not, why."""
        new, changed, same = (result.totals[kind] for kind in ("new", "update", "skip"))
        messages.success(request, f"Import finished: {new} new, {changed} changed, {same} as they were.")
        failed = [(row.number, " ".join(row.error.messages)) for row in result.invalid_rows]
        failed += [(row.number, str(row.errors[0].error)) for row in result.error_rows]
        for number, why in sorted(failed)[:_TOLD_AT_MOST]:
            messages.error(request, f"Row {number} was not imported. {why}")
        if more := failed[_TOLD_AT_MOST:]:
            messages.error(request, f"{len(more)} more rows were not imported. Import the file again to see them all.")


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
