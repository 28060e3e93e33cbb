"""What somebody at the terminal says instead of a caller."""

from __future__ import annotations

import sys


def read_line() -> str | None:
    """One line from the keyboard, asked for where there is one; None at the end of the input."""
    if sys.stdin.isatty():
        sys.stderr.write("   You: ")
        sys.stderr.flush()
    typed = sys.stdin.readline()
    return typed.strip() if typed else None
