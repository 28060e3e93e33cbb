"""Files of an import while staff look at its preview: below VAR_DIR, where a purge and an erasure reach them."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone
from import_export.tmp_storages import TempFolderStorage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

_KEPT = timedelta(days=1)


def folder() -> Path:
    """Where they wait; made when it is first needed."""
    path = Path(settings.VAR_DIR) / "imports"
    path.mkdir(parents=True, exist_ok=True)
    return path


def drop_old(*, now: datetime) -> None:
    """Delete what nobody came back to for a day; each machine has its own."""
    for path in files():
        with suppress(FileNotFoundError):  # finished in this very moment
            if path.stat().st_mtime < (now - _KEPT).timestamp():
                path.unlink()


def files() -> Iterator[Path]:
    """Those of this machine."""
    return (path for path in folder().iterdir() if path.is_file())


class WaitingFile(TempFolderStorage):  # type: ignore[misc]  # the library has no types
    """One file; whoever leaves the preview leaves it behind, for the night's purge."""

    name: str | None

    def get_full_path(self) -> str:
        """Within the folder, whatever name a form sent."""
        return str(folder() / Path(str(self.name)).name)

    def _open(self, mode: str = "r") -> IO[Any]:
        if not self.name:
            drop_old(now=timezone.now())  # a machine that only serves pages purges nothing by night
            file = tempfile.NamedTemporaryFile(dir=folder(), delete=False)  # noqa: SIM115 -- the caller closes it
            self.name = Path(file.name).name
            return file
        return Path(self.get_full_path()).open(mode, encoding=self.encoding)
