"""The search for real parameters in float64, sealed as exact numbers.

W1(a) with exp(−W1·X1)·exp(W1·X2) = (S + a·I)⁻¹·(B + a·I) exists for large a by a contraction (R5)
and is followed down to small a: e^(−a) sits in W3, and about log10 a digits are lost (Newton's
iteration with continuation: Allgower & Georg, *Introduction to Numerical Continuation Methods*,
2003).  Nothing here is trusted: a path proves what the record says.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq
from numpy.typing import NDArray

from ...exact import ExactMatrix, gaussian
from ...problems import Problem
from ..base import LayerChoice
from ..completion import complete
from .parameters import RealParameters

Array = NDArray[np.float64]
#: Largest a: e^(−a) has to be written down.
LARGEST = 2.0**13
#: Largest ‖W1‖·(‖X1‖ + ‖X2‖) that is followed.
_FARTHEST = 60.0
#: Newton steps for one a, and choices offered.
_STEPS, _OFFERED = 30, 8


@dataclass(frozen=True)
class Design:
    """The problem in float64 with X1 and X2 scaled by 2^−``exponent``; S skew and B symmetric with
    exp(−S)·exp(B) = K, about."""

    X1: Array
    X2: Array
    S: Array
    B: Array
    Y1: Array
    exponent: int
    size: float  # ‖X1‖₂ + ‖X2‖₂
    Y_ratio: float  # ‖Y1‖/‖Y2‖


@dataclass(frozen=True)
class Candidate:
    """W1 (for the scaled inputs) at one a, with the predicted loss in decimal digits."""

    a: float
    W: Array
    loss: float


def search(problem: Problem) -> Iterator[LayerChoice]:
    """Parameters in the order of their predicted losses; none where float64 does not see them."""
    with np.errstate(all="ignore"):
        try:
            made = design(problem)
            found = [] if made is None else followed(made)
        except (np.linalg.LinAlgError, OverflowError, ValueError):
            return
        if made is None:
            return
        for one in sorted(found, key=lambda c: c.loss)[:_OFFERED]:
            parameters = sealed(made, one)
            if parameters is not None:
                yield LayerChoice(None, parameters, max(0.0, one.loss))


def design(problem: Problem) -> Design | None:
    """None where the data leave float64's range."""
    from scipy.linalg import polar

    K = complete(problem, real=True).quotient(problem).matrix
    X1, X2, Y1, Y2, K_float = (
        m.to_numpy().real for m in (problem.X1, problem.X2, problem.Y1, problem.Y2, K)
    )
    if not all(np.isfinite(m).all() for m in (X1, X2, Y1, Y2, K_float)):
        return None
    O, P = polar(K_float)
    values, U = np.linalg.eigh(P)
    if not values.min() > 0:
        return None
    size = float(np.linalg.norm(X1, 2) + np.linalg.norm(X2, 2))
    exponent = math.frexp(size)[1]
    scale = 2.0**-exponent
    B = (U * np.log(values)) @ U.T
    ratio = float(np.linalg.norm(Y1) / (np.linalg.norm(Y2) or 1.0))
    return Design(X1 * scale, X2 * scale, -skew_logarithm(O), B, Y1, exponent, size * scale, ratio)


def skew_logarithm(O: Array) -> Array:
    """A real skew logarithm of an orthogonal matrix of determinant 1, from its real Schur form;
    eigenvalues −1 are paired."""
    from scipy.linalg import schur

    T, Q = schur(O, output="real")
    d = len(O)
    R = np.zeros((d, d))
    negative, j = [], 0
    while j < d:
        if j + 1 < d and abs(T[j + 1, j]) > 1e-10:
            angle = math.atan2(T[j + 1, j] - T[j, j + 1], T[j, j] + T[j + 1, j + 1])
            R[j + 1, j], R[j, j + 1] = angle, -angle
            j += 2
        else:
            negative += [j] * bool(T[j, j] < 0)
            j += 1
    for p, q in zip(negative[::2], negative[1::2], strict=True):
        R[q, p], R[p, q] = math.pi, -math.pi
    S = Q @ R @ Q.T
    skew: Array = (S - S.T) / 2
    return skew


def followed(made: Design) -> list[Candidate]:
    """W1 for a = 2^k, from the a of the contraction down to where Newton's iteration ends."""
    d = len(made.S)
    inverse = np.linalg.inv(made.X2 - made.X1)
    gap = float(np.linalg.norm(made.B - made.S, 2))
    reach = float(np.linalg.norm(inverse, 2))
    # q = ‖D⁻¹‖·s·(e^(w·s) − 1) ≤ 1/4 with w about ‖B − S‖·‖D⁻¹‖/a
    w = math.log1p(0.25 / (reach * made.size)) / made.size
    k = math.ceil(math.log2(max(gap * reach / w, 2.0**-20)))
    lowest = math.ceil(math.log2(max(gap, 2.0**-20))) - 4
    W: Array | None = None
    out: list[Candidate] = []
    while k >= lowest:
        a = 2.0**k
        one = np.eye(d)
        G: Array = np.asarray(np.linalg.solve(made.S + a * one, made.B + a * one), float)
        start: Array = (G - one) @ inverse if W is None else 2 * W
        W = newton(made, G, start)
        if W is None:
            break
        if a <= LARGEST:
            out.append(Candidate(a, W, predicted_loss(made, a, W)))
        k -= 1
    return out


def newton(made: Design, G: Array, W: Array) -> Array | None:
    """W with exp(−W·X1)·exp(W·X2) = G by Newton's iteration with damping; None if it ends."""
    value = residual(made, G, W)
    size, noise = float(np.linalg.norm(value)), 2.0**-42 * float(np.linalg.norm(G))
    for _ in range(_STEPS):
        if not np.linalg.norm(W, 2) * made.size < _FARTHEST:
            return None
        step = np.linalg.solve(jacobian(made, W), value.reshape(-1)).reshape(W.shape)
        if not np.isfinite(step).all():
            return None
        if size <= noise:
            return W - step
        factor = 1.0
        while factor > 1e-3:
            tried = W - factor * step
            new = residual(made, G, tried)
            norm = float(np.linalg.norm(new))
            if norm < size * (1 - factor / 4):
                break
            factor /= 2
        else:
            return None
        W, value, size = tried, new, norm
    return None


def residual(made: Design, G: Array, W: Array) -> Array:
    """exp(−W·X1)·exp(W·X2) − G."""
    from scipy.linalg import expm

    value: Array = expm(-W @ made.X1) @ expm(W @ made.X2) - G
    return value


def jacobian(made: Design, W: Array) -> Array:
    """The d²-square matrix of its derivative, entries row by row.

    The derivative of exp at M in the direction e_i·e_jᵀ·X is Σ_p M^p·e_i·(e_jᵀ·X·T_p) with
    T_p = Σ_q M^q/(p + q + 1)!."""
    from scipy.linalg import expm

    d = len(W)
    E1, E2 = expm(-W @ made.X1), expm(W @ made.X2)
    total = np.zeros((d * d, d * d))
    for M, left, X, right in (
        (-W @ made.X1, np.eye(d), -made.X1, E2),
        (W @ made.X2, E1, made.X2, np.eye(d)),
    ):
        powers, tails = series(M)
        n = len(powers)
        total += (left @ powers).reshape(n, -1).T @ (X @ tails @ right).reshape(n, -1)
    return total.reshape(d, d, d, d).transpose(0, 3, 1, 2).reshape(d * d, d * d)


def series(M: Array) -> tuple[Array, Array]:
    """M^p and T_p for p below the number of terms that float64 sees."""
    size, n, one = math.log(float(np.linalg.norm(M, 2)) or 1e-300), 4, np.eye(len(M))
    while n * size - math.lgamma(n + 1) > math.log(1e-18) and n < 160:
        n += 4
    powers, tails = [one], [one / float(math.factorial(n))]
    for p in range(n - 1):
        powers.append(powers[-1] @ M)
        tails.append(M @ tails[-1] + one / float(math.factorial(n - 1 - p)))
    return np.array(powers), np.array(tails[::-1])


def predicted_loss(made: Design, a: float, W: Array) -> float:
    """Digits that rounding the weights costs, by norms, to first order: as :mod:`alpha` does."""
    from scipy.linalg import expm

    d = len(W)

    def norm(matrix: Array) -> float:
        return float(np.linalg.norm(matrix))

    A = made.S + a * np.eye(d)
    W2 = A @ expm(-W @ made.X1)
    W3 = norm(made.Y1 @ expm(-made.S)) / norm(made.Y1)
    worst = 1.0
    for X, argument, ratio in ((made.X1, made.S, 1.0), (made.X2, made.B, made.Y_ratio)):
        g2 = norm(W2) * norm(expm(W @ X))
        worst = max(worst, W3 * norm(expm(argument)) * ratio * max(1, g2, g2 * norm(W) * norm(X)))
    return math.log10(worst) - 1.6 - 2.9 * math.log10(d)


def sealed(made: Design, one: Candidate) -> RealParameters | None:
    """The candidate as exact parameters, with a radius in which W1 is to be the only solution;
    None where float64 does not see one."""
    inverse = np.linalg.inv(jacobian(made, one.W))
    spread = float(np.linalg.norm(inverse, 2))
    w = float(np.linalg.norm(one.W, 2))
    # ‖F''‖ ≤ s²·e^(w·s): the derivative changes by an eighth, at most, within the radius
    curvature = spread * made.size**2 * math.exp(1.01 * w * made.size)
    radius = 2.0 ** math.floor(-math.log2(8 * curvature)) if curvature < 2.0**200 else 0.0
    if not radius > 2.0**-45 * max(w, 2.0**-20):
        return None
    scale = fmpq(2) ** -made.exponent  # W1·X1 is what both scales have in common
    a, reach = (fmpq(*value.as_integer_ratio()) for value in (one.a, radius))
    centre = exact(one.W).scale(gaussian(scale))
    return RealParameters(exact(made.S), a, centre, reach * scale)


def exact(matrix: Any) -> ExactMatrix:
    """A float64 matrix as it is."""
    return ExactMatrix.from_rows([[float(x) for x in row] for row in matrix])
