"""Files of a stack that are kept as evidence, without the secrets in them."""

from __future__ import annotations

from pathlib import Path

from ops.journal.masking import mask_text


def copy(source: Path, target: Path, names: str = "*") -> None:
    """Copy every text file below `source` whose name is one of `names`, a glob."""
    for file in sorted(source.rglob(names)):
        if file.is_file():
            place = target / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(mask_text(file.read_text(errors="replace")))
