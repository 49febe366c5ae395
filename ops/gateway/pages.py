"""The pages at /docs: our own files, and those of the packaged library that draws them."""

import shutil
from importlib.util import find_spec
from pathlib import Path

from ops.errors import StackNotReady

ROOT = "pages"
"""The folder below nginx's prefix in which the files lie by the path of their URL."""

PACKAGE = "offapi"
LIBRARY = ("swagger_bundle.js", "swagger_style.css")
"""Swagger UI's own files, under the Apache License 2.0, as the package has them."""


def lay_out(target: Path, source: Path) -> None:
    """Put the pages below the prefix `target`; the library's 2 MB are linked. Raises StackNotReady without it."""
    docs = target / ROOT / "docs"
    shutil.copytree(source / "docs", docs, dirs_exist_ok=True)
    (docs / "library").mkdir(exist_ok=True)
    for name in LIBRARY:
        link = docs / "library" / name
        link.unlink(missing_ok=True)
        link.symlink_to(_package() / name)


def _package() -> Path:
    """Where the library is installed; nothing of it is imported."""
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise StackNotReady(f"the package {PACKAGE} is not installed; any call of python3 -m ops installs it")
    return Path(found.origin).parent
