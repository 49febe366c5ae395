"""A kind of fault is declared once; what makes it is there."""

from ops.faults.catalogue import LINK, SERVICE, names
from ops.faults.proxy.kinds import KINDS
from ops.faults.service_faults import ACTIONS


def test_each_kind_is_made_somewhere_and_nothing_is_made_that_is_no_kind() -> None:
    assert (sorted(names(LINK)), sorted(names(SERVICE))) == (sorted(KINDS), sorted(ACTIONS))
