"""A program that uses the API with a key of its own, and a lead for it to read."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.auth.models import Permission, User
from knox.models import AuthToken
from rest_framework.test import APIClient

from leads.models import Lead, Requirement

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


def client_of(user: User) -> APIClient:
    """A client that sends a fresh key of the user."""
    client = APIClient(raise_request_exception=True)
    _, key = AuthToken.objects.create(user)
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    return client


def client_who_may(*permissions: str, username: str = "program") -> APIClient:
    """A client of a staff user with these permissions, such as "leads.view_lead", and no others."""
    user = User.objects.create_user(username, is_staff=True)
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return client_of(user)


def master(username: str = "master") -> APIClient:
    """A client who may do everything."""
    return client_of(User.objects.create_superuser(username))


def wanting(**fields: object) -> Lead:
    """A lead who wants something in Pune."""
    lead = Lead.objects.create(name="Meena Kulkarni", phone="+919820000001", email="meena@example.com", created_at=NOW)
    values = {"locations": [{"city": "Pune", "locality": "Wakad"}], "budget_max": 7_000_000, **fields}
    Requirement.objects.create(lead=lead, **values)
    return lead
