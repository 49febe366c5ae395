"""How long it takes until what was broken is as it was."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeAlias

Probe: TypeAlias = Callable[[], bool]
WITHIN = 30.0
"""Seconds until which what was broken must be back."""
LOOKS = 3
"""How often in succession it must be seen to have ended: one look may fall into the moment of its start."""


class Recovery(threading.Thread):
    """From its start on asks without a pause worth the name; `ms` until the first good answer, None without one.

    It gives up after `within` seconds, and at once when what is to come back has `ended`: then it `gave_up`.
    """

    def __init__(self, probe: Probe, within: float = WITHIN, ended: Probe = lambda: False) -> None:
        super().__init__(daemon=True)
        self._probe = probe
        self._within = within
        self._ended = ended
        self.gave_up = False
        self._began = time.monotonic()
        self.ms: float | None = None

    def run(self) -> None:
        looks = 0
        while self._seconds() < self._within:
            if self._probe():
                self.ms = round(self._seconds() * 1000, 1)
                return
            looks = looks + 1 if self._ended() else 0
            if looks == LOOKS:
                self.gave_up = True
                return
            time.sleep(0.02)

    def _seconds(self) -> float:
        return time.monotonic() - self._began
