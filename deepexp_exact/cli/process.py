"""The process around one command: streams, interrupts, and what becomes of every error."""

from __future__ import annotations

import codecs
import contextlib
import errno
import io
import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from importlib import import_module
from types import FrameType

from ..errors import DeepexpError, printable
from ..threads import ONE_THREAD

#: The status of a command that was interrupted.
INTERRUPTED = 130
#: Seconds in which a command has to notice an interrupt.
PATIENCE = 0.8
#: The status of a command whose output was no longer read, as of a process that SIGPIPE ended.
BROKEN_PIPE = 141
#: The module of each subcommand, which has a function ``run_COMMAND``.
_MODULES = {
    "solve": "solve",
    "depth": "depth",
    "verify": "prove",
    "prove": "prove",
    "check": "check",
    "compare": "check",
    "show": "check",
    "study": "study",
    "logm": "matrices",
    "expm": "matrices",
}
#: What is written for characters that the encoding of a stream lacks.
_PLAIN = {
    "α": "alpha", "λ": "lambda", "π": "pi", "ℓ": "l", "χ": "chi", "‖": "||", "·": "*", "×": "x",
    "−": "-", "–": "-", "⁻": "^-", "¹": "1", "²": "^2", "≤": "<=", "≠": "!=", "→": "->", "…": "...",
    "’": "'", "é": "e", "√": "sqrt", "∈": "in", "±": "+-", "≥": ">=", "≈": "~", "∞": "inf",
}  # fmt: skip


def run(arguments: Sequence[str] | None) -> int:
    """Run one command; the return value is the exit status.

    A process's own command runs in a child process, where there are such: a long call of a C
    library answers no interrupt, but its process can be ended."""
    own = arguments is None and threading.current_thread() is threading.main_thread()
    own = own and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not (own and hasattr(os, "fork")):
        return _run(arguments, own, None)
    heard, tell = os.pipe()
    parent, interrupt = os.getpid(), {signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, interrupt)
    child = os.fork()
    if child:
        os.close(tell)
    else:
        from ..workers import end_with

        os.close(heard)
        end_with(parent)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, interrupt)
    return _attend(child, heard) if child else _run(arguments, own, tell)


def _attend(child: int, heard: int) -> int:
    """The exit status of the child.  One that does not say within ``PATIENCE`` seconds that it
    noticed an interrupt, or is interrupted again, is ended."""
    with contextlib.suppress(KeyboardInterrupt):
        try:
            return _awaited(child)
        except KeyboardInterrupt:
            os.kill(child, signal.SIGINT)
            if select.select([heard], [], [], PATIENCE)[0]:
                status = _insisted(child, heard)
                return status if status == INTERRUPTED else told_interrupt()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return told_interrupt()


def _insisted(child: int, heard: int) -> int:
    """The status of a child that is told again until it has raised the interrupt or ended."""
    told = b""
    while b"r" not in told:
        if select.select([heard], [], [], 0.1)[0]:
            told += (more := os.read(heard, 8))
            if not more:
                break
        elif os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None:
            break
        else:
            os.kill(child, signal.SIGINT)
    return _awaited(child)


def _awaited(child: int) -> int:
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status < 0:
        say(f"deepexp-exact: the computation died of {signal.Signals(-status).name}")
    return status if status >= 0 else 128 - status


def _run(arguments: Sequence[str] | None, own: bool, tell: int | None) -> int:
    if own:
        for name in ONE_THREAD:  # before NumPy is loaded
            os.environ.setdefault(name, "1")
    _open_streams()
    with _interrupts(own, tell) as interrupted:
        try:
            status = _guarded(lambda: _command(sys.argv[1:] if arguments is None else arguments))
        except KeyboardInterrupt:
            if own:
                signal.signal(signal.SIGINT, signal.SIG_IGN)
            status = told_interrupt()
        if interrupted and status != INTERRUPTED:  # swallowed by a library, in an import, say
            status = told_interrupt()
        # What is still buffered, so that the interpreter finds nothing left to complain about.
        return max(status, _guarded(_flush))


def told_interrupt() -> int:
    """Say so; the exit status of an interrupt."""
    say("deepexp-exact: interrupted")
    return INTERRUPTED


def say(text: str) -> None:
    """A line on standard error, wherever that leads."""
    with contextlib.suppress(OSError, ValueError):
        print(printable(text), file=sys.stderr, flush=True)


class _interrupts:
    """Collects interrupts, where this is a process's own command, and raises the first, once no
    import is under way: what imports may swallow it.  The process that attends this one is told on
    a pipe that it was heard (``!``) and that it is raised (``r``), and repeats it until then."""

    def __init__(self, own: bool, tell: int | None) -> None:
        self.own, self.tell, self.raised = own, tell, False

    def __enter__(self) -> list[int]:
        found: list[int] = []

        def ring(number: int, frame: FrameType | None) -> None:
            found.append(number)
            if self.tell is None:
                raise KeyboardInterrupt
            if len(found) == 1:
                os.write(self.tell, b"!")
            if not self.raised and not _importing(frame):
                self.raised = True
                os.write(self.tell, b"r")
                raise KeyboardInterrupt

        if self.own:
            signal.signal(signal.SIGINT, ring)
        return found

    def __exit__(self, *_: object) -> None:
        if self.own:  # nothing is left to interrupt
            signal.signal(signal.SIGINT, signal.SIG_IGN)


def _importing(frame: FrameType | None) -> bool:
    """Whether a module is being imported in this frame or in one that called it."""
    while frame is not None and not frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return frame is not None


def _guarded(work: Callable[[], int]) -> int:
    """The status of the work, or of the error that ended it, which is told in a line."""
    try:
        return work()
    except DeepexpError as error:
        say(f"deepexp-exact: {type(error).__name__}: {error}")
        return error.exit_status
    except SystemExit as stop:  # --help, --version and usage errors
        return stop.code if isinstance(stop.code, int) else 0
    except BrokenPipeError:
        _abandon_output()
        return BROKEN_PIPE
    except OSError as error:
        output = error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EBADF, errno.EIO)
        where = "cannot write to standard output" if output else error.filename or "system error"
        say(f"deepexp-exact: {where}: {error.strerror or error}")
        _abandon_output()
        return 2
    except MemoryError:
        say("deepexp-exact: out of memory (ask for fewer digits, or a smaller problem)")
        return 1
    except Exception as error:
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        name = os.path.basename(place.tb_frame.f_code.co_filename) if place else ""
        say(
            f"deepexp-exact: internal error, {type(error).__name__}: {error} "
            f"(at {name}:{place.tb_lineno if place else 0}; please report it with the command)"
        )
        return 1


def _command(arguments: Sequence[str]) -> int:
    from .arguments import build_parser, joined

    options = build_parser().parse_args(joined(arguments))
    module = import_module(f".{_MODULES[options.command]}", __package__)
    status: int = getattr(module, f"run_{options.command}")(options)
    return status


def _flush() -> int:
    sys.stdout.flush()
    return 0


def _abandon_output() -> None:
    """Let what is still buffered go nowhere, and no complaint about it be made at exit."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _open_streams() -> None:
    """Streams that were closed when the process started are opened on the null device, standard
    output for reading only, so that writing to it is an error; characters that an encoding lacks
    are replaced by plain ones."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            with contextlib.suppress(OSError):
                os.fstat(number)
                continue  # it is something else's by now
            flags = os.O_WRONLY if name == "stderr" else os.O_RDONLY
            handle = os.open(os.devnull, flags)
            setattr(sys, name, open(handle, mode, encoding="utf-8"))  # noqa: SIM115
    codecs.register_error("deepexp-plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="deepexp-plain")


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    plain = (_PLAIN.get(c) or c.encode("ascii", "backslashreplace").decode() for c in missing)
    return "".join(plain), error.end
