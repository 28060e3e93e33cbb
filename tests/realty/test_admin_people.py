"""Users, keys and jobs in the house style."""

import re

import pytest
from django.contrib import admin
from django.contrib.messages import get_messages
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Success
from knox.auth import TokenAuthentication
from unfold.admin import ModelAdmin

pytestmark = pytest.mark.django_db


def test_every_page_has_the_house_style():
    plain = [model for model, page in admin.site._registry.items() if not isinstance(page, ModelAdmin)]
    assert plain == []


def test_jobs_that_need_nobody_s_eye_are_left_out():
    assert [model in admin.site._registry for model in (Failure, OrmQ, Schedule, Success)] == [
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("door", "name", "others"),
    [
        ("knox/authtoken/", "API keys", "auth token|API token"),
        ("knox/authtoken/add/", "API key", "auth token|API token"),
        ("django_q/failure/", "Failed jobs", "failed task"),
    ],
)
def test_keys_and_jobs_have_one_name_on_every_page(admin_client, door, name, others):
    shown = re.sub(r"<[^>]*>", " ", admin_client.get(f"/admin/{door}").content.decode())
    assert name in shown
    assert re.findall(others, shown, re.IGNORECASE) == []


def test_a_key_is_shown_once_and_works(admin_client, django_user_model):
    user = django_user_model.objects.create_user("robot")
    answer = admin_client.post("/admin/knox/authtoken/add/", {"user": user.pk, "expiry_0": "", "expiry_1": ""})
    (shown, _) = [str(message) for message in get_messages(answer.wsgi_request)]
    key = re.fullmatch(r"Copy the key now, it is not shown again: (\S+)", shown)[1]
    assert TokenAuthentication().authenticate_credentials(key.encode())[0] == user
    admin_client.get("/admin/")  # where the message is read
    listed = admin_client.get("/admin/knox/authtoken/").content.decode()
    assert key not in listed
    assert key[:8] in listed


def test_a_user_is_made_with_the_house_s_forms(admin_client, django_user_model):
    url = "/admin/auth/user/add/"
    assert "unfold" in type(admin_client.get(url).context["adminform"].form).__mro__[1].__module__
    answer = admin_client.post(
        url, {"username": "kim", "password1": "Tq9!vvbxz", "password2": "Tq9!vvbxz", "usable_password": "true"}
    )
    assert answer.status_code == 302
    assert django_user_model.objects.get(username="kim").check_password("Tq9!vvbxz")


def test_a_job_that_broke_says_why_in_its_last_line(admin_client):
    now = timezone.now()
    Failure.objects.create(
        id="1",
        name="x",
        func="calls.tasks.dial",
        started=now,
        stopped=now,
        success=False,
        result="Traceback\nKeyError: 'x'",
    )
    assert "KeyError: &#x27;x&#x27;" in admin_client.get("/admin/django_q/failure/").content.decode()
    assert admin_client.get("/admin/django_q/failure/1/change/").status_code == 200
