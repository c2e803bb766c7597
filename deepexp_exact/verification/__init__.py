"""Verification: cases, step evaluation, cross-checks, verdicts, the verify run.

Names are loaded when they are first used: a cross-check alone needs few of the modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .run import plan as plan
    from .run import run_case as run_case
    from .run import verify as verify
    from .verdicts import CaseReport as CaseReport
    from .verdicts import Check as Check
    from .verdicts import VerifyReport as VerifyReport

_HOME = {"plan": "run", "run_case": "run", "verify": "run", "CaseReport": "verdicts"}
_HOME |= {"Check": "verdicts", "VerifyReport": "verdicts"}

__all__ = ["CaseReport", "Check", "VerifyReport", "plan", "run_case", "verify"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOME[name]}", __name__), name)
