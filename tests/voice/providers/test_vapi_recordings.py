"""Recordings at Vapi: which files are asked for, and on which channel the caller is."""

import io
import math
import wave
from array import array
from dataclasses import replace

import pytest

from tests.sounds import wav
from tests.vapi_account import BASE, CALL, payload, posted
from voice.events import RecordingNews
from voice.providers.base import FetchedRecording, ProviderError

PATH = f"/call/{CALL}/%s-recording"
CALLER, AGENT = [(0.5, 0.9), (1.4, 1.5)], [(0.0, 0.4), (1.0, 1.3)]


def talk(*channels):
    """Two seconds of WAV in which each channel sounds in its spans of seconds."""
    frames = array("h")
    for n in range(16_000):
        for spans in channels:
            sounds = any(begin <= n / 8000 < end for begin, end in spans)
            frames.append(int(9000 * math.sin(n / 3)) if sounds else 0)
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setparams((len(channels), 2, 8000, 0, "NONE", ""))
        file.writeframes(frames.tobytes())
    return made.getvalue()


@pytest.fixture
def vapi(vapi_api):
    """An account at Vapi, which knows no file."""
    vapi_api.answer = (404, {"message": "not found"})
    return replace(BASE, base_url=vapi_api.url, timeout_s=2)


def fetched(vapi, tmp_path, **more):
    with (tmp_path / "sound").open("w+b") as file:
        told = vapi.fetch_recording(CALL, CALL, channels=2, max_bytes=1_000_000, into=file, **more)
    return told, (tmp_path / "sound").read_bytes()


@pytest.mark.parametrize(("channels", "caller"), [((CALLER, AGENT), 0), ((AGENT, CALLER), 1)])
def test_the_caller_is_on_the_channel_that_sounds_as_their_own_track_does(vapi_api, vapi, tmp_path, channels, caller):
    vapi_api.files = {PATH % "stereo": talk(*channels), PATH % "customer": talk(CALLER)}
    assert fetched(vapi, tmp_path) == (FetchedRecording("audio/wav", 2, caller), talk(*channels))
    key = "Bearer the-private-key"
    assert vapi_api.asked == [("GET", PATH % "stereo", key, None), ("GET", PATH % "customer", key, None)]


@pytest.mark.parametrize("customer", [None, talk([]), talk([(0.0, 2.0)]), b"RIFF\0\0\0\0WAVEjunk"])
def test_where_no_track_tells_the_first_channel_is_taken_for_the_caller(vapi_api, vapi, tmp_path, customer):
    vapi_api.files = {PATH % "stereo": talk(AGENT, CALLER)}
    if customer:
        vapi_api.files[PATH % "customer"] = customer
    assert fetched(vapi, tmp_path)[0] == FetchedRecording("audio/wav", 2, 0)


def test_two_tracks_become_one_file_with_the_caller_first(vapi_api, vapi, tmp_path):
    vapi_api.files = {PATH % "customer": talk(CALLER), PATH % "assistant": talk(AGENT)}
    assert fetched(vapi, tmp_path) == (FetchedRecording("audio/wav", 2, 0), talk(CALLER, AGENT))


def test_the_shorter_of_two_tracks_ends_in_silence(vapi_api, vapi, tmp_path):
    vapi_api.files = {PATH % "customer": wav(440, seconds=0.1), PATH % "assistant": wav(440, seconds=0.2)}
    _, sound = fetched(vapi, tmp_path)
    with wave.open(io.BytesIO(sound)) as file:
        samples = array("h", file.readframes(2000))
    assert (len(samples), any(samples[800 * 2 + 1 :: 2]), any(samples[800 * 2 :: 2])) == (3200, True, False)


def test_where_both_voices_share_a_channel_nobody_knows_whose_is_whose(vapi_api, vapi, tmp_path):
    vapi_api.files = {PATH % "mono": wav(440), PATH % "customer": wav(440), PATH % "assistant": wav(440, rate=16_000)}
    assert fetched(vapi, tmp_path) == (FetchedRecording("audio/wav", 1, None), wav(440))


def test_a_track_that_ends_within_a_sample_is_no_track(vapi_api, vapi, tmp_path):
    sound = wav(440)
    size = len(sound) - 43
    damaged = sound[:4] + (size + 37).to_bytes(4, "little") + sound[8:40] + size.to_bytes(4, "little") + sound[44:]
    vapi_api.files = {PATH % "mono": sound} | {PATH % track: damaged + b"\0\0" for track in ("customer", "assistant")}
    assert fetched(vapi, tmp_path) == (FetchedRecording("audio/wav", 1, None), sound)


def test_what_is_not_uploaded_yet_is_not_there_yet(vapi_api, vapi, tmp_path):
    for status in (400, 404):
        vapi_api.answer = (status, {"message": "not found"})
        with pytest.raises(ProviderError) as error:
            fetched(vapi, tmp_path)
        assert (error.value.code, error.value.retryable) == ("not_yet", True)


def test_a_key_that_vapi_refuses_is_named(vapi_api, vapi, tmp_path):
    vapi_api.answer = (401, {"message": "Invalid Key"})
    with pytest.raises(ProviderError) as error:
        fetched(vapi, tmp_path)
    assert error.value.code == "unauthorized"
    assert str(error.value) == "Vapi refused the API key. Set VAPI_API_KEY to the private key of the Vapi account."


def test_a_call_is_deleted_with_all_its_data_once(vapi_api, vapi):
    vapi_api.answers = [(200, {"id": CALL})]
    assert [vapi.delete_recording(CALL, CALL), vapi.delete_recording(CALL, CALL)] == [True, False]
    assert [(method, path, body) for method, path, _, body in vapi_api.asked] == [("DELETE", f"/call/{CALL}", {})] * 2
    assert vapi.stop_recording(CALL) is False


def test_a_call_tells_of_its_recording_when_it_is_asked(vapi_api, vapi):
    vapi_api.answers = [(200, payload("rest_get_call_ended")), (200, {"id": CALL, "status": "ended"})]
    told = [vapi.recordings_of(CALL) for _ in range(3)]
    assert [[(one.provider_recording_id, one.channels) for one in news] for news in told] == [[(CALL, 2)], [], []]


@pytest.mark.parametrize(
    ("artifacts", "news"),
    [
        ([{"type": "recording-stereo", "success": True}], RecordingNews(CALL, 2)),
        ([{"type": "recording-mono", "success": True}, {"type": "log", "success": True}], RecordingNews(CALL, 1)),
        ([{"type": "recording-stereo", "success": False}], None),
        ([{"type": "pcap", "success": True}, None, "recording-mono"], None),
        (None, None),
    ],
)
def test_files_that_vapi_has_put_into_its_storage_announce_a_recording(artifacts, news):
    message = payload("call_artifact_upload")["message"] | {"artifacts": artifacts}
    assert BASE.parse(posted({"message": message})).recording == news
