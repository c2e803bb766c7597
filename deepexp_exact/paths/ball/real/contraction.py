"""W1 with exp(−W1·X1)·exp(W1·X2) = G: a contraction proved once, weights at any precision.

With Y ≈ F'(W̃)⁻¹ in float64, T(W) = W − Y·F(W) has on ‖W − W̃‖ ≤ ρ the Lipschitz constant (R3')

    q = ‖I − Y·F'(W̃)‖ + ‖Y‖·s²·e^((‖W̃‖ + ρ)·s)·ρ,   s = ‖X1‖ + ‖X2‖,

and with Y = D⁻¹ (R3) q = ‖D⁻¹‖·s·(e^((‖W̃‖ + ρ)·s) − 1).  Where q ≤ 1/2 and ‖Y·F(W̃)‖ ≤ (1 − q)·ρ
the ball holds one zero of F, and every W in it is within ‖Y·F(W)‖/(1 − q) of that (Banach).  Norms
of W are Frobenius, of X1, X2, D⁻¹ spectral; products with Y in float64 have their rounding errors
bounded (Higham, *Accuracy and Stability of Numerical Algorithms*, section 3.5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx

from ....constructions.real import RealParameters
from ....errors import BranchError
from ....exact import ExactMatrix
from ....precision import MoreBits
from ..functions import enclosures as en
from .positive import from_float64, norm_upper, to_float64

#: Largest d for which the Jacobian, d²×d², is formed.
LARGEST = 16
#: Largest Lipschitz constant accepted.
FACTOR = 0.5
#: Steps of the iteration.
_STEPS = 20_000
#: Unit roundoff of float64.
_UNIT = 2.0**-53


@dataclass(frozen=True)
class Contraction:
    """T for one problem: ``Y`` the approximate inverse in float64 (None: D⁻¹) and the Lipschitz
    constant ``q``, an upper bound."""

    inputs: tuple[ExactMatrix, ExactMatrix]
    Y: Any
    q: Any

    def step(self, value: Any) -> Any:
        """Y·F for F in balls, d×d."""
        d = value.nrows()
        if self.Y is None:
            D = real(self.inputs[1] - self.inputs[0])
            return solve(D.transpose(), value.transpose()).transpose()
        column = arb_mat(d * d, 1, value.entries())
        return arb_mat(d, d, (self.Y * column).entries())

    def rough_step(self, value: Any) -> Any:
        """The same for the midpoints, in float64; exact."""
        array, power = to_float64(value)
        if self.Y is None:
            first, second = (X.to_numpy().real for X in self.inputs)
            D, scale = to_float64(from_float64(second - first))
            return from_float64(np.linalg.solve(D.T, array.T).T, power - scale)
        Y, scale = to_float64(self.Y)
        return from_float64((Y @ array.reshape(-1)).reshape(array.shape), power + scale)


def real(matrix: ExactMatrix) -> Any:
    """The enclosure of a real exact matrix at the current precision, as an ``arb_mat``."""
    return arb_mat(matrix.rows, matrix.cols, [arb(x) for x in matrix.real_part.entries()])


def solve(left: Any, right: Any) -> Any:
    """left⁻¹·right; success proves that ``left`` is invertible."""
    try:
        out = left.solve(right, algorithm="precond")
    except ZeroDivisionError:
        raise MoreBits("a matrix is numerically singular") from None
    if not all(x.is_finite() for x in out.entries()):
        raise MoreBits("a solution of linear equations is not finite")
    return out


def spectral_upper(matrix: Any) -> Any:
    """An upper bound of ‖A‖₂: ‖(AᵀA)⁸‖_F^(1/16)."""
    with ctx.workprec(en.NORM_BITS):
        power = matrix.transpose() * matrix
        for _ in range(3):
            power = power * power
        return norm_upper(power).root(16).upper()


def equation(inputs: tuple[ExactMatrix, ExactMatrix], W: Any, G: Any) -> Any:
    """F(W) = exp(−W·X1)·exp(W·X2) − G in balls."""
    X1, X2 = map(real, inputs)
    return (-(W * X1)).exp() * (W * X2).exp() - G


def proved(
    inputs: tuple[ExactMatrix, ExactMatrix], parameters: RealParameters, G: Any
) -> Contraction:
    """The contraction on the recorded ball, and that it maps it into itself, at the current
    precision.

    Raises :class:`BranchError` where the ball holds no solution, :class:`MoreBits` where that is
    not told."""
    centre, radius = real(parameters.centre), arb(parameters.radius)
    found = _by_norms(inputs, centre, radius)
    if found is None:
        found = _by_jacobian(inputs, centre, radius)
    move = norm_upper(found.step(equation(inputs, centre, G)))
    with ctx.workprec(en.NORM_BITS):
        if move <= (1 - found.q) * radius:
            return found
    raise MoreBits("the first layer's equation is not told to have a solution in its ball")


def _exponent(inputs: tuple[ExactMatrix, ExactMatrix], centre: Any, radius: Any) -> tuple[Any, Any]:
    """s, and e^((‖W̃‖ + ρ)·s)."""
    with ctx.workprec(en.NORM_BITS):
        s = (spectral_upper(real(inputs[0])) + spectral_upper(real(inputs[1]))).upper()
        return s, (((spectral_upper(centre) + radius) * s).exp()).upper()


def _by_norms(
    inputs: tuple[ExactMatrix, ExactMatrix], centre: Any, radius: Any
) -> Contraction | None:
    """R3: Y = D⁻¹."""
    d = centre.nrows()
    one = arb_mat(d, d, [int(r == c) for r in range(d) for c in range(d)])
    inverse = solve(real(inputs[1] - inputs[0]), one)
    s, grown = _exponent(inputs, centre, radius)
    with ctx.workprec(en.NORM_BITS):
        q = (spectral_upper(inverse) * s * (grown - 1)).upper()
    return Contraction(inputs, None, q) if q <= FACTOR else None


def _by_jacobian(inputs: tuple[ExactMatrix, ExactMatrix], centre: Any, radius: Any) -> Contraction:
    """R3': Y from float64."""
    if centre.nrows() > LARGEST:
        raise BranchError(
            f"d = {centre.nrows()} is beyond {LARGEST}, and norms alone prove no contraction",
            "make the record again from the problem",
        )
    J, blur = jacobian(inputs, centre)
    try:
        Y = np.linalg.inv(J)
    except np.linalg.LinAlgError:
        raise MoreBits("the Jacobian is singular in float64") from None
    if not np.isfinite(Y).all():
        raise MoreBits("the Jacobian is singular in float64")
    n = len(J)
    with np.errstate(all="ignore"):
        rest = float(np.linalg.norm(np.eye(n) - Y @ J)) * (1 + 1e-10)
        size = float(np.linalg.norm(Y)) * (1 + 1e-10)
        rounding = 1.01 * (n + 3) * _UNIT * (size * float(np.linalg.norm(J)) + math.sqrt(n))
        both = float(np.linalg.norm(Y, 1)) * float(np.linalg.norm(Y, np.inf))
        spectral = min(size, 1.0001 * math.sqrt(both))
    s, grown = _exponent(inputs, centre, radius)
    with ctx.workprec(en.NORM_BITS):
        bent = arb(spectral) * s * s * grown * radius
        q = (arb(rest) + arb(rounding) + arb(size) * blur + bent).upper()
    if not q <= FACTOR:
        raise MoreBits("no contraction is proved on the first layer's ball")
    return Contraction(inputs, from_float64(Y), q)


def jacobian(inputs: tuple[ExactMatrix, ExactMatrix], W: Any) -> tuple[Any, Any]:
    """F'(W) as a d²-square float64 matrix, entries row by row, and an upper bound of the Frobenius
    norm of its error.

    dexp(M)[e_i·e_jᵀ·X] = Σ_p M^p·e_i·(e_jᵀ·X·T_p), T_p = Σ_q M^q/(p + q + 1)!; the terms with
    p + q ≥ N add up to at most ‖X‖·2·‖M‖^N/N! for N ≥ 2·‖M‖."""
    d = W.nrows()
    X1, X2 = map(real, inputs)
    M1, M2 = -(W * X1), W * X2
    E1, E2 = M1.exp(), M2.exp()
    one = arb_mat(d, d, [int(r == c) for r in range(d) for c in range(d)])
    total, sizes, tail, radii = np.zeros((d, d, d, d)), 0.0, arb(0), arb(0)
    for M, left, X, right in ((M1, one, -X1, E2), (M2, E1, X2, one)):
        size, n = spectral_upper(M), 4
        with ctx.workprec(en.NORM_BITS):
            while not (n >= 2 * size and size**n / arb.fac_ui(n) < en.power_of_two(-60)):
                n += 4
                if n > 2000:
                    raise MoreBits("W1 is too large for the Jacobian")
            rest = 2 * size**n / arb.fac_ui(n) * spectral_upper(X)
            tail += (rest * spectral_upper(left) * spectral_upper(right) * d).upper()
        powers, tails = [left], [one / arb.fac_ui(n)]
        for p in range(n - 1):
            powers.append(powers[-1] * M)
            tails.append(M * tails[-1] + one / arb.fac_ui(n - 1 - p))
        first = arb_mat([power.entries() for power in powers]).transpose()
        second = arb_mat([(X * T * right).entries() for T in reversed(tails)])
        table = first * second
        array, power = to_float64(table)
        radii += norm_upper(table - table.mid())
        total += np.ldexp(array, power).reshape(d, d, d, d)
        sizes += float(np.linalg.norm(np.ldexp(array, power)))
    J = total.transpose(0, 3, 1, 2).reshape(d * d, d * d)
    with ctx.workprec(en.NORM_BITS):
        # every entry is rounded once from its midpoint, and once in the sum
        return J, (radii + tail + arb(4 * _UNIT * sizes)).upper()


def solved(found: Contraction, parameters: RealParameters, G: Any) -> Any:
    """The enclosure of W1 at the current precision."""
    inputs, bits = found.inputs, ctx.prec
    centre, radius = real(parameters.centre), arb(parameters.radius)
    W, best = centre.mid(), math.inf
    working = min(bits, 128)
    for _ in range(_STEPS):
        with ctx.workprec(working):
            move = found.rough_step(equation(inputs, W, G))
            size = en.log2_of(norm_upper(move))
        gained = size < best - 0.2
        if gained:
            best = size
            with ctx.workprec(bits):
                W = (W - move).mid()
        elif working >= bits:
            break
        if not gained or size < -working / 2:
            working = min(bits, 2 * working)
    move = norm_upper(found.step(equation(inputs, W, G)))
    with ctx.workprec(en.NORM_BITS):
        reach = (move / (1 - found.q)).upper()
        apart = norm_upper(W - centre)
        if not apart + reach <= radius:
            if apart - reach > radius:
                raise BranchError(
                    "the first layer's equation has no solution in the recorded ball",
                    "make the record again from the problem",
                )
            raise MoreBits("the first layer is not told to lie in its ball")
    d = W.nrows()
    return arb_mat(d, d, [x + arb(0, reach) for x in W.entries()])
