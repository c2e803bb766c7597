"""Typed errors. Each says what is wrong, where, and what to do about it.

Command-line exit statuses follow from the class: 2 for malformed input, a hypothesis that fails or
usage; 3 for a proof that there is no solution; 1 for a claim or check that failed or stayed
undecided.
"""

from __future__ import annotations

from typing import Any

#: Most characters of a message: what is wrong with a file of megabytes does not repeat them.
_LONGEST = 2000


class DeepexpError(Exception):
    """Base of every error raised on purpose; ``remedy`` tells the reader what would help."""

    exit_status = 2

    def __init__(self, message: str, remedy: str = "") -> None:
        self.message, self.remedy = clip(message, _LONGEST), clip(remedy, _LONGEST)
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message} ({self.remedy})" if self.remedy else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message, self.remedy)


def printable(text: str, keep: str = "") -> str:
    """A text that may come from a file, with what is no visible character as an escape: what
    controls a terminal, turns the direction of writing or ends a line (but those in ``keep``)."""
    if text.isprintable():
        return text
    kept = keep + "\u00a0\u2009\u202f"  # spaces that do not break, or are thin
    return "".join(
        c if c.isprintable() or c in kept else c.encode("unicode_escape").decode() for c in text
    )


class NumberError(DeepexpError):
    """A text or object that is not an exact Gaussian rational."""


class UsageError(DeepexpError):
    """An option or argument with a value that it cannot have."""


class ShapeError(DeepexpError):
    """A matrix of the wrong size, or an empty one."""


class FormatError(DeepexpError):
    """A file that is unreadable, truncated, of another format or version, or has wrong keys."""


class HypothesisError(DeepexpError):
    """A hypothesis of the theorem that this problem does not satisfy; it is named."""


class NoSolutionError(HypothesisError):
    """A proof that no W1, W2, W3 solve the equations: ``statement`` is N1 or N2, or R6 for real
    ones, ``evidence`` its exact numbers (three ranks, the entry where Y1 and Y2 differ, the signs
    of det Y1 and det Y2)."""

    exit_status = 3

    def __init__(
        self, message: str, remedy: str = "", statement: str = "", evidence: tuple[int, ...] = ()
    ) -> None:
        super().__init__(message, remedy)
        self.statement, self.evidence = statement, evidence

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message, self.remedy, self.statement, self.evidence)


class UndecidedError(DeepexpError):
    """A problem that nothing here decides; ``pencil_rank`` is the rank of X1 + z·(X2 − X1) over
    the rational functions of z."""

    exit_status = 1

    def __init__(self, message: str, remedy: str = "", pencil_rank: int = 0) -> None:
        super().__init__(message, remedy)
        self.pencil_rank = pencil_rank

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message, self.remedy, self.pencil_rank)


class BranchError(DeepexpError):
    """A branch rule or record that does not fit this problem."""


class NotApplicableError(DeepexpError):
    """A path or construction that cannot treat this problem, with the reason."""


class PrecisionCeilingError(DeepexpError):
    """The digits asked for would need more working precision than the stated ceiling."""

    exit_status = 1


class ClaimError(DeepexpError):
    """A certificate's claim that could not be confirmed."""

    exit_status = 1


def clip(text: str, limit: int = 60) -> str:
    """A text cut to ``limit`` characters for an error message."""
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text)} characters)"


def shown(value: object) -> str:
    """The ``repr`` of any object for an error message, cut to a line."""
    try:
        return clip(" ".join(repr(value).split()))
    except Exception:  # an integer beyond CPython's 4300 digits, or an object with a broken repr
        return f"an object of type {type(value).__name__}"
