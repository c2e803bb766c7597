"""Two layers W2·exp(W1·X) fitted to both equations in float64, from many starts.

Minimises r(W1) = min over W2 of ‖W2·E − Y‖_F with E = [exp(W1·X1) exp(W1·X2)], Y = [Y1 Y2]: the
linear layer is eliminated (variable projection, Golub & Pereyra 1973) with Kaufman's Jacobian
(1975) dr ≈ W2·dE·(I − E⁺E), which is complex linear in dW1 and gives the exact gradient.  What is
reported is the residual of W1 and W2 themselves, not that of a projection: where E is nearly
singular no float64 W2 attains the latter.

The iteration is written out here because MINPACK's result depends in its last bits on where its
arrays happen to lie in memory; matrix products, ``solve``, ``svd`` and ``expm`` of one thread do
not, so that the same seed gives the same bits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...problems import Problem

Array = NDArray[np.complex128]
#: Most Levenberg–Marquardt steps of one fit.
STEPS = 1000
#: A fit is over when ‖r‖/‖Y‖ is below this, ...
RESIDUAL = 1e-15
#: ... or when a step lowers ‖r‖² by less than this share of it.
PROGRESS = 1e-14
#: Singular values of E below this share of the largest count as zero.
CUT = 1e-13
#: Largest ‖W1·X‖₁ of which exp is taken.
_LARGEST = 300.0


@dataclass(frozen=True)
class _Point:
    """W1, its best W2, the rest Y − W2·E, ‖rest‖², and V with Vᴴ·V = E⁺E."""

    W1: Array
    W2: Array
    rest: Array
    squared: float
    V: Array


def two_layers(problem: Problem, starts: int, seed: int) -> list[float]:
    """Relative residuals ‖W2·E − Y‖_F/‖Y‖_F reached from ``starts`` seeded random W1 (d×d)."""
    X1, X2 = problem.X1.to_numpy(), problem.X2.to_numpy()
    Y = np.hstack([problem.Y1.to_numpy(), problem.Y2.to_numpy()])
    Y = Y / np.linalg.norm(Y)
    d, rng = problem.d, np.random.default_rng(seed)
    spread = 1.0 / max(float(np.linalg.norm(X1, 2)), float(np.linalg.norm(X2, 2)))
    out = []
    for _ in range(starts):
        parts = rng.standard_normal((2, d, d)) * rng.uniform(0.2, 2.0)
        with np.errstate(all="ignore"):
            out.append(_fit(spread * (parts[0] + 1j * parts[1]), X1, X2, Y))
    return out


def _fit(W1: Array, X1: Array, X2: Array, Y: Array) -> float:
    """‖r‖ at the end of Levenberg–Marquardt from W1, Y of norm 1; damping after Nielsen (1999)."""
    point = _point(W1, X1, X2, Y)
    if point is None:
        return 1.0
    damping, factor = 0.0, 2.0
    jacobian = None
    for _ in range(STEPS):
        if jacobian is None:
            jacobian = _jacobian(point, X1, X2)
            normal, gradient = jacobian.conj().T @ jacobian, jacobian.conj().T @ point.rest.ravel()
            scale = float(np.abs(normal.diagonal()).max())
            if not np.isfinite(scale) or scale == 0.0:
                break
            damping = damping or 1e-3 * scale
        step = np.linalg.solve(normal + damping * np.eye(len(normal)), gradient)
        expected = float((step.conj() @ (damping * step + gradient)).real)
        new = _point(point.W1 + step.reshape(W1.shape), X1, X2, Y)
        gain = -1.0 if new is None else (point.squared - new.squared) / max(expected, 1e-300)
        if new is None or gain <= 0.0:
            damping, factor = damping * factor, factor * 2.0
            if damping > 1e20 * scale:
                break
            continue
        small = point.squared - new.squared < PROGRESS * point.squared
        point, jacobian, factor = new, None, 2.0
        damping *= max(1.0 / 3.0, 1.0 - (2.0 * gain - 1.0) ** 3)
        if small or point.squared < RESIDUAL**2:
            break
    return float(np.sqrt(point.squared))


def _point(W1: Array, X1: Array, X2: Array, Y: Array) -> _Point | None:
    """The best W2 for W1 and what it leaves; None beyond float64."""
    from scipy.linalg import expm

    A, B = W1 @ X1, W1 @ X2
    if not max(np.linalg.norm(A, 1), np.linalg.norm(B, 1)) <= _LARGEST:
        return None
    E = np.hstack([expm(A), expm(B)])
    if not np.isfinite(E).all():
        return None
    U, sizes, V = np.linalg.svd(E, full_matrices=False)
    kept = sizes > CUT * sizes[0]
    V = V[kept]
    W2 = ((Y @ V.conj().T) / sizes[kept]) @ U[:, kept].conj().T
    rest = Y - W2 @ E
    return _Point(W1, W2, rest, float(np.linalg.norm(rest)) ** 2, V)


def _jacobian(point: _Point, X1: Array, X2: Array) -> Array:
    """W2·dE·(I − E⁺E), one column (length 2d²) for each entry of dW1, row by row.

    dexp(M)[N] is the upper right block of exp([[M, N], [0, M]])."""
    from scipy.linalg import expm

    d = len(point.W1)
    parts = []
    for X in (X1, X2):
        blocks = np.zeros((d * d, 2 * d, 2 * d), dtype=np.complex128)
        blocks[:, :d, :d] = blocks[:, d:, d:] = point.W1 @ X
        for row in range(d):
            for column in range(d):
                blocks[row * d + column, row, d:] = X[column]
        parts.append(expm(blocks)[:, :d, d:])
    change = point.W2 @ np.concatenate(parts, axis=2)
    rest = change - (change @ point.V.conj().T) @ point.V
    columns: Array = rest.reshape(d * d, -1).T
    return columns
