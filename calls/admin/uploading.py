"""The page where staff add a recording of their own call to a lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminRadioSelectWidget, UnfoldAdminTextInputWidget

from calls.operations.uploading import Told, UploadRefusedError, upload
from leads.admin.views import lead_page, may_see_calls
from leads.models import Lead
from voice.events import Direction

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

    from calls.models import Call
    from leads.admin.base import StaffRequest

_TRACKS = [("", "Both voices share one track, or I do not know"), ("0", "On the left"), ("1", "On the right")]


class UploadForm(forms.Form):
    """A recording, and what only whoever made the call can tell of it."""

    file = forms.FileField(
        label="Recording",
        allow_empty_file=True,  # an empty one is refused in the words for files that cannot be read
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": "audio/*,.wav,.mp3,.m4a,.ogg"}),
        error_messages={"required": "Choose the recording."},
    )
    direction = forms.ChoiceField(label="Who rang whom", widget=UnfoldAdminRadioSelectWidget)
    began_at = forms.DateTimeField(
        label="When it took place",
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
        error_messages={"required": "Tell when the call took place.", "invalid": "Give a date and a time."},
    )
    track = forms.ChoiceField(
        label="Where the customer is heard", choices=_TRACKS, required=False, widget=UnfoldAdminRadioSelectWidget
    )

    def __init__(self, lead: Lead, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rang = [(Direction.OUTBOUND.value, f"I rang {lead}"), (Direction.INBOUND.value, f"{lead} rang me")]
        self.fields["direction"].choices = rang  # type: ignore[attr-defined]  # it is a ChoiceField
        most = settings.RECORDING_MAX_BYTES // 1_000_000
        self.fields["file"].help_text = f"WAV, MP3, M4A or OGG, {most} MB at most."
        self.fields["began_at"].help_text = f"In your office's time, {timezone.get_current_timezone_name()}."

    def clean_began_at(self) -> datetime:
        """When the call began; it cannot be still to come."""
        began_at: datetime = self.cleaned_data["began_at"]
        if began_at > timezone.now():
            raise ValidationError("This is still to come. Tell when the call took place.")
        return began_at

    def told(self) -> Told:
        """What staff told, as the operation takes it."""
        known, track = self.cleaned_data, self.cleaned_data["track"]
        return Told(Direction(known["direction"]), known["began_at"], int(track) if track else None)


def add_recording(request: StaffRequest, lead_id: int, **_: Any) -> HttpResponse:
    """Show the form, or keep what it brings and go to its call; a refusal loses nothing that was typed."""
    if not may_upload(request):
        raise PermissionDenied
    lead = get_object_or_404(Lead, pk=lead_id)
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form, known = UploadForm(lead, *given, initial={"direction": Direction.OUTBOUND.value, "track": ""}), None
    if form.is_valid():
        try:
            chunks = form.cleaned_data["file"].chunks()
            call = upload(lead=lead, chunks=chunks, told=form.told(), by=request.user, now=timezone.now())
        except UploadRefusedError as refused:
            form.add_error("file", str(refused))
            known = refused.known
        else:
            return _go_to(request, call)
    return _page(request, lead, form, known)


def may_upload(request: HttpRequest) -> bool:
    """Whether this person may add recordings; whoever may has to see calls, too."""
    may_add = request.user.has_perm("calls.add_recording") and request.user.has_perm("leads.view_lead")
    return may_add and may_see_calls(request)


def _go_to(request: StaffRequest, call: Call) -> HttpResponseRedirect:
    messages.success(request, "The recording is kept. This page shows its words once it is transcribed.")
    return HttpResponseRedirect(reverse("admin:calls_call_change", args=[call.pk]))


def _page(request: StaffRequest, lead: Lead, form: UploadForm, known: Call | None) -> HttpResponse:
    shown = {"title": f"A recording of your own call to {lead}", "lead": lead, "form": form, "known": known}
    shown |= {"back": lead_page(lead.pk), "again": form.is_bound and not form.is_valid()}
    page = {**admin.site.each_context(request), **shown}
    return render(request, "calls/upload.html", page, status=422 if form.errors else 200)
