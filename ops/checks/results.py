"""What a check says, and how a function becomes one."""

import time
from collections.abc import Callable
from dataclasses import dataclass


class CheckFailed(Exception):
    """The check's finding, as its reader needs it: which file, which line, what to do."""


@dataclass(frozen=True)
class CheckResult:
    """`detail` says what was looked at where it holds, what is wrong where it does not; `ms` is how long it took."""

    name: str
    ok: bool
    detail: str
    ms: float


@dataclass(frozen=True)
class Check:
    """`look` returns the detail, or raises CheckFailed. Anything else that it raises fails the check as well."""

    name: str
    look: Callable[[], str]

    def run(self) -> CheckResult:
        started = time.monotonic()
        ok, detail = self._look()
        return CheckResult(self.name, ok, detail, round((time.monotonic() - started) * 1000, 1))

    def _look(self) -> tuple[bool, str]:
        try:
            return True, self.look()
        except CheckFailed as failed:
            return False, str(failed)
        except Exception as broken:  # noqa: BLE001 - a check that breaks is a failed check, never a traceback
            return False, f"the check itself broke: {type(broken).__name__}: {broken}"
