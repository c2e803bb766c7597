"""The principal logarithm of a matrix near a symmetric positive definite one, in balls.

exp(B) = M is solved from float64 by a chord iteration in the eigenvectors of the symmetric part,
whose divided differences of exp are positive; then Newton–Kantorovich (Kantorovich & Akilov,
*Functional Analysis*, XVIII.1): with S the symmetric part of B̃, δ = ‖B̃ − S‖ and r the radius,

    β0 = e^(−λmin(S)) ≥ ‖dexp(S)⁻¹‖,   β = β0/(1 − β0·e^μ·δ),   μ = λmax(S) + δ + r,
    β·e^μ·η ≤ 1/2,   η = β·‖exp(B̃) − M‖,   r = 2·η:

one B with exp(B) = M and ‖B − B̃‖ ≤ r.  ‖dexp(S)⁻¹‖ is the largest inverse divided difference (S is
normal), e^μ bounds the second derivative (Dahlquist's logarithmic norm), and |Im| ≤ δ + r < π for
the eigenvalues of B (Bendixson): it is the principal logarithm.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx

from ....precision import MoreBits
from ..functions import enclosures as en

#: Most steps of the iteration.
_STEPS = 4000


def principal_logarithm(M: Any) -> Any:
    """log(M) for a real ball matrix M (``arb_mat``) near a symmetric positive definite one, at the
    current precision; :class:`MoreBits` where that is not proved."""
    d = M.nrows()
    largest = max(abs(x).mid() for x in M.entries())
    if not largest > 0:
        raise MoreBits("a matrix is not finite, or zero")
    power = round(en.log2_of(largest))
    scaled = M * en.power_of_two(-power)
    B = _approximate(scaled.mid())
    reach = _reach(B, scaled)
    shift = arb.const_log2() * power
    blur, entries = arb(0, reach), B.entries()
    return arb_mat(
        d, d, [x + blur + (shift if j % (d + 1) == 0 else 0) for j, x in enumerate(entries)]
    )


def to_float64(matrix: Any) -> tuple[Any, int]:
    """(array, e) with matrix = array·2^e, about, the largest entry near 1; e = 0 for zero."""
    largest = max((abs(x).mid() for x in matrix.entries()), key=lambda x: x)
    if not (largest.is_finite() and largest > 0):
        return np.zeros((matrix.nrows(), matrix.ncols())), 0
    power = round(en.log2_of(largest))
    scale = en.power_of_two(-power)
    flat = [float((x * scale).mid()) for x in matrix.entries()]
    return np.array(flat).reshape(matrix.nrows(), matrix.ncols()), power


def from_float64(array: Any, power: int = 0) -> Any:
    """array·2^power, exactly."""
    scale = en.power_of_two(power)
    rows, columns = array.shape
    return arb_mat(rows, columns, [arb(float(x)) * scale for x in array.reshape(-1)])


def _approximate(M: Any) -> Any:
    """B with exp(B) ≈ M to about the current precision, exact midpoints."""
    start, power = to_float64(M)
    start = np.ldexp(start, power)
    values, U = np.linalg.eigh((start + start.T) / 2)
    if not values[0] > 0:
        raise MoreBits("a matrix is not near a positive definite one")
    logs = np.log(values)
    gaps = logs[:, None] - logs[None, :]
    near = np.abs(gaps) < 1e-6
    slopes = np.where(near, 1.0, np.expm1(gaps) / np.where(near, 1.0, gaps)) * values[None, :]
    slopes = np.where(near, np.sqrt(values[:, None] * values[None, :]), slopes)
    B = from_float64((U * logs) @ U.T)
    bits, best = ctx.prec, math.inf
    working = min(bits, 128)
    for _ in range(_STEPS):
        with ctx.workprec(working):
            rest = (M - B.exp()).mid()
            size = en.log2_of(max((abs(x).mid() for x in rest.entries()), key=lambda x: x))
        gained = size < best - 4
        if gained:
            best = size
            array, power = to_float64(rest)
            step = U @ ((U.T @ array @ U) / slopes) @ U.T
            with ctx.workprec(bits):
                B = (B + from_float64(step, power)).mid()
        elif working >= bits:
            break
        if not gained or size < -working / 2:
            working = min(bits, 2 * working)
    return B


def _reach(B: Any, M: Any) -> Any:
    """The radius r of the theorem for B̃ = B, exact; :class:`MoreBits` where it does not hold."""
    half = arb(1) / 2
    S = (B + B.transpose()) * half
    S = S.mid()
    delta = norm_upper(B - S)
    rest = norm_upper(B.exp() - M)
    low, high = _bounds(S)
    with ctx.workprec(en.NORM_BITS):
        beta0 = (-low).exp()
        for guess in (rest * beta0 * 4, rest * beta0 * 64):
            grown = (high + delta + guess).exp()
            blur = beta0 * grown * delta
            if not blur < half:
                break
            beta = beta0 / (1 - blur)
            eta = beta * rest
            radius = (2 * eta).upper()
            if beta * grown * eta <= half and radius <= guess and delta + radius < 3:
                return radius
    raise MoreBits("the logarithm of a matrix near a positive definite one is not proved")


def norm_upper(matrix: Any) -> Any:
    """An upper bound of the Frobenius norm."""
    with ctx.workprec(en.NORM_BITS):
        return sum((x * x for x in matrix.entries()), arb(0)).upper().sqrt().upper()


def _bounds(S: Any) -> tuple[Any, Any]:
    """A lower bound of the eigenvalues of an exact symmetric S and an upper one, by Cholesky
    factors of S − low·I and high·I − S in balls (Rump 2006)."""
    array, power = to_float64(S)
    values = np.linalg.eigvalsh(np.ldexp((array + array.T) / 2, power))
    size = max(abs(float(values[0])), abs(float(values[-1])), 1e-12)
    for room in (2.0**-30, 2.0**-20, 2.0**-10):
        low, high = arb(float(values[0]) - room * size), arb(float(values[-1]) + room * size)
        if _is_definite(S, low, 1) and _is_definite(S, high, -1):
            return low, high
    raise MoreBits("the eigenvalues of a symmetric matrix are not bounded")


def _is_definite(S: Any, shift: Any, sign: int) -> bool:
    """Whether sign·(S − shift·I) is certainly positive definite."""
    d = S.nrows()
    rows = [[sign * (S[r, c] - (shift if r == c else 0)) for c in range(d)] for r in range(d)]
    for k in range(d):
        if not rows[k][k] > 0:
            return False
        for r in range(k + 1, d):
            factor = rows[r][k] / rows[k][k]
            for c in range(k + 1, r + 1):
                rows[r][c] = rows[r][c] - factor * rows[c][k]
    return True
