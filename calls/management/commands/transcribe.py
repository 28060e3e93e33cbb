"""`manage.py transcribe`: what is said in one recording, or in all that wait."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from calls.management.backlog import Backlog
from calls.models import Recording, RecordingState, TranscriptionState
from calls.operations import hearing
from voice.stt.errors import SttError
from voice.stt.whisper_engine import WhisperEngine

if TYPE_CHECKING:
    from argparse import ArgumentParser

_CHANNELS = {"caller": 1, "staff": 2, "unknown": 1}  # as asked for below: the first one is taken for the caller's


class Command(BaseCommand):
    help = "Transcribe a recording (WAV, MP3 and other usual forms, 8 kHz and up), or all that wait."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", nargs="?")
        parser.add_argument("--json", action="store_true", help='print {"text", "confidence"}, or lines of channels')
        parser.add_argument("--model", help="a Whisper model's name or folder; default WHISPER_MODEL")
        parser.add_argument("--channels", action="store_true", help="hear each channel apart, and print its lines")
        parser.add_argument("--backlog", action="store_true", help="transcribe all recordings of calls that wait")
        parser.add_argument("--nice", type=int, default=19, help="with --backlog: how far it gives way, 0 to 19")
        parser.add_argument("--failed", action="store_true", help="with --backlog: again those that failed, too")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        if options["backlog"] == bool(options["file"]):
            raise CommandError("Give one recording, or --backlog for all that wait.")
        if options["backlog"]:
            self._backlog(again=options["failed"], niceness=options["nice"])
            return
        engine = WhisperEngine(options["model"] or settings.WHISPER_MODEL)
        try:
            self._channels(engine, options) if options["channels"] else self._text(engine, options)
        except SttError as error:
            raise CommandError(str(error)) from error

    def _text(self, engine: WhisperEngine, options: dict[str, Any]) -> None:
        text, confidence = engine.transcribe(options["file"])
        if options["json"]:
            self.stdout.write(json.dumps({"text": text, "confidence": round(confidence, 3)}, ensure_ascii=False))
        else:
            self.stdout.write(f"{text or '(no speech)'}\nconfidence {confidence:.2f}")

    def _channels(self, engine: WhisperEngine, options: dict[str, Any]) -> None:
        heard = engine.hear(options["file"], language=None, caller_channel=0, staff_from_s=0.0)
        lines = [{**line.as_json(), "channel": _CHANNELS[line.speaker]} for line in heard.lines]
        if options["json"]:
            kept = [{name: value for name, value in line.items() if name != "speaker"} for line in lines]
            self.stdout.write(json.dumps({"language": heard.language, "lines": kept}, ensure_ascii=False))
            return
        for line in lines:
            self.stdout.write(f"{line['start_s']:8.2f} s  channel {line['channel']}  {line['text']}")
        if not lines:
            self.stdout.write("(no speech)")

    def _backlog(self, *, again: bool, niceness: int) -> None:
        if again:
            failed = Recording.objects.filter(state=RecordingState.KEPT, transcription=TranscriptionState.FAILED)
            for pk in failed.values_list("pk", flat=True):
                hearing.retranscribe(pk)
        backlog = Backlog(max(1, settings.TRANSCRIPTION_WORKERS), niceness)
        try:
            told = backlog.run()
        except SttError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(told.sentence)
        for sentence in told.failures:
            self.stdout.write(sentence)
