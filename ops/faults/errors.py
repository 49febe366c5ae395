"""What can go wrong with a fault.

FaultError
├── NotProven          the fault never took effect, so whatever was seen meanwhile proves nothing
├── OrderRefused       there is no such link, kind or setting
└── ProxyUnreachable   the fault proxy does not answer
"""

import ops.errors
from ops.errors import Exit, OpsError


class FaultError(OpsError):
    """Something is wrong with a fault, not with what it was to break."""


class NotProven(FaultError, ops.errors.NotProven):
    """The fault never took effect, so whatever was seen meanwhile proves nothing."""


class OrderRefused(FaultError):
    """The proxy knows no such link, kind or setting."""


class ProxyUnreachable(FaultError):
    """The fault proxy does not answer on its control address."""

    exit = Exit.NOT_READY
