"""How staff change what an agent says and asks."""

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from voice.dialogue import begin, message
from voice.events import Direction
from voice.models import VoiceAgent

pytestmark = pytest.mark.django_db

LIST = "/admin/voice/voiceagent/"


def form(**changes):
    return {
        "name": "Asha",
        "brokerage": "Sunrise Realty",
        "language": "en-IN",
        "voice": "",
        "hindi_script": "Deva",
        "greeting": "Hello, this is {agent}.",
        "recording_notice": "",
        "order": ["budget", "location", "consent"],
        "required": ["budget"],
        "hears": "provider",
        "on_machine": "hang_up",
        "voicemail_message": "",
        "time_limit_min": "15",
        "vapi_brain": "own",
    } | changes


def errors(answer):
    return answer.context["adminform"].form.non_field_errors()


def test_questions_are_asked_in_the_order_of_the_page(admin_client):
    agent = VoiceAgent.objects.create()
    answer = admin_client.post(f"{LIST}{agent.pk}/change/", form())
    agent.refresh_from_db()
    assert (answer.status_code, agent.order, agent.required, agent.version) == (
        302,
        ["budget", "location", "consent"],
        ["budget"],
        2,
    )


def test_the_page_shows_what_is_asked_first_in_its_order(admin_client):
    agent = VoiceAgent.objects.create(order=["consent", "budget"], required=["budget"])
    shown = admin_client.get(f"{LIST}{agent.pk}/change/").content.decode()
    at = [shown.index(f'name="order" value="{slot}"') for slot in ("consent", "budget", "identity")]
    assert at == sorted(at)
    assert 'name="required" value="budget" checked' in shown
    assert 'name="order" value="identity" >' in shown


def test_what_was_chosen_is_not_lost_when_the_form_comes_back(admin_client):
    answer = admin_client.post(f"{LIST}add/", form(greeting="Hi {nobody}", required=["email"]))
    shown = answer.content.decode()
    assert 'name="required" value="email" checked' in shown
    assert shown.index('value="budget"') < shown.index('value="location"') < shown.index('value="identity"')


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"order": []}, "The order is empty; choose at least one question."),
        ({"required": ["email"]}, '"email" is required but never asked; add it to the order or make it optional.'),
        ({"greeting": "Hi {nobody}"}, "The greeting has an unknown hole {nobody}; use {name}, {agent} or {brokerage}."),
    ],
)
def test_a_script_that_cannot_be_followed_is_refused_with_a_sentence(admin_client, changes, why):
    answer = admin_client.post(f"{LIST}add/", form(**changes))
    assert why in errors(answer)
    assert not VoiceAgent.objects.exists()


def test_a_forged_question_is_dropped(admin_client):
    admin_client.post(f"{LIST}add/", form(order=["budget", "budget", "salary"], required=["salary", "budget"]))
    agent = VoiceAgent.objects.get()
    assert (agent.order, agent.required) == (["budget"], ["budget"])


def test_the_first_words_are_shown_as_a_caller_hears_them(admin_client):
    agent = VoiceAgent.objects.create(name="Ravi", greeting="Namaste {name}, {agent} here.", order=["budget"])
    shown = admin_client.get(f"{LIST}{agent.pk}/change/").content.decode()
    assert "Namaste Priya Sharma, Ravi here." in shown
    assert admin_client.get(f"{LIST}add/").status_code == 200


def test_exactly_one_agent_answers_by_default(admin_client):
    first, second = (VoiceAgent.objects.create(name=name, is_default=name == "A") for name in "AB")
    data = {"action": "make_default", "_selected_action": [second.pk]}
    assert admin_client.post(LIST, data).status_code == 302
    assert list(VoiceAgent.objects.filter(is_default=True)) == [second]
    answer = admin_client.post(LIST, data | {"_selected_action": [first.pk, second.pk]})
    assert [str(one) for one in get_messages(answer.wsgi_request)] == [
        "B of Sunrise Realty now takes the calls that name no agent.",
        "Choose exactly one agent: only one can answer by default.",
    ]
    assert list(VoiceAgent.objects.filter(is_default=True)) == [second]


def test_the_letters_of_the_page_are_those_that_hindi_is_spoken_in():
    said = {
        letters: begin(
            VoiceAgent(language="hi-IN", hindi_script=letters).script(), direction=Direction.OUTBOUND, at=timezone.now()
        )[1].text.isascii()
        for letters in ("Deva", "Latn")
    }
    assert said == {"Deva": False, "Latn": True}


def field_errors(answer):
    return dict(answer.context["adminform"].form.errors)


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("  ", "Write the message to leave, or choose to hang up."),
        (
            "Hi {lead}",
            "The message for answering machines has an unknown hole {lead}; use {name}, {agent} or {brokerage}.",
        ),
    ],
)
def test_a_message_that_could_not_be_left_is_refused(admin_client, message, sentence):
    answer = admin_client.post(f"{LIST}add/", form(on_machine="leave_message", voicemail_message=message))
    assert (field_errors(answer), VoiceAgent.objects.count()) == ({"voicemail_message": [sentence]}, 0)


def test_a_new_agent_is_offered_a_message_and_left_as_it_is_it_follows_the_language(admin_client):
    offered = admin_client.get(f"{LIST}add/").context["adminform"].form["voicemail_message"].value()
    agent = VoiceAgent(language="hi-IN", hindi_script="Latn")
    assert message(agent.script(), offered, name="Ravi Rao").startswith("Namaste Ravi Rao, main Sunrise Realty ki")


def test_a_message_without_the_leads_name_has_no_gap(admin_client):
    offered = admin_client.get(f"{LIST}add/").context["adminform"].form["voicemail_message"].value()
    assert message(VoiceAgent().script(), offered, name="").startswith("Hello, this is Asha, the virtual assistant")


@pytest.mark.parametrize("minutes", ["0", "241"])
def test_a_call_lasts_as_long_as_providers_let_it(admin_client, minutes):
    assert field_errors(admin_client.post(f"{LIST}add/", form(time_limit_min=minutes))) == {
        "time_limit_min": ["Choose 1 to 240 minutes."]
    }


@pytest.mark.parametrize(("changes", "warned"), [({"record": "on"}, True), ({}, False), ({"hears": "whisper"}, True)])
def test_recording_without_a_notice_warns(admin_client, changes, warned):
    answer = admin_client.post(f"{LIST}add/", form(**changes))
    told = [str(one) for one in get_messages(answer.wsgi_request)]
    assert any("tells so only where" in one for one in told) == warned


@pytest.mark.parametrize(
    ("model", "language", "fault"),
    [
        ("base", "hi-IN", []),
        ("base.en", "en-IN", []),
        (
            "base.en",
            "hi-IN",
            ["The Whisper model here, base.en, knows English alone. Set WHISPER_MODEL to base, or choose English."],
        ),
        (
            "/no-model",
            "en-IN",
            ["There is no Whisper model at /no-model. Correct WHISPER_MODEL, or let the provider hear the caller."],
        ),
    ],
)
def test_an_agent_hears_by_whisper_only_what_its_model_knows(admin_client, settings, model, language, fault):
    settings.WHISPER_MODEL = model
    answer = admin_client.post(f"{LIST}add/", form(hears="whisper", language=language))
    found = answer.context["adminform"].form.errors.get("hears", []) if answer.context else []
    assert (found, VoiceAgent.objects.filter(hears="whisper").exists()) == (fault, not fault)


def test_a_language_that_nobody_offered_is_refused(admin_client):
    answer = admin_client.post(f"{LIST}add/", form(hears="whisper", language="xx"))
    assert list(answer.context["adminform"].form.errors) == ["language"]


def test_who_calls_through_vapi_is_told_that_whisper_does_not_hear_there(admin_client, settings):
    settings.DEFAULT_PROVIDER = "vapi"
    answer = admin_client.post(f"{LIST}add/", form(hears="whisper", recording_notice="This call is recorded."))
    assert next(str(one) for one in get_messages(answer.wsgi_request)).startswith("Calls go out through Vapi, which")
