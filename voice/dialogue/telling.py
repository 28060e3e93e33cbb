"""The words without which no quote can mean that a caller wants the call to end or to change."""

from __future__ import annotations

import re

# What ends or interrupts a call needs a word for it, for any words can be quoted. The others only get an answer.
_TELLING = {
    "human": r"""person human someone somebody agent manager senior boss staff team real insaan aadmi banda bande kisi
        representative executive talk speak transfer connect इंसान आदमी किसी मैनेजर बंदे""",
    "callback": r"""later after call ring phone busy time tomorrow meeting driv\w+ baad phir kal abhi baje free moment
        now बाद फिर कल अभी बजे फोन कॉल मीटिंग""",
    "not_interested": r"""no not don'?t never nahi nahin mat drop\w* stop\w* cancel\w* interest\w* need want zaroorat
        irada plan\w* idea chhod\w* rehne नहीं मत ज़रूरत जरूरत छोड़\w* रहने""",
    "already_bought": r"""bought buy purchas\w* book\w* own owned got took taken final\w* clos\w* register\w* kharid\w*
        liya li gaya खरीद\w* लिया ली बुक""",
}
_PATTERNS = {
    intent: re.compile(rf"(?<![\w\u0900-\u097f])(?:{'|'.join(words.split())})(?![\w\u0900-\u097f])", re.IGNORECASE)
    for intent, words in _TELLING.items()
}


def may_mean(intent: str, quote: str) -> bool:
    """Whether the quoted words can mean this intent at all."""
    pattern = _PATTERNS.get(intent)
    return pattern is None or bool(pattern.search(quote))
