"""A file written in one step: who reads it meanwhile sees all of the old one, or all of the new one."""

from __future__ import annotations

import os
from pathlib import Path


def replace(file: Path, content: bytes, mode: int = 0o666) -> None:
    """Write it with this `mode`, less the umask; its folder has to be there. Raises OSError."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.touch(mode)
    draft.write_bytes(content)
    draft.replace(file)
