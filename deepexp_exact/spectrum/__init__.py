"""Exact spectral structure of a matrix K, or of K = left⁻¹·right: boxes, multiplicities,
Jordan block sizes, the cut.

Every decision is exact.  The common case is cheap: if the characteristic polynomial of K modulo a
prime is squarefree, all eigenvalues are simple, and float64 with bounded rounding errors isolates
them.  Otherwise balls of growing precision, and exact polynomials for repeated eigenvalues and for
what balls cannot decide (a real part shared by two eigenvalues, an eigenvalue on the cut).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from flint import acb, arb, ctx

from ..errors import BranchError
from ..exact import ExactMatrix, Quotient, as_quotient
from . import roots
from .boxes import Box, Eigenvalue, inflate
from .floats import float_boxes, float_eigenvectors
from .isolation import (
    ball_box,
    by_balls,
    by_polynomials,
    eigenvalue_ball,
    squarefree_modulo_a_prime,
)

__all__ = ["Box", "Eigenvalue", "Spectrum", "forget", "match_boxes", "spectrum"]


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

    def separation(self) -> float:
        """The largest over j of Σ_i log2(max |λ|/|λ_i − λ_j|), terms above 0 alone: about log2 of
        the spectral projectors in the worst case of dependent eigenvectors."""
        with ctx.workprec(64):
            centers = [e.enclosure.center for e in self.eigenvalues]
            size = max((abs(acb(arb(z.re), arb(z.im))) for z in centers), key=_log2)
            sums = [0.0] * len(centers)
            for i, j in itertools.combinations(range(len(centers)), 2):
                gap = centers[i] - centers[j]
                close = max(0.0, _log2(size / abs(acb(arb(gap.re), arb(gap.im)))))
                sums[i], sums[j] = sums[i] + close, sums[j] + close
        return max(sums)


def _log2(value: arb) -> float:
    return float((value.log() / arb.const_log2()).mid())


def spectrum(K: ExactMatrix | Quotient) -> Spectrum:
    """The exact spectral structure of an invertible K; :class:`HypothesisError` if it, or a factor
    of the quotient, is singular."""
    return _spectrum(as_quotient(K))


def forget() -> None:
    """Forget the spectra that are kept, so that one can be timed again."""
    _spectrum.cache_clear()
    roots.forget()
    float_eigenvectors.cache_clear()


@lru_cache(maxsize=32)
def _spectrum(K: Quotient) -> Spectrum:
    Y1, Y2 = K.left, K.right
    prime = squarefree_modulo_a_prime(Y1, Y2)
    if prime is None:
        K.require_invertible()
        return Spectrum(_eigenvalues(K), "exact polynomials over Q(i)")
    simple = f"squarefree modulo {prime}: all eigenvalues simple"
    found = float_boxes(Y1, Y2)
    if found is not None:
        rows = zip(found.isolating, found.enclosures, found.on_negative_axis, strict=True)
        return Spectrum(
            tuple(Eigenvalue(g, t, 1, (1,), on) for g, t, on in rows), f"{simple}; float64 discs"
        )
    for bits in (128, 256, 512, 1024, 2048):
        balls = by_balls(Y1, Y2, bits)
        if balls is not None:
            rows = zip(inflate(*balls), *balls, strict=True)
            return Spectrum(
                tuple(Eigenvalue(g, t, 1, (1,), on) for g, t, on in rows),
                f"{simple}; balls of {bits} bits",
            )
    return Spectrum(_eigenvalues(K), f"{simple}; exact polynomials over Q(i)")


def _eigenvalues(K: Quotient) -> tuple[Eigenvalue, ...]:
    roots = by_polynomials(K.matrix, (K.left, K.right))
    isolating = inflate([r.box for r in roots], [r.on_negative_axis for r in roots])
    return tuple(
        Eigenvalue(
            box,
            r.box,
            r.factor.multiplicity,
            r.factor.blocks,
            r.on_negative_axis,
            r.factor.poly.coefficients(),
        )
        for box, r in zip(isolating, roots, strict=True)
    )


def match_boxes(stored: Sequence[Box], K: ExactMatrix | Quotient) -> None:
    """Raise :class:`BranchError` unless stored box j holds eigenvalue j and no other, and meets
    the cut only where that eigenvalue lies on it.

    A stored box may be narrower than the first enclosure found: enclosures are refined until each
    lies inside its box and outside the others."""
    found = spectrum(K)
    if len(stored) != len(found.eigenvalues):
        raise BranchError(
            f"the record has {len(stored)} eigenvalues, K has {len(found.eigenvalues)} distinct "
            "ones",
            "is it the record of another problem?",
        )
    for j, (box, eigenvalue) in enumerate(zip(stored, found.eigenvalues, strict=True), 1):
        if box.contains_zero() or (box.meets_cut() and not eigenvalue.on_negative_axis):
            raise BranchError(
                f"box {j} of the record meets the branch cut or zero",
                "make the record again from the problem",
            )
    enclosures = [e.enclosure for e in found.eigenvalues]
    misfit = _misfit(stored, enclosures)
    for bits in _REFINEMENTS:
        if misfit is None or misfit.certain:
            break
        misfit = _misfit(stored, _refined(as_quotient(K), found, bits) or enclosures)
    if misfit is not None:
        raise BranchError(misfit.words, "is it the record of another problem?")


#: Bits to which eigenvalues are refined to place them in a stored box.
_REFINEMENTS = (256, 1024, 4096)


@dataclass(frozen=True)
class _Misfit:
    words: str
    certain: bool


def _misfit(stored: Sequence[Box], enclosures: Sequence[Box]) -> _Misfit | None:
    """The first box that is not seen to hold its own eigenvalue alone."""
    for j, box in enumerate(stored):
        for i, enclosure in enumerate(enclosures):
            if i == j and not box.contains_box(enclosure):
                words = f"box {j + 1} of the record does not hold eigenvalue {j + 1} of K"
                return _Misfit(f"{words}, {enclosure}", not box.overlaps(enclosure))
            if i != j and box.overlaps(enclosure):
                words = f"box {j + 1} of the record is not clear of eigenvalue {i + 1}"
                return _Misfit(words, box.contains_box(enclosure))
    return None


def _refined(K: Quotient, found: Spectrum, bits: int) -> list[Box] | None:
    """Enclosures of about ``bits`` bits in the same order, or None."""
    if any(e.factor is not None for e in found.eigenvalues):
        roots = [eigenvalue_ball(e, K, bits) for e in found.eigenvalues]
        return [ball_box(z) for z in roots]
    balls = by_balls(K.left, K.right, bits)
    return None if balls is None else balls[0]
