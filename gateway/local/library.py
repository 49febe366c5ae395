"""Links the library that draws the pages at /docs, 2 MB of a Python package, into the folder that is named.

`python gateway/local/library.py FOLDER`. The image of the gateway copies the same files (gateway/Dockerfile).
"""

import sys
from importlib.util import find_spec
from pathlib import Path

PACKAGE = "offapi"
FILES = ("swagger_bundle.js", "swagger_style.css")
"""Swagger UI's own files, under the Apache License 2.0, as the package has them."""


def link(folder: Path) -> None:
    """Make the links anew. Ends with a message when the package is not installed; nothing of it is imported."""
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        sys.exit(f"the package {PACKAGE} is not installed (gateway/requirements.txt)")
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(Path(found.origin).parent / name)


if __name__ == "__main__":
    link(Path(sys.argv[1]))
