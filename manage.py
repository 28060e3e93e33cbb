#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "realty.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415 -- may be missing
        from django.core.management import execute_from_command_line  # noqa: PLC0415 -- may be missing
    except ImportError:
        sys.exit("Django is not installed in this Python. Run `make setup`, then use .venv/bin/python manage.py.")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
