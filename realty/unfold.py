"""How the admin site looks and what its side bar offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.templatetags.static import static
from django.urls import reverse_lazy

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest


def _may_view(permission: str) -> Callable[[HttpRequest], bool]:
    app, model = permission.split(".")
    return lambda request: any(request.user.has_perm(f"{app}.{verb}_{model}") for verb in ("view", "change"))


def _item(title: str, icon: str, model: str) -> dict[str, Any]:
    link = reverse_lazy(f"admin:{model.replace('.', '_')}_changelist")
    return {"title": title, "icon": icon, "link": link, "permission": _may_view(model)}


def _group(title: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "separator": bool(title), "items": list(items)}


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "RealtyAssistant",
    "SITE_HEADER": "RealtyAssistant",
    "SITE_SUBHEADER": "Leads that answer",
    "SITE_SYMBOL": "real_estate_agent",
    "SITE_URL": None,
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "8px",
    "STYLES": [lambda _request: static("realty/admin.css")],
    "SCRIPTS": [],
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("realty/icon.svg")},
    ],
    "COLORS": {
        # A green-blue whose 600 carries white text at 4.5:1 and whose 500 reads on the dark ground.
        "primary": {
            "50": "oklch(98% .015 190)",
            "100": "oklch(95% .035 190)",
            "200": "oklch(90% .06 190)",
            "300": "oklch(84% .09 190)",
            "400": "oklch(76% .11 190)",
            "500": "oklch(68% .11 190)",
            "600": "oklch(51% .09 190)",
            "700": "oklch(44% .08 190)",
            "800": "oklch(38% .065 190)",
            "900": "oklch(33% .05 190)",
            "950": "oklch(25% .04 190)",
        },
    },
    "COMMAND": {"search_models": ["leads.lead", "leads.listing"], "show_history": False},
    "SIDEBAR": {
        "show_search": False,
        "command_search": True,
        "show_all_applications": False,
        "navigation": [
            _group("", {"title": "Today", "icon": "today", "link": reverse_lazy("admin:index")}),
            _group(
                "People",
                _item("Leads", "person_search", "leads.lead"),
                _item("Follow-ups", "event_upcoming", "leads.followup"),
                _item("Numbers not to call", "phone_disabled", "leads.suppression"),
                _item("Activity", "history", "leads.activity"),
            ),
            _group("Property", _item("Listings", "home_work", "leads.listing")),
            _group(
                "Telephone",
                _item("Calls", "call", "calls.call"),
                _item("Recordings", "graphic_eq", "calls.recording"),
                _item("Values to review", "rule", "calls.valuereview"),
                _item("Campaigns", "campaign", "calls.campaign"),
                _item("Chat links", "chat", "calls.chatlink"),
                _item("Voice agents", "support_agent", "voice.voiceagent"),
                {
                    "title": "Talk to an agent",
                    "icon": "mic",
                    "link": reverse_lazy("talk"),
                    "permission": _may_view("voice.voiceagent"),
                },
                _item("Providers", "cell_tower", "calls.providerstate"),
                _item("Webhooks", "webhook", "calls.webhookevent"),
            ),
            _group(
                "Calling",
                _item("Dialer settings", "tune", "calls.dialersettings"),
                _item("Calling policies", "policy", "calls.callingpolicy"),
                _item("Holidays", "celebration", "calls.holiday"),
                _item("Do-not-disturb list", "do_not_disturb_on", "leads.dndentry"),
                _item("Consents", "handshake", "leads.consent"),
            ),
            _group(
                "Privacy",
                _item("Retention", "auto_delete", "calls.retention"),
                _item("Purges", "delete_sweep", "calls.purge"),
                _item("Erased numbers", "person_off", "leads.erasednumber"),
            ),
            _group(
                "Office",
                _item("Users", "badge", "auth.user"),
                _item("Sales representatives", "headset_mic", "leads.representative"),
                _item("Groups", "group", "auth.group"),
                _item("API keys", "key", "knox.authtoken"),
                _item("Failed jobs", "running_with_errors", "django_q.failure"),
            ),
        ],
    },
}
