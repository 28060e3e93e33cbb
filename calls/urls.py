"""The addresses that providers post to, with and without a trailing slash: a redirect would lose what they post."""

from django.urls import re_path

from calls.webhooks import WebhookView

urlpatterns = [
    # Who asks for completions appends the last two words to the address that it was given.
    re_path(r"^(?P<provider>vapi)/(?P<door>llm)/chat/completions/?$", WebhookView.as_view(), name="completions"),
    re_path(r"^(?P<provider>[a-z]+)/(?P<door>[a-z]+)/?$", WebhookView.as_view(), name="webhook"),
]
