"""What all scenarios of one behave process share: the run, the stack, and a few people who only look on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from features.support import fuzzing
from features.support.actors import addresses
from features.support.actors.customers import Customer
from features.support.actors.operator import Operator
from features.support.faults.recoveries import Recoveries
from ops.api import Run, Stack, link_faults

WIRE_FAULTS = "wire-faults"


@dataclass
class Suite:
    """One run against one stack."""

    run: Run
    stack: Stack
    recoveries: Recoveries = field(default_factory=Recoveries)
    operator: Operator = field(init=False)
    _shared: dict[str, Customer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.operator = Operator(self.stack)

    def shared(self, role: str, make: Callable[[], Customer]) -> Customer:
        """Somebody whom scenarios may share because none of them changes the account: made at the first need."""
        if role not in self._shared:
            self._shared[role] = make()
        return self._shared[role]

    def rotate_key(self) -> None:
        """Let a new key sign."""
        self.operator.rotate_key()
        self._begin_anew()

    def withdraw_key(self, kid: str) -> None:
        """Let what a key signed hold no longer."""
        self.operator.withdraw_key(kid)
        self._begin_anew()

    def _begin_anew(self) -> None:
        """Forget the people that scenarios share: their tokens may not hold any more."""
        self._shared.clear()
        self.operator = Operator(self.stack)

    @cached_property
    def capabilities(self) -> frozenset[str]:
        """What a scenario may need: of the stack, and of this machine."""
        own = {addresses.CAPABILITY} if addresses.offered(self.stack.base_url) else set()
        own |= {fuzzing.CAPABILITY} if fuzzing.offered() else set()
        return self.stack.capabilities | own | self._callers

    @property
    def _callers(self) -> set[str]:
        """ "wire-faults.gateway" where the gateway's own links can be broken, and so on."""
        if WIRE_FAULTS not in self.stack.capabilities:
            return set()
        return {f"{WIRE_FAULTS}.{link.split(':')[0]}" for link in link_faults(self.stack).links()}
