"""The command that repeats a request, whichever way it was sent."""

import re
from typing import Final

from ops.evidence.scenario import Request
from ops.report.curl import curl
from ops.report.wire import wire

_CUT: Final = re.compile(r"… (?:and \d+ bytes more|\(\d+ characters more\))\Z")


def again(request: Request) -> str:
    """A command line for a shell; empty where not all of the body was kept."""
    if _CUT.search(str(request.request_body or "")):
        return ""
    return curl(request) if request.raw_target is None else wire(request)
