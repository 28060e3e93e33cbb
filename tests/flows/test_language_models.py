"""A caller whom the rules do not follow, with a language model beside them that helps, fails, invents or hangs."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from calls import operations
from calls.lines import language_models
from calls.models import Call, Consultation, WebhookEvent
from calls.operations import consulting, evidence
from calls.places import forget
from calls.queries import troubled_models
from calls.queue import SUMMARISE
from leads.models import FollowUp, Lead, LeadSource, Listing
from tests.heard_calls import line as line_of
from tests.heard_calls import transcribe
from tests.twilio_line import action_of, spoken
from voice.models import VoiceAgent

pytestmark = pytest.mark.django_db(transaction=True)


def advice(*suggestions, **more):
    found = [dict(zip(("question", "quote", "plain"), one, strict=True)) for one in suggestions]
    nothing = {"intent": "", "intent_quote": "", "answer": "", "answer_quote": ""}
    return json.dumps({"suggestions": found, **nothing, **more})


def summary(*points):
    return json.dumps(
        {
            "points": [dict(zip(("text", "quote", "turn"), one, strict=True)) for one in points],
            "next_step": "",
        }
    )


def known_caller():
    VoiceAgent.objects.create(is_default=True, knowledge="The brokerage is 1 percent. Visits are free.")
    return Lead.objects.create(name="Meena", phone="+919820012345", source=LeadSource.WEBSITE)


@pytest.fixture
def budget_question(line):
    known_caller()
    document = line.ring()
    document = line.say(document, "yes, this is Meena")
    document = line.say(document, "flat in Wakad")
    document = line.say(document, "2 BHK")
    assert Call.objects.get().dialogue["asked"] == "budget"
    return document


def test_what_no_rule_reads_a_model_may_rephrase(line, model, budget_question):
    model.answer = advice(("budget", "sixty five lakh", "up to 65 lakh"))
    line.say(budget_question, "company gave us a loan of sixty five lakh so that much")
    call = Call.objects.get()
    turn = call.turns.get(number=4)
    kept = call.dialogue["slots"]["budget_max"]
    assert (turn.rung, kept["value"], kept["words"]) == ("primary", 6_500_000, "sixty five lakh")
    asked = Consultation.objects.get()
    assert (asked.turn, asked.rung, asked.model, asked.fault, asked.tokens_in, asked.tokens_out) == (
        4,
        "primary",
        "small",
        "",
        11,
        7,
    )
    assert len(asked.prompt_version) == 12


def test_rules_that_suffice_ask_no_model(line, model, budget_question):
    line.say(budget_question, "70 lakh")
    assert (model.requests, Consultation.objects.count()) == ([], 0)


def test_an_invented_figure_is_not_noted_but_kept_for_review(line, model, budget_question):
    model.answer = advice(("budget", "thoda socha hua hai", "up to 90 lakh"))
    line.say(budget_question, "woh to thoda socha hua hai humne")
    call = Call.objects.get()
    assert "budget_max" not in call.dialogue["slots"]
    assert [one["model"] for one in call.dialogue["review"]] == [9_000_000]


@pytest.mark.parametrize("fault", ["401", "404", "410", "429", "503", "prose", "empty", "closed", "misfit"])
def test_a_failing_model_costs_the_caller_nothing(line, model, budget_question, fault):
    model.faults = [fault]
    answer = line.say(budget_question, "woh to thoda socha hua hai humne")
    call = Call.objects.get()
    assert (answer.status_code, call.turns.get(number=4).rung, call.dialogue["asked"]) == (200, "rules", "budget")
    assert Consultation.objects.get().fault != ""


def test_three_failures_in_a_row_are_told_to_staff_and_an_answer_ends_it(line, model, budget_question, admin_client):
    model.faults = ["410"] * 3
    document = budget_question
    for number in range(3):
        document = line.say(document, f"woh to thoda socha hua hai humne na {'haan' * number}")
    assert [(one.rung, one.fault, one.failures) for one in troubled_models(now=timezone.now())] == [
        ("primary", "retired", 3)
    ]
    page = admin_client.get("/admin/").content.decode()
    assert "The model has been retired. Set LLM_MODEL to one that is still offered." in page
    Consultation.objects.create(call=Call.objects.get(), rung="primary", model="small")
    assert troubled_models(now=timezone.now()) == []


def test_nobody_waits_for_a_lock_while_the_model_thinks(line, model, budget_question):
    model.faults = ["silent"]
    with ThreadPoolExecutor(1) as pool:
        answering = pool.submit(line.say, budget_question, "woh to thoda socha hua hai humne")
        while not model.requests:
            assert not answering.done()
        assert not answering.done()
        Lead.objects.create(name="Somebody else", phone="+919820099999")
        Call.objects.filter(provider_call_id=line.sid).update(caller="+910000000000")
        still_thinking = not answering.done()
        assert answering.result().status_code == 200
    assert still_thinking
    assert Call.objects.get().turns.count() == 5


def test_a_second_delivery_while_the_model_thinks_is_one_turn(line, model, budget_question):
    model.faults = ["silent", "silent"]
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: line.say(budget_question, "woh to thoda socha hua hai humne"), range(2)))
    assert both[0].text == both[1].text
    assert Call.objects.get().turns.count() == 5


def test_a_question_is_answered_from_what_staff_wrote(line, model, budget_question):
    model.answer = advice(answer="Our brokerage is 1 percent.", answer_quote="The brokerage is 1 percent.")
    answer = line.say(budget_question, "how much brokerage do you charge?")
    assert "The brokerage is 1 percent." in spoken(answer)
    assert Call.objects.get().dialogue["asked"] == "budget"
    line.status("completed")
    assert FollowUp.objects.count() == 0  # nobody owes an answer that was given


def test_an_answer_is_weighed_against_the_knowledge_that_the_model_read(line, model, budget_question):
    def edit_meanwhile(_):
        thinks.set()
        edited.wait(10)
        return advice(answer="Our brokerage is 1 percent.", answer_quote="The brokerage is 1 percent.")

    thinks, edited = Event(), Event()
    model.answer = edit_meanwhile
    with ThreadPoolExecutor(1) as pool:
        answering = pool.submit(line.say, budget_question, "how much brokerage do you charge?")
        assert thinks.wait(10)
        VoiceAgent.objects.all().delete()
        edited.set()
        assert "The brokerage is 1 percent." in spoken(answering.result())


def test_a_second_delivery_of_an_answered_turn_asks_no_model(line, model, budget_question):
    model.answer = advice()
    words = "woh to thoda socha hua hai humne"
    answers = [line.say(budget_question, words).text for _ in range(3)]
    assert (len(set(answers)), len(model.requests)) == (1, 1)


def test_an_answer_that_staff_never_wrote_becomes_a_colleagues_promise(line, model, budget_question):
    model.answer = advice(answer="Our brokerage is 2 percent.", answer_quote="Our brokerage is 2 percent.")
    document = line.say(budget_question, "how much brokerage do you charge?")
    assert "2 percent" not in spoken(document)
    document = line.say(document, "70 lakh")
    document = line.say(document, "yes please")
    line.say(document, "yes, that's right")
    promised = FollowUp.objects.get()
    assert (promised.kind, promised.note) == ("sales_call", "Asked: “how much brokerage do you charge?”")


def test_the_summary_keeps_the_points_that_were_said(line, model, budget_question):
    document = line.say(budget_question, "70 lakh")
    document = line.say(document, "yes please")
    line.say(document, "yes, that's right")
    call = Call.objects.get()
    assert call.summary_rung == "rules"
    model.answer = summary(
        ("Wants to live in Wakad.", "flat in Wakad", 2),
        ("Would pay 90 lakh.", "70 lakh", 4),
        ("Hates dogs.", "I hate dogs", 4),
    )
    assert operations.summarise(call.pk, now=timezone.now()) == "primary"
    call.refresh_from_db()
    assert [one["text"] for one in call.summary if one["quote"]] == ["Wants to live in Wakad."]
    assert call.summary_rung == "primary"
    assert operations.summarise(call.pk, now=timezone.now()) == "done"


@pytest.mark.parametrize(("said", "jobs"), [([], 0), (["yes"], 0), (["yes", "flat in Wakad"], 1)])
def test_a_model_sums_up_what_is_worth_it(line, model, said, jobs):
    known_caller()
    document = line.ring()
    for words in said:
        document = line.say(document, words)
    line.status("completed")
    assert len([job for job in OrmQ.objects.all() if job.func() == SUMMARISE]) == jobs


def test_without_a_model_the_rules_sum_up(line, budget_question):
    document = line.say(budget_question, "70 lakh")
    document = line.say(document, "yes please")
    line.say(document, "yes, that's right")
    call = Call.objects.get()
    assert [one["text"] for one in call.summary] == [
        "2 BHK, Wakad (Pune), up to ₹70 lakh",
        "Qualified.",
        "Next: a sales representative calls.",
    ]


def test_a_place_of_our_own_listings_is_understood(line):
    known_caller()
    Listing.objects.create(
        reference="X", title="Villa", city="Pune", locality="Zorawar Greens", category="residential", price=9_000_000
    )
    forget()
    document = line.say(line.ring(), "yes, this is Meena")
    line.say(document, "Zorawar Greens")
    kept = Call.objects.get().dialogue["slots"]["locations"]
    assert kept["value"] == [{"city": "Pune", "locality": "Zorawar Greens"}]


def test_staff_settle_what_was_heard_in_two_ways(line, model, budget_question, admin_client):
    model.answer = advice(("budget", "thoda socha hua hai", "up to 90 lakh"))
    document = line.say(budget_question, "woh to thoda socha hua hai humne")
    line.say(document, "do not call me again")
    line.status("completed")
    call = Call.objects.get()
    assert call.needs_review
    url = f"/admin/calls/call/{call.pk}/"
    page = admin_client.get(f"{url}change/").content.decode()
    assert ("Please check" in page, "the language model: up to ₹90 lakh" in page) == (True, True)
    admin_client.post(f"{url}review/")
    call.refresh_from_db()
    assert not call.needs_review
    assert "Please check" not in admin_client.get(f"{url}change/").content.decode()


def test_actions_are_signed_again_after_a_model_helped(line, model, budget_question):
    model.answer = advice(("budget", "sixty five", "65 lakh"))
    document = line.say(budget_question, "dekhiye sixty five hi rakho bas")
    assert "turn=5" in action_of(document)


def test_a_slow_model_never_takes_the_last_thread(line, model, budget_question):
    taken = [consulting._seats.acquire(blocking=False) for _ in range(consulting.SEATS)]
    try:
        line.say(budget_question, "woh to thoda socha hua hai humne")
    finally:
        for _ in taken:
            consulting._seats.release()
    assert (all(taken), model.requests, Call.objects.get().turns.get(number=4).rung) == (True, [], "rules")


def test_a_model_that_is_switched_off_or_exchanged_is_no_trouble_any_more(line, model, budget_question, settings):
    model.faults = ["410"] * 3
    document = budget_question
    for number in range(3):
        document = line.say(document, f"woh to thoda socha hua hai humne na {'haan' * number}")
    assert len(troubled_models(now=timezone.now())) == 1
    for primary in ({"model": ""}, {"model": "another"}):
        settings.LANGUAGE_MODELS = {"primary": {**settings.LANGUAGE_MODELS["primary"], **primary}}
        language_models.cache_clear()
        assert troubled_models(now=timezone.now()) == []


@pytest.mark.parametrize(
    ("fault", "age", "troubled"),
    [("timeout", 1, True), ("breaker_open", 1, False), ("no_time", 1, False), ("timeout", 7, False)],
)
def test_only_questions_that_were_put_and_lately_count_as_trouble(model, fault, age, troubled):
    lead = Lead.objects.create(phone="+919820012345")
    call, now = Call.objects.create(lead=lead, provider="twilio"), timezone.now()
    for _ in range(3):
        call.consultations.create(rung="primary", model="small", fault=fault, at=now - timedelta(hours=age))
    assert bool(troubled_models(now=now)) == troubled


def test_advice_that_breaks_on_our_side_costs_the_caller_no_turn(line, model, budget_question, settings):
    settings.LANGUAGE_MODELS = {"primary": {**settings.LANGUAGE_MODELS["primary"], "timeout_s": "soon"}}
    language_models.cache_clear()
    answer = line.say(budget_question, "woh to thoda socha hua hai humne")
    call = Call.objects.get()
    assert (answer.status_code, call.turns.get(number=4).rung, call.dialogue["asked"]) == (200, "rules", "budget")


def test_a_call_that_is_deleted_while_the_model_thinks_breaks_nothing(line, model, budget_question):
    model.faults = ["silent"]
    with ThreadPoolExecutor(1) as pool:
        answering = pool.submit(line.say, budget_question, "woh to thoda socha hua hai humne")
        while not model.requests:
            assert not answering.done()
        Call.objects.all().delete()
        assert answering.result().status_code == 200
    event = WebhookEvent.objects.order_by("-pk")[0]
    assert (event.kind, event.error, event.applied_at is None) == ("heard", "", False)
    assert Consultation.objects.count() == 0


def summarised(call):
    try:
        return operations.summarise(call.pk, now=timezone.now())
    finally:
        connection.close()


@pytest.fixture
def thinking(line, model, budget_question):
    """A call that was hung up, and a model that thinks about its points until it is told to answer."""
    line.status("completed")
    go_on = Event()
    model.answer = lambda _: summary(("Lives in Wakad.", "flat in Wakad", 2)) if go_on.wait(10) else ""
    call = Call.objects.get()
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(summarised, call)
        while not model.requests:
            assert not asking.done()
        yield call, asking, go_on
        go_on.set()


def test_points_about_less_than_was_heard_by_now_are_not_put_on_the_call(line, thinking, budget_question):
    call, asking, go_on = thinking
    line.say(budget_question, "70 lakh")  # said in time, and late to arrive
    go_on.set()
    assert asking.result() == "done"
    call.refresh_from_db()
    assert (call.summary_rung, call.summary[0]["text"]) == ("rules", "2 BHK, Wakad (Pune), up to ₹70 lakh")


def test_points_about_words_that_are_known_better_by_now_are_not_put_on_the_call(thinking):
    call, asking, go_on = thinking
    call.turns.filter(number=2).update(heard_again="flat in Baner", better="whisper")
    go_on.set()
    assert asking.result() == "done"
    call.refresh_from_db()
    assert call.summary_rung == "rules"


def test_a_model_sums_up_what_staff_said_themselves(model, now):
    lead = Lead.objects.create(name="Meena", phone="+919820012345", created_at=now)
    call = Call.objects.create(lead=lead, provider="upload", status="ended", end_reason="completed", created_at=now)
    transcribe(call)
    said = [("what is your budget?", 1, "agent"), ("up to seventy lakhs", 4), ("for my parents", 9)]
    call.transcripts.update(lines=[line_of(*one) for one in said])
    evidence.take_in(call.pk, now=now)
    assert [job.func() for job in OrmQ.objects.all()] == [SUMMARISE]
    model.answer = summary(("Buys for the parents.", "for my parents", 3), ("Asked us.", "what is your budget", 1))
    assert operations.summarise(call.pk, now=now) == "primary"
    call.refresh_from_db()
    assert [one for one in call.summary if one["quote"]] == [
        {"text": "Buys for the parents.", "quote": "for my parents", "turn": None}
    ]


def test_what_staff_changed_while_the_model_thought_stays(thinking):
    call, asking, go_on = thinking
    Call.objects.filter(pk=call.pk).update(needs_review=True, error="Seen.")
    go_on.set()
    assert asking.result() == "primary"
    call.refresh_from_db()
    assert (call.needs_review, call.error, call.summary[-1]["text"]) == (True, "Seen.", "Lives in Wakad.")


def test_a_call_that_is_deleted_while_it_is_summed_up_breaks_nothing(thinking):
    call, asking, go_on = thinking
    Call.objects.filter(pk=call.pk).delete()
    go_on.set()
    assert asking.result() == "done"


def test_a_call_that_began_before_the_update_ends_after_it(line, budget_question):
    call = Call.objects.get()
    for key in ("review", "open_questions", "offer", "offered", "slow", "waiting", "waits", "abused", "leaning"):
        del call.dialogue[key]
    call.dialogue["version"] = 1
    call.save()
    assert line.status("completed").ok
    call.refresh_from_db()
    assert (call.disposition, call.needs_review, call.summary[0]["text"]) == ("abandoned", False, "2 BHK, Wakad (Pune)")
