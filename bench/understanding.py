"""How many phrases of the gold set are understood exactly, file by file, and how long one takes.

Usage: python bench/understanding.py [FILE.jsonl ...]   (default: every file in tests/gold)
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from voice.understanding import prepare, understand  # noqa: E402 -- the path comes first


def main() -> None:
    prepare()
    files = [Path(name) for name in sys.argv[1:]] or sorted((ROOT / "tests" / "gold").glob("*.jsonl"))
    print(f"{'file':16}{'phrases':>9}{'exact':>9}{'':>9}{'p50 ms':>9}{'p95 ms':>9}")
    for file in files:
        _report(file)


def _report(file: Path) -> None:
    took, exact = [], 0
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    for row in rows:
        began = time.perf_counter()
        slots = understand(row["text"], asked=row["asked"], now=datetime.fromisoformat(row["now"])).slots
        took.append((time.perf_counter() - began) * 1000)
        exact += slots == row["expect"]
    cuts = statistics.quantiles(took, n=100)
    print(f"{file.stem:16}{len(rows):9}{exact:9}{exact / len(rows):9.1%}{cuts[49]:9.2f}{cuts[94]:9.2f}")


if __name__ == "__main__":
    main()
