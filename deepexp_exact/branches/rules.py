"""The rules that choose a branch: principal, smallest-norm, integers given, a record given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import BranchError
from ..exact import shown, to_gaussian, wholes
from ..problems import Problem, as_problem
from ..spectrum import Spectrum, match_boxes, spectrum
from .record import MAX_TURN, BranchEntry, BranchRecord

#: What may be asked for: a rule's name, one integer for each distinct eigenvalue, or a record.
Branch = str | Sequence[int] | BranchRecord


def make_record(
    problem: Any, alpha: Any, turn: int = 0, branch: Branch = "principal"
) -> BranchRecord:
    """The branch record of a problem (or its name or path) for an exact number α and a turn.

    ``branch``: ``"principal"`` (all k = 0), ``"smallest-norm"`` (the global minimum of ‖L‖_F over
    the primary logarithms), integers k for the distinct eigenvalues in order of (Re, Im), or a
    record whose integers are taken over.  Raises :class:`BranchError` for anything else and
    :class:`HypothesisError` if Y1 or Y2 is singular."""
    if isinstance(alpha, str) and alpha in ("auto", "positive"):
        raise BranchError(f"α = {alpha!r} is no number", f"solve(problem, alpha={alpha!r}).record")
    problem, alpha = as_problem(problem), to_gaussian(alpha)
    found = spectrum(problem)
    notes: tuple[str, ...] = ()
    if isinstance(branch, BranchRecord):
        check_record(branch, problem)
        ks, rule = branch.ks, branch.rule
    elif isinstance(branch, str) and branch == "principal":
        ks, rule = (0,) * len(found.eigenvalues), "principal"
    elif isinstance(branch, str) and branch == "smallest-norm":
        from .smallest_norm import smallest_norm

        ks, notes = smallest_norm(problem, found)
        rule = "smallest-norm"
    elif isinstance(branch, Sequence | np.ndarray) and not isinstance(branch, str | bytes):
        ks, rule = wholes(branch, "branch", -MAX_TURN, MAX_TURN, BranchError), "integers"
        if len(ks) != len(found.eigenvalues):
            listed = ", ".join(str(e.box) for e in found.eigenvalues[:8])
            raise BranchError(
                f"{len(ks)} integers for {len(found.eigenvalues)} distinct eigenvalues of K",
                f"give one k for each of them, in this order: {listed}",
            )
    else:
        raise BranchError(
            f"there is no branch rule {shown(branch)}",
            "use principal, smallest-norm, integers such as 0,-1 or a record file",
        )
    return BranchRecord(alpha, turn, rule, _entries(found, ks), notes)


def _entries(found: Spectrum, ks: Sequence[int]) -> tuple[BranchEntry, ...]:
    return tuple(
        BranchEntry(e.box, e.multiplicity, e.blocks, e.on_negative_axis, k)
        for e, k in zip(found.eigenvalues, ks, strict=True)
    )


def check_record(record: BranchRecord, problem: Problem) -> None:
    """Raise :class:`BranchError` unless the record describes exactly the eigenvalues of K.

    The spectrum is recomputed from the problem: as many entries as distinct eigenvalues, every
    box holding its eigenvalue and no other, multiplicities, block sizes, sides of the cut, and
    the integers that the rule gives."""
    match_boxes([e.box for e in record.entries], problem)
    found = spectrum(problem)
    for j, (entry, truth) in enumerate(zip(record.entries, found.eigenvalues, strict=True), 1):
        for words, told, true in (
            ("multiplicity", entry.multiplicity, truth.multiplicity),
            ("block sizes", entry.blocks, truth.blocks),
            ("on_negative_axis", entry.on_negative_axis, truth.on_negative_axis),
        ):
            if told != true:
                raise BranchError(
                    f"eigenvalue {j} of the record: {words} {told}, but K has {true}",
                    "make the record again from the problem",
                )
    _check_rule(record, problem, found)


def _check_rule(record: BranchRecord, problem: Problem, found: Spectrum) -> None:
    """The integers are those of the rule that the record names."""
    if record.rule == "principal":
        expected: tuple[int, ...] = (0,) * len(record.entries)
    elif record.rule == "smallest-norm":
        from .smallest_norm import smallest_norm

        expected = smallest_norm(problem, found)[0]
    else:
        expected = record.ks
    if record.ks != expected:
        raise BranchError(
            f"the record says {record.rule}, which gives k = {_listed(expected)}, but it has "
            f"k = {_listed(record.ks)}",
            "make the record again, or call its rule integers",
        )


def _listed(ks: tuple[int, ...]) -> str:
    return ",".join(map(str, ks))
