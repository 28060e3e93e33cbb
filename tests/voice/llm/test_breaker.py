"""Three faults in a row, thirty seconds of rest, one trial."""

from concurrent.futures import ThreadPoolExecutor

from voice.llm.breaker import Breaker


def failed(breaker, times, now=0.0):
    for _ in range(times):
        breaker.failed(now)


def test_two_faults_are_not_enough():
    breaker = Breaker()
    failed(breaker, 2)
    assert breaker.allows(0)


def test_three_faults_in_a_row_open_it_for_thirty_seconds():
    breaker = Breaker()
    failed(breaker, 3, now=100)
    assert [breaker.allows(now) for now in (100, 115, 129.9)] == [False] * 3
    assert breaker.allows(130)


def test_an_answer_between_faults_begins_the_count_anew():
    breaker = Breaker()
    failed(breaker, 2)
    breaker.answered()
    failed(breaker, 2)
    assert breaker.allows(0)


def test_half_open_it_lets_exactly_one_trial_through():
    breaker = Breaker()
    failed(breaker, 3)
    with ThreadPoolExecutor(16) as pool:
        let_through = list(pool.map(lambda _: breaker.allows(31), range(200)))
    assert let_through.count(True) == 1


def test_a_trial_that_fails_opens_it_again_and_one_that_answers_closes_it():
    breaker = Breaker()
    failed(breaker, 3)
    assert breaker.allows(30)
    breaker.failed(33)
    assert [breaker.allows(62.9), breaker.allows(63)] == [False, True]
    breaker.answered()
    assert [breaker.allows(63), breaker.allows(63)] == [True, True]


def test_a_trial_that_never_reports_does_not_keep_it_shut():
    breaker = Breaker()
    failed(breaker, 3)
    assert [breaker.allows(30), breaker.allows(59), breaker.allows(60)] == [True, False, True]


def test_a_server_that_asks_for_a_pause_gets_it_up_to_thirty_seconds():
    breaker = Breaker()
    breaker.failed(0, retry_after_s=7)
    assert [breaker.allows(6.9), breaker.allows(7)] == [False, True]
    breaker.answered()
    breaker.failed(0, retry_after_s=86_400)
    assert [breaker.allows(29.9), breaker.allows(30)] == [False, True]
