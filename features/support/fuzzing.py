"""Made-up requests from what the API's document allows and forbids (Schemathesis)."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

CAPABILITY = "fuzzing"
DOCUMENT = Path(__file__).parents[2] / "gateway/docs/openapi.json"
SEED = 12
HOOKS = "features.support.fuzz_auth"
ACCOUNT = "FUZZ_ACCOUNT"
"""For the hooks: `{"url": the sign-in's, "credentials": its body}` as JSON."""
EACH = 30.0
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)


@dataclass(frozen=True)
class Fuzzed:
    """`requests` is how many were answered, `found` what was wrong with an answer, `said` the tool's own words."""

    requests: int
    found: list[Any]
    said: str


def offered() -> bool:
    """Whether Schemathesis is installed: `ops test` does that."""
    return find_spec("schemathesis") is not None


def fuzz(
    base_url: str,
    credentials: Mapping[str, Any],
    examples: int,
    *,
    seconds: int = 0,
    seed: int = SEED,
    each: float = EACH,
) -> Fuzzed:
    """Ask each operation `examples` times, and go along the links between them; always the same for one seed.

    With `seconds` that is done again and again for so long, with other requests. After `each` seconds more for each of
    the examples it is given up.
    """
    limit = seconds + each * examples
    account = {"url": f"{base_url}/users/login", "credentials": credentials}
    environment = {
        **os.environ,
        ACCOUNT: json.dumps(account),
        "SCHEMATHESIS_HOOKS": HOOKS,
        "PYTHONPATH": str(DOCUMENT.parents[2]),
    }
    with TemporaryDirectory() as scratch:
        report = Path(scratch, "report.json")
        command = [sys.executable, "-m", "schemathesis.cli", "run", str(DOCUMENT), "--url", base_url]
        command += ["--seed", str(seed), "--max-examples", str(examples), "--checks", ",".join(CHECKS)]
        command += [
            "--generation-database",
            "none",
            "--no-shrink",
            "--continue-on-failure",
            "--no-color",
            "--report-json-path",
            str(report),
            *(["--max-time", str(seconds)] if seconds else []),
        ]
        try:
            done = subprocess.run(  # noqa: S603  # the tool of the line before
                command, cwd=scratch, env=environment, capture_output=True, text=True, check=False, timeout=limit
            )
        except subprocess.TimeoutExpired:
            return Fuzzed(0, [], f"not over after {limit:g} s")
        if not report.exists():
            return Fuzzed(0, [], done.stdout + done.stderr)
        found = json.loads(report.read_text(encoding="utf-8"))
        return Fuzzed(found["test_cases"]["generated"], found["failures"] + found["errors"], done.stdout)
