"""The page that removes a person everywhere: what goes, what stays, and a word to type."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import display

from calls.operations.erasing import CannotEraseError, erase, preview
from leads.admin.base import RecordAdmin
from leads.models import ErasedNumber, Lead
from leads.templatetags.words import moment

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.utils.safestring import SafeString

    from leads.admin.base import StaffRequest

WORD = "erase"
"""What is typed to erase; nobody types it by mistake."""


def may_erase(request: HttpRequest) -> bool:
    """Superusers, and whoever has the permission of its own: it is more than to delete."""
    return bool(request.user.has_perm("leads.erase_lead"))


def erase_lead(request: StaffRequest, lead_id: int, **_: object) -> HttpResponse:
    """What would go, then, with the word typed, erase it."""
    if not may_erase(request):
        raise PermissionDenied
    lead = Lead.objects.filter(pk=lead_id).first()
    if lead is None:
        raise Http404("There is no such lead; it may have been erased.")
    if request.method == "POST" and request.POST.get("word", "").strip().lower() == WORD:
        return _erase(request, lead)
    if request.method == "POST":
        messages.warning(request, f"Nothing was erased. Type “{WORD}” to erase this person.")
    context = {
        **admin.site.each_context(request),
        "title": f"Erase {lead}",
        "lead": lead,
        "foretold": preview(lead),
        "word": WORD,
    }
    return render(request, "leads/erase.html", context)


def _erase(request: StaffRequest, lead: Lead) -> HttpResponse:
    try:
        with suppress(Lead.DoesNotExist):  # a second click, which comes when the first has done it
            erase(lead.pk, now=timezone.now(), by=request.user)
    except CannotEraseError as refused:
        messages.warning(request, str(refused))
        return HttpResponseRedirect(reverse("admin:leads_lead_change", args=[lead.pk]))
    messages.success(request, "The person was erased. Recordings at providers are deleted within minutes.")
    return HttpResponseRedirect(reverse("admin:leads_lead_changelist"))


@admin.register(ErasedNumber)
class ErasedNumberAdmin(RecordAdmin):
    """That somebody was erased, and when; whose number it was, nobody can read here."""

    list_display = ["since", "by"]
    list_select_related = ["by"]
    fields = ["erased_at", "by"]
    actions = None

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002 -- Django's signature
        """Never: without its row the number could be called again."""
        return False

    @display(description="Erased", ordering="erased_at")
    def since(self, erased: ErasedNumber) -> SafeString | str:
        """When it was."""
        return moment(erased.erased_at)
