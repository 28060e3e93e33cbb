"""Rows of every kind for tests of the admin pages."""

from django.contrib.auth.models import Permission, User
from django_q.models import Failure
from knox.models import AuthToken

from calls.models import Call, Turn, WebhookEvent
from leads.models import (
    Activity,
    ActivityKind,
    FollowUp,
    FollowUpKind,
    Lead,
    Listing,
    Requirement,
    Suppression,
)
from voice.models import VoiceAgent


def staff(name, *permissions):
    """Somebody who may come in, and do no more than `permissions` such as "leads.view_lead"."""
    user = User.objects.create_user(name, is_staff=True)
    for one in permissions:
        app, codename = one.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user


def make_lead(number, now, **fields):
    """A lead with a phone of its own."""
    values = {"name": f"Lead {number}", "phone": f"+91987650{number:04d}", "created_at": now} | fields
    return Lead.objects.create(**values)


def make_everything(numbers, now):
    """For each number a lead with all that can hang on it, and one row of every other list."""
    for number in numbers:
        owner = User.objects.create_user(f"owner{number}", is_staff=True)
        lead = make_lead(number, now, owner=owner)
        agent = VoiceAgent.objects.create(name=f"Agent {number}")
        Requirement.objects.create(lead=lead, locations=[{"city": "Pune", "locality": "Wakad"}], budget_max=7_000_000)
        call = Call.objects.create(
            lead=lead, provider="twilio", agent=agent, requested_by=owner, status="unconfirmed", created_at=now
        )
        Turn.objects.create(call=call, number=0, said="Hello", at=now)
        WebhookEvent.objects.create(
            provider="twilio", kind="heard", dedupe_key=str(number), call=call, error="KeyError: 'x'", received_at=now
        )
        for kind in FollowUpKind:
            FollowUp.objects.create(lead=lead, kind=kind, due_at=now, created_at=now)
        Activity.objects.create(lead=lead, kind=ActivityKind.NOTE, text="A note", actor=owner, at=now)
        Suppression.objects.create(phone=f"+91987651{number:04d}")
        Listing.objects.create(
            reference=f"L{number}",
            title="2 BHK",
            city="Pune",
            category="residential",
            property_type="apartment",
            price=1,
        )
        AuthToken.objects.create(user=owner)
        Failure.objects.create(
            id=str(number),
            name=str(number),
            func="calls.tasks.dial",
            started=now,
            stopped=now,
            success=False,
            result="x",
        )
