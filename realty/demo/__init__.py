"""The demo brokerage: what `manage.py demo` puts into an empty database."""

from realty.demo.brokerage import NotEmptyError, is_loaded, load

__all__ = ["NotEmptyError", "is_loaded", "load"]
