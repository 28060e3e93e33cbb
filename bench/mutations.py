"""Breaks the code on purpose, one promise at a time, in a copy, and shows that a test fails for each.

Usage: python bench/mutations.py [NAME ...]
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = shutil.ignore_patterns(".venv", "var", ".git", "__pycache__", ".*_cache", ".hypothesis")


@dataclass(frozen=True)
class Mutation:
    """One broken promise: in each of `files`, `old` becomes `new`; `tests` must notice."""

    name: str
    files: tuple[str, ...]
    old: str
    new: str
    tests: str


MUTATIONS = (
    Mutation(
        "no signature check",
        ("calls/webhooks.py",),
        "if not network.verify(stripped):",
        "if False:",
        "tests/flows/test_walk_a_twilio_turn.py",
    ),
    Mutation(
        "no constraint of one live call",
        ("calls/migrations/0003_dialing.py",),
        "('direction', 'outbound')",
        "('direction', 'nowhere')",
        "tests/flows/test_races.py",
    ),
    Mutation(
        "no compare and set",
        ("calls/models/call.py",),
        "filter(pk=self.pk, status=self.status, tries=self.tries, asked_at=self.asked_at)",
        "filter(pk=self.pk)",
        "tests/calls/test_models.py",
    ),
    Mutation(
        "a redelivered turn applied twice",
        ("calls/operations/receiving.py",),
        "            if stored.applied_at:\n                return _told_before",
        "            if not stored:\n                return _told_before",
        "tests/flows/test_walk_a_twilio_turn.py",
    ),
    Mutation(
        "an old job dials the next try, too",
        ("calls/operations/releasing.py",),
        "tries=call.tries + 1,",
        "tries=call.tries,",
        "tests/flows/test_walk_c_twilio_down.py",
    ),
    Mutation(
        "no gate before the dial",
        ("calls/operations/dialing.py",),
        "    if not decision.allowed:\n        return _refused(",
        "    if False:\n        return _refused(",
        "tests/flows/test_walk_c_twilio_down.py",
    ),
    Mutation(
        "a read timeout dialled again",
        ("calls/operations/dialing.py",),
        "if error.maybe_done:",
        "if False:",
        "tests/flows/test_walk_c_twilio_down.py",
    ),
    Mutation(
        "status may move back",
        ("calls/lifecycle.py",),
        "if _RANK[reported] > _RANK[status] else status",
        "if True else status",
        "tests/calls/test_lifecycle.py",
    ),
    Mutation(
        "event not committed first",
        ("calls/operations/receiving.py",),
        "        _keep_error(stored_id, error)\n        raise",
        "        WebhookEvent.objects.filter(pk=stored_id).delete()\n        raise",
        "tests/flows/test_walk_a_twilio_turn.py",
    ),
    Mutation(
        "do not call not kept for the number",
        ("leads/operations.py",),
        "Suppression.objects.get_or_create(",
        "dict(",
        "tests/flows/test_pretend_network.py",
    ),
    Mutation(
        "a model may tell who somebody is, and what they agreed to",
        ("voice/dialogue/verification.py",),
        '_NEVER = frozenset({"identity", "consent"})',
        "_NEVER = frozenset()",
        "tests/voice/dialogue/test_advice.py",
    ),
    Mutation(
        "a model's figures need not have been said",
        ("voice/dialogue/verification.py",),
        "    if not assumed:\n        return True",
        "    if True:\n        return True",
        "tests/voice/dialogue/test_advice.py",
    ),
    Mutation(
        "a kind that only a model heard is stored unasked",
        ("voice/dialogue/verification.py",),
        "for slot, one in found.items() if slot not in _KINDS)",
        "for slot, one in found.items() if slot)",
        "tests/voice/dialogue/test_advice.py",
    ),
    Mutation(
        "a breaker that never opens",
        ("voice/llm/breaker.py",),
        "FAULTS = 3",
        "FAULTS = 3000",
        "tests/voice/llm/test_breaker.py",
    ),
    Mutation(
        "a summary's points need no quote",
        ("voice/llm/summaries.py",),
        "if _is_quoted(one, transcript) and one.text",
        "if one.text",
        "tests/flows/test_language_models.py",
    ),
    Mutation(
        "two tries after one end",
        ("calls/models/call.py", "calls/migrations/0003_dialing.py"),
        "OneToOneField",
        "ForeignKey",
        "tests/flows/test_ladders.py",
    ),
    Mutation(
        "a ladder without an end",
        ("calls/schedule.py",),
        "if not 1 <= tries <= len(ladder):",
        "tries = min(tries, len(ladder))\n    if False:",
        "tests/flows/test_ladders.py",
    ),
    Mutation(
        "campaigns take every line",
        ("calls/operations/releasing.py",),
        "return lines > reserved and",
        "return",
        "tests/flows/test_releasing.py",
    ),
    Mutation(
        "two workers take one slot of the pace",
        ("calls/operations/pace.py",),
        "filter(pk=state.pk, next_slot_at=state.next_slot_at)",
        "filter(pk=state.pk)",
        "tests/flows/test_releasing.py",
    ),
    Mutation(
        "a promise taken up without its call",
        ("calls/operations/promises.py",),
        "@transaction.atomic\ndef _keep(",
        "def _keep(",
        "tests/flows/test_promises.py",
    ),
    Mutation(
        "a pause holds nothing back",
        ("calls/operations/releasing.py",),
        "if state.paused or dialer.paused:",
        "if False:",
        "tests/flows/test_releasing.py",
    ),
    Mutation(
        "a model may take every thread",
        ("calls/operations/consulting.py",),
        "is_free = _seats.acquire(blocking=False)",
        "is_free = True",
        "tests/flows/test_language_models.py",
    ),
    Mutation(
        "two workers transcribe one recording",
        ("calls/operations/hearing_lease.py",),
        "filter(state=RecordingState.KEPT, transcription=TranscriptionState.WAITING).update(",
        "filter(state=RecordingState.KEPT).update(",
        "tests/calls/test_hearing.py",
    ),
    Mutation(
        "a refused recording is kept",
        ("calls/operations/consent.py",),
        "        recordings.delete(recording, state=RecordingState.REFUSED, now=now)",
        "        pass",
        "tests/flows/test_recording_refused.py",
    ),
    Mutation(
        "anybody may listen",
        ("calls/admin/listening.py",),
        "    if not may_listen(request):\n        return _told(request, 403",
        "    if False:\n        return _told(request, 403",
        "tests/calls/test_listening.py",
    ),
    Mutation(
        "a download reaches inner addresses",
        ("voice/providers/hosts.py",),
        "if not ip.is_global or",
        "if",
        "tests/voice/providers/test_hosts.py",
    ),
    Mutation(
        "two people decide one value",
        ("calls/operations/reviewing.py",),
        "if ValueReview.objects.filter(pk=review.pk, state=ReviewState.OPEN).update(**values):\n        for",
        "if ValueReview.objects.filter(pk=review.pk).update(**values):\n        for",
        "tests/calls/test_reviewing.py",
    ),
    Mutation(
        "late words undo what staff decided",
        ("calls/operations/line.py",),
        "if slot not in decided}",
        "if slot}",
        "tests/flows/test_review_races.py",
    ),
    Mutation(
        "an erased number may be called again",
        ("calls/operations/erasing.py",),
        "        _remember(_whose(lead), now=now, by=by)\n",
        "",
        "tests/flows/test_after_erasure.py",
    ),
    Mutation(
        "the agent's own question is an answer",
        ("voice/stt/listening.py",),
        'code = "hint" if self._is_hint(words) else gates.gate(words, doubts)',
        "code = gates.gate(words, doubts)",
        "tests/voice/stt/test_listening.py",
    ),
    Mutation(
        "what staff are told is an answer to the agent",
        ("calls/operations/staff_calls.py",),
        "from_s is None or line.start_s < from_s]",
        "from_s is None or line.start_s]",
        "tests/calls/test_staff_talk.py",
    ),
    Mutation(
        "who tells staff not to record is recorded",
        ("calls/operations/evidence.py",),
        "reading.talk.state if reading.talk and reading.talk.knows_voices else None",
        "None",
        "tests/calls/test_staff_talk.py",
    ),
)


def main() -> None:
    wanted = [one for one in MUTATIONS if not sys.argv[1:] or one.name in sys.argv[1:]]
    survived = [one.name for one in wanted if not caught(one)]
    print(f"{len(wanted) - len(survived)} of {len(wanted)} caught")
    if survived:
        raise SystemExit("FAIL: no test noticed " + "; ".join(survived))


def caught(mutation: Mutation) -> bool:
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        for file in mutation.files:
            text = (copy / file).read_text()
            if mutation.old not in text:
                raise SystemExit(f"{mutation.name}: {file} no longer holds what is to be broken; mend this script.")
            (copy / file).write_text(text.replace(mutation.old, mutation.new))
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", mutation.tests],
            cwd=copy,
            capture_output=True,
            text=True,
            check=False,
        )
    # 1 is pytest's code for "tests failed"; anything else would be a broken copy, not a caught mutation.
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    noticed = done.returncode == 1 and bool(failed)
    print(
        f"{'caught' if noticed else 'SURVIVED':9} {mutation.name}: {failed[0][:150] if failed else done.stdout[-300:]}"
    )
    return noticed


if __name__ == "__main__":
    main()
