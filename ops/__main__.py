"""The door of `python3 -m ops`: needs nothing but Python, makes `.venv` on the first call and runs itself in it."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # an older Python gets one clear line
    sys.exit("gateproof needs Python 3.11 or newer; this is " + sys.version.split()[0])

from ops import bootstrap
from ops.interruption import watch_output

if __name__ == "__main__":
    try:
        watch_output()
        bootstrap.enter(sys.argv[1:])
        try:
            from ops.cli import main

            code = main(sys.argv[1:])
        except ImportError as missing:
            bootstrap.remake(missing)
        sys.exit(code)
    except KeyboardInterrupt:
        sys.exit(bootstrap.INTERRUPTED)
