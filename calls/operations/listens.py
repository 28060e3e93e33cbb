"""Who listened to which recording, and the ticket that makes one listening of a page's many requests."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from django.core import signing

from calls.models import Listen, Recording

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User

_SALT = "calls.listen"
_GOOD_FOR_S = 12 * 3600


def ticket(recording: Recording, user: User) -> str:
    """What a page sends along with each piece that it asks for; good for one person, one recording and half a day."""
    return signing.dumps([recording.pk, user.pk, uuid4().hex], salt=_SALT)


def note(recording: Recording, user: User, *, shown: str, is_download: bool, now: datetime) -> bool:
    """Write down that somebody listens; False where `shown`, their page's ticket, has been noted already.

    A browser plays a file in many pieces and asks for some of them twice, all with the ticket of the page. A request
    without a good ticket was made by hand and is noted each time, so nobody hears a word unnoted.
    """
    view = _read(shown, recording, user) if shown and not is_download else ""
    facts = {"at": now, "downloaded": is_download}
    if not view:
        Listen.objects.create(recording=recording, user=user, **facts)
        return True
    _, is_new = Listen.objects.get_or_create(recording=recording, user=user, view=view, defaults=facts)
    return is_new


def _read(shown: str, recording: Recording, user: User) -> str:
    """The name of the page view in a ticket; empty where it is not for this recording and person, or is too old."""
    try:
        whose, who, view = signing.loads(shown, salt=_SALT, max_age=_GOOD_FOR_S)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(view) if (whose, who) == (recording.pk, user.pk) else ""
