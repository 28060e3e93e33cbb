"""Files of an import while staff look at its preview: below VAR_DIR, where a purge and an erasure reach them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings
from import_export.tmp_storages import TempFolderStorage

if TYPE_CHECKING:
    from collections.abc import Iterator


def folder() -> Path:
    """Where they wait; made when it is first needed."""
    path = Path(settings.VAR_DIR) / "imports"
    path.mkdir(parents=True, exist_ok=True)
    return path


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
            file = tempfile.NamedTemporaryFile(dir=folder(), delete=False)  # noqa: SIM115 -- the caller closes it
            self.name = Path(file.name).name
            return file
        return Path(self.get_full_path()).open(mode, encoding=self.encoding)
