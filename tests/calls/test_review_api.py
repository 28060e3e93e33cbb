"""Reviews, transcripts and recordings for programs."""

import io

import pytest
import yaml
from django.core.management import call_command
from jsonschema import Draft4Validator

from calls.models import Recording, ValueReview
from calls.operations.reviewing import version_of
from leads.models import Requirement
from tests.api_client import client_who_may, master
from tests.heard_calls import heard

pytestmark = pytest.mark.django_db

REVIEWS = "/api/v1/reviews"


@pytest.fixture
def call(now):
    return heard(now, (5, "seventeen lakhs"), (6, "to rent"))


def url(slot):
    return f"{REVIEWS}/{ValueReview.objects.get(slot=slot).pk}"


def test_a_review_is_read_with_both_hearings(call):
    answer = client_who_may("calls.view_valuereview").get(url("budget"))
    review = ValueReview.objects.get(slot="budget")
    place = {"turn": 5, "start_s": 48.2, "end_s": 48.95, "confidence": 0.9}
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "id": review.pk,
            "lead": call.lead_id,
            "call": call.pk,
            "slot": "budget",
            "reason": "disagrees",
            "live": {"value": {"budget_max": 7_000_000}, "words": "seventy lakhs", **place},
            "again": {"value": {"budget_max": 1_700_000}, "words": "seventeen lakhs", **place},
            "state": "open",
            "final": None,
            "decided_by": None,
            "decided_at": None,
            "created_at": "2026-03-10T14:30:00+05:30",
            "version": version_of(review),
        },
    )


def test_a_reading_that_there_is_not_is_an_empty_object(call):
    ValueReview.objects.filter(slot="budget").update(live={})
    assert master().get(url("budget")).json()["live"] == {}


def test_reviews_are_narrowed_down(call):
    client = master()

    def slots(query):
        return sorted(one["slot"] for one in client.get(f"{REVIEWS}?{query}").json()["results"])

    assert slots("state=open") == ["budget", "purpose"]
    assert slots("state=accepted") == slots(f"lead={call.lead_id + 1}") == slots("reason=not_live") == []
    assert slots(f"slot=budget&call={call.pk}") == ["budget"]


@pytest.mark.parametrize(
    ("slot", "sent", "state", "final"),
    [
        ("budget", {"choice": "again"}, "accepted", {"budget_max": 1_700_000}),
        ("budget", {"choice": "other", "value": {"budget_max": 8_000_000}}, "corrected", {"budget_max": 8_000_000}),
        ("purpose", {"choice": "other", "value": "invest"}, "corrected", "invest"),
        ("purpose", {"choice": "other", "value": None}, "cleared", None),
        ("budget", {"choice": "clear"}, "cleared", None),
    ],
)
def test_a_program_decides(call, slot, sent, state, final):
    answer = master().post(f"{url(slot)}/decide", sent, format="json")
    assert (answer.status_code, answer.json()["state"], answer.json()["final"]) == (200, state, final)


@pytest.mark.parametrize(
    ("slot", "sent"),
    [
        ("budget", {"choice": "perhaps"}),
        ("budget", {"choice": "other"}),
        ("budget", {"choice": "live", "value": {"budget_max": 1}}),
        ("budget", {"choice": "other", "value": 8_000_000}),
        ("budget", {"choice": "other", "value": {"budget_max": -1}}),
        ("budget", {"choice": "other", "value": {"budget_min": 2, "budget_max": 1}}),
        ("budget", {"choice": "other", "value": {"purpose": "buy"}}),
        ("purpose", {"choice": "other", "value": "to live in"}),
    ],
)
def test_a_malformed_decision_changes_nothing(call, slot, sent):
    before = Requirement.objects.values().get()
    answer = master().post(f"{url(slot)}/decide", sent, format="json")
    assert (answer.status_code, Requirement.objects.values().get()) == (400, before)


def test_a_second_decision_is_a_conflict(call):
    client = master()
    client.post(f"{url('budget')}/decide", {"choice": "again"}, format="json")
    answer = client.post(f"{url('budget')}/decide", {"choice": "live"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "decided")


def test_a_decision_about_what_was_heard_otherwise_since_is_a_conflict(call):
    client = master()
    seen = client.get(url("budget")).json()["version"]
    ValueReview.objects.filter(slot="budget").update(again={"value": {"budget_max": 7_100_000}, "words": "71 lakhs"})
    choice = {"choice": "again", "version": seen}
    answer = client.post(f"{url('budget')}/decide", choice, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "changed")
    again = choice | {"version": client.get(url("budget")).json()["version"]}
    assert client.post(f"{url('budget')}/decide", again, format="json").status_code == 200


def test_what_a_program_writes_on_the_lead_decides_what_waited_there(call):
    said = {"budget_max": 7_500_000}
    master().patch(f"/api/v1/leads/{call.lead_id}", {"requirement": said}, format="json")
    decided = ValueReview.objects.values_list("state", "final").get(slot="budget")
    assert decided == ("corrected", said)
    assert ValueReview.objects.get(slot="purpose").state == "open"


def test_what_a_program_writes_of_one_end_of_a_range_leaves_the_doubt_about_the_other(call):
    client, address = master(), f"/api/v1/leads/{call.lead_id}"
    client.patch(address, {"requirement": {"budget_min": 1_000_000}}, format="json")
    assert ValueReview.objects.get(slot="budget").state == "open"
    assert Requirement.objects.get().evidence["budget_max"]["words"] == "seventy lakhs"
    client.patch(address, {"requirement": {"budget_max": 7_500_000}}, format="json")
    decided = ValueReview.objects.values_list("state", "final").get(slot="budget")
    assert decided == ("corrected", {"budget_min": 1_000_000, "budget_max": 7_500_000})


@pytest.mark.parametrize("sent", [None, {}, {"budget_max": 7_000_000}])
def test_a_program_that_changes_nothing_decides_nothing(call, sent):
    before = Requirement.objects.get().evidence
    master().patch(f"/api/v1/leads/{call.lead_id}", {"requirement": sent}, format="json")
    assert set(ValueReview.objects.values_list("state", flat=True)) == {"open"}
    assert Requirement.objects.get().evidence == before


def test_a_value_that_a_program_takes_away_is_cleared_where_it_waited(call):
    Requirement.objects.update(evidence={})
    answer = master().patch(f"/api/v1/leads/{call.lead_id}", {"requirement": {"budget_max": None}}, format="json")
    assert answer.status_code == 200
    assert ValueReview.objects.values_list("state", "final").get(slot="budget") == ("cleared", None)


def test_who_may_only_read_decides_nothing(call):
    client = client_who_may("calls.view_valuereview")
    assert client.post(f"{url('budget')}/decide", {"choice": "live"}, format="json").status_code == 403
    assert client_who_may(username="nobody").get(REVIEWS).status_code == 403


def test_a_calls_transcripts_and_recordings_are_read(call):
    client = client_who_may("calls.view_call")
    transcripts = client.get(f"/api/v1/calls/{call.pk}/transcript").json()
    best = next(one for one in transcripts if one["is_best"])
    assert (best["engine"], best["lines"][0]["text"], best["lines"][0]["words"][0][0]) == (
        "whisper",
        "yes this is Meena",
        "yes",
    )
    (recording,) = client.get(f"/api/v1/calls/{call.pk}/recordings").json()
    assert (recording["state"], recording["channels"], recording["audio"]) == ("kept", 2, None)


def test_only_who_may_listen_learns_where_the_sound_is(call):
    client = client_who_may("calls.view_call", "calls.listen_recording")
    (recording,) = client.get(f"/api/v1/calls/{call.pk}/recordings").json()
    assert recording["audio"] == f"/admin/calls/recording/{Recording.objects.get().pk}/audio"


def test_a_leads_evidence_has_its_seconds(call):
    evidence_of = master().get(f"/api/v1/leads/{call.lead_id}").json()["requirement"]["evidence"]
    assert evidence_of["budget_max"] == {
        "call": call.pk,
        "turn": 5,
        "words": "seventy lakhs",
        "source": "live",
        "recording": Recording.objects.get().pk,
        "start_s": 48.2,
        "end_s": 48.95,
        "confidence": 0.9,
    }


def nullable_as_json_schema(told):
    """What OpenAPI 3.0 says of null, as JSON Schema says it."""
    if isinstance(told, list):
        return [nullable_as_json_schema(one) for one in told]
    if not isinstance(told, dict):
        return told
    plain = {name: nullable_as_json_schema(value) for name, value in told.items() if name != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if told.get("nullable") is True else plain


def test_what_a_call_answers_is_what_the_openapi_document_says(call):
    out = io.StringIO()
    call_command("spectacular", stdout=out)
    document = nullable_as_json_schema(yaml.safe_load(out.getvalue()))
    call.transcripts.filter(engine="provider").update(recording=None)
    client = master()
    wrong = []
    for path in ("/calls", "/calls/{id}", "/calls/{id}/recordings", "/calls/{id}/transcript", "/reviews", "/leads"):
        address = f"/api/v1{path}"
        told = document["paths"][address]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        whole = {**told, "components": document["components"]}
        checker = Draft4Validator(whole, format_checker=Draft4Validator.FORMAT_CHECKER)
        answer = client.get(address.replace("{id}", str(call.pk))).json()
        assert answer
        wrong += [(path, *error.absolute_path) for error in checker.iter_errors(answer)]
    assert wrong == []
