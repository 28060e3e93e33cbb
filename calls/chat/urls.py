"""The addresses of the chat and of the widget; short, because they travel in text messages."""

from django.urls import path

from calls.chat import views

urlpatterns = [
    path("chat/new", views.new, name="chat-new"),
    path("chat/<str:token>", views.chat, name="chat"),
    path("widget.js", views.widget, name="chat-widget"),
]
