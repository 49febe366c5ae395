"""What a user sees while a command works: coloured lines and live rows on a terminal, plain lines elsewhere."""

from ops.progress.lines import Progress
from ops.progress.printable import printable
from ops.progress.rows import Rows

__all__ = ["Progress", "Rows", "printable"]
