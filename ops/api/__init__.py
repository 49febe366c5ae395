"""The harness's public face: all that the features, or somebody's own scripts, may use of it.

with open_run({}) as run, open_stack({"base_url": "https://staging.example.com"}, run) as stack: ...
"""

from ops.api.opening import open_run, open_stack
from ops.api.recording import Failure, Recording, Step, in_words, telling
from ops.api.request_ids import Place
from ops.api.scheduling import Turns
from ops.api.stack import follow_checklist, log_lines, output, pasted, usage
from ops.checks import CheckResult
from ops.crowd import crowd
from ops.errors import OpsError, StackNotReady
from ops.faults.errors import NotProven
from ops.faults.link_faults import LinkFault, LinkFaults
from ops.faults.on_links import link_faults
from ops.faults.proxy.attempts import Attempt
from ops.faults.service_faults import ServiceFault, break_service
from ops.journal import events
from ops.journal.journal import Journal
from ops.journal.masking import mask
from ops.journal.runs import Run
from ops.smoke.walk import Result
from ops.stacks.layout import ROOT
from ops.stacks.model import Stack
from ops.stacks.probes import authorities
from ops.stacks.usage import Usage
from ops.trace.logs import LogLine

__all__ = [
    "Failure",
    "Place",
    "Recording",
    "Step",
    "Turns",
    "in_words",
    "telling",
    "ROOT",
    "ServiceFault",
    "Attempt",
    "CheckResult",
    "LinkFault",
    "Journal",
    "LogLine",
    "NotProven",
    "OpsError",
    "Result",
    "Run",
    "Stack",
    "StackNotReady",
    "Usage",
    "LinkFaults",
    "break_service",
    "authorities",
    "crowd",
    "events",
    "follow_checklist",
    "link_faults",
    "log_lines",
    "mask",
    "open_run",
    "open_stack",
    "output",
    "pasted",
    "usage",
]
