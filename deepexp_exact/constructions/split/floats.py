"""Float64 pieces of the search for a splitting: roots of the pivot equation, the factorisation with
prescribed pivots, and what rounding of the weights would cost.

Nothing here is trusted: a poor candidate costs digits carried, never digits given.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

TWO_PI_I = 2j * np.pi
#: Steps of the simultaneous iteration for all roots, and of Newton's afterwards.
_ABERTH_STEPS, _NEWTON_STEPS = 60, 15
#: Roots beyond this size are not used.
_FARTHEST = 1e13


def log1p(z: Array) -> Array:
    """log(1 + z) for complex z with the relative accuracy of the real part of small z, which
    NumPy's loses: ½·log1p(x(2 + x) + y²) + i·atan2(y, 1 + x)."""
    x, y = z.real, z.imag
    small = np.abs(z) < 0.5
    near = 0.5 * np.log1p(np.where(small, x * (2 + x) + y * y, 0.0))
    result: Array = np.where(small, near, np.log(np.abs(1 + z))) + 1j * np.arctan2(y, 1 + x)
    return result


def expm1(z: Array) -> Array:
    """e^z − 1 for complex z without cancellation."""
    x, y = z.real, z.imag
    half = np.sin(y / 2)
    result: Array = np.expm1(x) * np.cos(y) - 2 * half * half + 1j * np.exp(x) * np.sin(y)
    return result


def centred(q: int, spacing: int = 1) -> Array:
    """q consecutive integers about 0, times ``spacing``."""
    return spacing * (np.arange(q) - (q - 1) // 2)


def roots(c: complex, log_det: complex, q: int, spacing: int, want: int = 3) -> list[complex]:
    """Roots m of Π (m + c + 2πi·a_j) = det·Π (m + 2πi·a_j), a centred, in order of cost.

    All at once by Ehrlich and Aberth's iteration on the product form, which keeps the relative
    accuracy of huge roots, then Newton's; duplicates are dropped.  ``cost`` prefers pivots
    g_j = 1 + c/μ_j near 1 and Re m near 0."""
    a = TWO_PI_I * centred(q, spacing)
    degree = q - 1 if log_det == 0 else q
    with np.errstate(all="ignore"):
        y = _aberth((a - c / 2)[:degree], c, a, log_det)
        turns = log_det + TWO_PI_I * np.arange(-q, q + 1)
        guesses = q * c / turns[turns != 0] - c / 2 - a.mean()
        z = np.concatenate([y, guesses])
        z = z[np.isfinite(z)]
        for _ in range(_NEWTON_STEPS):
            value, slope = _pivot_equation(z, c, a, log_det)
            step = value / (slope * (value + 1))
            most = 0.5 * (1 + np.abs(z))
            step = np.where(np.abs(step) > most, step / np.abs(step) * most, step)
            z = z - np.where(np.isfinite(step), step, 0)
        mu = z[:, None] + a
        value, _ = _pivot_equation(z, c, a, log_det)
        small = np.minimum(1, np.sum(np.abs(c / mu), axis=1))
        z = z[np.isfinite(z) & (np.abs(value) < 1e-7 * small) & (np.abs(z) < _FARTHEST)]
        pivots = np.log(np.abs(1 + c / (z[:, None] + a)))
        cost = np.sum(pivots**2, axis=1) + 0.05 * np.abs(z.real)
    found: list[complex] = []
    for k in np.argsort(cost):
        if all(abs(z[k] - other) > 1e-6 * (1 + abs(other)) for other in found):
            found.append(complex(z[k]))
        if len(found) >= want:
            break
    return found


def _pivot_equation(z: Array, c: complex, a: Array, log_det: complex) -> tuple[Array, Array]:
    """Π τ/(det·Π μ) − 1 at z, and the logarithmic derivative of Π τ/Π μ."""
    mu = z[:, None] + a
    value = expm1(np.sum(log1p(c / mu), axis=1) - log_det)
    return value, np.sum(-c / (mu * (mu + c)), axis=1)


def _aberth(start: Array, c: complex, a: Array, log_det: complex) -> Array:
    y = start * 1.3 + (0.37 + 0.21j) * (1 + 0.1 * np.arange(len(start)))
    for _ in range(_ABERTH_STEPS):
        value, slope = _pivot_equation(y, c, a, log_det)
        newton = np.sum(1 / (y[:, None] + a), axis=1) + (1 + value) / value * slope
        apart = y[:, None] - y[None, :]
        np.fill_diagonal(apart, np.inf)
        step = 1 / (newton - np.sum(1 / apart, axis=1))
        y = y - np.where(np.isfinite(step), step, 0)
        if not np.max(np.abs(step) / (1 + np.abs(y)), initial=0, where=np.isfinite(y)) >= 1e-12:
            break
    return y


def unitary(matrix: Array) -> Array:
    """The unitary factor of QR with a positive diagonal of R: Haar-distributed for a Gaussian
    matrix (Mezzadri 2007), and near a unitary matrix the nearer the argument is."""
    Q, R = np.linalg.qr(matrix)
    diagonal = R.diagonal()
    result: Array = Q * (diagonal / np.abs(diagonal))
    return result


def prescribed_pivots(
    E: Array, gamma: Array, rank: int | None = None
) -> tuple[Array, Array, Array, float]:
    """(Λ, H, U − I, misfit) with (I + E)·Λ = H·U, Λ and H unit lower triangular, diag U = 1 + γ.

    E is C1 − I, so that C1 near I keeps its relative accuracy.  For a singular C1 of rank ``rank``
    only as many pivots are prescribed; what is left of it should vanish (``misfit``)."""
    q = len(E)
    E, Lam, H = E.copy(), np.eye(q, dtype=complex), np.eye(q, dtype=complex)
    for j in range(q - 1 if rank is None else min(rank, q - 1)):
        row = E[j, j + 1 :]
        top = np.max(np.abs(row))  # whose square may be beyond float64
        t = (gamma[j] - E[j, j]) / top * ((row / top).conj() / np.linalg.norm(row / top) ** 2)
        Lam[j + 1 :, j] = t
        column = E[j + 1 :, j] + t + E[j + 1 :, j + 1 :] @ t
        E[:j, j] += E[:j, j + 1 :] @ t  # the rows of U above take part in the column operation
        h = column / (1 + gamma[j])
        H[j + 1 :, j], E[j, j], E[j + 1 :, j] = h, gamma[j], 0
        E[j + 1 :, j + 1 :] -= np.outer(h, row)
    if rank is not None:
        rest = np.eye(q - rank) + E[rank:, rank:]
        return Lam, H, E, float(np.linalg.norm(rest))
    misfit = abs(E[q - 1, q - 1] - gamma[-1]) / abs(gamma[-1])
    E[q - 1, q - 1] = gamma[-1]
    return Lam, H, E, float(misfit)


def eigenvectors_upper(T: Array, values: Array) -> Array:
    """Unit eigenvectors of an upper triangular T with these exactly known eigenvalues."""
    q = len(T)
    V = np.eye(q, dtype=complex)
    for i in range(q - 2, -1, -1):
        V[i, i + 1 :] = (T[i, i + 1 :] @ V[i + 1 :, i + 1 :]) / (values[i + 1 :] - values[i])
    result: Array = V / np.linalg.norm(V, axis=0)
    return result


def derivative_of_exp(values: Array, V: Array, inverse: Array, E: Array) -> Array:
    """The Fréchet derivative of exp at V·diag(values)·V⁻¹ in the direction E, by divided
    differences (Daleckiĭ and Kreĭn; Higham 2008, theorem 3.11)."""
    e = np.exp(values)
    apart = values[:, None] - values[None, :]
    close = np.abs(apart) < 1e-6 * (1 + np.abs(values[:, None]))
    quotients = (e[:, None] - e[None, :]) / np.where(close, 1, apart)
    table = np.where(close, (e[:, None] + e[None, :]) / 2, quotients)
    result: Array = V @ (table * (inverse @ E @ V)) @ inverse
    return result


class RoundingLoss:
    """Digits that rounding every entry of W1, W2, W3 costs f, to first order in float64.

    The relative change of f(X1) and f(X2) when each entry of the weights is turned by one fixed
    random phase times its modulus; the phases are the same for every candidate."""

    def __init__(self, X1: Array, X2: Array, Y1: Array, L: Array, rng: np.random.Generator) -> None:
        d = len(X1)
        self.inputs, self.Y1 = (X1, X2), Y1
        self.values, self.V = np.linalg.eig(L)
        self.inverse = np.linalg.inv(self.V)
        self.phases = [np.exp(TWO_PI_I * rng.uniform(size=(d, d))) for _ in range(3)]

    def __call__(
        self,
        W1: Array,
        alpha: complex,
        first: tuple[Array, Array],
        second: tuple[Array, Array],
    ) -> float:
        """``first`` and ``second``: eigenvalues and eigenvectors of W1·X1 and of W1·X2, each less a
        number that cancels (e^m of W2 against e^−m of the exponential)."""
        z = self.values / (alpha - 1)
        Z = (self.V * z) @ self.inverse
        A = (first[1] * np.exp(first[0])) @ np.linalg.inv(first[1])
        W2 = Z @ (first[1] * np.exp(-first[0])) @ np.linalg.inv(first[1])
        W3 = self.Y1 @ (self.V * np.exp(-z)) @ self.inverse
        d1, d2, d3 = (np.abs(W) * p for W, p in zip((W1, W2, W3), self.phases, strict=True))
        worst = 0.0
        for X, (values, vectors), factor in zip(
            self.inputs, (first, second), (1, alpha), strict=True
        ):
            inner = derivative_of_exp(values, vectors, np.linalg.inv(vectors), d1 @ X)
            change = W2 @ inner + d2 @ (factor * A)
            outer = (self.V * np.exp(factor * z)) @ self.inverse
            top = W3 @ derivative_of_exp(factor * z, self.V, self.inverse, change) + d3 @ outer
            worst = max(worst, float(np.linalg.norm(top) / np.linalg.norm(W3 @ outer)))
        return math.log10(worst) if worst > 0 else 0.0
