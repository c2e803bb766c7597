"""The spectral projector of F for the eigenvalues |φ| < ρ, enclosed, with their number proved.

A float64 Schur basis, refined by block diagonalisation at growing precision, is a hint T.  In balls
H = T⁻¹·F·T is block diagonal but for n12, n21; the separation of its blocks is bounded by the
powers of ρ·H22⁻¹ and H11/ρ, and Stewart's theorem (Stewart 1973; Stewart & Sun 1990, V.2.1) gives
the exact invariant subspaces within 2σ·n21 and 2σ·n12 of the bases.  No eigenvector is used, so
that multiple and defective eigenvalues need nothing special.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
from flint import acb, acb_mat, arb, ctx, fmpq

from ....errors import PrecisionCeilingError
from ....exact import ExactMatrix
from ....precision import MoreBits
from ..functions import enclosures as en

#: Bits of the bound on the separation, and squarings it may take.
_BOUND_BITS, _MOST_SQUARINGS = 256, 40
#: The refinement is given up after so many steps in a row that gain fewer bits than that: a step
#: gains what float64 leaves of the separation.
_STALLED, _LEAST_GAIN = 4, 12
#: Relative radius, in bits, of blocks that more bits would not tell apart either.
_SHARP_BITS = 100
_REMEDY = "leave the construction's parameters to the program"


@dataclass(frozen=True)
class Splitting:
    """Π = right·left with left·right = I (q×q), and block = left·F·right."""

    right: Any
    left: Any
    block: Any


def part(M: Any, rows: range, cols: range) -> Any:
    """The submatrix of these rows and columns."""
    return acb_mat(len(rows), len(cols), [M[r, c] for r in rows for c in cols])


def beside(left: Any, right: Any) -> Any:
    """[left right]."""
    rows = zip(left.tolist(), right.tolist(), strict=True)
    return acb_mat([a + b for a, b in rows])


def stacked(top: Any, bottom: Any) -> Any:
    return acb_mat(top.tolist() + bottom.tolist())


def split(F: Any, q: int, rho: fmpq, hint: ExactMatrix | None = None) -> Splitting:
    """The splitting of F (a ball matrix) by the circle |φ| = ρ, which holds exactly q eigenvalues.

    Raises :class:`MoreBits` where the count, or the separation, is not proved at this precision;
    ``hint`` is an exact basis [block | rest] where one is known."""
    d = F.nrows()
    inner, outer = range(q), range(q, d)
    T = _refined(F.mid(), _start(F, q, hint), q)
    H = en.solve(T, F * T, "the block diagonal form")
    H11, H12 = part(H, inner, inner), part(H, inner, outer)
    H21, H22 = part(H, outer, inner), part(H, outer, outer)
    n12, n21 = en.norm_upper(H12), en.norm_upper(H21)
    with ctx.workprec(_BOUND_BITS):
        radius = arb(rho)
        sigma = _separation(H11, H22, radius, arb(0))
        if not 4 * sigma * sigma * n12 * n21 < 1:
            raise MoreBits("the block diagonal form is too coarse")
        Q_norm, P_norm = (2 * sigma * n21).upper(), (2 * sigma * n12).upper()
        # the exact blocks H11 + H12·Q and H22 − Q·H12 lie inside and outside the circle too
        _separation(H11, H22, radius, (n12 * Q_norm).upper())
        if not Q_norm * P_norm < 1:
            raise MoreBits("the invariant subspaces are too close")
    Q = en.widened(acb_mat(d - q, q), Q_norm)
    P = en.widened(acb_mat(q, d - q), P_norm)
    one = en.identity(q)
    rows = en.solve(T, en.identity(d), "the inverse basis")
    left = en.solve(one - P * Q, beside(one, -P) * rows, "the left basis of the block")
    return Splitting(T * stacked(one, Q), left, H11 + H12 * Q)


def _separation(H11: Any, H22: Any, radius: Any, reach: Any) -> Any:
    """σ with ‖S⁻¹‖ ≤ σ for S(Q) = H22·Q − Q·H11, H11 and H22 widened by ``reach``.

    σ·ρ bounds Σ_k ‖(ρ·H22⁻¹)^(k+1)‖·‖(H11/ρ)^k‖ by squaring; that both powers get below ½ proves
    that the spectra lie outside and inside the circle.  :class:`MoreBits` if they do not, or
    :class:`PrecisionCeilingError` where more bits would not help."""
    a = en.solve(en.widened(H22, reach), en.scalar(H22.nrows(), acb(radius)), "ρ·H22⁻¹")
    b = en.widened(H11, reach) * acb(1 / radius)
    product, first = arb(1), en.norm_upper(a)
    for _ in range(_MOST_SQUARINGS):
        na, nb = en.norm_upper(a), en.norm_upper(b)
        if na < 0.5 and nb < 0.5:
            return (first * product / (1 - na * nb) / radius).upper()
        product = (product * (1 + na * nb)).upper()
        a, b = en.require_finite(a * a, "ρ·H22⁻¹"), en.require_finite(b * b, "H11/ρ")
    reason = "no separation of the eigenvalues at the circle"
    if all(en.relative_radius(M) < en.power_of_two(-_SHARP_BITS) for M in (H11, H22)):
        raise PrecisionCeilingError(reason, _REMEDY)  # the circle goes through one of them
    raise MoreBits(reason)


# ------------------------------------------------------------------------------- the hint T


def to_numpy(M: Any) -> Any:
    """Midpoints in float64."""
    flat = [complex(float(z.real.mid()), float(z.imag.mid())) for z in M.entries()]
    return np.array(flat).reshape(M.nrows(), M.ncols())


def from_numpy(A: Any) -> Any:
    return acb_mat([[acb(float(z.real), float(z.imag)) for z in row] for row in A])


def _start(F: Any, q: int, hint: ExactMatrix | None) -> Any:
    """[basis of the q smallest | basis of the rest]: exact, or from reordered Schur forms."""
    if hint is not None:
        return en.from_exact(hint).mid()
    A = to_numpy(F)
    d = len(A)
    if not np.isfinite(A).all():
        raise MoreBits("F leaves float64's range")
    moduli = np.sort(np.abs(np.linalg.eigvals(A)))
    limit = math.sqrt(max(moduli[q - 1], 1e-14 * moduli[-1]) * moduli[q])
    _, inside, found = scipy.linalg.schur(A, "complex", sort=lambda z: abs(z) < limit)
    _, outside, rest = scipy.linalg.schur(A, "complex", sort=lambda z: abs(z) >= limit)
    if (found, rest) != (q, d - q):
        raise MoreBits("float64 does not tell the block from the rest")
    return from_numpy(np.hstack([inside[:, :q], outside[:, : d - q]]))


def _refined(F: Any, T: Any, q: int) -> Any:
    """T with exact midpoints and T⁻¹·F·T block diagonal to the working precision: each step solves
    the two Sylvester equations of the coupling blocks in float64, so that errors are squared.

    Raises :class:`PrecisionCeilingError` where that makes no progress."""
    d, final = F.nrows(), ctx.prec
    inner, outer = range(q), range(q, d)
    bits, solver = 96, None
    best, stalled = math.inf, 0
    while True:
        with ctx.workprec(min(bits + 40, final + 40)):
            H = T.solve((F * T).mid(), algorithm="approx").mid()
            solver = solver or _Sylvester(to_numpy(H), q)
            H12, H21 = part(H, inner, outer), part(H, outer, inner)
            size = max(en.log2_of(en.norm_upper(H12)), en.log2_of(en.norm_upper(H21)))
            size -= en.log2_of(en.norm_upper(H))
            stalled = stalled + 1 if size > best - _LEAST_GAIN else 0
            if size < -final + 30 or (bits >= final and stalled):
                return T
            if stalled >= _STALLED:  # more bits would meet the same two matrices in float64
                raise PrecisionCeilingError(
                    "float64 does not tell the eigenvalues of the block from the rest", _REMEDY
                )
            scale = en.power_of_two(-math.floor(size)) if math.isfinite(size) else arb(1)
            Q, P = solver.solve(to_numpy(H12 * acb(scale)), to_numpy(H21 * acb(scale)))
            back = acb(1 / scale)
            step = stacked(
                beside(en.identity(q), from_numpy(P) * back),
                beside(from_numpy(Q) * back, en.identity(d - q)),
            )
            T = (T * step).mid()
        best = min(best, size)
        bits = min(final, max(bits + 32, math.ceil(-2 * size) + 64))


class _Sylvester:
    """H22·Q − Q·H11 = −H21 and H11·P − P·H22 = −H12 in float64, by Schur forms."""

    def __init__(self, H: Any, q: int) -> None:
        self.T1, self.U1 = scipy.linalg.schur(H[:q, :q], "complex")
        self.T2, self.U2 = scipy.linalg.schur(H[q:, q:], "complex")
        (self.trsyl,) = scipy.linalg.get_lapack_funcs(("trsyl",), (self.T1,))

    def solve(self, H12: Any, H21: Any) -> tuple[Any, Any]:
        U1, U2 = self.U1, self.U2
        x, scale, _ = self.trsyl(self.T2, self.T1, -(U2.conj().T @ H21 @ U1), isgn=-1)
        y, other, _ = self.trsyl(self.T1, self.T2, -(U1.conj().T @ H12 @ U2), isgn=-1)
        return U2 @ (x * scale) @ U1.conj().T, U1 @ (y * other) @ U2.conj().T
