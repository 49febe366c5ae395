"""What all tests of the harness stand on."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True, scope="session")
def runs_of_tests_are_not_told_to_github() -> None:
    """What tests let fail on purpose has no place among a job's annotations and in its summary."""
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        os.environ.pop(name, None)
