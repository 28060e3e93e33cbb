"""The sound of a recording over HTTP: for whom, which bytes, and that each listening is noted."""

import html
import re

import pytest
from django.core.files.storage import default_storage
from django.utils.dateparse import parse_datetime

from calls.models import Listen, Recording
from calls.operations import listens as listens_of
from tests.admin_rows import staff
from tests.recorded_calls import SOUND, make_recorded_call

pytestmark = pytest.mark.django_db

SIZE = len(SOUND)


@pytest.fixture
def recording(now, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make_recorded_call(now)[1]


def address(recording):
    return f"/admin/calls/recording/{recording.pk}/audio"


def ask(client, url, data=None, **headers):
    """The answer, and its sound to the end."""
    answer = client.get(url, data, headers=headers)
    return answer, b"".join(answer.streaming_content) if answer.streaming else answer.content


def listens():
    return list(Listen.objects.order_by("pk").values_list("user__username", "downloaded"))


def test_the_whole_is_streamed_and_kept_by_no_cache(admin_client, recording):
    answer, sound = ask(admin_client, address(recording))
    told = {name: answer[name] for name in ("Content-Type", "Content-Length", "Accept-Ranges", "ETag", "Cache-Control")}
    assert (answer.status_code, answer.streaming, sound) == (200, True, SOUND)
    assert told == {
        "Content-Type": "audio/wav",
        "Content-Length": str(SIZE),
        "Accept-Ranges": "bytes",
        "ETag": f'"{recording.sha256}"',
        "Cache-Control": "private, no-store, max-age=0, no-cache, must-revalidate",  # the last ones by the admin site
    }
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"] == f'inline; filename="call-{recording.call_id}-{recording.pk}.wav"'


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-", 0, SIZE - 1), ("bytes=100-199", 100, 199), ("bytes=-10", SIZE - 10, SIZE - 1)],
)
def test_a_range_is_answered_with_just_its_bytes(admin_client, recording, asked, first, last):
    answer, sound = ask(admin_client, address(recording), Range=asked)
    assert (answer.status_code, answer["Content-Range"]) == (206, f"bytes {first}-{last}/{SIZE}")
    assert sound == SOUND[first : last + 1]


def test_a_long_range_is_answered_in_part_so_that_no_thread_waits_for_a_listener(admin_client, recording, monkeypatch):
    monkeypatch.setattr("calls.admin.listening._LARGEST_PIECE", 1000)
    answer, sound = ask(admin_client, address(recording), Range="bytes=50-")
    assert (answer["Content-Range"], answer["Content-Length"]) == (f"bytes 50-1049/{SIZE}", "1000")
    assert sound == SOUND[50:1050]


def test_a_range_beyond_the_end_is_told_the_size(admin_client, recording):
    answer = admin_client.get(address(recording), headers={"Range": f"bytes={SIZE}-"})
    assert (answer.status_code, answer["Content-Range"], listens()) == (416, f"bytes */{SIZE}", [])


def test_a_range_of_another_file_gets_the_whole(admin_client, recording):
    same = {"Range": "bytes=0-9", "If-Range": f'"{recording.sha256}"'}
    other = {"Range": "bytes=0-9", "If-Range": '"another"'}
    assert [ask(admin_client, address(recording), **one)[0].status_code for one in (same, other)] == [206, 200]


def test_head_tells_the_size_and_nobody_has_listened(admin_client, recording):
    answer = admin_client.head(address(recording), headers={"Range": "bytes=0-9"})
    assert (answer.status_code, answer["Content-Length"], answer.content, listens()) == (200, str(SIZE), b"", [])
    assert admin_client.post(address(recording)).status_code == 405


def test_all_that_one_page_asks_for_is_one_listening_and_each_page_is_its_own(client, recording):
    client.force_login(staff("meera", "calls.view_call", "calls.listen_recording"))
    call_page = f"/admin/calls/call/{recording.call_id}/change/"
    pages = [re.search(r'src="([^"]+audio[^"]+)"', client.get(call_page).content.decode())[1] for _ in range(2)]
    for one in (pages[0], pages[0], pages[1]):
        for asked in ("bytes=0-", "bytes=1000-"):
            ask(client, html.unescape(one), Range=asked)
    assert listens() == [("meera", False)] * 2


def test_whoever_asks_without_a_ticket_of_their_own_is_noted_each_time(client, recording):
    meera, anil = (staff(name, "calls.view_call", "calls.listen_recording") for name in ("meera", "anil"))
    client.force_login(meera)
    for shown in ("", "made-up", listens_of.ticket(recording, anil)):
        for _ in range(2):
            ask(client, address(recording), {"view": shown}, Range="bytes=500-")
    ask(client, address(recording), {"download": "1", "view": listens_of.ticket(recording, meera)})
    assert listens() == [("meera", False)] * 6 + [("meera", True)]


def test_a_ticket_is_good_for_half_a_day(client, recording, monkeypatch):
    client.force_login(meera := staff("meera", "calls.view_call", "calls.listen_recording"))
    ticket = listens_of.ticket(recording, meera)
    monkeypatch.setattr("calls.operations.listens._GOOD_FOR_S", -1)
    for _ in range(2):
        ask(client, address(recording), {"view": ticket})
    assert listens() == [("meera", False)] * 2


def test_a_download_is_named_and_noted_as_one(admin_client, recording):
    answer, _ = ask(admin_client, address(recording), {"download": "1"})
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    assert listens() == [("admin", True)]


@pytest.mark.parametrize("permissions", [("calls.view_call",), ("calls.listen_recording",)])
def test_who_may_not_hear_it_gets_nothing_and_reads_whom_to_ask(client, recording, permissions):
    client.force_login(staff("meera", *permissions))
    answer = client.get(address(recording))
    assert (answer.status_code, listens()) == (403, [])
    assert "Ask an administrator for the permission “Can listen to recordings”." in answer.content.decode()


def test_who_may_see_the_call_alone_reads_its_words_without_a_player(client, recording):
    client.force_login(staff("meera", "calls.view_call"))
    page = client.get(f"/admin/calls/call/{recording.call_id}/change/").content.decode()
    assert ("<audio" in page, "ra-jump" in page) == (False, False)
    assert "Ask an administrator for the permission “Can listen to recordings”." in page


def test_a_stranger_is_asked_to_sign_in(client, recording):
    answer = client.get(address(recording))
    assert (answer.status_code, answer["Location"].startswith("/admin/login/")) == (302, True)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"state": "deleted", "file": ""}, "This recording cannot be heard. Deleted."),
        ({"state": "refused", "file": ""}, "This recording cannot be heard. The caller did not want it."),
        ({"size_bytes": SIZE}, "The file of this recording is not where it was kept."),
    ],
)
def test_what_is_not_there_says_so_in_a_sentence(admin_client, recording, change, sentence):
    default_storage.delete(recording.file.name)
    Recording.objects.filter(pk=recording.pk).update(**change)
    answer = admin_client.get(address(recording))
    assert (answer.status_code, sentence in html.unescape(answer.content.decode()), listens()) == (404, True, [])


def test_superusers_read_who_listened_and_nobody_else_does(admin_client, client, recording):
    at = parse_datetime("2026-03-10T09:00:00Z")
    Listen.objects.create(recording=recording, user=staff("meera"), at=at, downloaded=True)
    page = f"/admin/calls/call/{recording.call_id}/change/"
    told = " ".join(admin_client.get(page).content.decode().split())
    assert ("meera downloaded it" in told, "Listened to 1 time<" in told) == (True, True)
    Listen.objects.bulk_create(Listen(recording=recording, at=at) for _ in range(30))
    assert "Listened to 31 times, the newest 20<" in admin_client.get(page).content.decode()
    client.force_login(staff("anil", "calls.view_call", "calls.listen_recording"))
    assert "meera" not in client.get(page).content.decode()
