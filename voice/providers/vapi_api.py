"""Vapi's REST API: one request, and what its answers mean. Facts: docs.vapi.ai/api-reference."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote, urlsplit

import requests

from voice.providers.base import ProviderError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

KEY_REFUSED = "Vapi refused the API key. Set VAPI_API_KEY to the private key of the Vapi account."
_SENTENCES = {
    401: KEY_REFUSED,
    402: "The Vapi account has no credit left. Add some in Vapi's dashboard.",
    403: "The Vapi account may not do this. Look at its plan and its keys in Vapi's dashboard.",
    404: "Vapi does not know the assistant or the number. Run manage.py vapi sync, and check VAPI_PHONE_NUMBER_ID.",
}
_PASSING = {"busy", "unreachable", "down"}  # what another try in a few seconds may cure
_PATIENCE_S = 20  # for all tries together: a job that runs for a minute is killed


@dataclass(frozen=True, slots=True)
class Api:
    """One Vapi account's API. `waits_s` are the pauses before each further try; `sleep` and `clock` count seconds."""

    base_url: str
    api_key: str
    public_key: str = ""
    timeout_s: float = 10
    waits_s: Sequence[float] = (1, 2, 4)
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def place(
        self, call: Mapping[str, object], *, look_up: Callable[[], str | None], ask_again: Callable[[], None]
    ) -> str:
        """Ask for a call; its id. `look_up` tells the id of a call that was made although Vapi failed, or None.

        `ask_again` is called right before each further try.

        :raises ProviderError: `maybe_done` where the request may have arrived, for Vapi knows no idempotency key.
        """
        until, was_down = self.clock() + _PATIENCE_S, False
        for wait_s in self.waits_s:
            try:
                return self._place(call, look_up)
            except ProviderError as error:
                if error.code not in _PASSING or self.clock() > until:
                    raise
                was_down = was_down or error.code == "down"
            self.sleep(wait_s)
            # What Vapi made although it failed may be in its list only now.
            if was_down and (found := _made_after_all(look_up)):
                return found
            ask_again()
        return self._place(call, look_up)

    def _place(self, call: Mapping[str, object], look_up: Callable[[], str | None]) -> str:
        try:
            made = self.ask("POST", "/call", json=call)
        except ProviderError as error:
            if error.code != "server_error":
                raise
            if found := _made_after_all(look_up):
                return found
            sentence = "Vapi is down. Look at status.vapi.ai if it stays so."
            raise ProviderError(sentence, code="down", retryable=True) from error
        if isinstance(made, dict) and made.get("id"):
            return str(made["id"])
        raise unclear()

    def live(self, provider_call_id: str) -> dict[str, Any] | None:
        """A call as Vapi has it now; None where it knows no such call."""
        call = self.ask("GET", f"/call/{quote(provider_call_id, safe='')}", absent=404)
        return call if isinstance(call, dict) else None

    def control(self, url: str, order: Mapping[str, object]) -> bool:
        """Tell a live call what to do at its own address; False for one that is over, which is left alone.

        :raises ProviderError: when the address is not Vapi's, or Vapi did not do it.
        """
        url = url.strip("<> ")
        if not self._is_vapis(url):
            raise ProviderError("Vapi named an address that is not its own, so nothing was sent.", code="bad_address")
        # The private key is nobody's business there: Vapi wants the public one, where it wants any.
        headers = {"Authorization": f"Bearer {self.public_key}"} if self.public_key else {}
        return self._send("POST", url, headers=headers, json=order, absent=404) is not None

    def _is_vapis(self, url: str) -> bool:
        there, ours = urlsplit(url), urlsplit(self.base_url)
        if (there.scheme, there.netloc) == (ours.scheme, ours.netloc):
            return True
        host = there.hostname or ""
        return there.scheme == "https" and there.username is None and (host == "vapi.ai" or host.endswith(".vapi.ai"))

    def ask(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, object] | None = None,
        params: Mapping[str, str] | None = None,
        absent: int = 0,
    ) -> Any:
        """The JSON that Vapi answers; None where it answers with the status `absent`.

        :raises ProviderError: with a sentence for staff.
        """
        headers = {"Authorization": f"Bearer {self.api_key}"}
        response = self._send(method, self.base_url + path, headers=headers, json=json, params=params, absent=absent)
        if response is None:
            return None
        try:
            return response.json()
        except ValueError:
            raise unclear() from None

    def _send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        json: Mapping[str, object] | None = None,
        params: Mapping[str, str] | None = None,
        absent: int = 0,
    ) -> requests.Response | None:
        try:
            response = requests.request(
                method,
                url,
                json=json,
                params=params,
                headers=dict(headers),
                timeout=self.timeout_s,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            _refuse(error)
        if response.status_code == absent:
            return None
        if not 200 <= response.status_code < 300:
            raise _from_response(response)
        return response


def _made_after_all(look_up: Callable[[], str | None]) -> str | None:
    """A fault at Vapi leaves open whether the call was made, so look before anybody dials again."""
    try:
        return look_up()
    except ProviderError as error:
        raise _unsure() from error


def _unsure() -> ProviderError:
    return ProviderError(
        "Vapi failed while it was asked, so it may or may not have done what was asked.",
        code="server_error",
        maybe_done=True,
    )


def _refuse(error: requests.RequestException) -> NoReturn:
    """Translate what went wrong on the way. Only what surely did not arrive may be tried again."""
    unsent = isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError)
    if unsent or "NewConnectionError" in repr(error):
        raise ProviderError(
            "Vapi could not be reached. Look at status.vapi.ai if it stays so.", code="unreachable", retryable=True
        ) from error
    raise ProviderError(
        "Vapi did not answer in time, so it may or may not have done what was asked.", code="no_answer", maybe_done=True
    ) from error


def unclear() -> ProviderError:
    """What follows from an answer that nobody can read."""
    return ProviderError(
        "Vapi's answer could not be read, so it may or may not have done what was asked.",
        code="unclear",
        maybe_done=True,
    )


def _from_response(response: requests.Response) -> ProviderError:
    status, said = response.status_code, _said(response)
    if "concurrency" in said.lower():
        return ProviderError(
            "All lines of the Vapi account are busy. It is asked again when one is free.",
            code="lines_busy",
            retryable=True,
        )
    if status == 429:
        return ProviderError("Vapi was asked too often at once. It is asked again later.", code="busy", retryable=True)
    if status >= 500:
        return _unsure()
    if status == 400 and "customer.number" in said:
        sentence = "Vapi cannot call this number. Check it and correct the lead."
        return ProviderError(sentence, code="bad_number", bad_number=True)
    sentence = _SENTENCES.get(status, f"Vapi refused the request (error {status}). Look at it in Vapi's dashboard.")
    return ProviderError(sentence, code=f"vapi_{status}")


def _said(response: requests.Response) -> str:
    """Vapi's own words, a text or a list of them; they may repeat a number, so they are not passed on."""
    try:
        body = response.json()
    except ValueError:
        return ""
    return str(body.get("message", "")) if isinstance(body, dict) else ""
