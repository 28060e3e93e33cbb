"""What Twilio's refusals and silences mean for us, and how often to ask again. Codes: twilio.com/docs/api/errors."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import requests
from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_before_delay, wait_chain, wait_fixed
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from voice.providers.base import ProviderError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence, Set

    from tenacity import RetryCallState

_T = TypeVar("_T")

PASSING = frozenset({"busy", "unreachable"})
"""The codes of what was surely not done, and may be asked again."""

# Whatever Twilio's client may raise; the last two are answers that cannot be read, or that are no objects.
_FAULTS = (TwilioException, requests.RequestException, ValueError, AttributeError)
_ALREADY_ENDED = 21220
_TEST_CREDENTIALS = 20008
_PATIENCE_S = 20  # for all tries together: a job that runs for a minute is killed
_COUNTRY = "The Twilio account may not reach this country. Allow it in Twilio's console, under Geographic Permissions."
_SENDER = "Set it to a number of the Twilio account, like +14155550100."
CREDENTIALS_REFUSED = "Twilio refused the account's credentials. Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN."
_SENTENCES = {
    10001: "The Twilio account is not active. Reactivate it in Twilio's console.",
    20003: CREDENTIALS_REFUSED,
    20404: "Twilio knows no such account or call. Check TWILIO_ACCOUNT_SID.",
    21201: "Twilio was asked without a number to call. Report this as a fault of this software.",
    21203: _COUNTRY,
    21205: "Twilio refused PUBLIC_BASE_URL as an address. Set it to the public https address of this server.",
    21210: f"TWILIO_FROM_NUMBER is not a number of this Twilio account. {_SENDER}",
    21211: "Twilio says that this is not a telephone number. Correct the lead's number.",
    21212: f"TWILIO_FROM_NUMBER is not a valid number. {_SENDER}",
    21213: f"TWILIO_FROM_NUMBER is missing. {_SENDER}",
    21214: "Twilio cannot reach this number. Ask the lead for another one.",
    21215: _COUNTRY,
    21216: "Twilio blocks this number. The lead is not called again; ask them to call you.",
    21217: "Twilio says that this number is not valid. Correct the lead's number.",
    21218: "Twilio was asked for an application that it does not have. Report this as a fault of this software.",
    21219: "A Twilio trial account may call only verified numbers. Verify this number or upgrade the account.",
    21220: "The call had ended already. There is nothing to do.",
    21408: _COUNTRY,
    21606: "TWILIO_FROM_NUMBER cannot send text messages. Set it to a number of the Twilio account that can.",
    21608: "A Twilio trial account may text only verified numbers. Verify this number or upgrade the account.",
    21610: "This person has told Twilio to send no more text messages. Send them the link another way.",
    21612: "Twilio cannot carry text messages to this number from TWILIO_FROM_NUMBER. Send the link another way.",
    21614: "This is not a mobile number, so it gets no text messages. Ask the lead for a mobile number.",
    21617: "The text message is too long for Twilio. Shorten it.",
    32018: "The message for answering machines is too long for Twilio. Shorten it in the agent's settings.",
}
_BAD_NUMBER = {21211, 21214, 21217, 21614}
_BLOCKED = {21216, 21610}


def persistently(
    ask: Callable[[], _T], waits_s: Sequence[float], *, passing: Set[str], before_wait: Callable[[str], None]
) -> _T:
    """Ask again after each of the waits, as long as the error is one of `passing`; then it is raised.

    `before_wait` is told the code of each error that is waited out.
    """

    def may_pass(error: BaseException) -> bool:
        return isinstance(error, ProviderError) and error.code in passing

    def tell(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        before_wait(error.code if isinstance(error, ProviderError) else "")

    tries = Retrying(
        retry=retry_if_exception(may_pass),
        wait=wait_chain(*(wait_fixed(wait) for wait in (*waits_s, 0))),
        stop=stop_after_attempt(len(waits_s) + 1) | stop_before_delay(_PATIENCE_S),
        before_sleep=tell,
        reraise=True,
    )
    return tries(ask)


@contextmanager
def translated(asked_for: str = "call") -> Iterator[None]:
    """Raise in our words what Twilio's client raises; `asked_for` is call, message or recording."""
    try:
        yield
    except _FAULTS as error:
        raise _refusal(error, asked_for=asked_for) from error


@contextmanager
def unless_gone() -> Iterator[None]:
    """Leave alone a call that has ended, or that Twilio does not know."""
    try:
        yield
    except (TwilioRestException, TwilioServiceException) as error:
        if error.code != _ALREADY_ENDED and error.status != requests.codes.not_found:
            raise


def _refusal(error: Exception, *, asked_for: str = "call") -> ProviderError:
    """What went wrong, in our words.

    A fault on Twilio's side ("down") leaves open whether it was done: whoever cannot look must take it as `unsure`.
    """
    if isinstance(error, TwilioRestException | TwilioServiceException):
        return _from_answer(int(error.status or 0), int(error.code or 0), asked_for)
    if isinstance(error, requests.RequestException) and _never_arrived(error):
        return ProviderError(
            f"Twilio could not be reached. The {asked_for} is tried again.", code="unreachable", retryable=True
        )
    return ProviderError(
        f"Twilio did not answer in time, so it may or may not have taken the {asked_for}.",
        code="no_answer",
        maybe_done=True,
    )


def unsure(asked_for: str = "call") -> ProviderError:
    """Twilio failed, and does not say whether it did what we asked."""
    return ProviderError(
        f"Twilio failed while it was asked, so it may or may not have taken the {asked_for}.",
        code="unsure",
        maybe_done=True,
    )


def _never_arrived(error: requests.RequestException) -> bool:
    """Whether not one byte of the request can have reached Twilio."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError | ConnectTimeoutError) or "CERTIFICATE_VERIFY_FAILED" in repr(reason)


def _from_answer(status: int, code: int, asked_for: str) -> ProviderError:
    again = f"The {asked_for} is tried again."
    if code == 10004:
        return ProviderError(f"Twilio's limit of calls at once is reached. {again}", code="lines_busy", retryable=True)
    if status == requests.codes.too_many_requests or code == 20429:
        return ProviderError(f"Twilio is busy. {again}", code="busy", retryable=True)
    if status >= requests.codes.server_error:
        return ProviderError(f"Twilio is down. {again}", code="down", retryable=True)
    if code == _TEST_CREDENTIALS:
        return ProviderError(
            "Twilio's test credentials dial nobody. Use the account's live credentials for real calls.",
            code="test_credentials",
        )
    sentence = _SENTENCES.get(
        code, f"Twilio refused the {asked_for} (error {code or status}). Look it up under twilio.com/docs/api/errors."
    )
    kind = "bad_number" if code in _BAD_NUMBER else "blocked" if code in _BLOCKED else f"twilio_{code or status}"
    return ProviderError(sentence, code=kind, bad_number=code in _BAD_NUMBER, blocked=code in _BLOCKED)
