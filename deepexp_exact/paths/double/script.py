"""The formula as a user of NumPy and SciPy writes it, with nothing repaired.

Real arrays where the data are real, ``logm`` with whatever branch it returns, no check of any
result: what the float64 path is held against.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from ...exact import ExactMatrix, GaussianRational
from ...problems import Problem
from .weights import same_random_numbers


def ordinary_script(problem: Problem, alpha: GaussianRational) -> tuple[Any, Any, Any]:
    """W1 = log(α)·D⁻¹, W2 = L/(α − 1)·exp(W1·X1)⁻¹, W3 = Y1·exp(−L/(α − 1)) with L = logm(Y1⁻¹·Y2),
    d×d arrays, real where all that enters is; NaN throughout where a step cannot be carried out."""
    from scipy.linalg import expm, inv, logm

    a = complex(alpha)
    a = a.real if alpha.im == 0 and a.real > 0 else a
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            X1, X2, Y1, Y2 = map(_array, (problem.X1, problem.X2, problem.Y1, problem.Y2))
            W1 = (math.log(a) if isinstance(a, float) else np.log(a)) * inv(X2 - X1)
            with same_random_numbers():
                Z = logm(inv(Y1) @ Y2) / (a - 1)
            return W1, Z @ inv(expm(W1 @ X1)), Y1 @ expm(-Z)
        except (ValueError, ArithmeticError, MemoryError, np.linalg.LinAlgError):
            nothing = np.full((problem.d, problem.d), np.nan)
            return nothing, nothing, nothing


def _array(matrix: ExactMatrix) -> Any:
    values = matrix.to_numpy()
    return values if values.imag.any() else values.real
