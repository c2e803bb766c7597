"""The command line in tests.

``real(...)`` starts it as a user does.  ``prompt(...)`` starts the same command in a process of its
own (arguments, streams, working folder, environment, exit status), but forked from a server of
this test process that has imported the package already: for tests of what a command does, rather
than of how its process starts, is limited, is signalled or ends."""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

COMMAND = [sys.executable, "-m", "deepexp_exact"]

#: A process that hands its arguments, streams, folder and environment over, and ends as told.
_CLIENT = """
import json, os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect(sys.argv[1])
socket.send_fds(server, [b"!"], [0, 1, 2])
told = {"words": sys.argv[2:], "folder": os.getcwd(), "environment": dict(os.environ)}
server.sendall(json.dumps(told).encode() + b"\\n")
sys.exit(int(server.makefile().readline() or 255))
"""


def real(*words: object) -> list[str]:
    """The arguments of a process that a user starts."""
    return [*COMMAND, *map(str, words)]


def prompt(*words: object) -> list[str]:
    """The arguments of a process that is the command with these words, or, if the first of them is
    the path of a script, that script with the others."""
    return [sys.executable, "-I", "-S", "-c", _CLIENT, _server(), *map(str, words)]


@functools.cache
def _server() -> str:
    """Where the server of this process listens; it ends with this process."""
    folder = tempfile.TemporaryDirectory(prefix="commands-")
    address = str(Path(folder.name) / "socket")
    reading, writing = os.pipe()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        server = subprocess.Popen(
            [sys.executable, __file__, str(listener.fileno()), str(reading), *sys.path],
            pass_fds=(listener.fileno(), reading), stdin=subprocess.DEVNULL,
        )  # fmt: skip
    os.close(reading)

    def end() -> None:
        os.close(writing)
        server.wait()
        folder.cleanup()

    atexit.register(end)
    return address


def _serve(listener: socket.socket, lifeline: int) -> bool:
    """Fork for each client; true in the process that is to run its command."""
    while True:
        if lifeline in select.select([listener, lifeline], [], [])[0]:
            return False
        client, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            os.close(lifeline)
            return _become(client)
        client.close()
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _become(client: socket.socket) -> bool:
    """Fork once more: one process waits and tells the client, the other takes its place."""
    _, streams, _, _ = socket.recv_fds(client, 1, 3)
    told = json.loads(client.makefile("rb").readline())
    if child := os.fork():
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        client.sendall(b"%d\n" % (status if status >= 0 else 128 - status))
        os._exit(0)
    client.close()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, encoding="utf-8", closefd=False)  # noqa: SIM115
    os.chdir(told["folder"])
    os.environ.clear()
    os.environ.update(told["environment"])
    sys.argv[1:] = told["words"]
    return True


def _run() -> int:
    """The exit status of what this process was told to be."""
    if not sys.argv[1:] or not sys.argv[1].endswith(".py"):
        return importlib.import_module("deepexp_exact.cli").main()  # type: ignore[no-any-return]
    del sys.argv[0]
    sys.path.insert(0, os.path.dirname(sys.argv[0]))
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    except SystemExit as stop:
        if not isinstance(stop.code, int | None):
            print(stop.code, file=sys.stderr)
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    return 0


def _load() -> None:
    """Import what commands may: every module of the package, and what those import where needed."""
    package = importlib.import_module("deepexp_exact")
    modules = [m.name for m in pkgutil.walk_packages(package.__path__, "deepexp_exact.")]
    for name in [*modules, "scipy.linalg", "scipy.sparse.linalg", "threadpoolctl", "jinja2"]:
        if not name.endswith("__main__"):
            with contextlib.suppress(ImportError):  # an optional package is missing
                importlib.import_module(name)
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    _listener, _lifeline, *sys.path[:] = sys.argv[1:]
    from deepexp_exact.threads import ONE_THREAD

    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    _load()
    if _serve(socket.socket(fileno=int(_listener)), int(_lifeline)):
        _status = _run()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_status)  # and leave this copy of so many modules as it is
