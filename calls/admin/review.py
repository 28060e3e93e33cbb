"""The list of values that a person should look at: two hearings side by side, and a button for each decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display

from calls.comparing import RANGES, name_of, slots_in
from calls.hearing_display import clock
from calls.models import DECIDED, Recording, RecordingState, ReviewReason, ReviewState, ValueReview
from calls.operations.reviewing import CHOICES, DecisionError, decide, in_words, now_known, version_of
from leads.admin.base import RecordAdmin
from leads.display import SLOT_LABELS
from leads.forms import RequirementForm
from leads.queries import SLOTS, requirement_of
from leads.templatetags.words import moment

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

    from leads.admin.base import StaffRequest

LIST = "admin:calls_valuereview_changelist"


class OtherForm(RequirementForm):
    """Another value for one slot or range, checked as on the lead's page; its boxes belong to a form of their own."""

    def __init__(self, review: ValueReview, data: Any = None) -> None:
        super().__init__(data, instance=requirement_of(review.call.lead), prefix=f"r{review.pk}")
        for name in set(self.fields) - set(slots_in(review.slot)):
            del self.fields[name]
        for field in self.fields.values():
            field.widget.attrs |= {"form": f"other-{review.pk}", "aria-label": field.label, "placeholder": field.label}

    def value(self, review: ValueReview) -> Any:
        """What was typed, as `decide` takes it."""
        typed = {
            name: self.cleaned_data[name] or None if name in _TEXTS else self.cleaned_data[name] for name in self.fields
        }
        return typed if review.slot in RANGES else typed[review.slot]


_TEXTS = {"locations", "category", "property_type", "purpose"}  # where empty is not known


def settle(request: StaffRequest, review_id: int, **_: Any) -> HttpResponseRedirect:
    """Take a decision on POST, and go back to the list as it was narrowed down."""
    if not request.user.has_perm("calls.change_valuereview"):
        raise PermissionDenied
    review = ValueReview.objects.select_related("call__lead__requirement").filter(pk=review_id).first()
    if review is None:
        messages.warning(request, "This needs no look any more: a new transcript settled it, or its call was deleted.")
    elif request.method == "POST":
        _settle(request, review)
    query = request.GET.urlencode()
    return HttpResponseRedirect(f"{reverse(LIST)}{'?' if query else ''}{query}")


def _settle(request: StaffRequest, review: ValueReview) -> None:
    choice, value, seen = request.POST.get("choice", ""), None, request.POST.get("seen", "")
    if choice == "other":
        form = OtherForm(review, request.POST)
        if not form.is_valid():
            said = " ".join(str(error) for errors in form.errors.values() for error in errors)
            messages.error(request, f"{SLOT_LABELS[review.slot]}: {said} Nothing was changed.")
            return
        value = form.value(review)
    if choice not in CHOICES:
        messages.error(request, "Choose what is right first. Nothing was changed.")
        return
    try:
        done = decide(review.pk, choice=choice, value=value, seen=seen, by=request.user, now=timezone.now())
    except DecisionError as refused:
        messages.warning(request, f"{review.call.lead}, {SLOT_LABELS[review.slot]}: {refused}")
        return
    label, now_is = SLOT_LABELS[done.slot], in_words(done.slot, done.final)
    messages.success(request, f"{done.call.lead}: {label} is {now_is}.")


class StateFilter(DropdownFilter):
    """Open ones, unless others are asked for."""

    title = "state"
    parameter_name = "state"
    all_option = ("", ReviewState.OPEN.label)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002 -- Django's signature
        """What there is beside the open ones."""
        return [("decided", "Decided"), ("overtaken", "Overtaken by a later call"), ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ValueReview]) -> QuerySet[ValueReview]:  # noqa: ARG002 -- Django's signature
        """Those of the chosen state."""
        wanted = {None: (ReviewState.OPEN,), "decided": DECIDED, "overtaken": (ReviewState.OVERTAKEN,)}
        states = wanted.get(self.value())
        return queryset.filter(state__in=states) if states else queryset


class SlotFilter(DropdownFilter):
    """Reviews of one kind of value."""

    title = "value"
    parameter_name = "slot"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002 -- Django's signature
        """Every value of a requirement; a range is one."""
        return [(name, SLOT_LABELS[name]) for name in dict.fromkeys(name_of(slot) for slot in SLOTS)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ValueReview]) -> QuerySet[ValueReview]:  # noqa: ARG002 -- Django's signature
        """Only the chosen one."""
        return queryset.filter(slot=self.value()) if self.value() else queryset


class Columns:
    """The columns of the list, with the links that this person may follow."""

    def __init__(self, user: User) -> None:
        self.may_see = {
            name: any(user.has_perm(f"{app}.{verb}_{name}") for verb in ("view", "change"))
            for app, name in (("leads", "lead"), ("calls", "call"))
        }
        self.may_decide = user.has_perm("calls.change_valuereview")

    @display(description="Value")
    def whose(self, review: ValueReview) -> SafeString:
        """What it is, whose, and what stands there now."""
        now_is = now_known(review) if review.state == ReviewState.OPEN else ""
        return _cell("whose", review=review, label=SLOT_LABELS[review.slot], may_see=self.may_see, now_is=now_is)

    @display(description="Heard live")
    def live_value(self, review: ValueReview) -> SafeString:
        """The value of the conversation with its words."""
        who = "By the rules" if review.reason == ReviewReason.RULES_AND_MODEL else ""
        return _cell("value", review=review, told=review.live, value=_value(review, review.live), who=who)

    @display(description="In the recording")
    def again_value(self, review: ValueReview) -> SafeString:
        """The value of the recording with its words, and where they are."""
        start_s = _start_of(review) if self.may_see["call"] and review.call.recordings.all() else None
        who = "By the language model, live" if review.reason == ReviewReason.RULES_AND_MODEL else ""
        value = _value(review, review.again)
        at = clock(start_s) if start_s is not None else ""
        return _cell("value", review=review, told=review.again, value=value, start_s=start_s, clock=at, who=who)

    @display(description="Why", ordering="reason")
    def why(self, review: ValueReview) -> SafeString:
        """The reason, and when it came up."""
        reason = review.get_reason_display()
        return format_html('<span class="ra-who">{} {}</span>', reason, moment(review.created_at))

    @display(description="Decide")
    def decision(self, review: ValueReview) -> SafeString:
        """A button for each decision; what was decided where it was."""
        is_open = review.state == ReviewState.OPEN and self.may_decide
        form = OtherForm(review) if is_open else None
        final, seen = in_words(review.slot, review.final), version_of(review)
        return _cell("decision", review=review, form=form, final=final, seen=seen)


@admin.register(ValueReview)
class ReviewAdmin(RecordAdmin):
    """Values that were heard in two ways, badly, or by one ear alone."""

    list_display_links = None
    list_filter = [StateFilter, ("reason", ChoicesDropdownFilter), SlotFilter]
    list_select_related = ["call__lead__requirement", "decided_by", "turn"]
    list_per_page = 25
    list_before_template = "calls/review_before.html"
    list_after_template = "calls/review_forms.html"
    actions = None
    custom_urls = (("<int:review_id>/decide/", "calls_valuereview_decide", settle),)

    class Media:
        css = {"all": ["realty/review.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[ValueReview]:
        """With the recordings that can be played, but not all that they hold."""
        kept = Recording.objects.filter(state=RecordingState.KEPT).only("call_id")
        found: QuerySet[ValueReview] = super().get_queryset(request)
        return found.prefetch_related(Prefetch("call__recordings", kept))

    def get_list_display(self, request: StaffRequest) -> list[Any]:
        """The columns as this person may see them."""
        shown = Columns(request.user)
        return [shown.whose, shown.live_value, shown.again_value, shown.why, shown.decision]


def _value(review: ValueReview, told: dict[str, Any]) -> str:
    return in_words(review.slot, told["value"]) if told.get("value") is not None else ""


def _start_of(review: ValueReview) -> float | None:
    """The second from which to listen: the words' own, else the turn's."""
    seconds = (review.again.get("start_s"), review.live.get("start_s"), review.turn.start_s if review.turn else None)
    return next((one for one in seconds if one is not None), None)


def _cell(part: str, **context: Any) -> SafeString:
    return render_to_string(f"calls/review_{part}.html", context)
