"""The list of recordings, the states that a call's page tells of, and the button that has one transcribed again."""

import hashlib
import html

import pytest
from django.contrib.messages import get_messages
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from calls.models import Call, OwedDeletion, Recording
from calls.operations import recordings
from tests.admin_rows import staff
from tests.api_client import master
from tests.recorded_calls import SOUND, make_recorded_call, transcribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def recording(now, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make_recorded_call(now)[1]


def page(recording):
    return f"/admin/calls/call/{recording.call_id}/change/"


def shown(client, recording):
    return " ".join(html.unescape(client.get(page(recording)).content.decode()).split())


def again(client, recording, method="post", what="transcribe"):
    answer = getattr(client, method)(f"/admin/calls/recording/{recording.pk}/{what}/")
    return answer.status_code, [str(message) for message in get_messages(answer.wsgi_request)][-1:]


def test_a_recording_is_transcribed_again_by_its_button_and_on_post_alone(admin_client, recording):
    Recording.objects.update(transcription="failed", transcription_error="It was cut.")
    assert "The recording could not be transcribed. It was cut." in shown(admin_client, recording)
    assert again(admin_client, recording, "get") == (302, [])
    recording.refresh_from_db()
    assert recording.transcription == "failed"
    assert again(admin_client, recording) == (
        302,
        ["The recording is transcribed again; this page shows how far it is."],
    )
    recording.refresh_from_db()
    assert (recording.transcription, recording.transcription_error) == ("waiting", "")
    assert again(admin_client, recording) == (302, ["It waits to be transcribed already, or it is not kept any more."])


def test_who_may_only_look_at_calls_has_nothing_transcribed(client, recording):
    Recording.objects.update(transcription="failed")
    client.force_login(staff("meera", "calls.view_call", "calls.listen_recording"))
    assert again(client, recording)[0] == 403
    assert "Transcribe again" not in shown(client, recording)
    recording.refresh_from_db()
    assert recording.transcription == "failed"


def test_a_recording_that_could_not_be_fetched_is_fetched_again_by_its_button(admin_client, client, recording, now):
    Recording.objects.update(
        state="failed", file="", error="Twilio lost it.", fetch_tries=150, provider_recording_id="RE1"
    )
    assert "Fetch again" in shown(admin_client, recording)
    assert again(admin_client, recording, "get", "fetch") == (302, [])
    told = ["The recording is fetched again; this page shows when it is here."]
    assert again(admin_client, recording, what="fetch") == (302, told)
    recording.refresh_from_db()
    assert (recording.state, recording.error, recording.fetch_tries) == ("announced", "", 0)
    assert again(admin_client, recording, what="fetch")[1] == ["It is being fetched already, or it is here."]
    assert "Fetch again" not in shown(admin_client, recording)
    assert recordings.fetch_due(now=timezone.now()) == 1
    client.force_login(staff("meera", "calls.view_call", "calls.listen_recording"))
    assert again(client, recording, what="fetch")[0] == 403


def test_a_row_of_the_list_opens_its_call(admin_client, client, recording):
    for state in ("announced", "absent"):
        Recording.objects.create(call=recording.call, provider_recording_id=state, state=state)
    listed = admin_client.get("/admin/calls/recording/").content.decode()
    assert ("Transcribed" in listed, listed.count("Not wanted")) == (True, 1), "but for the filter nothing says so"
    assert listed.count("Nothing was recorded") == 2, "the filter and the row"
    answer = admin_client.get(f"/admin/calls/recording/{recording.pk}/change/")
    assert answer["Location"] == f"{page(recording)}?recording={recording.pk}"
    admin_client.post(f"/admin/calls/recording/{recording.pk}/delete/", {"post": "yes"})
    assert Recording.objects.exists(), "its file would stay behind"
    client.force_login(staff("meera", "calls.view_call"))
    assert client.get("/admin/calls/recording/").status_code == 403


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {"state": "announced", "file": ""},
            "This call was to be recorded. Its recording has not been announced yet.",
        ),
        (
            {"state": "announced", "file": "", "provider_recording_id": "RE1"},
            "There is a recording. It is being fetched.",
        ),
        ({"state": "absent", "file": ""}, "Nothing was recorded."),
        ({"state": "failed", "file": "", "error": "Twilio lost it."}, "Twilio lost it."),
        ({"state": "refused", "file": ""}, "The caller did not want to be recorded, so no recording is kept."),
        ({"state": "deleted", "file": ""}, "The recording was deleted."),
        (
            {"state": "deleted", "file": "", "error": "Twilio still has it."},
            "The recording was deleted. Twilio still has it.",
        ),
        ({"error": "Twilio still has it."}, "Twilio still has it."),
        ({"transcription": "waiting"}, "The recording waits to be transcribed."),
        ({"transcription": "running", "progress": 40}, "The recording is being transcribed: 40 per cent."),
    ],
)
def test_a_calls_page_tells_what_became_of_its_recording(admin_client, recording, change, told):
    Recording.objects.update(**change)
    text = shown(admin_client, recording)
    assert told in text
    assert ("<audio" in text) == ("state" not in change)


def test_a_page_asks_again_while_a_recording_is_worked_on_and_then_no_more(admin_client, recording):
    lives = []
    for change in (
        {"transcription": "running"},
        {"transcription": "running", "progress": 50},
        {"transcription": "done"},
    ):
        Recording.objects.update(**change)
        answer = admin_client.get(page(recording))
        wanted = "slowly" if change["transcription"] == "running" else "no"
        lives.append(f'data-live="{wanted}"' in answer.content.decode())
        seen = answer.context["seen"]
        assert admin_client.get(f"/admin/calls/call/{recording.call_id}/live/", {"seen": seen}).status_code == 204
    assert lives == [True] * 3
    transcribe(recording)
    assert admin_client.get(f"/admin/calls/call/{recording.call_id}/live/", {"seen": seen}).status_code == 200


def test_a_second_recording_can_be_chosen(admin_client, recording):
    other = Recording.objects.create(
        call=recording.call, provider_recording_id="RE2", state="kept", file="recordings/x.wav", duration_s=9
    )
    answer = admin_client.get(page(recording), {"recording": other.pk})
    assert (answer.context["kept"], answer.context["length"]) == (other, 9)
    assert admin_client.get(page(recording)).context["kept"] == recording


def delete_call(client, recording):
    client.post(f"/admin/calls/call/{recording.call_id}/delete/", {"post": "yes"})


def delete_calls_by_the_list(client, recording):
    chosen = {"action": "delete_selected", "_selected_action": [recording.call_id], "post": "yes"}
    client.post("/admin/calls/call/", chosen)


def delete_lead(client, recording):
    client.post(f"/admin/leads/lead/{recording.call.lead_id}/delete/", {"post": "yes"})


def delete_lead_over_the_api(client, recording):
    assert master().delete(f"/api/v1/leads/{recording.call.lead_id}/").status_code == 204


@pytest.mark.parametrize("delete", [delete_call, delete_calls_by_the_list, delete_lead, delete_lead_over_the_api])
def test_what_was_recorded_goes_with_its_call_and_at_the_provider_too(
    admin_client, now, settings, tmp_path, delete, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    call, _ = make_recorded_call(now, provider_call_id="CA1")
    digest = hashlib.sha256(SOUND).hexdigest()
    name = default_storage.save(f"recordings/{digest[:2]}/{digest}.wav", ContentFile(SOUND))
    call.recordings.update(file=name, provider_recording_id="RE1")
    call.utterances.create(turn=1, provider_recording_id="RE2", due_at=now, delete_after=now)
    call.utterances.create(turn=2, provider_recording_id="RE3", due_at=now)  # which the provider has deleted
    with django_capture_on_commit_callbacks(execute=True):
        delete(admin_client, call.recordings.get())
    assert (Call.objects.count(), default_storage.exists(name)) == (0, False)
    owed = OwedDeletion.objects.values_list("provider", "provider_call_id", "provider_recording_id", "sha256")
    assert list(owed) == [("twilio", "CA1", "RE1", digest), ("twilio", "CA1", "RE2", "")]


@pytest.mark.parametrize("known_as", ["", "RE1"])
def test_nobody_is_told_to_wait_for_a_recording_that_the_caller_refused(admin_client, recording, known_as):
    Recording.objects.update(state="announced", file="", provider_recording_id=known_as)
    Call.objects.update(recording_consent="refused", recording_words="don't record this")
    told = "The caller did not want to be recorded. What was recorded before that is deleted unheard."
    text = shown(admin_client, recording)
    assert (told in text, "is being fetched" in text, "not been announced" in text) == (True, False, False)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"state": "announced", "file": ""}, {"provider_recording_id": "RE1"}),
        ({"state": "announced", "file": "", "provider_recording_id": "RE1"}, {"error": "Twilio is down."}),
        ({"transcription": "waiting"}, {"transcription_error": "The storage is away."}),
        ({"transcription": "", "peaks": [], "kept_at": timezone.now()}, {"peaks": [[0, 100]]}),
    ],
)
def test_a_page_that_waits_learns_of_all_that_it_tells(admin_client, recording, before, after):
    Call.objects.update(provider="upload" if "peaks" in before else "twilio")
    Recording.objects.update(**before)
    seen = {"seen": admin_client.get(page(recording)).context["seen"]}
    live = f"/admin/calls/call/{recording.call_id}/live/"
    before_and_after = [admin_client.get(live, seen).status_code]
    Recording.objects.update(**after)
    before_and_after.append(admin_client.get(live, seen).status_code)
    assert before_and_after == [204, 200]
