"""The one pool of worker processes, for every command that runs in parallel.

A worker is a Python process of its own session with one BLAS thread.  It is told calls as lines of
JSON on its standard input (function as ``"module:name"``, arguments) and answers each with a line;
it ends when its input does, so that it never outlives the process that started it, however that
one ended.  A time limit and a memory ceiling hold for each call; a worker that dies of either, or
of anything else, is replaced, and its call is :class:`Lost` with the reason.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import IO, Any

from .errors import UsageError, shown
from .threads import ONE_THREAD

#: Most worker processes that may be asked for.
MAX_WORKERS = 512

# The parent's search path, so that both run the same sources, and nothing of the current folder.
_START = (
    "import sys; sys.path[:] = sys.argv[3:]; from deepexp_exact.workers import serve; "
    "serve(int(sys.argv[1]), int(sys.argv[2]))"
)
_ENVIRONMENT = {"PYTHONHASHSEED": "0", "PYTHONIOENCODING": "utf-8"}
_PR_SET_PDEATHSIG = 1


class TimeLimit(Exception):
    """Raised by the alarm of :func:`time_limit`."""


@contextmanager
def time_limit(seconds: float, busy: bool = False) -> Iterator[None]:
    """Raise :class:`TimeLimit` in the main thread after so many seconds, with ``busy`` of this
    process's own processor time, which a loaded machine does not spend (where timers exist)."""

    def ring(_signal: int, _frame: Any) -> None:
        raise TimeLimit

    if not hasattr(signal, "setitimer"):
        yield
        return
    number = signal.SIGPROF if busy else signal.SIGALRM
    timer = signal.ITIMER_PROF if busy else signal.ITIMER_REAL
    before = signal.signal(number, ring)
    signal.setitimer(timer, seconds)
    try:
        yield
    finally:
        signal.setitimer(timer, 0)
        signal.signal(number, before)


def count_workers(asked: int | None, tasks: int) -> int:
    """Processes for so many tasks: those asked for, or one a processor, but not more than tasks.

    Raises :class:`UsageError` for a number that is not an integer from 1 to ``MAX_WORKERS``."""
    if asked is None:
        free = getattr(os, "sched_getaffinity", None)
        asked = len(free(0)) if free else os.cpu_count() or 1
    elif isinstance(asked, bool) or not isinstance(asked, int) or not 1 <= asked <= MAX_WORKERS:
        raise UsageError(
            f"{shown(asked)} worker processes were asked for", f"ask for 1 to {MAX_WORKERS}"
        )
    return max(1, min(asked, tasks))


@dataclass(frozen=True)
class Lost:
    """A call without an answer: the reason, and the seconds it had."""

    reason: str
    seconds: float = 0.0


class Worker:
    """One worker process, started when first needed and again after it was killed.

    ``seconds`` of wall time and ``memory_mb`` megabytes (0: no ceiling) for each call.
    :meth:`call` may be used by one thread at a time."""

    def __init__(self, seconds: float = math.inf, memory_mb: int = 0) -> None:
        self.seconds = seconds
        self.memory_mb = memory_mb
        self._process: subprocess.Popen[str] | None = None
        self._errors: IO[bytes] | None = None

    def call(self, function: str, arguments: Sequence[Any]) -> Any:
        """What ``"module:name"`` gives for these arguments (JSON values all), or :class:`Lost`."""
        process = self._started(function)
        started = time.perf_counter()
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            process.kill()

        timer = threading.Timer(min(self.seconds, threading.TIMEOUT_MAX), expire)
        timer.daemon = True
        timer.start()
        try:
            answer = _ask(process, [function, list(arguments)])
        finally:
            timer.cancel()
        seconds = time.perf_counter() - started
        if answer is None:
            return Lost(self._exit_reason(process, expired.is_set()), seconds)
        if "memory" in answer:
            self.close()
            return Lost(f"the memory ceiling of {self.memory_mb} MB was reached", seconds)
        if "error" in answer:
            return Lost(answer["error"], seconds)
        return answer["answer"]

    def _started(self, function: str) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            words = [str(self.memory_mb), str(os.getpid()), *(p or "." for p in sys.path)]
            try:
                self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed in close)
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-c", _START, *words],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=self._errors,
                    text=True,
                    encoding="utf-8",
                    env=os.environ | dict.fromkeys(ONE_THREAD, "1") | _ENVIRONMENT,
                    start_new_session=True,  # Ctrl-C is for the process that started this one
                )
            except OSError as error:
                raise UsageError(
                    f"no worker process could be started: {error.strerror}",
                    "ask for fewer of them",
                ) from None
            # Warming up: the time limit counts from here on, not from the interpreter's start.
            _ask(self._process, [function, None])
        return self._process

    def _exit_reason(self, process: subprocess.Popen[str], expired: bool) -> str:
        """Why the process has ended, from its exit status and its last words."""
        if expired:
            self.close()
            return f"the time limit of {self.seconds:g} s was reached"
        code = process.wait()
        errors, words = self._errors, []
        if errors is not None:
            with contextlib.suppress(ValueError):  # closed by another thread
                errors.seek(0)
                words = errors.read()[-2000:].decode("utf-8", "replace").strip().splitlines()
        last = f" (memory ceiling {self.memory_mb} MB)" if self.memory_mb else ""
        last += f": {words[-1][:200]}" if words else ""
        self.close()
        if code < 0:
            with contextlib.suppress(ValueError):
                return f"the worker process died of {signal.Signals(-code).name}{last}"
        return f"the worker process ended with status {code}{last}"

    def close(self) -> None:
        """End the process, if there is one; any thread may do so."""
        process, self._process = self._process, None
        errors, self._errors = self._errors, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError, ValueError):
                        stream.close()
        if errors is not None:
            errors.close()


def _ask(process: subprocess.Popen[str], call: list[Any]) -> dict[str, Any] | None:
    """The answer to one call; None if the process ended before it gave one."""
    if process.stdin is None or process.stdout is None:
        return None
    with contextlib.suppress(OSError, ValueError):
        process.stdin.write(json.dumps(call) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if line.endswith("\n"):
            answer: dict[str, Any] = json.loads(line)
            return answer
    return None


def in_pool(
    function: str,
    tasks: Sequence[Sequence[Any]],
    workers: int | None = None,
    seconds: float = math.inf,
    memory_mb: int = 0,
) -> Generator[tuple[int, Any], None, None]:
    """(index of the task, ``function(*task)`` or :class:`Lost`) as the calls end.

    One worker without limits is this process itself.  Closing the generator kills the workers."""
    count = count_workers(workers, len(tasks))
    if count == 1 and seconds == math.inf and not memory_mb:
        here = _resolved(function)
        yield from ((index, here(*task)) for index, task in enumerate(tasks))
        return
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for index in range(len(tasks)):
        waiting.put(index)
    ended: queue.SimpleQueue[tuple[int, Any] | BaseException] = queue.SimpleQueue()
    pool = [Worker(seconds, memory_mb) for _ in range(count)]
    stop = threading.Event()

    def feed(worker: Worker) -> None:
        try:
            while not stop.is_set():
                index = waiting.get_nowait()
                ended.put((index, worker.call(function, tasks[index])))
        except queue.Empty:
            pass
        except BaseException as error:
            ended.put(error)
        finally:
            worker.close()

    threads = [threading.Thread(target=feed, args=(w,), daemon=True) for w in pool]
    try:
        for thread in threads:
            thread.start()
        for _ in range(len(tasks)):
            item = ended.get()
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        for worker in pool:
            worker.close()
        for thread in threads:
            if thread.ident is not None:
                thread.join(timeout=5)


def _resolved(function: str) -> Callable[..., Any]:
    module, _, name = function.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found


# ------------------------------------------------------------------------- in the worker process


def serve(memory_mb: int, parent: int) -> None:
    """Answer calls until the input ends, also in the middle of one."""
    end_with(parent)
    copy = os.dup(1)
    os.dup2(2, 1)  # whatever else prints to standard output goes to standard error
    out = os.fdopen(copy, "w", encoding="utf-8")
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(lines,), daemon=True).start()
    if memory_mb:
        _limit_memory(memory_mb)
    while True:
        function, arguments = json.loads(lines.get())
        out.write(json.dumps(_answer(function, arguments)) + "\n")
        out.flush()


def _answer(function: str, arguments: list[Any] | None) -> dict[str, Any]:
    try:
        found = _resolved(function)
        return {"answer": None if arguments is None else found(*arguments)}
    except MemoryError:
        return {"memory": True}
    except Exception as error:
        if memory_is_used_up():
            return {"memory": True}
        return {"error": f"internal error, {type(error).__name__}: {error}"}


def _read(lines: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        lines.put(line)
    os._exit(0)  # whoever started this process has gone


def end_with(parent: int) -> None:
    """Be killed with the thread that started this process: the end of the input is not noticed
    before a long call of a C library returns (Linux; elsewhere it has to do)."""
    if sys.platform.startswith("linux"):
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(0)


def memory_is_used_up() -> bool:
    """Whether this process has a memory ceiling and less than an eighth of it is left: what fails
    then need not say so (Python's parser raises ``ValueError``)."""
    if not sys.platform.startswith("linux"):
        return False
    import resource

    ceiling = resource.getrlimit(resource.RLIMIT_DATA)[0]
    if ceiling == resource.RLIM_INFINITY:
        return False
    with open("/proc/self/status", encoding="ascii") as lines:
        used = next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmData:"))
    return 8 * (ceiling - used) < ceiling


def _limit_memory(megabytes: int) -> None:
    """Let this process's private writable memory grow to so many megabytes at most."""
    try:
        import resource
    except ImportError:  # not on this system: there is no ceiling then
        return
    size = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))
