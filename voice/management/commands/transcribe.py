"""Print what is said in one recording, and how sure Whisper is of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from voice.stt.errors import SttError
from voice.stt.whisper_engine import WhisperEngine

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Transcribe a recording (WAV, MP3 and other usual forms, 8 kHz and up)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--json", action="store_true", help='print {"text", "confidence"}')
        parser.add_argument("--model", help="a Whisper model's name or folder; default WHISPER_MODEL")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        try:
            text, confidence = WhisperEngine(options["model"] or settings.WHISPER_MODEL).transcribe(options["file"])
        except SttError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps({"text": text, "confidence": round(confidence, 3)}, ensure_ascii=False))
        else:
            self.stdout.write(f"{text or '(no speech)'}\nconfidence {confidence:.2f}")
