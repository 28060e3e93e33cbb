"""The admin pages of links to the chat: copy one, text it, take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from calls.chat.links import address_of, revoke, text
from calls.lines import texter
from calls.models import ChatLink
from leads.admin.base import RecordAdmin
from leads.templatetags.words import moment

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from django.utils.safestring import SafeString

    from leads.admin.base import StaffRequest

_TEXTED = {
    "": "not texted",
    "due": "waits to be sent",
    "sending": "being sent",
    "sent": "sent",
    "unsure": "perhaps sent",
    "failed": "not sent",
}


_COLOURS = {"open": "success", "used": "info", "revoked": "danger", "expired": ""}


def _button(act: Callable[[StaffRequest, ChatLink], None]) -> Callable[..., HttpResponseRedirect]:
    """A view of one link that acts on POST alone and goes back to the link."""

    def view(request: StaffRequest, link_id: int, **_: Any) -> HttpResponseRedirect:
        if not request.user.has_perm("calls.change_chatlink"):
            raise PermissionDenied
        link = ChatLink.objects.select_related("lead").filter(pk=link_id).first()
        if link is None:
            raise Http404("There is no such link.")
        if request.method == "POST":
            act(request, link)
        return HttpResponseRedirect(reverse("admin:calls_chatlink_change", args=[link_id]))

    return view


@_button
def take_back(request: StaffRequest, link: ChatLink) -> None:
    """Close the link for good."""
    if revoke(link, now=timezone.now()):
        messages.success(request, "The link was taken back; it opens nothing any more.")
    else:
        messages.info(request, "The link had been taken back already.")


@_button
def text_it(request: StaffRequest, link: ChatLink) -> None:
    """Send the link to the lead's telephone."""
    if not (link.lead and link.lead.phone):
        messages.warning(request, "Not sent. The lead's phone number is not known; copy the link instead.")
    elif text(link, now=timezone.now()):
        messages.success(
            request, "The text goes out at once, or when the calling hours begin. Reload this page to see how it went."
        )
    else:
        messages.info(request, "This link was texted before; it is not sent twice.")


@admin.action(description="Take back", permissions=["revoke"])
def revoke_selected(_admin: ChatLinkAdmin, request: StaffRequest, queryset: QuerySet[ChatLink]) -> None:
    """Close each for good."""
    closed = sum(revoke(link, now=timezone.now()) for link in queryset)
    messages.success(request, f"{closed} {'link was' if closed == 1 else 'links were'} taken back.")


@admin.register(ChatLink)
class ChatLinkAdmin(RecordAdmin):
    """Links to the chat, and what became of them."""

    list_display = ["who", "reason", "standing", "texted", "made", "expires"]
    list_filter = [("reason", ChoicesDropdownFilter)]
    list_select_related = ["lead", "call__lead"]
    actions = [revoke_selected]
    fields = ["who", "reason", "state", "texted", "text_error", "talk", "created_by", "made", "expires"]
    readonly_fields = ["who", "state", "texted", "talk", "made", "expires"]
    change_form_outer_before_template = "chat/link_header.html"
    custom_urls = (
        ("<int:link_id>/revoke/", "calls_chatlink_revoke", take_back),
        ("<int:link_id>/text/", "calls_chatlink_text", text_it),
    )

    def has_revoke_permission(self, request: StaffRequest, obj: object = None) -> bool:  # noqa: ARG002 -- Django's signature
        """Who may take links back."""
        return request.user.has_perm("calls.change_chatlink")

    @display(description="Lead")
    def who(self, link: ChatLink) -> str:
        """Whose chat it is."""
        return str(link.lead or (link.call.lead if link.call else "A visitor of the site"))

    @display(description="State", label=_COLOURS)
    def standing(self, link: ChatLink) -> tuple[str, str]:
        """Whether it opens anything."""
        return _standing(link)

    @display(description="State")
    def state(self, link: ChatLink) -> str:
        """The same in words alone, for the link's own page."""
        _, words = _standing(link)
        return words

    @display(description="Text message")
    def texted(self, link: ChatLink) -> str:
        """How far the text message got."""
        return _TEXTED.get(link.text_state, link.text_state)

    @display(description="Chat")
    def talk(self, link: ChatLink) -> SafeString | str:
        """The conversation."""
        if not link.call_id:
            return "Nobody has written yet."
        page = reverse("admin:calls_call_change", args=[link.call_id])
        return format_html('<a class="ra-link" href="{}">What was written</a>', page)

    @display(description="Made", ordering="created_at")
    def made(self, link: ChatLink) -> SafeString | str:
        """When it was made."""
        return moment(link.created_at)

    @display(description="Expires", ordering="expires_at")
    def expires(self, link: ChatLink) -> SafeString | str:
        """Until when it can be used."""
        return moment(link.expires_at)

    def changeform_view(
        self,
        request: StaffRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The record, below the address to copy."""
        link = self.get_object(request, object_id) if object_id else None
        panel = _panel(request, link) if link else {}
        return super().changeform_view(request, object_id, form_url, {**panel, **(extra_context or {})})


def _standing(link: ChatLink) -> tuple[str, str]:
    if link.revoked_at:
        return "revoked", "Taken back"
    if not link.is_open(now=timezone.now()):
        return "expired", "Expired"
    return ("used", "In use") if link.call_id else ("open", "Not used yet")


def _panel(request: StaffRequest, link: ChatLink) -> dict[str, Any]:
    is_open = link.is_open(now=timezone.now())
    may = is_open and request.user.has_perm("calls.change_chatlink")
    has_phone = bool(link.lead and link.lead.phone)
    return {
        "link": link,
        "is_open": is_open,
        # Whoever has the address writes in the lead's name.
        "address": address_of(link) if is_open and request.user.has_perm("calls.add_chatlink") else "",
        "may_revoke": may,
        "may_text": may and has_phone and link.text_state in {"", "failed"} and texter() is not None,
    }
