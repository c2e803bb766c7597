"""Where results go: every target is tried before the work, every result is told after it."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any

from ..errors import UsageError
from ..files import STANDARD, stream_of, try_target, write_json, write_text
from .process import say

#: Other names of standard output.
_STANDARD = ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")


class Outputs:
    """The files a command writes besides what it prints: option → name (None: not asked for).

    Raises :class:`UsageError` for an empty name, one file named twice or among the files read, two
    outputs on standard output (``printed``: the command prints JSON there), and
    :class:`FormatError` for a file that could not be written."""

    def __init__(
        self,
        named: Mapping[str, str | None],
        read: Sequence[str] = (),
        printed: bool = False,
    ) -> None:
        check_inputs(read)
        self._names: dict[str, str] = {}
        seen = {_identity(name): "is read by this command" for name in read if name != STANDARD}
        if printed:
            seen[STANDARD] = "takes --json"
        for option, name in named.items():
            if name is None:
                continue
            if not name:
                raise UsageError(f"{option}: the file name is empty", f"{option} FILE, or -")
            name = STANDARD if stream_of(name) in _STANDARD else name
            key = STANDARD if name == STANDARD else _identity(name)
            if key in seen:
                what = "standard output" if key == STANDARD else name
                raise UsageError(f"{option}: {what} {seen[key]} already", "name another file")
            if key == STANDARD or not stream_of(name):
                seen[key] = f"takes {option}"
            self._names[option] = name
        for name in self._names.values():
            try_target(name)
        #: Where text for people goes: not between what is written to standard output.
        self.people: IO[str] = sys.stderr if STANDARD in self._names.values() else sys.stdout

    def told(
        self, people: Callable[[], None], files: Mapping[str, Callable[[], str | Mapping[str, Any]]]
    ) -> None:
        """Print for people and write the files asked for: each of them, whatever happens to
        another; then the first error is raised."""
        work = [people, *(self._writer(option, make) for option, make in files.items())]
        errors: list[Exception] = []
        for step in work:
            try:
                step()
                self.people.flush()
            except Exception as error:
                errors.append(error)
        if errors:
            raise errors[0]

    def _writer(
        self, option: str, make: Callable[[], str | Mapping[str, Any]]
    ) -> Callable[[], None]:
        def write() -> None:
            if option in self._names:
                made = make()
                if isinstance(made, str):
                    write_text(self._names[option], made)
                else:
                    write_json(self._names[option], made)

        return write


def check_inputs(names: Sequence[str]) -> None:
    """Standard input can be read once only; :class:`UsageError` if it is named twice."""
    if sum(name == STANDARD for name in names) > 1:
        raise UsageError("standard input (-) is to be read twice", "save it to a file first")


def _identity(name: str) -> str:
    try:
        return os.path.realpath(name)
    except (OSError, ValueError):  # no current folder, a null character: writing to it says so
        return name


@contextmanager
def waiting(what: str, patience: float = 3.0) -> Iterator[None]:
    """Tells on standard error that long work goes on: after some seconds, then ever less often."""
    done = threading.Event()

    def tell() -> None:
        started, pause = time.monotonic(), patience
        while not done.wait(pause):
            say(f"{what}: at work for {time.monotonic() - started:.0f} s")
            pause = min(1.5 * pause, 60.0)

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
