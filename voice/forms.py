"""The form of a voice agent: questions in an order that staff move about, never as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.template.loader import render_to_string

from voice.dialogue.phrases_en import ENGLISH
from voice.dialogue.script import QUESTIONS

if TYPE_CHECKING:
    from django.utils.safestring import SafeString


class OrderWidget(forms.Widget):
    """All questions as rows that move up and down; ticked ones are asked, in the order of the rows."""

    required_slots: list[str] = []

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:  # noqa: ARG002 -- Django's signature
        """The rows: what is asked first, in its order, then the rest."""
        order = [slot for slot in value or [] if slot in QUESTIONS]
        rows = [
            {
                "slot": slot,
                "label": slot.replace("_", " ").capitalize(),
                "question": ENGLISH.questions[slot][0].replace("{name}", "…"),
                "asked": slot in order,
                "required": slot in self.required_slots,
            }
            for slot in [*order, *(slot for slot in QUESTIONS if slot not in order)]
        ]
        return render_to_string("voice/order.html", {"name": name, "rows": rows})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:  # noqa: ARG002 -- Django's signature
        """The ticked questions, in the order of the page."""
        return list(data.getlist(name))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:  # noqa: ARG002 -- Django's signature
        """Never: no tick at all is a value too."""
        return False


class _RequiredWidget(OrderWidget):
    """Drawn by the order's rows; this only reads the ticks."""

    input_type = "hidden"

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:  # noqa: ARG002 -- Django's signature
        return render_to_string("voice/nothing.html")


class QuestionsField(forms.Field):
    """A list of questions; a name that is none is dropped, for only a forged form sends it."""

    def to_python(self, value: list[str] | None) -> list[str]:
        """Each question once, as ticked."""
        return [slot for slot in dict.fromkeys(value or []) if slot in QUESTIONS]

    def has_changed(self, initial: list[str] | None, data: list[str] | None) -> bool:
        """The order counts."""
        return list(initial or []) != list(data or [])


class VoiceAgentForm(forms.ModelForm):
    """An agent; faults of its script are told by the model, in sentences."""

    order = QuestionsField(label="Questions, in the order in which they are asked", required=False, widget=OrderWidget)
    required = QuestionsField(required=False, widget=_RequiredWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {"greeting", "recording_notice", "voicemail_message"} & self.fields.keys():
            self.fields[name].widget.attrs["rows"] = 2
        if "voicemail_message" in self.fields and not self.instance.voicemail_message:
            # What is left as it is follows the agent's language.
            self.initial["voicemail_message"] = ENGLISH.sentences["voicemail"]
        if "order" in self.fields:
            ticked = self["required"].value()
            self.fields["order"].widget.required_slots = list(ticked or [])

    def clean(self) -> dict[str, Any]:
        """Refuse to have Whisper hear what this server's model cannot."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        language = cleaned.get("language")
        if (
            language
            and cleaned.get("hears") == "whisper"
            and (fault := whisper_fault(settings.WHISPER_MODEL, language))
        ):
            self.add_error("hears", fault)
        return cleaned


def whisper_fault(model: str, language: str) -> str:
    """Why a Whisper model cannot hear an agent's calls, in a sentence; empty where nothing speaks against it."""
    if language != "en-IN" and model.endswith(".en"):
        return f"The Whisper model here, {model}, knows English alone. Set WHISPER_MODEL to base, or choose English."
    if "/" in model and Path(model).parent.is_dir() and not Path(model).is_dir():
        return f"There is no Whisper model at {model}. Correct WHISPER_MODEL, or let the provider hear the caller."
    return ""
