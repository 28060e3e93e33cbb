"""The admin pages of how long records are kept, and of what each night deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.utils.html import format_html_join
from unfold.decorators import display

from calls.models import Purge, Retention
from leads.admin.base import OneRowAdmin, RecordAdmin
from leads.forms import FreshForm
from leads.templatetags.words import moment

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

_NIGHTS = 5


class RetentionForm(FreshForm):
    """How long records are kept; an old page must not undo what a colleague set."""

    stale = "These days changed while you had them open. Open them again to see what is new, then make your change."


@admin.register(Retention)
class RetentionAdmin(OneRowAdmin):
    """The one row of days."""

    form = RetentionForm
    readonly_fields = ["nights"]
    fieldsets = [
        (
            "Days that each kind is kept; empty for ever",
            {
                "fields": [
                    ("recordings", "words"),
                    ("webhooks", "consultations"),
                    ("listens", "chat_links"),
                    ("utterances", "jobs"),
                    "as_of",
                ]
            },
        ),
        ("What the last nights deleted", {"fields": ["nights"]}),
    ]

    @display(description="Nights")
    def nights(self, _retention: Retention) -> SafeString | str:
        """The newest first."""
        nights = Purge.objects.all()[:_NIGHTS]
        lines = format_html_join("", "<li>{}: {}</li>", ((f"{one.night:%-d %B %Y}", told(one)) for one in nights))
        return format_html_join("", '<ul class="ra-points">{}</ul>', [(lines,)]) if lines else "No night yet."


def told(purge: Purge) -> str:
    """What a night deleted, in a line; the names in their own order, for PostgreSQL keeps none."""
    counts = ", ".join(f"{count:,} {name}" for name, count in sorted(purge.counts.items()))
    return (counts or "nothing was too old") if purge.ended_at else f"not finished yet; {counts or 'nothing'} so far"


@admin.register(Purge)
class PurgeAdmin(RecordAdmin):
    """What each night deleted."""

    list_display = ["night", "began", "ended", "deleted"]
    fields = ["night", "began_at", "ended_at", "deleted"]
    readonly_fields = ["deleted"]

    @display(description="Began", ordering="began_at")
    def began(self, purge: Purge) -> SafeString | str:
        """When it began."""
        return moment(purge.began_at)

    @display(description="Ended", ordering="ended_at")
    def ended(self, purge: Purge) -> SafeString | str:
        """When it was through."""
        return moment(purge.ended_at) or "not yet"

    @display(description="Deleted")
    def deleted(self, purge: Purge) -> str:
        """How many of each kind."""
        return told(purge)
