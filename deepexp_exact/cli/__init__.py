"""The command line.  Exit status: 0 all accepted; 1 a claim or check failed or stayed undecided;
2 malformed input, a hypothesis that fails, usage, or a file or stream that cannot be read or
written; 130 interrupted; 141 the output was no longer read.

Nothing is imported at the top, so that an interrupt finds :func:`main` from the first moment.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the return value is the exit status."""
    try:
        from .process import run

        return run(arguments)
    except KeyboardInterrupt:
        from .process import told_interrupt

        return told_interrupt()
