"""Worker processes under a time limit and a memory ceiling, and what becomes of those that die."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from typing import IO, Any

from ..solution import Label
from ..workers import ONE_THREAD
from .outcome import Outcome
from .plan import Limits, Run


class Worker:
    """One worker process, started when first needed and again after it was killed.

    :meth:`perform` may be called from one thread at a time."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._process: subprocess.Popen[str] | None = None
        self._errors: IO[bytes] | None = None

    def perform(self, run: Run) -> Outcome:
        """The outcome of a run, whatever happens to the process: UNDECIDED with the reason if it
        exceeds the time limit, the memory ceiling or dies."""
        started = time.perf_counter()
        process = self._started()
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            process.kill()

        timer = threading.Timer(self.limits.seconds, expire)
        timer.daemon = True
        line = ""
        timer.start()
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            with contextlib.suppress(OSError, ValueError):
                process.stdin.write(
                    json.dumps({"measure": run.measure, "params": dict(run.params)}) + "\n"
                )
                process.stdin.flush()
                line = process.stdout.readline()
        finally:
            timer.cancel()
        seconds = time.perf_counter() - started
        if line.endswith("\n"):
            return self._answered(json.loads(line), seconds)
        reason = self._buried(process, expired.is_set())
        return Outcome(Label.UNDECIDED, reason, seconds=seconds)

    def _answered(self, answer: dict[str, Any], seconds: float) -> Outcome:
        if "out_of_memory" in answer:
            reason = f"the memory ceiling of {answer['out_of_memory']} MB was reached"
            self.close()
            return Outcome(Label.UNDECIDED, reason, seconds=seconds)
        return Outcome.from_json(answer)

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed in close)
            environment = os.environ | dict.fromkeys(ONE_THREAD, "1") | {"PYTHONHASHSEED": "0"}
            self._process = subprocess.Popen(
                [sys.executable, "-m", "deepexp_exact.study.worker", str(self.limits.memory_mb)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                text=True,
                encoding="utf-8",
                env=environment,
                start_new_session=True,  # Ctrl-C is for the process that started this one
            )
            # The time limit counts from here on, not from the start of the interpreter.
            self._greet(self._process)
        return self._process

    @staticmethod
    def _greet(process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps({"measure": "", "params": {}}) + "\n")
            process.stdin.flush()
            process.stdout.readline()

    def _buried(self, process: subprocess.Popen[str], expired: bool) -> str:
        """Why the process has ended, from its exit status and its last words."""
        if expired:
            self.close()
            return f"the time limit of {self.limits.seconds:g} s was reached"
        code = process.wait()
        errors, words = self._errors, []
        if errors is not None:
            with contextlib.suppress(ValueError):  # closed by another thread
                errors.seek(0)
                words = errors.read()[-2000:].decode("utf-8", "replace").strip().splitlines()
        last = f" (memory ceiling {self.limits.memory_mb} MB)"
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
