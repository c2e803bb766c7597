"""What a reader of one result should know before using it: each warning is one sentence.

The thresholds are for readers; nothing is decided by them.
"""

from __future__ import annotations

from ..branches import BranchRecord
from ..solution import Solution, condition_text
from .verdicts import Check

#: An eigenvalue of K within this angle (radians) of the negative axis is near the cut.
NEAR_CUT = 0.1
#: A condition number from which on it is worth a warning.
LARGE_CONDITION = 1e8
#: Digits that the weights carry beyond those asked from which on it is worth a warning.
EXTRA_DIGITS = 10
#: Fewer correct digits than this of a float64 weight count as a breakdown of float64.
FEW_DIGITS = 4.0


def record_warnings(record: BranchRecord) -> list[str]:
    """Eigenvalues on or near the cut, Jordan blocks, other branches, the record's own notes."""
    out = []
    for entry in record.entries:
        angle = entry.box.cut_angle()
        if entry.on_negative_axis:
            out.append(
                f"λ = {entry.box} lies on the branch cut (exactly): Log λ = log(−λ) + iπ; a "
                "rounded imaginary part could take either side"
            )
        elif angle < NEAR_CUT:
            out.append(f"λ = {entry.box} is near the branch cut: its angle from it is {angle:.2g}")
        if entry.blocks[0] > 1:
            out.append(
                f"λ = {entry.box} has a Jordan block of size {entry.blocks[0]}: K cannot be "
                "diagonalised"
            )
    return [*out, *record.notes]


def solution_warnings(solution: Solution) -> list[str]:
    """Large condition numbers, digits lost, and what the path itself reports."""
    out = [
        f"the condition number of {name} is {condition_text(value, 2)}"
        for name, value in solution.conditions.items()
        if value is None or value > LARGE_CONDITION
    ]
    extra = solution.digits_carried - solution.digits
    if extra >= EXTRA_DIGITS:
        out.append(
            f"digits are lost: the weights carry {solution.digits_carried} for the "
            f"{solution.digits} asked"
        )
    return [*out, *solution.findings]


def float64_warnings(check: Check) -> list[str]:
    """A breakdown of float64, from the check of the float64 path."""
    kept = check.figure.partition("/")[0]
    if not kept:
        return [f"float64 has no result: {check.detail}"]
    if float(kept) < FEW_DIGITS:
        return [f"float64 breaks down: {check.detail}"]
    return []
