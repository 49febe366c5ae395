"""`python -m ops.run.behave`: behave as a run starts it, with its options alone: no file of the user's changes them.

behave also reads `.behaverc`, `behave.ini`, `setup.cfg`, `tox.ini` and `pyproject.toml`, here and in the home folder.
"""

from __future__ import annotations

import sys

from behave.__main__ import run_behave
from behave.configuration import Configuration

if __name__ == "__main__":
    sys.exit(run_behave(Configuration(sys.argv[1:], load_config=False)))
