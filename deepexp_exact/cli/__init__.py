"""The command line.  Exit status: 0 all accepted; 1 a claim or check failed or stayed undecided;
2 malformed input, a hypothesis that fails, or usage; 130 interrupted.

Nothing is imported at the top, so that an interrupt finds :func:`main` from the first moment.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: The module of each subcommand, which has a function ``run_COMMAND``.
_MODULES = {
    "solve": "solve",
    "verify": "prove",
    "prove": "prove",
    "check": "check",
    "compare": "check",
    "show": "check",
    "study": "study",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the return value is the exit status."""
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        print("deepexp-exact: interrupted", file=sys.stderr)
        return 130


def _run(arguments: Sequence[str]) -> int:
    import os
    from importlib import import_module

    from ..errors import DeepexpError
    from .arguments import build_parser, joined

    options = build_parser().parse_args(joined(arguments))
    module = import_module(f".{_MODULES[options.command]}", __name__)
    try:
        status: int = getattr(module, f"run_{options.command}")(options)
        sys.stdout.flush()
        return status
    except DeepexpError as error:
        print(f"deepexp-exact: {type(error).__name__}: {error}", file=sys.stderr)
        return error.exit_status
    except BrokenPipeError:
        # The reader has gone; keep the interpreter from complaining about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
