"""Liveness asks nothing of the database; readiness does."""

import pytest


def test_the_process_is_alive_without_a_database(client):
    response = client.get("/health/live")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_it_is_ready_while_the_database_answers(client):
    response = client.get("/health/ready")
    assert (response.status_code, response.json()) == (200, {"status": "ok", "database": "ok"})


def test_it_is_not_ready_when_the_database_does_not_answer(client, no_database):
    response = client.get("/health/ready")
    assert (response.status_code, response.json()) == (503, {"status": "error", "database": "no answer"})
