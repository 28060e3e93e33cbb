"""A recording's sound over HTTP, for who may listen, in pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone

from calls.models import Recording, RecordingState
from calls.operations import listens, playing
from calls.ranges import Piece, UnsatisfiableError, asked_piece
from leads.admin.views import may_see_calls

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from leads.admin.base import StaffRequest

# A browser takes what it is sent as slowly as it plays; a long answer would hold one of the few threads meanwhile.
_LARGEST_PIECE = 512 * 1024  # bytes
_ENDINGS = {
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/ogg": "ogg",
    "audio/webm": "webm",
}
_NO_FILE = (
    "The file of this recording is not where it was kept. Ask an administrator to look at the storage for recordings."
)


def may_listen(request: HttpRequest) -> bool:
    """Whether this person may hear recordings; whoever may has to see calls, too."""
    return may_see_calls(request) and request.user.has_perm("calls.listen_recording")


def audio(request: StaffRequest, recording_id: int, **_: Any) -> HttpResponseBase:
    """The sound, or the piece of it that was asked for; each listening is noted."""
    if not may_listen(request):
        return _told(request, 403, "", refused=True)
    if request.method not in {"GET", "HEAD"}:
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    recording = Recording.objects.filter(pk=recording_id).first()
    if recording is None:
        return _told(request, 404, "There is no such recording; it may have been deleted.")
    if recording.state != RecordingState.KEPT:
        return _told(request, 404, f"This recording cannot be heard. {recording.get_state_display()}.")
    return _sound(request, recording)


def _sound(request: StaffRequest, recording: Recording) -> HttpResponseBase:
    size, tag = recording.size_bytes or 0, f'"{recording.sha256}"'
    same = request.headers.get("If-Range", tag) == tag  # a date, or another file's tag: the whole then
    header = request.headers.get("Range", "") if same and request.method == "GET" else ""
    try:
        asked = asked_piece(header, size, most=_LARGEST_PIECE)
    except UnsatisfiableError:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}", **_headers(request, recording)})
    piece = asked or Piece(0, size - 1)
    headers = {**_headers(request, recording), "Content-Length": str(piece.length)}
    if asked:
        headers["Content-Range"] = f"bytes {piece.first}-{piece.last}/{size}"
    if request.method == "HEAD":
        return HttpResponse(headers=headers)
    try:
        chunks = playing.read(recording, piece)
    except playing.MissingError:
        return _told(request, 404, _NO_FILE)
    _note(request, recording)
    return StreamingHttpResponse(chunks, status=206 if asked else 200, headers=headers)


def _note(request: StaffRequest, recording: Recording) -> None:
    shown, is_download = request.GET.get("view", ""), "download" in request.GET
    listens.note(recording, request.user, shown=shown, is_download=is_download, now=timezone.now())


def _headers(request: HttpRequest, recording: Recording) -> dict[str, str]:
    """What stands on every answer; nothing of a voice stays behind in a browser's cache."""
    kind = recording.content_type or "application/octet-stream"
    name = f"call-{recording.call_id}-{recording.pk}.{_ENDINGS.get(kind, 'audio')}"
    return {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'{"attachment" if "download" in request.GET else "inline"}; filename="{name}"',
        "Content-Type": kind,
        "ETag": f'"{recording.sha256}"',
        "X-Content-Type-Options": "nosniff",
    }


def _told(request: HttpRequest, status: int, sentence: str, *, refused: bool = False) -> HttpResponse:
    """A page for who opened the address by hand; the player shows its sentence."""
    words = {"title": "Recording", "sentence": sentence, "refused": refused}
    return render(request, "calls/no_sound.html", {**admin.site.each_context(request), **words}, status=status)
