"""The admin site, and the Today page that it opens with."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from unfold.sites import UnfoldAdminSite

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from calls.queries import Pause

_SHOWN = 8  # rows of each list


class Site(UnfoldAdminSite):
    """The staff's door to everything."""

    site_title = "RealtyAssistant"
    site_header = "RealtyAssistant"
    index_title = "Today"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """What today asks for."""
        response: HttpResponse = super().index(request, {**today(request), **(extra_context or {})})
        return response


def today(request: HttpRequest) -> dict[str, Any]:
    """All that the Today page shows, and nothing that this person may not see."""
    # Models cannot be imported before the site that registers them exists.
    from calls import queries as calls  # noqa: PLC0415 -- needs loaded models
    from calls.display import END_SENTENCES, STATUS_SENTENCES, because, model_trouble  # noqa: PLC0415 -- as above
    from calls.operations.foretelling import foretell  # noqa: PLC0415 -- as above
    from leads import queries as leads  # noqa: PLC0415 -- needs loaded models

    now = timezone.now()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    since = midnight - timedelta(days=6)
    shown: dict[str, Any] = {"now": now}
    if _may_view(request, "leads.lead"):
        shown["week"] = leads.week(since=since)
        shown["callbacks"] = _first(leads.callbacks_due(until=midnight + timedelta(days=1)))
        shown["waiting"] = _first(leads.waiting_for_sales())
        shown["may_add_lead"] = request.user.has_perm("leads.add_lead")
        shown["may_keep"] = request.user.has_perm("leads.change_followup")
        shown["foretold"] = foretell(shown["callbacks"]["rows"], now=now)
        shown["missed_wishes"] = leads.missed_wishes([*shown["callbacks"]["rows"], *shown["waiting"]["rows"]])
    if _may_view(request, "calls.call"):
        shown["calls_week"] = calls.week(since=since)
        shown["live"] = _first(calls.live())
        shown["queued"] = _first(calls.queued())
        shown["queued_because"] = {
            one.pk: one.error or because(one.origin, one.ladder) for one in shown["queued"]["rows"]
        }
        paused = calls.pauses()
        shown["pauses"] = _pauses(request, paused)
        shown["held"] = [one for one in shown["queued"]["rows"] if any(pause.holds(one) for pause in paused)]
        shown["end_sentences"], shown["status_sentences"] = END_SENTENCES, STATUS_SENTENCES
        shown["attention"] = _first(calls.needs_attention(since=since))
        shown["models"] = [(one, model_trouble(one.rung, one.fault)) for one in calls.troubled_models(now=now)]
        shown["untranscribed"] = calls.untranscribed(now=now)
    if _may_view(request, "calls.valuereview"):
        shown["to_check"] = calls.open_reviews().count()
    if _may_view(request, "calls.webhookevent"):
        shown["failed_events"] = _first(calls.failed_events(now=now))
    return shown


def _may_view(request: HttpRequest, model: str) -> bool:
    app, name = model.split(".")
    return any(request.user.has_perm(f"{app}.{verb}_{name}") for verb in ("view", "change"))


def _pauses(request: HttpRequest, paused: list[Pause]) -> list[dict[str, str]]:
    """What is paused and why, with the page that resumes it where this person may see that."""
    pages = {
        one: reverse(f"admin:calls_{one.model}_change", args=[one.pk])
        if _may_view(request, f"calls.{one.model}")
        else ""
        for one in paused
    }
    return [{"what": one.what, "why": one.why, "page": page} for one, page in pages.items()]


def _first(rows: QuerySet[Any]) -> dict[str, Any]:
    """The first rows, and how many there are in all."""
    return {"rows": list(rows[:_SHOWN]), "count": rows.count()}
