"""What can be known before a deploy, without a service running: `run` it, read the results."""

from ops.checks.results import Check, CheckFailed, CheckResult
from ops.checks.suite import api_document, run, run_gateway, unchecked

__all__ = ["Check", "CheckFailed", "CheckResult", "api_document", "run", "run_gateway", "unchecked"]
