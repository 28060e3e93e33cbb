"""Filters that put stored values into the words of people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.utils import timezone
from django.utils.html import format_html

from leads import display
from leads.queries import slots_of

if TYPE_CHECKING:
    from datetime import datetime

    from django.utils.safestring import SafeString

    from leads.models import Requirement

register = template.Library()
register.filter("rupees", display.rupees)
register.filter("duration", display.duration)
register.filter("words", display.words)


@register.filter
def moment(at: datetime | None) -> SafeString | str:
    """A time as staff read it ("today 16:54"), the whole of it on hover; nothing where there is none."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    text = display.moment(local, timezone.localtime())
    whole = f"{local:%d %B %Y, %H:%M}"
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), whole, text)


@register.filter
def phone(number: Any) -> SafeString | str:
    """A stored phone number, spaced for reading and never broken over two lines."""
    return format_html('<span class="ra-nowrap">{}</span>', number.as_international) if number else ""


@register.filter
def wants(requirement: Requirement) -> str:
    """What a lead wants in one line."""
    return display.requirement_line(slots_of(requirement))


@register.filter
def among(table: dict[str, str], name: str) -> str:
    """What a table gives for `name`; nothing where it names none."""
    return table.get(name, "")


@register.filter
def per_cent(share: float) -> str:
    """A share from 0 to 1, as "91 %"."""
    return f"{round(share * 100)} %"
