"""The harness: brings a gateway-fronted stack up, proves it, breaks it, and leaves evidence.

Importable on a bare Python: whatever needs an installed library is imported by `ops.cli` and below, never from here.
Scenarios, tests and fault proxies prove by `assert`; a Python that leaves these out is refused.
"""

import sys

VERSION = "0.1.0"
"""That of docs/changelog.md."""

if sys.flags.optimize:
    sys.stderr.write(
        "gateproof proves by Python's assertions, and these are off: unset PYTHONOPTIMIZE, or call python3 without -O\n"
    )
    raise SystemExit(2)
