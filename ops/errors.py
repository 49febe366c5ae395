"""The harness's errors: each knows its exit code, and its text is the one clear line that a user sees.

OpsError
├── WrongUsage (2)
├── ConfigurationInvalid (3)
├── StackNotReady (4)
│   ├── MachineRefused (4)
│   ├── SuiteBroken (1)
│   └── Surprise (1)
├── NotProven (5)
└── CleanupFailed (6)
"""

from __future__ import annotations

import traceback
from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of every command."""

    HELD = 0
    FAILED = 1
    USAGE = 2
    CONFIGURATION = 3
    NOT_READY = 4
    NOT_PROVEN = 5
    CLEANUP = 6
    INTERRUPTED = 130


class OpsError(Exception):
    """Anything that ends a command with a clear line and an exit code of its own."""

    exit: Exit = Exit.FAILED


class WrongUsage(OpsError):
    """The call cannot be meant as it stands."""

    exit = Exit.USAGE


class ConfigurationInvalid(OpsError):
    """A configuration does not hold; nothing was started with it."""

    exit = Exit.CONFIGURATION


class StackNotReady(OpsError):
    """A stack, or what it needs, did not come up; `log` holds the last lines of the `culprit`, where it has a name."""

    exit = Exit.NOT_READY

    def __init__(self, message: str, log: list[str] | None = None, culprit: str = "") -> None:
        super().__init__(message)
        self.log = log or []
        self.culprit = culprit


class MachineRefused(StackNotReady):
    """The machine refuses what is needed: a permission, room on a disk, a file, a connection."""

    def __init__(self, refused: OSError) -> None:
        super().__init__(" ".join([_words(refused), *_advice(refused)]))


class SuiteBroken(StackNotReady):
    """The scenarios did not all run to their end, and none of them says why; `log` holds what behave said last."""

    exit = Exit.FAILED


class Surprise(StackNotReady):
    """Something that nobody thought of: a defect of the harness, or of the machine; `log` holds the way to it."""

    exit = Exit.FAILED

    def __init__(self, error: BaseException) -> None:
        super().__init__(f"{type(error).__name__}: {error}", traceback.format_exception(error))


class NotProven(OpsError):
    """A fault could not be confirmed, so what was seen proves nothing."""

    exit = Exit.NOT_PROVEN


class CleanupFailed(OpsError):
    """Something of a stack is still there after `down`."""

    exit = Exit.CLEANUP


def known(error: Exception) -> OpsError:
    """Itself, or what the machine refuses, or a Surprise with its words."""
    if isinstance(error, OSError):
        return MachineRefused(error)
    return error if isinstance(error, OpsError) else Surprise(error)


def _words(refused: OSError) -> str:
    """`/a/file: No space left on device`; the words of a library where it is a library's error."""
    if refused.strerror is None:
        return f"{type(refused).__name__}: {refused}"
    return f"{refused.filename}: {refused.strerror}" if refused.filename else refused.strerror


def _advice(refused: OSError) -> list[str]:
    if isinstance(refused, PermissionError) and refused.filename:
        return ["(was it made by root, as with sudo before? Give it to yourself: chown, or remove it)"]
    return []
