"""What all tests share."""

from datetime import UTC, datetime

import pytest


@pytest.fixture
def now() -> datetime:
    """A Tuesday, half past two in the afternoon in India: within calling hours."""
    return datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
