"""One worker process: reads runs as lines of JSON, writes outcomes as lines of JSON.

Started by :class:`deepexp_exact.study.crew.Worker` as ``python -m deepexp_exact.study.worker
MEGABYTES``.  It ends when its input ends, also in the middle of a run, so that no worker outlives
the process that started it.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from typing import IO, Any


def limit_memory(megabytes: int) -> None:
    """Let this process's private writable memory grow to so many megabytes at most."""
    try:
        import resource
    except ImportError:  # not on this system: there is no ceiling then
        return
    size = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def _private_output() -> IO[str]:
    """The protocol's stream; whatever else prints to standard output goes to standard error."""
    copy = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(copy, "w", encoding="utf-8")


def _read(lines: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        lines.put(line)
    os._exit(0)  # whoever started this process has gone


def main() -> None:
    """Answer runs until the input ends."""
    out = _private_output()
    megabytes = int(sys.argv[1])
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(lines,), daemon=True).start()
    limit_memory(megabytes)
    from .measuring import perform

    while True:
        request: dict[str, Any] = json.loads(lines.get())
        try:
            answer = perform(request["measure"], request["params"]).to_json()
        except MemoryError:
            answer = {"out_of_memory": megabytes}
        out.write(json.dumps(answer, allow_nan=False) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
