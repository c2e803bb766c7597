"""What a user would write today instead: the formula with mpmath, and with bare python-flint.

:func:`deepexp_exact.paths.double.script.ordinary_script` is the same with SciPy.
"""

from __future__ import annotations

import math
from typing import Any

import flint
import mpmath
from flint import acb, acb_mat, arb

from ..branches import BranchRecord
from ..exact import ExactMatrix
from ..problems import Problem

Weights = tuple[Any, Any, Any]


class NotDelivered(Exception):
    """The method does not deliver the digits asked."""


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
    try:
        with flint.ctx.workprec(bits):
            d = problem.d
            X1, X2, Y1, Y2 = (
                _to_balls(m) for m in (problem.X1, problem.X2, problem.Y1, problem.Y2)
            )
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
