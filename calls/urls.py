"""The addresses that providers post to, with and without a trailing slash."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
