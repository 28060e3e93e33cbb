"""Downloads from a provider that may lead us anywhere: to the recording, and never into a network of ours."""

import errno
import socket
import threading
import time
from contextlib import contextmanager, suppress
from io import BytesIO

import pytest

from tests.loopback_internet import INSIDE, PUBLIC, SOUND, STORAGE
from voice.providers.base import ProviderError
from voice.providers.download import Limits, download

LIMITS = Limits(max_bytes=100_000, timeout_s=2, deadline_s=5)


def fetched(home, path="/RE1.wav", world=None, limits=LIMITS):
    into = BytesIO()
    kind = download(
        f"http://127.0.0.1:{home.port}{path}",
        into=into,
        headers={"Authorization": "Basic secret"},
        limits=limits,
        unauthorized="The key is wrong.",
        network=world.network if world is not None else None,
    )
    return kind, into.getvalue()


def several(*addresses):
    """Whoever looks up a name finds these."""
    return lambda host, _: addresses if host.endswith(".example") else [host]


@contextmanager
def refusing(code):
    with pytest.raises(ProviderError) as refused:
        yield
    assert refused.value.code == code


def test_what_the_operator_configured_is_trusted_as_it_is(home):
    home.gives("/RE1.wav", Content_Type="Audio/X-Wav; codec=pcm")
    assert fetched(home) == ("audio/x-wav", SOUND)
    assert home.asked == [("/RE1.wav", f"127.0.0.1:{home.port}", "Basic secret")]


def test_a_redirect_to_a_public_storage_is_followed_without_our_credentials(home, storage, world):
    home.leads("/RE1.wav", f"https://{STORAGE}/x.wav?signature=1", status=307)
    storage.gives("/x.wav")
    assert fetched(home, world=world) == ("audio/x-wav", SOUND)
    assert storage.asked == [("/x.wav?signature=1", STORAGE, None)]
    assert world == ["127.0.0.1", PUBLIC]


def test_a_redirect_within_the_provider_keeps_them(home):
    home.leads("/RE1.wav", "/RE1/media")
    home.gives("/RE1/media")
    assert fetched(home) == ("audio/x-wav", SOUND)
    assert [authorization for *_, authorization in home.asked] == ["Basic secret"] * 2


def test_the_address_that_was_checked_is_the_one_that_is_dialled(home, storage, world):
    world.names[STORAGE] = [PUBLIC, "127.0.0.1"]  # looked up again, it would be ours
    home.leads("/RE1.wav", f"https://{STORAGE}/x.wav")
    storage.gives("/x.wav")
    fetched(home, world=world)
    assert world == ["127.0.0.1", PUBLIC]


def test_a_host_that_cannot_prove_its_name_is_told_nothing(home, storage, world):
    world.names["other.example"] = [PUBLIC]
    home.leads("/RE1.wav", "https://other.example/x.wav")
    with refusing("down"):
        fetched(home, world=world)
    assert storage.asked == []


def test_where_one_address_of_a_host_does_not_answer_the_next_is_tried(home, storage, world):
    world.resolve = several("93.184.216.35", PUBLIC)
    home.leads("/RE1.wav", f"https://{STORAGE}/x.wav")
    storage.gives("/x.wav")
    assert fetched(home, world=world) == ("audio/x-wav", SOUND)


def test_so_is_the_next_address_of_the_provider_itself(home, world):
    world.resolve = several("93.184.216.35", "127.0.0.1")
    home.gives("/RE1.wav")
    url, into = f"http://api.example:{home.port}/RE1.wav", BytesIO()
    kind = download(url, into=into, headers={}, limits=LIMITS, unauthorized="", network=world.network)
    assert kind == "audio/x-wav"
    assert (world, into.getvalue()) == (["93.184.216.35", "127.0.0.1"], SOUND)


@pytest.mark.parametrize("address", INSIDE[:-1])
def test_no_host_is_dialled_whose_name_leads_inside(home, world, address):
    world.names["inside.example"] = [address]
    home.leads("/RE1.wav", "https://inside.example/x.wav")
    with refusing("refused_address"):
        fetched(home, world=world)
    assert world == ["127.0.0.1"]  # the provider alone


def test_a_host_is_refused_of_which_one_address_of_several_is_inside(home, world):
    world.resolve = several(PUBLIC, "10.0.0.1")
    home.leads("/RE1.wav", f"https://{STORAGE}/x.wav")
    with refusing("refused_address"):
        fetched(home, world=world)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x.wav",
        "https://localhost/x.wav",
        "https://2130706433/x.wav",
        "https://0x7f000001/x.wav",
        "https://0177.0.0.1/x.wav",
        "https://127.1/x.wav",
        "https://0/x.wav",
        "https://[::1]/x.wav",
        "https://[::ffff:7f00:1]/x.wav",
        "https://169.254.169.254/latest/meta-data/",
        "https://storage.example@127.0.0.1/x.wav",
        "https://user:secret@storage.example/x.wav",
        "https://@storage.example/x.wav",
        "https://127.0.0.1\\@storage.example/x.wav",
        "https://storage.example:8443/x.wav",
        "https://storage.example:22/x.wav",
        "https://storage.example:x/x.wav",
        "https://[storage.example/x.wav",
        "https:///x.wav",
        "https://①②⑦.0.0.1/x.wav",
        "http://storage.example/x.wav",
        "http://169.254.169.254/latest/meta-data/",
        "//127.0.0.1:1/x.wav",
        "file:///etc/passwd",
        "ftp://storage.example/x.wav",
        "gopher://storage.example/x.wav",
        "data:audio/wav;base64,UklGRg==",
        "javascript:alert(1)",
    ],
)
def test_no_trick_of_spelling_leads_inside(home, world, url):
    home.leads("/RE1.wav", url.encode().decode("latin-1"))
    with refusing("refused_address"):
        fetched(home, world=world)
    assert world == ["127.0.0.1"]


def test_a_public_storage_may_lead_on_but_not_inside_nor_back_to_the_provider_in_the_clear(home, storage, world):
    home.leads("/RE1.wav", f"https://{STORAGE}/x.wav")
    for to in ("https://10.0.0.1/x.wav", f"http://{STORAGE}/x.wav"):
        storage.leads("/x.wav", to)
        with refusing("refused_address"):
            fetched(home, world=world)


def test_a_public_storage_that_leads_back_to_the_provider_is_given_no_second_use_of_our_credentials_elsewhere(
    home, storage, world
):
    home.leads("/RE1.wav", f"https://{STORAGE}/x.wav")
    storage.leads("/x.wav", f"http://127.0.0.1:{home.port}/admin")
    with refusing("refused_address"):
        fetched(home, world=world)
    assert [path for path, *_ in home.asked] == ["/RE1.wav"]


def test_addresses_that_lead_round_in_circles_are_left(home):
    home.leads("/RE1.wav", "/RE1.wav")
    with refusing("refused_address"):
        fetched(home)
    assert len(home.asked) == 6


def test_a_redirect_to_nowhere_may_pass(home):
    home.pages["/RE1.wav"] = (302, {}, b"")
    with refusing("down"):
        fetched(home)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (404, "not_yet"), (410, "gone"), (401, "unauthorized"), (403, "unauthorized"), (500, "down"), (503, "down"),
        (429, "down"), (206, "down"), (304, "down"),
    ],
)  # fmt: skip
def test_what_the_provider_answers_says_whether_to_ask_again(home, status, code):
    home.gives("/RE1.wav", b"", status=status)
    with refusing(code):
        fetched(home)


def test_a_storage_that_has_nothing_or_refuses_says_nothing_of_the_provider_s_recording(home, storage, world):
    home.leads("/RE1.wav", f"https://{STORAGE}/x.wav")
    for status in (403, 404, 410):
        storage.gives("/x.wav", b"", status=status)
        with refusing("down"):
            fetched(home, world=world)


def test_a_file_that_says_it_is_too_large_is_not_even_begun(home):
    home.gives("/RE1.wav", SOUND, Content_Length="100001")
    with refusing("too_large"):
        fetched(home)


def test_a_file_that_turns_out_too_large_is_left_off(home):
    def endless(wire):
        wire.write(SOUND)
        while True:
            wire.write(bytes(65_536))

    home.gives("/RE1.wav", endless)
    with refusing("too_large"):
        fetched(home)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html", b"<html>Sorry" + bytes(100)),
        ("audio/x-wav", b"<html>Sorry" + bytes(100)),
        ("audio/x-wav", b"RIFF\0\0\0\0AVI LIST"),
        ("audio/x-wav", b""),
        ("audio/x-wav", b"RI"),
        ("application/json", SOUND),
        (None, SOUND),
    ],
)
def test_what_is_no_sound_is_not_kept(home, kind, body):
    home.gives("/RE1.wav", body, Content_Type=kind)
    with refusing("not_audio"):
        fetched(home)


def test_what_is_packed_is_not_unpacked(home):
    home.gives("/RE1.wav", SOUND, Content_Encoding="gzip")
    with refusing("not_audio"):
        fetched(home)


@pytest.mark.parametrize("body", [b"ID3" + bytes(20), b"\xff\xfb\x90" + bytes(20), b"OggS" + bytes(20)])
def test_sound_of_other_kinds_is(home, body):
    home.gives("/RE1.wav", body, Content_Type="application/octet-stream")
    assert fetched(home) == ("application/octet-stream", body)


def test_a_file_that_is_cut_off_is_asked_for_again(home):
    home.gives("/RE1.wav", SOUND[:500], Content_Length=str(len(SOUND)))
    with refusing("down"):
        fetched(home)


def test_a_disk_of_ours_that_is_full_is_not_laid_at_the_provider_s_door(home):
    class Full(BytesIO):
        def write(self, _):
            raise OSError(errno.ENOSPC, "No space left on device")

    home.gives("/RE1.wav")
    with pytest.raises(ProviderError) as refused:
        download(f"http://127.0.0.1:{home.port}/RE1.wav", into=Full(), headers={}, limits=LIMITS, unauthorized="")
    assert (refused.value.code, refused.value.retryable) == ("not_stored", True)
    assert "(No space left on device). Make room in VAR_DIR;" in str(refused.value)


def test_after_the_deadline_no_further_address_of_a_host_is_tried(home, world):
    world.resolve = several("93.184.216.35", "93.184.216.36", "93.184.216.37")
    home.leads("/RE1.wav", f"https://{STORAGE}/x.wav")
    connect = world.connect

    def slow(address, port, timeout_s):
        time.sleep(0.3 if address != "127.0.0.1" else 0)
        return connect(address, port, timeout_s)

    world.connect = slow
    with refusing("down"):
        fetched(home, world=world, limits=Limits(max_bytes=100_000, timeout_s=2, deadline_s=0.2))
    assert world == ["127.0.0.1", "93.184.216.35"]


def slowly(wire):
    while True:
        wire.write(b"R")
        wire.flush()
        time.sleep(0.02)


def test_a_sender_that_trickles_is_cut_off_at_the_deadline(home):
    home.gives("/RE1.wav", lambda wire: (wire.write(SOUND[:500]), slowly(wire)))
    with refusing("down"):
        fetched(home, limits=Limits(max_bytes=100_000, timeout_s=2, deadline_s=0.3))


def test_so_is_one_whose_headers_never_end(home):
    home.pages["/RE1.wav"] = (200, {}, b"")
    server = socket.create_server(("127.0.0.1", 0))

    def trickle():
        line, _ = server.accept()
        with suppress(OSError), line, line.makefile("wb") as wire:  # cut off
            wire.write(b"HTTP/1.1 200 OK\r\n")
            slowly(wire)

    thread = threading.Thread(target=trickle, daemon=True)
    thread.start()
    home.port = server.getsockname()[1]
    with refusing("down"):
        fetched(home, limits=Limits(max_bytes=100_000, timeout_s=2, deadline_s=0.3))
    thread.join(5)
    server.close()


def test_a_server_that_is_silent_or_away_may_be_there_later(home):
    home.gives("/RE1.wav", lambda _: time.sleep(0.5))
    with refusing("down"):
        fetched(home, limits=Limits(max_bytes=100_000, timeout_s=0.1))
    home.port = 1
    with refusing("down"):
        fetched(home)
