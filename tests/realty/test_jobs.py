"""A log line of a job carries the job's id and the call's."""

import pytest
import structlog
from django_q.tasks import async_task

from tests.realty import jobs

JOB = "tests.realty.jobs.note_the_ids_of_the_log"


@pytest.mark.django_db
def test_every_log_line_of_a_job_carries_its_ids_and_no_others():
    structlog.contextvars.bind_contextvars(request_id="of-the-request")
    job_id = async_task(JOB, call_id=7, sync=True)
    assert jobs.seen.pop() == {"given": 7, "job_id": job_id, "job": JOB, "call_id": 7}
    assert structlog.contextvars.get_contextvars() == {}
