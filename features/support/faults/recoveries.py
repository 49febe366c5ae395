"""How long a recovery is waited for: not long any more once one never came and no journey has ever been served."""

from collections.abc import Callable
from typing import TypeAlias

from features.support.waiting import eventually

Journey: TypeAlias = Callable[[], None]
WITHIN = 10.0
HOPELESS = 0.2


class Recoveries:
    """What one run knows of the journey by which a recovery is told."""

    def __init__(self) -> None:
        self._served = False
        self._missed = False

    @property
    def hopeless(self) -> bool:
        """True when the journey does not work at all, whatever is or was broken."""
        return self._missed and not self._served

    def take(self, journey: Journey) -> None:
        """The journey. Raises its AssertionError when it is not served."""
        journey()
        self._served = True

    def probe(self, journey: Journey) -> Callable[[], bool] | None:
        """What says whether the journey is served; None where it would never be."""
        return None if self.hopeless else lambda: self._is_served(journey)

    def wait(self, journey: Journey, within: float = WITHIN) -> None:
        """Return when the journey is served. Raises its last AssertionError when it is not in time."""
        try:
            eventually(lambda: self.take(journey), within=HOPELESS if self.hopeless else within)
        except AssertionError:
            self.miss()
            raise

    def miss(self) -> None:
        """One that did not come."""
        self._missed = True

    def _is_served(self, journey: Journey) -> bool:
        try:
            self.take(journey)
        except AssertionError:
            return False
        return True
