"""Files of a stack that are kept as evidence, without the secrets in them."""

from __future__ import annotations

from pathlib import Path

from ops.evidence.masking import mask_text


def copy(source: Path, target: Path) -> None:
    """Copy every text file below `source`; what is not there has nothing to tell."""
    for file in sorted(source.rglob("*")):
        if file.is_file():
            place = target / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(mask_text(file.read_text(errors="replace")))
