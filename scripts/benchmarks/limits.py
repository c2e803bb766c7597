"""Which methods are skipped because they would take, or have taken, too long."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

#: Runs shorter than this are overhead and say little about larger ones.
_TELLING = 0.2


class TooLong(BaseException):
    """A method went over its time limit.  Not an ``Exception``, so that nothing on the way
    swallows it."""


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raise :class:`TooLong` in the main thread after so many seconds, between two Python steps: a
    single call into C runs to its end first."""

    def late(_number: int, _frame: FrameType | None) -> None:
        raise TooLong(f"stopped after {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@dataclass
class Limits:
    """Seconds for one run of a method (``own`` for some, ``seconds`` for all others)."""

    seconds: float
    own: dict[str, float] = field(default_factory=dict)
    seen: list[tuple[str, str, int, int, float]] = field(default_factory=list)

    def of(self, method: str) -> float:
        return self.own.get(method, self.seconds)

    def reason(self, method: str, family: str, d: int, digits: int) -> str | None:
        """Why this method is skipped here: predicted to grow like d³ and like the digits from the
        largest smaller case of the family that was timed; None if it is not."""
        done = [
            (e * n, spent * (d / e) ** 3 * (digits / n))
            for name, kind, e, n, spent in self.seen
            if (name, kind) == (method, family) and e <= d and n <= digits and spent > _TELLING
        ]
        predicted = max(done)[1] if done else 0.0
        if predicted <= self.of(method):
            return None
        return f"skipped: would take about {predicted:.0f} s, over the limit of {self.of(method):g}"

    def note(self, method: str, family: str, d: int, digits: int, spent: float) -> None:
        self.seen.append((method, family, d, digits, spent))
