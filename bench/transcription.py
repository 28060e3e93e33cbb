"""How fast and how well recordings are transcribed, beside faster-whisper's plain defaults in the same run.

Usage: python bench/transcription.py [--calls 50] [--quick] [--model FOLDER] [--also FOLDER]

The calls are made by `bench/spoken.py`; needed are espeak-ng, jiwer and whisper-normalizer (requirements-dev.txt).
Figures count on a quiet machine only; the ratios of one run hold on a busy one as well. Prints three tables: settings,
each in a process of its own; a backlog in both layouts; the lead's words in it. Ends with 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import queue
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from spoken import SpokenCall, human_clips, make_calls, speech_folder  # noqa: E402 -- the path comes first

from tests.whisper_model import model_folder  # noqa: E402 -- the path comes first
from voice.stt import audio, whisper_engine  # noqa: E402 -- the path comes first
from voice.stt.whisper_engine import WhisperEngine  # noqa: E402 -- the path comes first

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.queues import Queue

LEAD = 0  # the channel that bench/spoken.py puts the lead on
WORKERS = 2
SAMPLE = 4  # calls for the table of settings
GOALS = ((2.0, 0.0), (3.5, 0.5))  # times the baseline's call-minutes a minute; points of word errors it may cost
WHISPER_ARGUMENTS: dict[str, dict[str, Any]] = {
    "beam 1": {"beam_size": 1},
    "beam 2": {"beam_size": 2},
    "Whisper's retries at higher temperatures": {"temperature": [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]},
    "language detected by Whisper": {"language": None},
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One way to transcribe: its name, and a key of HOW with its arguments."""

    name: str
    how: str
    arguments: dict[str, Any]
    threads: int = 1
    speaker: str | None = "lead"  # whose words it is judged by; None: both


@dataclass(frozen=True, slots=True)
class Result:
    """What one process did: texts by the calls' numbers, seconds, mebibytes."""

    texts: dict[int, str]
    load_s: float
    wall_s: float
    cpu_s: float
    peak_mib: float


def plain(folder: str, threads: int, arguments: dict[str, Any]) -> Callable[[Path], str]:
    """faster-whisper as its README shows it, on all channels mixed or on the lead's."""
    import faster_whisper  # noqa: PLC0415 -- loading it is measured

    channel = arguments.get("channel")
    options = {key: value for key, value in arguments.items() if key not in {"channel", "batched"}}
    model = faster_whisper.WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=threads)
    batched = faster_whisper.BatchedInferencePipeline(model) if arguments.get("batched") else model

    def transcribe(path: Path) -> str:
        channels = audio.read_channels(path)
        samples = channels.mean(axis=0) if channel is None else channels[channel].copy()
        segments, _info = batched.transcribe(samples, **options)
        return " ".join(segment.text.strip() for segment in segments)

    return transcribe


def ours(folder: str, threads: int, arguments: dict[str, Any]) -> Callable[[Path], str]:
    """The product's own hearing, with Whisper's arguments changed where the setting says so."""
    del threads
    engine = WhisperEngine(folder)
    model = whisper_engine._model(folder, "cpu", "int8")  # loading it is measured
    original, changes = model.transcribe, arguments.get("whisper", {})
    model.transcribe = lambda samples, **options: original(samples, **(options | changes))

    def transcribe(path: Path) -> str:
        heard = engine.hear(
            path, language="en-IN", caller_channel=arguments.get("channel"), staff_from_s=arguments.get("staff_from_s")
        )
        return " ".join(line.text for line in heard.lines)

    return transcribe


HOW = {"plain": plain, "ours": ours}
BASELINE = Setting("faster-whisper's defaults, mixed mono, one process", "plain", {}, threads=0, speaker=None)
ON_LEAD = Setting("faster-whisper's defaults, lead's channel", "plain", {"channel": LEAD})
SHIPPED = Setting("shipped: lead's channel", "ours", {"channel": LEAD})
SETTINGS = (
    BASELINE,
    ON_LEAD,
    Setting("the same with word times", "plain", {"channel": LEAD, "word_timestamps": True}),
    Setting("the same, no context of its own", "plain", {"channel": LEAD, "condition_on_previous_text": False}),
    Setting("the same with vad_filter", "plain", {"channel": LEAD, "vad_filter": True}),
    Setting("batched by 8, lead's channel", "plain", {"channel": LEAD, "batched": True, "batch_size": 8}),
    SHIPPED,
    Setting("shipped: mixed mono", "ours", {}, speaker=None),
    Setting("shipped: both channels", "ours", {"staff_from_s": 0.0, "channel": LEAD}, speaker=None),
    *(
        Setting(f"shipped with {name}", "ours", {"channel": LEAD, "whisper": w})
        for name, w in WHISPER_ARGUMENTS.items()
    ),
)


def work(  # a process's whole life, so that its memory is its own
    setting: Setting, folder: str, todo: Queue[tuple[int, Path] | None], start: Any, results: Queue[Result]
) -> None:
    began = time.monotonic()
    transcribe = HOW[setting.how](folder, setting.threads, setting.arguments)
    load_s = time.monotonic() - began
    start.wait()
    began, cpu = time.monotonic(), time.process_time()
    texts: dict[int, str] = {}
    while (job := todo.get()) is not None:
        texts[job[0]] = transcribe(job[1])
    wall, used = time.monotonic() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    results.put(Result(texts, load_s, wall, used, peak))


def run(settings: Sequence[Setting], folder: str, calls: Sequence[SpokenCall], *, shared: bool) -> list[Result]:
    """One process a setting, side by side: they share the calls among them, or each does all."""
    context = multiprocessing.get_context("spawn")
    results: Queue[Result] = context.Queue()
    start = context.Barrier(len(settings))
    queues = [context.Queue()] * len(settings) if shared else [context.Queue() for _ in settings]
    for todo in queues[:1] if shared else queues:
        for job in enumerate(calls):
            todo.put((job[0], job[1].path))
    processes = []
    for setting, todo in zip(settings, queues, strict=True):
        todo.put(None)
        arguments = (setting, folder, todo, start, results)
        processes.append(context.Process(target=work, args=arguments, daemon=True))
        processes[-1].start()
    done: list[Result] = []
    while len(done) < len(processes):
        try:
            done.append(results.get(timeout=2))
        except queue.Empty:
            if any(process.exitcode for process in processes):
                raise RuntimeError("A process failed; what it said stands above.") from None
    for process in processes:
        process.join()
    return done


def word_errors(calls: Sequence[SpokenCall], texts: dict[int, str], speaker: str | None) -> float:
    """Word errors per cent over all the calls' words together, by Whisper's own normaliser."""
    import jiwer  # noqa: PLC0415 -- only here
    from whisper_normalizer.english import EnglishTextNormalizer  # noqa: PLC0415 -- only here

    normal = EnglishTextNormalizer()
    said = [normal(call.words_of(speaker)) for call in calls]
    return 100 * float(jiwer.wer(said, [normal(texts[number]) for number in range(len(calls))]))


def by_lead(calls: Sequence[SpokenCall], texts: dict[int, str], speaker: str | None) -> dict[str, float]:
    """Word errors with recorded leads, with espeak-ng's, and of all."""
    kinds = {"recorded": [True], "espeak-ng": [False], "all": [True, False]}
    found = {}
    for kind, wanted in kinds.items():
        chosen = [number for number, call in enumerate(calls) if call.is_human in wanted]
        if chosen:
            again = {place: texts[number] for place, number in enumerate(chosen)}
            found[kind] = word_errors([calls[number] for number in chosen], again, speaker)
    return found


def table_of_settings(folder: str, calls: Sequence[SpokenCall], title: str, settings: Sequence[Setting]) -> None:
    seconds = sum(call.length_s for call in calls)
    print(f"\n{title}: {len(calls)} calls, {seconds:.0f} s of sound; word errors of the lead, or of both (*)")
    print(
        f"{'setting':52} {'x real time':>11} {'cpu-s/s':>8} {'load s':>6} {'peak MiB':>8} {'recorded/espeak-ng %':>28}"
    )
    for setting in settings:
        (result,) = run([setting], folder, calls, shared=False)
        errors = by_lead(calls, result.texts, setting.speaker)
        shown = " / ".join(f"{errors[kind]:.1f}" for kind in ("recorded", "espeak-ng") if kind in errors)
        print(
            f"{setting.name:52} {seconds / result.wall_s:11.1f} {result.cpu_s / seconds:8.3f} {result.load_s:6.1f}"
            f" {result.peak_mib:8.0f} {shown:>27}{' ' if setting.speaker else '*'}",
            flush=True,
        )


def backlog(folder: str, calls: Sequence[SpokenCall]) -> list[tuple[float, bool]]:
    """Both layouts on all the calls; (ratio of speed, points of word errors more) for the goals."""
    minutes = sum(call.length_s for call in calls) / 60
    print(f"\nBacklog of {len(calls)} calls, {minutes:.1f} minutes; the models are loaded before the clock starts")
    speeds, texts = {}, {}
    layouts = (
        ("a", "one process, default threads, defaults, mixed mono", [BASELINE]),
        ("b", f"{WORKERS} processes, 1 thread each, lead's channel, as shipped", [SHIPPED] * WORKERS),
        ("c", f"{WORKERS} processes, defaults, lead's channel (for its words)", [ON_LEAD] * WORKERS),
    )
    for key, name, settings in layouts:
        results = run(settings, folder, calls, shared=True)
        wall = max(result.wall_s for result in results)
        speeds[key] = minutes / (wall / 60)
        texts[key] = {number: text for result in results for number, text in result.texts.items()}
        peaks = [round(result.peak_mib) for result in results]
        print(
            f"{key} {name:62} {wall:7.1f} s {speeds[key]:6.1f} call-minutes a minute,"
            f" peak {' + '.join(map(str, peaks))} MiB",
            flush=True,
        )
    print("\nWord errors %")
    shown = {"a, of both speakers": ("a", None), "c, of the lead": ("c", "lead"), "b, of the lead": ("b", "lead")}
    errors = {name: by_lead(calls, texts[key], speaker) for name, (key, speaker) in shown.items()}
    for name, row in errors.items():
        print(f"{name:22}", ", ".join(f"{kind} {value:.2f}" for kind, value in row.items()))
    costs = errors["b, of the lead"]["all"] - errors["c, of the lead"]["all"]
    return [_goal(speeds["b"] / speeds["a"], costs, *goal) for goal in GOALS]


def _goal(ratio: float, costs: float, wanted: float, points: float) -> tuple[float, bool]:
    met = ratio >= wanted and costs <= points
    print(
        f"goal {wanted:.1f} x within {points:.1f} points: {ratio:.2f} x at {costs:+.2f} points,"
        f" {'met' if met else 'MISSED'}"
    )
    return ratio, met


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=50, help="calls in the backlog")
    parser.add_argument("--quick", action="store_true", help="at most six calls, and the chief settings only")
    parser.add_argument("--model", help="folder of the Whisper model; default: the one of the tests")
    parser.add_argument("--also", action="append", default=[], help="folder of another model for the first table")
    options = parser.parse_args()
    folder = options.model or model_folder()
    speech = speech_folder(ROOT)
    humans = human_clips(speech) if speech else []
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; model {folder}")
    print(
        f"{len(humans)} recorded people from {speech}"
        if speech
        else "No recorded people: set SPEECH_DIR. espeak-ng only."
    )
    with tempfile.TemporaryDirectory() as temporary:
        calls = make_calls(Path(temporary), min(6, options.calls) if options.quick else options.calls, humans)
        share = sum(s.end_s - s.start_s for c in calls for s in c.said if s.speaker == "lead") / sum(
            c.length_s for c in calls
        )
        print(f"The leads speak {share:.0%} of the time.")
        goals = backlog(folder, calls)
        chosen = [BASELINE, ON_LEAD, SHIPPED] if options.quick else SETTINGS
        table_of_settings(folder, calls[:SAMPLE], "Settings", chosen)
        for other in options.also:
            table_of_settings(other, calls[:SAMPLE], f"Settings with {other}", [ON_LEAD, SHIPPED])
    return 0 if all(met for _ratio, met in goals) else 1


if __name__ == "__main__":
    sys.exit(main())
