"""What all tests share."""

from datetime import UTC, datetime

import pytest
from django.core.cache import cache


@pytest.fixture
def now() -> datetime:
    """A Tuesday, half past two in the afternoon in India: within calling hours."""
    return datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_attempts_counted() -> None:
    """Rate limits count in the cache, which outlives a test."""
    cache.clear()
