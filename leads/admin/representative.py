"""The admin page of sales representatives: who can be rung for a caller, and under which number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from unfold.decorators import display

from leads.admin.base import StaffAdmin
from leads.forms import phone_field
from leads.models import Representative
from leads.templatetags.words import phone

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.safestring import SafeString


class RepresentativeForm(forms.ModelForm):
    """A number that a caller may be put through to."""

    phone = phone_field(help_text="Rung for callers who ask for a person. Any usual way of writing it.")

    class Meta:
        labels = {"takes_hand_offs": "Takes hand-offs"}
        error_messages = {"user": {"unique": "This user is a sales representative already. Change that entry."}}


@admin.register(Representative)
class RepresentativeAdmin(StaffAdmin):
    """Staff whom callers are put through to."""

    form = RepresentativeForm
    list_display = ["person", "number", "is_rung"]
    list_filter = ["takes_hand_offs"]
    list_select_related = ["user"]
    search_fields = ["user__username", "user__first_name", "user__last_name", "phone"]
    search_help_text = "Name or phone number"
    fields = ["user", "phone", "takes_hand_offs"]

    @display(description="Name", ordering="user__first_name")
    def person(self, representative: Representative) -> str:
        """The full name: callers hear it."""
        return str(representative)

    @display(description="Phone", ordering="phone")
    def number(self, representative: Representative) -> SafeString | str:
        """The number, spaced."""
        return phone(representative.phone)

    @display(description="Is rung", label={True: "success", False: "warning"})
    def is_rung(self, representative: Representative) -> tuple[bool, str]:
        """Whether a caller of theirs would be put through."""
        if not representative.user.is_active:
            return False, "no: the user is not active"
        return (True, "yes") if representative.takes_hand_offs else (False, "no: away")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only members of staff who may log in."""
        if db_field.name == "user":
            kwargs["queryset"] = get_user_model().objects.filter(is_staff=True, is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
