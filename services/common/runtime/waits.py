"""How long a request waited on its way, though nobody's clock need agree with ours, or be right."""

import re
import threading
from dataclasses import dataclass

from cachetools import LRUCache

STAMP = re.compile(r"t=(\d{9,11}(?:\.\d{1,6})?)", re.ASCII)
SENDERS = 256
SETTLED = 2.0
LONGEST = 60.0


class Waits:
    """Knows of each address by how much its clock differs from our monotonic one: by the least that a request of the
    last SETTLED seconds seems to have been on its way. What is more than that, was waiting.

    A clock that is set back is noticed after twice SETTLED seconds; by more than LONGEST seconds, or ahead, at once. A
    wait that each request of an address shares for so long is taken for such a clock.
    """

    def __init__(self) -> None:
        self._senders: LRUCache[str, _Sender] = LRUCache(SENDERS)
        self._lock = threading.Lock()

    def waited(self, address: str, stamp: str | None, received: float) -> float | None:
        """Seconds from the stamp, `t=$msec` by the sender's clock, until `received` by our monotonic one; None if there
        is no stamp.
        """
        match = STAMP.fullmatch(stamp or "")
        if match is None:
            return None
        age = received - float(match[1])
        with self._lock:
            sender = self._senders.get(address)
            if sender is None or age - sender.difference > LONGEST:
                self._senders[address] = sender = _Sender(age, age, received)
            sender.add(age, received)
            return age - sender.difference


@dataclass
class _Sender:
    """The least age of the requests since `since`, and of those in the time before."""

    least: float
    former: float
    since: float

    @property
    def difference(self) -> float:
        return min(self.least, self.former)

    def add(self, age: float, now: float) -> None:
        if now - self.since >= SETTLED:
            self.former, self.least, self.since = self.least, age, now
        self.least = min(self.least, age)
