"""Where quoted words stand in a text, whatever the case and the space between them."""

from __future__ import annotations

import re


def find_quote(text: str, quote: str) -> tuple[int, int] | None:
    """Where the words of `quote` stand in `text`, as whole words; None: nowhere."""
    words = quote.split()
    if not words:
        return None
    pattern = r"\s+".join(re.escape(word) for word in words)
    found = re.search(rf"(?<![\w\u0900-\u097f]){pattern}(?![\w\u0900-\u097f])", text, re.IGNORECASE)
    return found.span() if found else None
