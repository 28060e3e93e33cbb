"""Who may do what through the API: keys in the Authorization header, and the model permissions of their user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from rest_framework.authentication import get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.permissions import DjangoModelPermissions

if TYPE_CHECKING:
    from drf_spectacular.openapi import AutoSchema
    from rest_framework.request import Request

_REFUSED = "This API key is unknown or has expired. `manage.py api_key create` makes a new one."


class KeyAuthentication(TokenAuthentication):  # type: ignore[misc]  # knox has no types
    """The user whose key the request carries."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """None where the header belongs to another scheme.

        :raises AuthenticationFailed: for a key that is malformed, unknown, expired or of an inactive user.
        """
        words = get_authorization_header(request).split()
        if not words or words[0].lower() not in {b"token", b"bearer"}:
            return None
        # A key is ASCII; anything else would stop the look-up instead of failing it.
        if len(words) != 2 or not words[1].isascii() or b"\0" in words[1]:
            raise AuthenticationFailed(_REFUSED)
        try:
            user, key = self.authenticate_credentials(words[1])
        except AuthenticationFailed:
            raise AuthenticationFailed(_REFUSED) from None
        return user, key


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document describes a key."""

    target_class = KeyAuthentication
    name = "key"

    def get_security_definition(self, _auto_schema: AutoSchema) -> dict[str, str]:
        """An HTTP bearer key; Swagger then asks for it alone."""
        return {"type": "http", "scheme": "bearer", "description": "A key made by `manage.py api_key create`."}


class Permissions(DjangoModelPermissions):
    """Django's model permissions, the one to view included."""

    perms_map = {**DjangoModelPermissions.perms_map, "GET": ["%(app_label)s.view_%(model_name)s"]}


class AsReader(Permissions):
    """For a POST that only asks."""

    perms_map = {**Permissions.perms_map, "POST": Permissions.perms_map["GET"]}


class AsChanger(Permissions):
    """For a POST that moves a record that is there."""

    perms_map = {**Permissions.perms_map, "POST": Permissions.perms_map["PATCH"]}


def user_of(request: Request) -> User:
    """The user behind the request; the views let no one else in."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user
