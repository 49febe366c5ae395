"""Files of a stack that are kept as evidence, without the secrets in them."""

from __future__ import annotations

from pathlib import Path

from ops.journal.masking import mask_text

MOST = 16 * 2**20
"""Bytes of a file that are kept, its last: to mask a long soak's lines takes minutes."""


def copy(source: Path, target: Path, names: str = "*") -> None:
    """Copy every text file below `source` whose name is one of `names`, a glob."""
    for file in sorted(source.rglob(names)):
        if file.is_file():
            place = target / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(mask_text(_end(file)))


def _end(file: Path) -> str:
    """The text of a file, or whole lines from its end, and how much came before them."""
    with file.open("rb") as lines:
        if (before := file.stat().st_size - MOST) <= 0:
            return lines.read().decode(errors="replace")
        lines.seek(before)
        lines.readline()
        return f"… {lines.tell()} bytes before this are left out\n" + lines.read().decode(errors="replace")
