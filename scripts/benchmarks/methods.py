"""The five ways of solving that the benchmark holds side by side.

Each takes a problem, a branch record and digits, and returns W1, W2, W3 in its own type."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import flint
import mpmath
from flint import acb, acb_mat, arb

from deepexp_exact.branches import BranchRecord, make_record
from deepexp_exact.certificate import certified_certificate
from deepexp_exact.certificate.dyadic import dyadic_matrix
from deepexp_exact.exact import ExactMatrix
from deepexp_exact.problem import Problem
from deepexp_exact.solving import solve
from deepexp_exact.spectrum import _spectrum

Weights = tuple[Any, Any, Any]
Method = Callable[[], Weights]


class NotDelivered(Exception):
    """The method does not deliver the digits asked."""


# ------------------------------------------------------------- (a) the script a user writes today


def _to_mpmath(matrix: ExactMatrix) -> Any:
    def part(q: Any) -> Any:
        return mpmath.mpf(int(q.p)) / int(q.q)

    return mpmath.matrix(
        [[mpmath.mpc(part(z.re), part(z.im)) for z in r] for r in matrix.to_rows()]
    )


def mpmath_script(problem: Problem, record: BranchRecord, digits: int) -> Weights:
    """``mp.inverse``, ``mp.expm``, ``mp.logm`` at the digits asked; α as in the record."""
    mp = mpmath.mp
    with mp.workdps(digits):
        X1, X2, Y1, Y2 = (_to_mpmath(m) for m in (problem.X1, problem.X2, problem.Y1, problem.Y2))
        alpha = _to_mpmath(ExactMatrix.from_rows([[record.alpha]]))[0, 0]
        W1 = mp.log(alpha) * mp.inverse(X2 - X1)
        A = mp.expm(W1 * X1)
        Z = mp.logm(mp.inverse(Y1) * Y2) / (alpha - 1)
        return W1, Z * mp.inverse(A), Y1 * mp.expm(-Z)


# ----------------------------------------------------- (b) the construction written with acb_mat


def _to_balls(matrix: ExactMatrix) -> Any:
    return acb_mat(matrix.rows, matrix.cols, [acb(arb(z.re), arb(z.im)) for z in matrix.entries()])


def _diagonal(values: list[Any]) -> Any:
    d = len(values)
    return acb_mat(d, d, [values[r] if r == c else acb(0) for r in range(d) for c in range(d)])


def _worst(matrix: Any, scale: Any) -> float:
    """log10 of the largest entry (upper end) against the largest of ``scale``."""
    top = max(z.abs_upper() for z in matrix.entries())
    below = max(z.abs_lower() for z in scale.entries())
    if not top.is_finite() or not below > 0:
        return math.inf
    return float((top / below).log().mid()) / math.log(10) if top > 0 else -math.inf


def bare_flint(problem: Problem, record: BranchRecord, bits: int) -> tuple[Weights, float]:
    """``exp``, ``eig`` (rump), ``solve`` (precond), with residual balls; log10 of the largest
    relative radius of a weight or residual."""
    saved = flint.ctx.prec
    flint.ctx.prec = bits
    try:
        d = problem.d
        X1, X2, Y1, Y2 = (_to_balls(m) for m in (problem.X1, problem.X2, problem.Y1, problem.Y2))
        one = _diagonal([acb(1)] * d)
        alpha = acb(arb(record.alpha.re), arb(record.alpha.im))
        c = alpha.log()
        W1 = (X2 - X1).solve(one, algorithm="precond") * c
        K = Y1.solve(Y2, algorithm="precond")
        values, R = K.eig(right=True, algorithm="rump")
        S = R.solve(one, algorithm="precond")
        z = [v.log() / (alpha - 1) for v in values]
        Z = R * _diagonal(z) * S
        A = (W1 * X1).exp()
        W2 = Z * A.solve(one, algorithm="precond")
        W3 = Y1 * (R * _diagonal([(-v).exp() for v in z]) * S)
        worst = -math.inf
        for X, Y in ((X1, Y1), (X2, Y2)):
            residual = W3 * (W2 * (W1 * X).exp()).exp() - Y
            worst = max(worst, _worst(residual, Y))
        for W in (W1, W2, W3):
            radii = acb_mat(d, d, [acb(v.rad(), 0) for v in W.entries()])
            worst = max(worst, _worst(radii, W))
    except (ValueError, ZeroDivisionError) as error:
        raise NotDelivered(str(error)) from None
    finally:
        flint.ctx.prec = saved
    return (W1, W2, W3), worst


def lowest_bits(problem: Problem, record: BranchRecord, digits: int) -> int:
    """The lowest working precision, within a few bits, at which (b) delivers the digits."""
    bits = math.ceil(digits * math.log2(10)) + 8
    failures = 0
    while failures < 6:
        try:
            _, worst = bare_flint(problem, record, bits)
        except NotDelivered:
            worst = math.inf
        if worst <= -digits:
            return bits
        missing = (worst + digits) * math.log2(10)
        if math.isfinite(missing):
            bits += max(4, math.ceil(missing) + 1)
            failures += 0.25  # type: ignore[assignment]
        else:
            bits, failures = 2 * bits, failures + 1
    raise NotDelivered("no precision tried delivers the digits")


# ------------------------------------------------------------------------------- (c), (d), (e)


def fresh_record(problem: Problem, record: BranchRecord) -> BranchRecord:
    """The record made again from nothing, as a solve has to (no cache)."""
    _spectrum.cache_clear()
    return make_record(problem, record.alpha, record.turn)


def ours(problem: Problem, record: BranchRecord, digits: int) -> Any:
    """The multiprecision path with its record."""
    _spectrum.cache_clear()
    return solve(problem, digits=digits, alpha=record.alpha, path="multiprecision")


def ball_with_certificate(problem: Problem, record: BranchRecord, digits: int) -> Any:
    """The ball path with its record and the certificate of C1, C2, C3."""
    _spectrum.cache_clear()
    solution = solve(problem, digits=digits, alpha=record.alpha, path="ball")
    certified_certificate(solution)
    return solution


def float64(problem: Problem, record: BranchRecord) -> Any:
    """The float64 path with its record."""
    _spectrum.cache_clear()
    return solve(problem, digits=15, alpha=record.alpha, path="double")


# ------------------------------------------------------------------------------- forward errors


def forward_error(weights: Weights, enclosures: Weights, digits: int) -> float:
    """log10 of the largest relative Frobenius distance of a weight from its ball enclosure."""
    saved = flint.ctx.prec
    flint.ctx.prec = 8 * digits + 4000
    try:
        worst = -math.inf
        for W, ball in zip(weights, enclosures, strict=True):
            try:
                given = (
                    W if isinstance(W, acb_mat) else dyadic_matrix(W, 4 * digits + 900).to_acb_mat()
                )
            except Exception:  # a weight that is not finite has no distance
                return math.inf
            squares = sum((abs(z).upper() ** 2 for z in (given - ball).entries()), arb(0))
            size = sum((abs(z).lower() ** 2 for z in ball.entries()), arb(0))
            if squares > 0 and size > 0:
                worst = max(worst, float((squares / size).log().mid()) / math.log(100))
        return worst
    finally:
        flint.ctx.prec = saved
