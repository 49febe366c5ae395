"""The harness's public face: all that the features, or somebody's own scripts, may use of it.

with open_run({}) as run, open_stack({"base_url": "https://staging.example.com"}, run) as stack: ...
"""

from ops.api.opening import open_run, open_stack
from ops.api.stack import Stack
from ops.checks import CheckResult
from ops.crowd import crowd
from ops.errors import OpsError, StackNotReady
from ops.evidence.journal import Journal
from ops.evidence.logs import LogLine
from ops.evidence.masking import mask
from ops.evidence.runs import Run
from ops.faults.attempts import Attempt
from ops.faults.errors import NotProven
from ops.faults.wire import Injected, WireFaults
from ops.smoke.page import Page
from ops.smoke.walk import Result
from ops.stacks.breaking import Broken
from ops.stacks.cutting import Cut
from ops.stacks.layout import ROOT
from ops.stacks.usage import Usage

__all__ = [
    "ROOT",
    "Attempt",
    "Broken",
    "CheckResult",
    "Cut",
    "Injected",
    "Journal",
    "LogLine",
    "NotProven",
    "OpsError",
    "Page",
    "Result",
    "Run",
    "Stack",
    "StackNotReady",
    "Usage",
    "WireFaults",
    "crowd",
    "mask",
    "open_run",
    "open_stack",
]
