"""S4: what one, two and three layers reach on the same data.

One layer: the exact least squares residual (statement B1).  Three layers: the closed form,
certified.  Two layers W2·exp(W1·X): fitted in float64 from many starts, an observation only.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

from ...problem import Problem
from ...solution import Label
from ...solving import choose_record
from ...verification.one_layer import one_layer
from ..outcome import Outcome
from .common import log10_upper, problem_of, reference, residual

Array = NDArray[np.complex128]
#: A fit below this relative residual counts as having found a solution.
FITTED = 1e-10


def depth(params: Mapping[str, Any]) -> Outcome:
    """log10 of ‖[f(X1) f(X2)] − [Y1 Y2]‖/‖[Y1 Y2]‖ for one and two layers; for three the larger
    relative residual of the two outputs."""
    problem = problem_of(params)
    record, _ = choose_record(problem)
    three = residual(problem, reference(problem, record, params["digits"]).weights)
    fits = sorted(two_layers(problem, params["starts"], _seed(params)))
    measured = {
        "size": problem.d,
        "log10_one_layer": _one_layer(problem),
        "log10_two_layers_best": math.log10(max(fits[0], 1e-300)),
        "log10_two_layers_median": math.log10(max(fits[len(fits) // 2], 1e-300)),
        "log10_two_layers_worst": math.log10(max(fits[-1], 1e-300)),
        "fitted": sum(x < FITTED for x in fits) / len(fits),
        "log10_three_layers": three,
    }
    return Outcome(Label.CERTIFIED, "", measured)


def _seed(params: Mapping[str, Any]) -> int:
    text = f"{params['family']}/{params['d']}/{params['seed']}"
    return int(hashlib.sha256(text.encode()).hexdigest()[:12], 16)


def _one_layer(problem: Problem) -> float:
    size = problem.Y1.frobenius_squared() + problem.Y2.frobenius_squared()
    with ctx.workprec(64):
        return log10_upper(arb(one_layer(problem).squared_residual / size).sqrt().upper())


def two_layers(problem: Problem, starts: int, seed: int) -> list[float]:
    """Relative residuals of min over W1, W2 of ‖W2·[exp(W1·X1) exp(W1·X2)] − [Y1 Y2]‖_F reached
    from seeded random starts: W2 by linear least squares, W1 by Levenberg–Marquardt."""
    from scipy.optimize import least_squares

    X1, X2, Y = (
        problem.X1.to_numpy(),
        problem.X2.to_numpy(),
        np.hstack([problem.Y1.to_numpy(), problem.Y2.to_numpy()]),
    )
    d, size = problem.d, float(np.linalg.norm(Y))
    rng = np.random.default_rng(seed)
    spread = 1.0 / max(float(np.linalg.norm(X1, 2)), float(np.linalg.norm(X2, 2)))

    def misfit(x: NDArray[np.float64]) -> NDArray[np.float64]:
        W1 = (x[: d * d] + 1j * x[d * d :]).reshape(d, d)
        return _real(_projected(W1, X1, X2, Y) / size)

    out = []
    for _ in range(starts):
        start = spread * rng.standard_normal(2 * d * d) * rng.uniform(0.2, 2.0)
        with np.errstate(all="ignore"):
            found = least_squares(misfit, start, method="lm", max_nfev=60 * (2 * d * d + 1))
        out.append(float(np.linalg.norm(found.fun)))
    return out


def _projected(W1: Array, X1: Array, X2: Array, Y: Array) -> Array:
    """Y minus its best approximation W2·[exp(W1·X1) exp(W1·X2)]; Y itself beyond float64."""
    from scipy.linalg import expm

    with np.errstate(all="ignore"):
        A, B = W1 @ X1, W1 @ X2
        if max(np.linalg.norm(A, 1), np.linalg.norm(B, 1)) > 300:
            return Y
        E = np.hstack([expm(A), expm(B)])
    if not np.isfinite(E).all():
        return Y
    Q, _ = np.linalg.qr(E.conj().T)
    rest: Array = Y - (Y @ Q) @ Q.conj().T
    return rest


def _real(matrix: Array) -> NDArray[np.float64]:
    flat = matrix.ravel()
    return np.concatenate([flat.real, flat.imag])
