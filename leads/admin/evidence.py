"""Where each value on a lead's page comes from: the words, the second, and whether somebody should look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.forms import TypedChoiceField
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from calls.admin.listening import may_listen
from calls.comparing import slots_in
from calls.hearing_display import clock
from calls.models import Recording, RecordingState
from calls.operations.reviewing import note_corrections
from calls.queries import open_reviews
from leads.forms import RequirementForm
from leads.models import Requirement

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django.contrib.auth.models import User
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

    from leads.models import Lead

UNKNOWN = "Not known"


class ToldForm(RequirementForm):
    """What a lead wants, each value beside the words that it came from; what nobody said is called not known."""

    kept: frozenset[int] = frozenset()
    doubts: Mapping[str, str] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        told = self.instance.evidence or {}
        for name, field in self.fields.items():
            if isinstance(field, TypedChoiceField):
                field.widget.choices = [("", UNKNOWN), *(self._meta.model._meta.get_field(name).flatchoices)]
            else:
                field.widget.attrs.setdefault("placeholder", UNKNOWN)
            if line := _line(told.get(name) or {}, self.doubts.get(name, ""), kept=self.kept):
                field.help_text = line


def told_form(request: HttpRequest, lead: Lead | None) -> type[ToldForm]:
    """The form with the links that this person may follow."""
    may_check = any(request.user.has_perm(f"calls.{verb}_valuereview") for verb in ("view", "change"))
    found = open_reviews().filter(call__lead=lead) if lead and may_check else []
    page = reverse("admin:calls_valuereview_changelist")
    links = {
        slot: f"{page}?call__id__exact={one.call_id}#review-{one.pk}" for one in found for slot in slots_in(one.slot)
    }
    return type("ToldForm", (ToldForm,), {"doubts": links, "kept": _kept(lead) if may_listen(request) else frozenset()})


def _kept(lead: Lead | None) -> frozenset[int]:
    """The lead's recordings that can be played."""
    kept = Recording.objects.filter(call__lead=lead, state=RecordingState.KEPT) if lead else Recording.objects.none()
    return frozenset(kept.values_list("pk", flat=True))


def keep_corrections(formset: Any, *, by: User) -> None:
    """Before a lead's page is saved: what staff changed in values that a call had told is kept as a correction."""
    if formset.model is not Requirement:
        return
    for form in formset.forms:
        if form.instance.pk and form.changed_data:
            changed = {name: form.initial.get(name) for name in form.changed_data}
            note_corrections(form.instance, changed, by=by, now=timezone.now())


def _line(proof: Mapping[str, Any], doubt: str, *, kept: Collection[int]) -> SafeString | str:
    """The words of one value with the way to hear them, and a mark where it waits to be looked at."""
    parts: list[SafeString | str] = []
    if proof.get("words"):
        who = "Checked by staff" if proof.get("source") == "staff" else "Heard"
        parts.append(format_html('{}: <q class="ra-heard">{}</q>', who, proof["words"]))
    elif proof.get("source") == "staff":
        parts.append("Checked by staff.")
    if proof.get("start_s") is not None and proof.get("recording") in kept:
        page = reverse("admin:calls_call_change", args=[proof["call"]])
        at = clock(proof["start_s"])
        link = '<a class="ra-link ra-nowrap" href="{}?recording={}#t={}" aria-label="Play from {}">▶ {}</a>'
        parts.append(format_html(link, page, proof["recording"], f"{proof['start_s']:.2f}", at, at))
    if doubt:
        parts.append(format_html('<a class="ra-link ra-doubt" href="{}">To review</a>', doubt))
    return format_html_join(" ", "{}", ((part,) for part in parts))
