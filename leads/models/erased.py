"""Numbers of people who had themselves erased: known again, and not readable."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Iterable


def digests_of(phone: str) -> list[str]:
    """What an E.164 number is kept as, by each key; the first is the key in use."""
    return [hmac.digest(key.encode(), phone.encode(), "sha256").hex() for key in settings.ERASURE_KEYS]


class ErasedNumber(models.Model):
    """A number that is never called again. All that is left of whoever had it: no name, no number, no lead."""

    digest = models.CharField(max_length=64, unique=True, editable=False)
    erased_at = models.DateTimeField(default=timezone.now, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    class Meta:
        ordering = ["-erased_at", "-pk"]
        verbose_name = "erased number"

    def __str__(self) -> str:
        return f"Erased number {self.pk}"

    @classmethod
    def among(cls, phones: Iterable[str]) -> set[str]:
        """Those of these E.164 numbers that were erased."""
        phone_of = {digest: phone for phone in phones if phone for digest in digests_of(phone)}
        found = cls.objects.filter(digest__in=phone_of).values_list("digest", flat=True)
        return {phone_of[digest] for digest in found}

    @classmethod
    def holds(cls, phone: str) -> bool:
        """Whether this number was erased."""
        return bool(cls.among([phone]))
