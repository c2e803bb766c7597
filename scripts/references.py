"""Enclosures of exp(A) and of recorded logarithms, and condition numbers of both, in balls.

κ is the relative condition number in the Frobenius norm (Higham, *Functions of Matrices*, theorem
3.1): the 2-norm of the d²×d² matrix of the Fréchet derivative, times ‖A‖_F/‖f(A)‖_F.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

#: Ceiling of working precisions, in bits.
CEILING = 1_000_000


def refine(work: Callable[[], Any], bits: int, fine: float) -> Any:
    """``work()``, a matrix of balls, at a precision where its relative radius is below 2^−fine."""
    from flint import ctx

    from deepexp_exact.paths.ball.functions import enclosures as en
    from deepexp_exact.precision import MoreBits

    while bits < CEILING:
        with ctx.workprec(bits):
            try:
                found = en.require_finite(work(), "a reference")
            except MoreBits:
                found = None
            if found is not None and en.log2_of(en.relative_radius(found)) < -fine:
                return found
        bits *= 2
    raise ArithmeticError("no precision gives a fine enough reference")


def argument(matrix: Any, record: Any) -> Any:
    """The exact matrix, times c of a record if there is one, in balls at the current precision."""
    from deepexp_exact.paths.ball.functions import enclosures as en
    from deepexp_exact.paths.ball.network.construction import log_scale

    balls = en.from_exact(matrix)
    return balls if record is None else balls * log_scale(record.alpha, record.turn)


def recorded_log(problem: Any, record: Any) -> Any:
    """The logarithm of K in balls at the current precision."""
    from deepexp_exact.paths.ball.functions import enclosures as en
    from deepexp_exact.paths.ball.functions.logarithm import logarithm

    return logarithm(problem.quotient, record.logarithm, en.from_exact(problem.Y2)).L


def derivative_of_exp(a: Any) -> Any:
    """The d²×d² matrix of the Fréchet derivative of exp at a matrix of balls, row by row."""
    from flint import acb_mat

    d = a.nrows()
    columns = []
    for place in range(d * d):
        block = acb_mat(2 * d, 2 * d)
        for r in range(d):
            for c in range(d):
                block[r, c] = block[d + r, d + c] = a[r, c]
        block[place // d, d + place % d] = 1
        value = block.exp()
        columns.append([value[r, d + c] for r in range(d) for c in range(d)])
    return acb_mat(columns).transpose()


def log2_norm(matrix: Any) -> float:
    """log2 of the 2-norm of a matrix of narrow balls."""
    import numpy as np

    from deepexp_exact.paths.ball.functions import enclosures as en

    top = math.ceil(max(en.log2_of(z.abs_upper()) for z in matrix.entries()))
    unit = en.power_of_two(-top)
    scaled = np.array([[complex((z * unit).mid()) for z in row] for row in matrix.tolist()])
    return math.log2(float(np.linalg.norm(scaled, 2))) + top


def log2_size(matrix: Any) -> float:
    """log2 of an upper bound of the Frobenius norm."""
    from deepexp_exact.paths.ball.functions import enclosures as en

    return en.log2_of(en.norm_upper(matrix))


def condition_of_exp(matrix: Any, record: Any) -> float:
    """log2 of κ of exp at the matrix (times c of a record)."""
    derivative = refine(lambda: derivative_of_exp(argument(matrix, record)), 128, 20)
    value = refine(lambda: argument(matrix, record).exp(), 128, 20)
    a = refine(lambda: argument(matrix, record), 64, 20)
    return log2_norm(derivative) + log2_size(a) - log2_size(value)


def condition_of_log(problem: Any, record: Any) -> float:
    """log2 of κ of the recorded logarithm at K: log'(K) is the inverse of exp'(log K)."""
    from deepexp_exact.paths.ball.functions import enclosures as en

    def inverse() -> Any:
        forward = derivative_of_exp(recorded_log(problem, record))
        en.require_finite(forward, "exp'")
        return en.solve(forward, en.identity(forward.nrows()), "the derivative of the logarithm")

    value = refine(lambda: recorded_log(problem, record), 128, 20)
    size = log2_size(refine(lambda: argument(problem.Y2, None), 64, 20))
    return log2_norm(refine(inverse, 128, 20)) + size - log2_size(value)
