"""Which Whisper models there may be, told without loading any."""

from __future__ import annotations

from pathlib import Path

MODEL_FILES = ("model.bin", "config.json", "tokenizer.json")
CURE = "set WHISPER_MODEL to a folder with a CTranslate2 Whisper model"
_SIZES = ("tiny", "tiny.en", "base", "base.en", "small", "small.en", "medium", "medium.en", "large", "turbo")
_LARGE = ("large-v1", "large-v2", "large-v3", "large-v3-turbo")
_DISTILLED = ("small.en", "medium.en", "large-v2", "large-v3", "large-v3.5")
NAMES = frozenset((*_SIZES, *_LARGE, *(f"distil-{name}" for name in _DISTILLED)))
"""The models that faster-whisper knows by name; others go by owner/name."""


def fault_of(name: str) -> str:
    """Why there can be no model of this name or in this folder, as a sentence's beginning; empty where there may be."""
    folder = Path(name).expanduser()
    try:
        if folder.is_dir():
            missing = [file for file in MODEL_FILES if not (folder / file).is_file()]
            return f"The folder {folder} lacks {', '.join(missing)}" if missing else ""
    except PermissionError:
        return f"The folder {folder} may not be read"
    if folder.is_absolute() or name.startswith(".") or name.count("/") > 1:
        return f"There is no folder {folder}"
    return "" if name in NAMES or "/" in name else f"There is no Whisper model named {name}"
