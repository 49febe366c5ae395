"""Files of a stack that are kept as evidence, without the secrets in them."""

from __future__ import annotations

from pathlib import Path

from ops.evidence.masking import mask_text


def copy(source: Path, target: Path, without: str = "") -> None:
    """Copy every text file below `source` but not the folder `without`; what is not there has nothing to tell."""
    for file in sorted(source.rglob("*")):
        inner = file.relative_to(source)
        if file.is_file() and inner.parts[0] != without:
            place = target / inner
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(mask_text(file.read_text(errors="replace")))
