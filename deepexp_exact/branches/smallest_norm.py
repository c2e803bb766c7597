"""The primary logarithm of smallest Frobenius norm, as a closest-vector problem.

Every primary logarithm is L0 + 2πi·Σ n_j·P_j with P_j the spectral projector of the j-th distinct
eigenvalue (Higham, *Functions of Matrices*, theorem 1.28), so ‖L‖_F² is a quadratic form in n with
Gram matrix 4π²·Re tr(P_j* P_k).  The search is Schnorr–Euchner's enumeration in float64; whatever
comes within a tolerance of the best is compared again in ball arithmetic.  By Schur's inequality
only |arg λ_j + 2π·n_j| ≤ ‖L0‖_F can occur, so the search is finite.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
from flint import acb, acb_mat, arb, ctx
from numpy.typing import NDArray

from ..errors import PrecisionCeilingError
from ..problem import Problem
from ..spectrum import Eigenvalue, Spectrum
from ..spectrum.roads import ball_matrix

#: Most nodes of the enumeration tree.
MAX_NODES = 2_000_000
#: Working precisions tried, in bits; what the last one leaves undecided is a tie.
_BITS = (128, 256, 512, 1024, 2048)
_SLACK = 1e-7


def smallest_norm(problem: Problem, found: Spectrum) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The integers k of the primary logarithm of least ‖L‖_F, and notes on ties.

    Ties and comparisons undecided at the last precision take the smallest Σ|k|, then the
    lexicographically largest k, and are noted.  Raises :class:`PrecisionCeilingError` if the
    projectors cannot be enclosed or the search grows past ``MAX_NODES``."""
    candidates: list[tuple[int, ...]] = []
    for bits in _BITS:
        with ctx.workprec(bits):
            parts = _projectors(problem, found, bits)
            if parts is None:
                continue
            P, M = parts
            gram, linear = _quadratic_form(P, M)
            if gram is None or linear is None:
                continue
            if not candidates:
                candidates = _enumerate(_floats(gram), _floats_vector(linear))
            values = {n: _value(gram, linear, n) for n in candidates}
            best = min(values, key=lambda n: float(values[n].upper()))
            candidates = [n for n in candidates if not values[n] > values[best]]
            if len(candidates) == 1:
                return candidates[0], ()
    if not candidates:
        raise PrecisionCeilingError(
            f"the spectral projectors of K could not be enclosed with {_BITS[-1]} bits",
            "use the principal branch or give the integers",
        )
    ordered = sorted(candidates, key=lambda n: (sum(map(abs, n)), tuple(-k for k in n)))
    note = f"{len(ordered)} branches of equal norm (or undecided with {_BITS[-1]} bits)"
    others = "; ".join(",".join(map(str, n)) for n in ordered[1:4])
    return ordered[0], (f"{note}: taken {','.join(map(str, ordered[0]))}, others {others}",)


def _projectors(problem: Problem, found: Spectrum, bits: int) -> tuple[list[Any], Any] | None:
    """Enclosures of the P_j and of M = L0/(2πi); None if this precision is too low."""
    try:
        K = ball_matrix(problem.Y1).solve(ball_matrix(problem.Y2), algorithm="precond")
        if found.is_simple:
            values, R = K.eig(right=True, algorithm="rump")
            S = R.inv()
        else:
            values, R, S = _repeated_values(found, bits), None, None
    except (ValueError, ZeroDivisionError):
        return None
    lambdas = _in_order(values, found)
    if lambdas is None:
        return None
    d, total = problem.d, acb_mat(problem.d, problem.d)
    projectors = []
    if R is not None:
        for j, (position, z) in enumerate(lambdas):
            column = acb_mat(d, 1, [R[r, position] for r in range(d)])
            row = acb_mat(1, d, [S[position, c] for c in range(d)])
            projectors.append(column * row)
            total += projectors[-1] * _log(z, found.eigenvalues[j])
    else:
        projectors, total = _interpolated(K, [z for _, z in lambdas], found)
    return projectors, total * (1 / (acb(0, 2) * acb.pi()))


def _repeated_values(found: Spectrum, bits: int) -> list[Any]:
    """Enclosures of the distinct eigenvalues as roots of their exact factors."""
    from ..spectrum.roads import polynomial_root

    return [polynomial_root(e.factor, e.enclosure, bits) for e in found.eigenvalues]


def _in_order(values: list[Any], found: Spectrum) -> list[tuple[int, Any]] | None:
    """(position, ball) of each eigenvalue in the order of the record; None if not certain."""
    out = []
    for e in found.eigenvalues:
        box = acb(
            arb(e.box.re_lo).union(arb(e.box.re_hi)), arb(e.box.im_lo).union(arb(e.box.im_hi))
        )
        hits = [(p, z) for p, z in enumerate(values) if box.overlaps(z)]
        if len(hits) != 1:
            return None
        out.append(hits[0])
    return out


def _log(z: Any, e: Eigenvalue) -> Any:
    """Log of an eigenvalue, its side of the cut taken from the exact structure."""
    if e.on_negative_axis:
        return (-z).real.log() + acb(0, 1) * acb.pi()
    return z.log()


def _interpolated(K: Any, values: list[Any], found: Spectrum) -> tuple[list[Any], Any]:
    """P_j = I − (I − q_j(K))^ν_j with q_j = Π_{i≠j} ((x − λ_i)/(λ_j − λ_i))^ν_i, and L0.

    q_j(K) vanishes on the other generalised eigenspaces and is I + nilpotent on the j-th."""
    d = K.nrows()
    one = acb_mat([[int(r == c) for c in range(d)] for r in range(d)])
    powers = [_power(K - one * z, e.index) for z, e in zip(values, found.eigenvalues, strict=True)]
    projectors, total = [], acb_mat(d, d)
    for j, (z, e) in enumerate(zip(values, found.eigenvalues, strict=True)):
        q = one
        for i, (other, f) in enumerate(zip(values, found.eigenvalues, strict=True)):
            if i != j:
                q = q * powers[i] * (1 / (z - other) ** f.index)
        P = one - _power(one - q, e.index)
        N, term = (K - one * z) * (1 / z), P
        part = P * _log(z, e)
        for s in range(1, e.index):
            term = term * N
            part += term * (acb((-1) ** (s + 1)) / s)
        projectors.append(P)
        total += part
    return projectors, total


def _power(matrix: Any, exponent: int) -> Any:
    out = matrix
    for _ in range(exponent - 1):
        out = out * matrix
    return out


def _inner(A: Any, B: Any) -> Any:
    """Re tr(A* B)."""
    pairs = zip(A.entries(), B.entries(), strict=True)
    return sum((a.real * b.real + a.imag * b.imag for a, b in pairs), arb(0))


def _quadratic_form(P: list[Any], M: Any) -> tuple[Any, Any]:
    """Gram matrix and linear term of ‖M + Σ n_j P_j‖² − ‖M‖²; (None, None) if too wide."""
    gram = [[_inner(a, b) for b in P] for a in P]
    linear = [_inner(a, M) for a in P]
    wide = [
        x
        for x in [*itertools.chain.from_iterable(gram), *linear]
        if not x.is_finite() or x.rad() > arb("1e-20") * (1 + abs(x.mid()))
    ]
    return (None, None) if wide else (gram, linear)


def _floats(gram: Any) -> NDArray[np.float64]:
    return np.array([[float(x.mid()) for x in row] for row in gram])


def _floats_vector(linear: Any) -> NDArray[np.float64]:
    return np.array([float(x.mid()) for x in linear])


def _value(gram: Any, linear: Any, n: tuple[int, ...]) -> Any:
    total = arb(0)
    for i, a in enumerate(n):
        if a:
            total += 2 * a * linear[i]
            for j, b in enumerate(n):
                if b:
                    total += a * b * gram[i][j]
    return total


def _enumerate(gram: NDArray[np.float64], linear: NDArray[np.float64]) -> list[tuple[int, ...]]:
    """All n whose value is within the slack of the least one (Schnorr & Euchner 1994).

    The form is ‖U(n − t)‖² + const with U the Cholesky factor and t = −G⁻¹b; coordinates are
    fixed from the last to the first, nearest integer first."""
    m = len(linear)
    upper = np.linalg.cholesky(gram).T
    target = -np.linalg.solve(gram, linear)
    scale = float(np.abs(upper @ target).max()) ** 2 * m + 1.0
    n = np.zeros(m)
    bound = float(np.sum((upper @ (n - target)) ** 2)) + _SLACK * scale
    found: list[tuple[float, tuple[int, ...]]] = []
    nodes = 0

    def descend(level: int, partial: float) -> None:
        nonlocal bound, nodes
        nodes += 1
        if nodes > MAX_NODES:
            raise PrecisionCeilingError(
                f"the search for the smallest norm passed {MAX_NODES} nodes",
                "use the principal branch or give the integers",
            )
        if level < 0:
            found.append((partial, tuple(int(x) for x in n)))
            bound = min(bound, partial + _SLACK * scale)
            return
        above = float(upper[level, level + 1 :] @ (n[level + 1 :] - target[level + 1 :]))
        centre = target[level] - above / upper[level, level]
        start = math.floor(centre + 0.5)
        side = 1 if centre >= start else -1
        for step in itertools.count():
            value = start + side * ((step + 1) // 2) * (1 if step % 2 else -1)
            cost = partial + float(upper[level, level] * (value - centre)) ** 2
            if cost > bound:
                break
            n[level] = value
            descend(level - 1, cost)
        n[level] = 0.0

    descend(m - 1, 0.0)
    return [k for cost, k in found if cost <= bound]
