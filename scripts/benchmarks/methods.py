"""The ways of solving that the benchmark holds side by side.

Each takes a problem, a branch record and digits, and returns W1, W2, W3 in its own type."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import flint
import mpmath
from flint import acb, acb_mat, arb

from deepexp_exact.branches import BranchRecord
from deepexp_exact.certificate import certified_certificate
from deepexp_exact.certificate.dyadic import dyadic_matrix
from deepexp_exact.exact import ExactMatrix
from deepexp_exact.paths.ball.proving.claims import bound_residuals
from deepexp_exact.precision import MoreBits
from deepexp_exact.problems import Problem
from deepexp_exact.solving import choose_record, solve
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


def bare_flint(
    problem: Problem, record: BranchRecord, bits: int, residuals: bool = True
) -> tuple[Weights, float]:
    """``exp``, ``eig`` (rump), ``solve`` (precond), with residual balls or without; log10 of the
    largest relative radius of a weight or residual."""
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
        for X, Y in ((X1, Y1), (X2, Y2)) if residuals else ():
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
    """The lowest working precision, within about 16 bits, at which (b) delivers the digits.

    Raises :class:`NotDelivered` with the reason where more bits do not help."""
    # What Gaussian data lose, about, so that few attempts are needed; it only sets the start.
    bits, good = math.ceil(digits * math.log2(10)) + 40 + problem.d, 0
    stuck, reason, before = 0, "", math.inf
    while stuck < 4:
        try:
            _, worst = bare_flint(problem, record, bits)
        except NotDelivered as error:
            worst, reason = math.inf, str(error)
        missing = (worst + digits) * math.log2(10)
        if missing <= 0:
            good = bits
            bits = max(bits + math.floor(missing) + 8, bits // 2)
            if -missing <= 16 or bits >= good:
                return good
            stuck += 1
        elif good:
            return good
        elif math.isfinite(missing):
            stuck += worst > before - 1  # more bits did not make the radius smaller
            reason = f"a radius stays at 1e{worst:.0f} whatever the precision"
            bits += max(4, math.ceil(missing) + 1)
        else:
            stuck, bits = stuck + 1, 2 * bits
        before = worst
    if good:
        return good
    raise NotDelivered(_why(record) or reason)


def _why(record: BranchRecord) -> str:
    """What the exact spectrum says about (b)'s failure."""
    if any(size > 1 for entry in record.entries for size in entry.blocks):
        return "K is defective: it has no basis of eigenvectors"
    if any(entry.multiplicity > 1 for entry in record.entries):
        return "K has a repeated eigenvalue: balls do not isolate it"
    if any(entry.on_negative_axis for entry in record.entries):
        return "K has an eigenvalue on the cut: the ball of its logarithm straddles it"
    return ""


# ------------------------------------------------------------------- ours, as a user has them


def fresh(problem: Problem) -> Problem:
    """The same problem with nothing remembered of it: a user's first solve."""
    _spectrum.cache_clear()
    parts = (problem.X1, problem.X2, problem.Y1, problem.Y2)
    return Problem(*(ExactMatrix(m.real_part, m.imag_part) for m in parts), name=problem.name)


def fresh_record(problem: Problem, record: BranchRecord) -> BranchRecord:
    """The record, α chosen, made from nothing, as a solve has to."""
    return choose_record(fresh(problem), "auto")[0]


def ours(problem: Problem, record: BranchRecord, digits: int) -> Any:
    """The multiprecision path as a user has it: α chosen, record made, residuals measured."""
    return solve(fresh(problem), digits=digits, path="multiprecision")


def given(problem: Problem, record: BranchRecord, digits: int) -> Any:
    """The same with α given."""
    return solve(fresh(problem), digits=digits, alpha=record.alpha, path="multiprecision")


def default(problem: Problem, record: BranchRecord, digits: int) -> Any:
    """``solve`` without options: CERTIFIED weights."""
    return solve(fresh(problem), digits=digits)


def ball_with_certificate(problem: Problem, record: BranchRecord, digits: int) -> Any:
    """The ball path with α given, its record and the certificate of C1, C2, C3."""
    solution = solve(fresh(problem), digits=digits, alpha=record.alpha, path="ball")
    certified_certificate(solution)
    return solution


def plain(problem: Problem, record: BranchRecord, digits: int) -> Any:
    """The plain mpmath path with its record: what a script costs that checks what it does."""
    return solve(fresh(problem), digits=digits, alpha=record.alpha, path="mpmath")


def float64(problem: Problem, record: BranchRecord) -> Any:
    """The float64 path with its record."""
    return solve(fresh(problem), digits=15, alpha=record.alpha, path="double")


# ------------------------------------------------------------------- what is held against balls


def enclosures(problem: Problem, record: BranchRecord, digits: int) -> Weights:
    """Ball enclosures of the exact weights, finer than ``digits`` by 25 digits."""
    solution = solve(problem, digits=digits + 25, branch=record, path="ball")
    return solution.weights


def as_balls(weights: Weights, digits: int) -> Weights:
    """Exact ``acb_mat`` of weights in any path's type; balls stay as they are.

    Raises what the conversion raises where a weight is not finite."""
    one, two, three = (
        W if isinstance(W, acb_mat) else dyadic_matrix(W, 4 * digits + 900).to_acb_mat()
        for W in weights
    )
    return one, two, three


def forward_error(weights: Weights, exact: Weights, digits: int, midpoints: bool = True) -> float:
    """log10 of the largest relative Frobenius distance of a weight from its enclosure: of the
    midpoints, or of the farthest point of given balls."""
    saved = flint.ctx.prec
    flint.ctx.prec = 8 * digits + 4000
    try:
        worst = -math.inf
        try:
            given = as_balls(weights, digits)
        except Exception:  # a weight that is not finite has no distance
            return math.inf
        for W, ball in zip(given, exact, strict=True):
            difference = (W.mid() if midpoints else W) - ball
            squares = sum((abs(z).upper() ** 2 for z in difference.entries()), arb(0))
            size = sum((abs(z).lower() ** 2 for z in ball.entries()), arb(0))
            if squares > 0 and size > 0:
                worst = max(worst, float((squares / size).log().mid()) / math.log(100))
        return worst
    finally:
        flint.ctx.prec = saved


def measured_loss(solution: Any) -> float:
    """Digits lost: what the weights carry less what their residuals keep, in balls (within one
    digit, for the digits carried are whole)."""
    digits: int = solution.digits_carried
    one, two, three = (W.mid() for W in as_balls(solution.weights, digits))
    saved = flint.ctx.prec
    predicted = solution.predicted_loss
    guess = max(predicted, 10.0) if predicted and predicted < 1e5 else 10.0
    flint.ctx.prec = math.ceil(3.33 * (digits + guess)) + 64
    try:
        for _ in range(12):
            try:
                found = bound_residuals(solution.problem, (one, two, three))
                upper, lower = max(found.upper), max(found.lower)
                if upper == 0:
                    return -math.inf
                if upper < 2 * lower:
                    kept = float(upper.log().mid()) / math.log(10)
                    return digits + kept
            except MoreBits:
                pass
            flint.ctx.prec += flint.ctx.prec // 2
        raise NotDelivered("the residual stays undecided")
    finally:
        flint.ctx.prec = saved
