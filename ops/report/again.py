"""The command that repeats a request, whichever way it was sent."""

from ops.journal.events import Request
from ops.report.curl import curl
from ops.report.wire import wire


def again(request: Request) -> str:
    """A command line for a shell; empty where not all of the body was kept."""
    if request.is_cut:
        return ""
    return curl(request) if request.raw_target is None else wire(request)
