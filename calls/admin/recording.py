"""The list of recordings, and the door to their sound."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from calls.admin.listening import audio
from calls.models import Recording, RecordingState
from calls.operations import recordings
from calls.operations.hearing import retranscribe
from leads.admin.base import RecordAdmin
from leads.display import duration
from leads.templatetags.words import moment

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse
    from django.utils.safestring import SafeString

# A label whose value has no colour at all would show the value instead of its words.
_COLOURS = dict.fromkeys(RecordingState.values, "") | {
    "kept": "success",
    "failed": "danger",
    "announced": "info",
    "refused": "warning",
}
_HEARD_COLOURS = {"": "", "done": "success", "failed": "danger", "running": "info", "waiting": "info"}


def transcribe_again(request: HttpRequest, recording_id: int, **_: Any) -> HttpResponseRedirect:
    """Have Whisper hear a recording once more, on POST only."""
    told = "The recording is transcribed again; this page shows how far it is."
    not_now = "It waits to be transcribed already, or it is not kept any more."
    return _again(request, recording_id, retranscribe, told, not_now)


def fetch_again(request: HttpRequest, recording_id: int, **_: Any) -> HttpResponseRedirect:
    """Have a recording fetched once more that could not be, on POST only."""
    told = "The recording is fetched again; this page shows when it is here."
    not_now = "It is being fetched already, or it is here."
    return _again(request, recording_id, partial(recordings.fetch_again, now=timezone.now()), told, not_now)


def _again(
    request: HttpRequest, recording_id: int, begin: Callable[[int], bool], told: str, not_now: str
) -> HttpResponseRedirect:
    if not request.user.has_perm("calls.change_call"):
        raise PermissionDenied
    recording = get_object_or_404(Recording, pk=recording_id)
    if request.method == "POST":
        if begin(recording.pk):
            messages.success(request, told)
        else:
            messages.info(request, not_now)
    return HttpResponseRedirect(page_of(recording))


def page_of(recording: Recording) -> str:
    """The page of its call, with this recording in the player."""
    return f"{reverse('admin:calls_call_change', args=[recording.call_id])}?recording={recording.pk}"


@admin.register(Recording)
class RecordingAdmin(RecordAdmin):
    """What was recorded, and how far it is; a row opens its call."""

    list_display = ["when", "lead", "standing", "heard", "lasts"]
    list_filter = [("state", ChoicesDropdownFilter), ("transcription", ChoicesDropdownFilter)]
    list_select_related = ["call__lead"]
    ordering = ["-pk"]
    search_fields = ["call__lead__name"]
    search_help_text = "Name of the lead"
    actions = None  # with its file a recording goes by the rules of retention, or with its call
    custom_urls = (
        ("<int:recording_id>/audio", "calls_recording_audio", audio),
        ("<int:recording_id>/transcribe/", "calls_recording_transcribe", transcribe_again),
        ("<int:recording_id>/fetch/", "calls_recording_fetch", fetch_again),
    )

    @display(description="When", ordering="announced_at")
    def when(self, recording: Recording) -> SafeString | str:
        """When it came to us."""
        return moment(recording.announced_at)

    @display(description="Lead", ordering="call__lead__name")
    def lead(self, recording: Recording) -> str:
        """Whose call it is of."""
        return str(recording.call.lead)

    @display(description="Recording", ordering="state", label=_COLOURS)
    def standing(self, recording: Recording) -> tuple[str, str]:
        """How far it has come to us."""
        return recording.state, recording.get_state_display()

    @display(description="Transcription", ordering="transcription", label=_HEARD_COLOURS)
    def heard(self, recording: Recording) -> tuple[str, str] | None:
        """How far Whisper is; nothing where there is nothing to hear."""
        if not recording.transcription and recording.state != RecordingState.KEPT:
            return None
        label = recording.get_transcription_display()
        running = recording.transcription == "running"
        return recording.transcription, f"{label}, {recording.progress} %" if running else label

    @display(description="Lasts", ordering="duration_s", empty_value="–")
    def lasts(self, recording: Recording) -> str | None:
        """How long it is."""
        return duration(recording.duration_s) or None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page of its call."""
        recording = self.get_object(request, object_id)
        if recording is None:  # which is told on the list
            response: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
            return response
        return HttpResponseRedirect(page_of(recording))

    def delete_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 -- Django's signature
    ) -> HttpResponse:
        """No row goes alone: its file goes by the rules of retention, or with its call."""
        messages.info(request, "A recording is deleted with its call, or by the rules of retention.")
        recording = self.get_object(request, object_id)
        return HttpResponseRedirect(page_of(recording) if recording else reverse("admin:calls_recording_changelist"))
