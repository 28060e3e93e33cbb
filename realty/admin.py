"""The admin pages of other people's apps, in the house style; jobs that need nobody's eye are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_q.admin  # noqa: F401 -- registers what is taken over below
import knox.admin
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group, User
from django_q.models import Failure, OrmQ, Schedule, Success
from knox.models import AuthToken
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from leads.admin.base import RecordAdmin, StaffAdmin
from leads.templatetags.words import moment

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

for _model in (User, Group, AuthToken, Failure, OrmQ, Schedule, Success):
    admin.site.unregister(_model)

# Every page calls them what the side bar calls them.
AuthToken._meta.verbose_name, AuthToken._meta.verbose_name_plural = "API key", "API keys"
Failure._meta.verbose_name, Failure._meta.verbose_name_plural = "failed job", "failed jobs"


@admin.register(User)
class UserAdmin(BaseUserAdmin, StaffAdmin):
    """Who may come in."""

    form, add_form, change_password_form = UserChangeForm, UserCreationForm, AdminPasswordChangeForm
    list_display = ["username", "first_name", "last_name", "email", "is_active", "is_staff", "is_superuser"]
    list_filter = ["is_active", "is_staff", "is_superuser"]


@admin.register(Group)
class GroupAdmin(BaseGroupAdmin, StaffAdmin):
    """What several people may do."""


@admin.register(AuthToken)
class AuthTokenAdmin(StaffAdmin):
    """Keys for programs; a key is shown once, when it is made."""

    list_display = ["begins_with", "user", "made", "ends"]
    list_select_related = ["user"]
    search_fields = ["token_key", "user__username"]
    autocomplete_fields = ["user"]

    def get_form(self, request: HttpRequest, obj: AuthToken | None = None, change: bool = False, **kwargs: Any) -> Any:
        """A new key is made from a user and an end."""
        form = {} if obj else {"form": knox.admin.AuthTokenCreateForm}
        return super().get_form(request, obj, change, **form | kwargs)

    def get_fields(self, request: HttpRequest, obj: AuthToken | None = None) -> list[str]:  # noqa: ARG002 -- Django's signature
        """Nothing of the key itself."""
        return ["user", "expiry"]

    def save_model(self, request: HttpRequest, obj: AuthToken, form: Any, change: bool) -> None:
        """Save, and show a new key this once."""
        super().save_model(request, obj, form, change)
        if not change:
            messages.warning(request, f"Copy the key now, it is not shown again: {form.token}")

    @display(description="Key begins with")
    def begins_with(self, token: AuthToken) -> str:
        """Enough of the key to know it by."""
        return f"{token.token_key}…"

    @display(description="Made", ordering="created")
    def made(self, token: AuthToken) -> SafeString | str:
        """When it was made."""
        return moment(token.created)

    @display(description="Ends", ordering="expiry")
    def ends(self, token: AuthToken) -> SafeString | str:
        """When it stops working."""
        return moment(token.expiry) or "never"


@admin.register(Failure)
class FailureAdmin(RecordAdmin):
    """Jobs that broke, for whoever mends them."""

    list_display = ["func", "began", "why"]
    search_fields = ["func"]
    fields = ["func", "args", "kwargs", "started", "stopped", "attempt_count", "result"]

    @display(description="Began", ordering="started")
    def began(self, job: Failure) -> SafeString | str:
        """When it was started."""
        return moment(job.started)

    @display(description="Why")
    def why(self, job: Failure) -> str:
        """The last line of what went wrong, where the reason stands."""
        lines = str(job.result or "").strip().splitlines()
        return lines[-1][:160] if lines else ""
