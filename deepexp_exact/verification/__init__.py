"""Verification: cases, step evaluation, cross-checks, verdicts, the verify run."""

from .run import plan, run_case, verify
from .verdicts import CaseReport, Check, VerifyReport

__all__ = ["CaseReport", "Check", "VerifyReport", "plan", "run_case", "verify"]
