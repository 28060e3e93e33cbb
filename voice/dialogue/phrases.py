"""The shape of a language's table of phrases; the tables themselves are phrases_en, phrases_hi and phrases_hinglish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Phrases:
    """All that the agent can say in one language, with named holes in braces.

    `language` is the BCP 47 tag of its words; which tag a voice is given, a Reply tells.
    `questions` holds per question its first wording, then the wordings for asking again;
    a key with a dot ("budget.rent") is a variant of the question before the dot.
    `leads` open an acknowledgement in turn. `summaries` are by purpose, "" when it is not known.
    `sources` tell where an enquiry came from; empty where that is not for the caller's ears.
    """

    language: str
    questions: Mapping[str, tuple[str, ...]]
    sentences: Mapping[str, str]
    leads: tuple[str, ...]
    summaries: Mapping[str, str]
    parts: Mapping[str, str]
    property_types: Mapping[str, str]
    categories: Mapping[str, str]
    days: Mapping[int, str]
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    day_parts: tuple[str, str, str, str]
    places: Mapping[str, str]
    sources: Mapping[str, str]
