"""Exact spectral structure of K = Y1⁻¹·Y2: boxes, multiplicities, Jordan block sizes, the cut.

Every decision is exact.  The common case is cheap: if the characteristic polynomial of K modulo a
prime is squarefree, all eigenvalues are simple, and float64 with bounded rounding errors isolates
them.  Otherwise balls of growing precision, and exact polynomials for repeated eigenvalues and for
what balls cannot decide (a real part shared by two eigenvalues, an eigenvalue on the cut).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..errors import BranchError, HypothesisError
from ..exact import ExactMatrix
from ..problem import Problem
from .boxes import Box, Eigenvalue, spread
from .roads import ball_road, exact_road, squarefree_modulo_a_prime

__all__ = ["Box", "Eigenvalue", "Spectrum", "match_boxes", "spectrum"]


@dataclass(frozen=True)
class Spectrum:
    """The distinct eigenvalues of K in order of (Re, Im), and how they were decided."""

    eigenvalues: tuple[Eigenvalue, ...]
    evidence: str

    @property
    def d(self) -> int:
        return sum(e.multiplicity for e in self.eigenvalues)

    @property
    def is_simple(self) -> bool:
        return all(e.multiplicity == 1 for e in self.eigenvalues)


def spectrum(problem: Problem) -> Spectrum:
    """The exact spectral structure of K; :class:`HypothesisError` if Y1 or Y2 is singular."""
    return _spectrum(problem.Y1, problem.Y2)


@lru_cache(maxsize=32)
def _spectrum(Y1: ExactMatrix, Y2: ExactMatrix) -> Spectrum:
    prime = squarefree_modulo_a_prime(Y1, Y2)
    if prime is None:
        for label, matrix in (("Y1", Y1), ("Y2", Y2)):
            if (rank := matrix.rank()) < matrix.rows:
                raise HypothesisError(
                    f"{label} is singular: its rank is {rank}, needed {matrix.rows}",
                    "the theorem needs Y1 and Y2 invertible",
                )
        return Spectrum(_eigenvalues(Y1, Y2), "exact polynomials over Q(i)")
    simple = f"squarefree modulo {prime}: all eigenvalues simple"
    from .floats import float_boxes

    found = float_boxes(Y1, Y2)
    if found is not None:
        rows = zip(found.generous, found.tight, found.on_negative_axis, strict=True)
        return Spectrum(
            tuple(Eigenvalue(g, t, 1, (1,), on) for g, t, on in rows), f"{simple}; float64 discs"
        )
    for bits in (128, 256, 512, 1024, 2048):
        balls = ball_road(Y1, Y2, bits)
        if balls is not None:
            rows = zip(spread(*balls), *balls, strict=True)
            return Spectrum(
                tuple(Eigenvalue(g, t, 1, (1,), on) for g, t, on in rows),
                f"{simple}; balls of {bits} bits",
            )
    return Spectrum(_eigenvalues(Y1, Y2), f"{simple}; exact polynomials over Q(i)")


def _eigenvalues(Y1: ExactMatrix, Y2: ExactMatrix) -> tuple[Eigenvalue, ...]:
    roots = exact_road(Y1.solve(Y2))
    generous = spread([r.box for r in roots], [r.on_negative_axis for r in roots])
    return tuple(
        Eigenvalue(
            box,
            r.box,
            r.factor.multiplicity,
            r.factor.blocks,
            r.on_negative_axis,
            r.factor.poly.coefficients(),
        )
        for box, r in zip(generous, roots, strict=True)
    )


def match_boxes(stored: Sequence[Box], found: Spectrum) -> None:
    """Raise :class:`BranchError` unless stored box j holds eigenvalue j and no other, and meets
    the cut only where that eigenvalue lies on it."""
    for j, box in enumerate(stored):
        for i, eigenvalue in enumerate(found.eigenvalues):
            if i == j and not box.contains_box(eigenvalue.enclosure):
                raise BranchError(
                    f"box {j + 1} of the record does not hold eigenvalue {j + 1} of K, "
                    f"{eigenvalue.box}",
                    "is it the record of another problem?",
                )
            if i != j and box.overlaps(eigenvalue.enclosure):
                raise BranchError(f"box {j + 1} of the record is not clear of eigenvalue {i + 1}")
        on_axis = found.eigenvalues[j].on_negative_axis
        if (box.meets_cut() and not on_axis) or box.contains_zero():
            raise BranchError(f"box {j + 1} of the record meets the branch cut or zero")
