"""A job that notes what a log line of it would carry."""

import structlog

seen: list[dict] = []


def note_the_ids_of_the_log(*, call_id: int) -> None:
    seen.append({"given": call_id} | structlog.contextvars.get_contextvars())
