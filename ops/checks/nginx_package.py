"""The machine's nginx against what its distribution offers: a version number alone says nothing of what was mended."""

import re
import subprocess
from collections.abc import Callable, Sequence

from ops.checks.results import CheckFailed
from ops.gateway.nginx import Nginx

Say = Callable[[Sequence[str]], str]

HOLE = re.compile(r"CVE-\d{4}-\d{4,}")
CANDIDATE = re.compile(r"Candidate: (\S+)")


def said(command: Sequence[str], within: float = 30.0) -> str:
    """What a program answers within so many seconds; nothing where it does not, fails, or is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=within, check=False)  # noqa: S603  # ours
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def check(find: Callable[[], Nginx] = Nginx.find, say: Say = said) -> str:
    """Raises CheckFailed for a newer package, with the holes that its changelog says were mended since."""
    package = say(["dpkg-query", "--search", find().binary]).partition(":")[0]
    if not package:
        return "not of a Debian package: what was mended in it is not known here"
    installed = say(["dpkg-query", "--show", "--showformat", "${Version}", package])
    offered = CANDIDATE.search(say(["apt-cache", "policy", package]))
    if offered is None or offered[1] == "(none)":
        return f"{package} {installed}: what is offered is not known here; apt-get update asks for it"
    if offered[1] == installed:
        return f"{package} {installed}, the newest that is offered"
    changes = say(["apt-get", "--quiet", "changelog", package])
    raise CheckFailed(
        f"{package} {installed} is behind {offered[1]}: apt-get install --only-upgrade {package}\n"
        f"{_holes(changes, installed)}"
    )


def _holes(changes: str, installed: str) -> str:
    since, found, _ = changes.partition(f" ({installed}) ")
    if not found:
        return "which holes it has is not known: the changelog of the newer one cannot be read"
    holes = sorted(set(HOLE.findall(since)))
    return f"known holes: {', '.join(holes)}" if holes else "no known hole: its changelog names none since"
