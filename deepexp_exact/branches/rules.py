"""The rules that choose a branch: principal, smallest-norm, real, integers or a record given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..constructions import THEOREM, Parameters, complete
from ..errors import BranchError
from ..exact import ExactMatrix, Quotient, as_quotient, shown, to_gaussian, wholes
from ..problems import Problem, as_problem
from ..spectrum import Spectrum, match_boxes, spectrum
from ..spectrum.real_logarithm import real_structure, require_structure
from .logarithm import MAX_TURN, PAIR, REAL, BranchEntry, LogarithmRecord
from .record import BranchRecord, FirstLayer

#: A rule's name, or one integer for each distinct eigenvalue.
Rule = str | Sequence[int]
#: What may be asked for: a rule, or a record.
Branch = Rule | BranchRecord


def make_record(
    problem: Any,
    alpha: Any,
    turn: int = 0,
    branch: Branch = "principal",
    construction: str = THEOREM,
    parameters: Parameters | None = None,
) -> BranchRecord:
    """The branch record of a problem (or its name or path) for an exact number α and a turn.

    ``branch`` chooses the logarithm (:func:`make_logarithm`), or is a record whose integers are
    taken over.  Raises :class:`BranchError` for anything else and :class:`HypothesisError` if the
    outputs admit no K with Y1·K = Y2."""
    if isinstance(alpha, str) and alpha in ("auto", "positive"):
        raise BranchError(f"α = {alpha!r} is no number", f"solve(problem, alpha={alpha!r}).record")
    problem = as_problem(problem)
    completion = branch.completion if isinstance(branch, BranchRecord) else complete(problem)
    logarithm = make_logarithm(
        completion.quotient(problem),
        branch.logarithm if isinstance(branch, BranchRecord) else branch,
    )
    layer = FirstLayer(construction, to_gaussian(alpha), turn, parameters)
    return BranchRecord(layer, completion, logarithm)


def make_logarithm(
    K: ExactMatrix | Quotient, branch: Rule | LogarithmRecord = "principal"
) -> LogarithmRecord:
    """The record of a logarithm of K.

    ``branch``: ``"principal"`` (all k = 0), ``"smallest-norm"`` (the global minimum of ‖L‖_F over
    the primary logarithms), ``"real"`` (the real logarithm of a real K, :func:`real_structure`),
    integers k for the distinct eigenvalues in order of (Re, Im), or a record whose integers and J
    are taken over.  Raises :class:`BranchError` for anything else and
    :class:`HypothesisError` if K is singular, or has no real logarithm."""
    K = as_quotient(K)
    found = spectrum(K)
    notes: tuple[str, ...] = ()
    J: ExactMatrix | None = None
    if isinstance(branch, LogarithmRecord):
        check_logarithm(branch, K)
        ks, rule, J = branch.ks, branch.rule, branch.J
    elif isinstance(branch, str) and branch in ("principal", REAL):
        ks, rule = (0,) * len(found.eigenvalues), branch
        J = real_structure(K.matrix) if branch == REAL else None
    elif isinstance(branch, str) and branch == "smallest-norm":
        from .smallest_norm import smallest_norm

        ks, notes = smallest_norm(K, found)
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
            "use principal, smallest-norm, real, integers such as 0,-1 or a record file",
        )
    entries = tuple(
        BranchEntry(
            e.box,
            e.multiplicity,
            e.blocks,
            e.on_negative_axis,
            k,
            PAIR if J is not None and e.on_negative_axis else (),
        )
        for e, k in zip(found.eigenvalues, ks, strict=True)
    )
    return LogarithmRecord(rule, entries, notes, J)


def check_record(record: BranchRecord, problem: Problem) -> None:
    """Raise :class:`BranchError` unless the record's K completes the problem's outputs and its
    logarithm, if it has one, describes exactly the eigenvalues of that K."""
    K = record.quotient(problem)
    if record.first_layer.scaled:
        check_logarithm(record.logarithm, K)


def check_logarithm(record: LogarithmRecord, K: ExactMatrix | Quotient) -> None:
    """Raise :class:`BranchError` unless the record describes exactly the eigenvalues of K.

    The spectrum is recomputed from K: as many entries as distinct eigenvalues, every box holding
    its eigenvalue and no other, multiplicities, block sizes, sides of the cut, and the integers
    that the rule gives."""
    match_boxes([e.box for e in record.entries], K)
    found = spectrum(K)
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
    _check_rule(record, as_quotient(K), found)


def _check_rule(record: LogarithmRecord, K: Quotient, found: Spectrum) -> None:
    """The integers are those of the rule that the record names."""
    if record.rule == REAL:
        require_structure(K.matrix, record.J)
    if record.rule in ("principal", REAL):
        expected: tuple[int, ...] = (0,) * len(record.entries)
    elif record.rule == "smallest-norm":
        from .smallest_norm import smallest_norm

        expected = smallest_norm(K, found)[0]
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
