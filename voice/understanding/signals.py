"""What a caller signals besides answering: slower, hold the line, who is screening, what does it cost.

No signal is a slot or an intent of the contract: the dialogue answers it, and the requirement stays as it was.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from voice.understanding.numbers import hear
from voice.understanding.phrases import bounded
from voice.understanding.text import EDGES
from voice.understanding.unspoken import is_unspoken

_DEEPEST_FIRST = ("parent", "relative", "kin", "ok", "tongue", "asks_on", "asked_about")
# The weightiest first: who answers at all, then what stands in the way of the question, then the rest.
_ORDER = (
    *("screening", "queue", "handover", "died", "child", "elsewhere", "abuse"),
    *("slower", "audible", "other_language", "hold", "not_now", "owner", "in_touch", "in_writing"),
    *("question", "offered_call"),
)
SIGNALS = frozenset(_ORDER)


def signal(text: str, *, asked: str) -> str:
    """The signal in what was heard in answer to `asked`; "" where there is none."""
    if is_unspoken(text):
        return ""
    line = hear(text, asked).line
    return next((name for name in _ORDER if _patterns()[name].search(line)), "")


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """Signal to a pattern over a `Heard.line`; in the file `^` and `$` stand for the edges of the utterance.

    A section may name others in braces, wherever they stand.
    """
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    for line in files("voice.understanding").joinpath("data", "signals.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            current = sections.setdefault(line.strip("[]"), [])
        elif line.strip() and not line.startswith("#"):
            current.append(line.strip().replace("^", EDGES[0]).replace("$", EDGES[1]))
    whole = {name: "|".join(lines) for name, lines in sections.items()}
    for inner in _DEEPEST_FIRST:
        whole = {name: pattern.replace("{" + inner + "}", whole[inner]) for name, pattern in whole.items()}
    return {name: re.compile(rf"(?<= )(?:{bounded(whole[name])})(?= )") for name in _ORDER}
