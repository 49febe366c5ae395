"""The features run with what the project itself requires."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
ONLY_FOR_TESTS = "import sys; sys.modules['schemathesis'] = None; import features.support.suite"


def test_the_suite_is_imported_where_schemathesis_is_not_installed() -> None:
    done = subprocess.run([sys.executable, "-c", ONLY_FOR_TESTS], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
