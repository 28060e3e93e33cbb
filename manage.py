#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys

CLOSED_PIPE = 141  # what a shell reports of a program that SIGPIPE ended


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "realty.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415 -- may be missing
        from django.core.management import execute_from_command_line  # noqa: PLC0415 -- may be missing
    except ImportError:
        sys.exit("Django is not installed in this Python. Run `make setup`, then use .venv/bin/python manage.py.")
    try:
        try:
            execute_from_command_line(sys.argv)
        finally:
            if sys.stdout:
                sys.stdout.flush()  # here, where a reader that left can still be handled
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except BrokenPipeError:
        # The reader has enough, as in `| head -1`. Python writes what is left as it ends, so that goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(CLOSED_PIPE)


if __name__ == "__main__":
    main()
