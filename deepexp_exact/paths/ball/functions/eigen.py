"""Proved eigendecompositions of matrices with simple eigenvalues, by matrix products.

Approximate eigenvectors come from LAPACK (or from any caller: nothing is believed) and are refined
quadratically by products of midpoints (Ogita & Aishima, *Iterative refinement for eigenvalue
decomposition*, 2018–2019); the last step is done in balls and proves what it returns.  The proof
goes back to Gershgorin discs of R⁻¹NR and a bound on the eigenvectors of a nearly diagonal matrix
(Stewart & Sun, *Matrix Perturbation Theory*, chapter V; verified eigenvectors as in Rump 1999 and
Miyajima 2012).  All norms are Frobenius norms, bounded upwards.

Cost: five products a step.  The precision of the steps doubles from float64 on, so that all but the
last cost little, and the last multiplies factors of half the working precision.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import acb, acb_mat, arb, ctx

from . import enclosures as en

#: Bits in which the first refinement of float64 eigenvectors is done, beyond their condition.
_FIRST_BITS = 96
#: The proof is not attempted unless the last correction is below 2^−this.
_SMALL = 12


@dataclass(frozen=True)
class Eigenvectors:
    """Approximate eigenvectors as columns of R, S ≈ R⁻¹ and eigenvalues; all radii are zero."""

    values: list[Any]
    R: Any
    S: Any


@dataclass(frozen=True)
class EnclosedEigenvectors:
    """Enclosures of λ_j, P and P⁻¹ with N = P·diag(λ)·P⁻¹ for one and the same exact P.

    ``values[j]`` holds exactly one eigenvalue, that of column j of ``R`` ∋ P; ``S`` ∋ P⁻¹."""

    values: tuple[Any, ...]
    R: Any
    S: Any

    def function(self, images: list[Any]) -> Any:
        """f(N) = P·diag(f(λ))·P⁻¹ from balls that hold f(λ_j)."""
        return en.scale_columns(self.R, images) * self.S

    def permuted(self, places: list[int]) -> EnclosedEigenvectors:
        """The same with eigenvalue ``places[j]`` in place j."""
        d = len(places)
        R, S = self.R.entries(), self.S.entries()
        return EnclosedEigenvectors(
            tuple(self.values[c] for c in places),
            acb_mat(d, d, [R[r * d + c] for r in range(d) for c in places]),
            acb_mat(d, d, [S[r * d + c] for r in places for c in range(d)]),
        )


def decompose(N: Any, start: Eigenvectors | None = None) -> EnclosedEigenvectors | None:
    """The eigendecomposition of every matrix in the ball matrix N (d×d), at the current precision.

    ``start`` may be anything: a bad one costs time or the result, never its truth.  None where the
    eigenvalues are not simple for float64, or N is too wide: the caller has another way."""
    bits = ctx.prec
    if not en.all_finite(N):
        return None
    refined = _refine(N.mid(), start, bits) if start else None
    if refined is None:
        own = float_eigenvectors(N)
        refined = _refine(N.mid(), own, bits) if own else None
    return None if refined is None else prove(N, refined, bits)


def float_eigenvectors(N: Any) -> Eigenvectors | None:
    """LAPACK's eigenvectors of the midpoint with their inverse; None if they do not exist."""
    d = N.nrows()
    matrix = np.array([complex(z) for z in N.entries()]).reshape(d, d)
    try:
        with np.errstate(all="ignore"):
            values, vectors = np.linalg.eig(matrix)
            inverse = np.linalg.inv(vectors)
    except np.linalg.LinAlgError:
        return None
    if not (np.isfinite(values).all() and np.isfinite(inverse).all()):
        return None
    return Eigenvectors([acb(v) for v in values.tolist()], exact(vectors), exact(inverse))


def exact(matrix: Any) -> Any:
    """A float64 matrix as it is."""
    return acb_mat([[acb(z) for z in row] for row in matrix.tolist()])


# --------------------------------------------------------------------------- approximate part


def _refine(N: Any, now: Eigenvectors, bits: int) -> Eigenvectors | None:
    """Newton steps in midpoints until one more reaches ``bits`` bits; None without contraction.

    With F = S·N·R + (I − S·R)·Λ − Λ and E_ij = F_ij/(λ_j − λ_i) the next vectors are R·(I + E);
    their error is about ‖E‖²·(largest/smallest gap)."""
    closeness, size = _gaps(now.values)
    if not closeness > 0:
        return None
    spread = math.log2(max(size, closeness)) - math.log2(closeness)
    condition = en.log2_of(en.norm_upper(now.R)) + en.log2_of(en.norm_upper(now.S)) + spread
    if not math.isfinite(condition):
        return None
    goal = (bits + spread) / 2
    accuracy, work = 0.0, min(bits, math.ceil(_FIRST_BITS + condition))
    for _ in range(2 + bits.bit_length()):
        with ctx.workprec(work):
            now, error = _step(N * 1, now)
        reached = min(-2 * error - spread, work - condition)
        if error > -_SMALL or reached <= accuracy:
            return None
        accuracy = reached
        if accuracy >= goal or work == bits:
            return now
        work = min(bits, math.ceil(min(2 * accuracy, goal) + condition) + 16)
    return None


def _gaps(values: list[Any]) -> tuple[float, float]:
    """The smallest distance of two eigenvalues and the largest modulus, in float64."""
    points = np.array([complex(v) for v in values])
    size = float(np.abs(points).max())
    if len(points) == 1:
        return max(size, 1.0), size
    apart = np.abs(points[:, None] - points[None, :])
    np.fill_diagonal(apart, np.inf)
    return float(apart.min()), size


def _step(N: Any, now: Eigenvectors) -> tuple[Eigenvectors, float]:
    """One Newton step at the current precision, and log2 of the correction's norm."""
    d = len(now.values)
    R, S = now.R, now.S
    G = (en.identity(d) - S * R).mid()
    F = (S * (N * R).mid() - en.diagonal(now.values) + en.scale_columns(G, now.values)).mid()
    E, moves = _correction(F, now.values)
    values = [(v + m).mid() for v, m in zip(now.values, moves, strict=True)]
    better = Eigenvectors(values, (R + R * E).mid(), (S + (G - E) * S).mid())
    return better, max(en.log2_of(en.norm_upper(E)), en.log2_of(en.norm_upper(G)))


def _correction(F: Any, values: list[Any]) -> tuple[Any, list[Any]]:
    """E with E_ij = F_ij/(λ_j − λ_i), E_ii = 0, and the diagonal of F; midpoints."""
    d, flat = len(values), F.entries()
    zero = acb(0)
    quotients = [
        flat[i * d + j] / (values[j] - values[i]) if i != j else zero
        for i in range(d)
        for j in range(d)
    ]
    return acb_mat(d, d, quotients).mid(), [flat[i * d + i].mid() for i in range(d)]


# ----------------------------------------------------------------------------------- the proof


def prove(N: Any, near: Eigenvectors, bits: int) -> EnclosedEigenvectors | None:
    """Enclosures from approximate eigenvectors, or None where they are not close enough.

    Let N be any matrix of the enclosure; R, S and Λ = diag(λ) are exact.  G = I − S·R with
    ‖G‖ < 1 makes R and S invertible, R⁻¹ = (I − G)⁻¹·S.  With H = S·N·R − Λ,

        T = R⁻¹NR = (I − G)⁻¹(Λ + H) = Λ + F + t,   F = H + G·Λ,
        ‖t‖ ≤ ‖G‖‖H‖ + ‖G‖²(‖Λ‖ + ‖H‖)/(1 − ‖G‖).

    For any exact E with zero diagonal and any exact diagonal Δ

        T(I + E) − (I + E)(Λ + Δ) = (F − Δ + ΛE − EΛ) + t + (F + t)E − EΔ =: Q₀,

    so N = R(I + E)·(Λ + Δ + Q)·(R(I + E))⁻¹ with ‖Q‖ ≤ ‖Q₀‖/(1 − ‖E‖) =: q.  E and Δ make the
    bracket vanish up to rounding, so q is of second order.

    Let γ > 2q be smaller than every distance of two entries of Λ + Δ.  The eigenvalues of
    Λ + Δ + Q lie within q of those entries (Bauer–Fike), one in each disc (they move continuously
    with Q).  For the eigenvector x of disc j and i ≠ j: (λ* − λ'_i)·x_i = (Qx)_i with
    |λ* − λ'_i| ≥ γ − q; x_j = 0 is impossible since q < γ − q, so take x = e_j + y, y_j = 0:
    ‖y‖(γ − q) ≤ ‖Q·e_j‖ + q‖y‖, hence ‖y‖ ≤ ‖Q·e_j‖/(γ − 2q).  The matrix I + Y of these vectors
    has ‖Y‖ ≤ q/(γ − 2q) =: y, and P = R(I + E)(I + Y) diagonalises N.

    For the inverse: (I − G)(I + E) = I − U with U = G − E + GE, so
    (R(I + E))⁻¹ = (I − U)⁻¹·S = (I + G − E + Θ)·S, ‖Θ‖ ≤ ‖G‖‖E‖ + u²/(1 − u), u = ‖G‖ + ‖E‖ +
    ‖G‖‖E‖; and (I + Y)⁻¹ = I + Y', ‖Y'‖ ≤ y/(1 − y).  A bound in norm bounds every entry."""
    d = len(near.values)
    half = bits // 2 + 32
    R, S = near.R, near.S
    with ctx.workprec(bits):
        G = en.identity(d) - S * R
        H = S * (N * R) - en.diagonal(near.values)
        F = H + en.scale_columns(G, near.values)
        with ctx.workprec(half):
            E, moves = _correction(F, near.values)
        values = [v + m for v, m in zip(near.values, moves, strict=True)]
        bracket = F - _commutator(E, near.values, moves)
    q, y, theta = _second_order(G, H, F, E, bracket, near.values, moves, values)
    if y is None:
        return None
    with ctx.workprec(bits):
        ball = acb(arb(0, q), arb(0, q))
        P = R + R * E
        inverse = S + (G - E) * S
        P_reach = _up(y * en.norm_upper(P))
        inverse = en.widened(inverse, _up(theta * en.norm_upper(S)))
        inverse_reach = _up(y / (1 - y) * en.norm_upper(inverse))
        return EnclosedEigenvectors(
            tuple(v + ball for v in values),
            en.widened(P, P_reach),
            en.widened(inverse, inverse_reach),
        )


def _commutator(E: Any, values: list[Any], moves: list[Any]) -> Any:
    """Δ + E·Λ − Λ·E, entry by entry."""
    d, flat = len(values), E.entries()
    return acb_mat(
        d,
        d,
        [
            flat[i * d + j] * (values[j] - values[i]) if i != j else moves[i]
            for i in range(d)
            for j in range(d)
        ],
    )


def _up(value: Any) -> Any:
    with ctx.workprec(en.NORM_BITS):
        return (value * 1).upper()


def _second_order(
    G: Any,
    H: Any,
    F: Any,
    E: Any,
    bracket: Any,
    old: list[Any],
    moves: list[Any],
    values: list[Any],
) -> tuple[Any, Any | None, Any]:
    """Upper bounds (q, y, ‖Θ‖) of :func:`prove`; y is None where a condition of the proof is not
    certain to hold."""
    g, h, e, f = (en.norm_upper(x) for x in (G, H, E, F))
    with ctx.workprec(en.NORM_BITS):
        small = arb(2) ** -_SMALL
        if not (g < small and e < small):
            return g, None, e
        size = sum((v.abs_upper() for v in old), arb(0))
        t = g * h + g * g * (size + h) / (1 - g)
        moved = max(m.abs_upper() for m in moves)
        q0 = en.norm_upper(bracket) + t + (f + t) * e + e * moved
        q = (q0 / (1 - e)).upper()
        gap = _smallest_gap(values, q)
        if gap is None:
            return q, None, e
        u = g + e + g * e
        theta = (g * e + u * u / (1 - u)).upper()
        y = (q / (gap - 2 * q)).upper()
        return q, (y if y < small else None), theta


def _smallest_gap(values: list[Any], q: Any) -> Any | None:
    """A lower bound γ of all distances of two values, if γ > 4q is certain; 1 + 4q for one."""
    if len(values) == 1:
        return (1 + 4 * q).lower()
    gap = min((a - b).abs_lower() for k, a in enumerate(values) for b in values[:k])
    return gap if gap > 4 * q else None
