"""W1 and exp(±W1·X1) of a splitting from its exact parameters, at one working precision.

W1 = [B·M·A1⁻¹·Y + c·(F(I−Π) + Π)⁻¹(I−Π)]·X_s⁻¹, M = Λ·diag(μ)·H⁻¹ from the factorisation with
prescribed pivots, and exp(±W1·X1) = e^(±m)·Π + exp(±N)(I−Π), N = c·(F(I−Π) + Π)⁻¹(I−Π)(I−sF).
The spectral projector Π comes from the matrix sign function (Roberts 1980; Byers, He & Mehrmann
1997; Higham, *Functions of Matrices*, sections 2.5 and 5.3).  Midpoints of python-flint's
``acb_mat`` are the numbers; nothing here bounds an error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gmpy2
import numpy as np
from flint import acb, acb_mat, arb, ctx, fmpq, fmpz
from gmpy2 import mpc, mpfr, mpz

from ....branches import BranchRecord
from ....constructions.split.parameters import Root, SplitParameters
from ....exact import ExactMatrix, gaussian
from ....precision import MoreBits
from ....problems import Problem
from ..functions.arrays import (
    Array,
    diagonal_shift,
    identity,
    number,
    precision,
)
from ..functions.balls import enclosure
from ..network.first_layer import log_scale

#: Newton steps for the sign function, and for the root.
_STEPS = 100


@dataclass(frozen=True)
class Layer:
    """W1 and A⁻¹, and a way to A = exp(W1·X1)."""

    W1: Array
    inverse_A: Array
    A: Callable[[], Array]


def computed(
    problem: Problem, parameters: SplitParameters, record: BranchRecord, bits: int
) -> Layer:
    """W1 with exp(W1·X2) = α·exp(W1·X1) and exp(−W1·X1), computed with ``bits`` bits.

    Raises :class:`MoreBits` where the parameters are not seen to fit at this precision: X_s or A1
    singular, not q eigenvalues inside the circle, no root in its square, a row that vanishes."""
    X1, X2 = problem.X1, problem.X2
    with precision(bits), ctx.workprec(bits):
        alpha, c, factor = number(record.alpha), log_scale(record.alpha, record.turn), mpc(1)
        if parameters.exchanged:  # exp(W1·X2) is known; exp(W1·X1) = exp(W1·X2)/α
            X1, X2, c, factor = X2, X1, -c, alpha
        try:
            W1, image = _layer(X1, X2, parameters, c)
            inverse = _array(image(-1)) * factor
        except ZeroDivisionError:
            raise MoreBits("a matrix is singular at this precision") from None

    def A() -> Array:
        with precision(bits), ctx.workprec(bits):
            found: Array = _array(image(1)) / factor
            return found

    return Layer(W1, inverse, A)


def _layer(
    X1: ExactMatrix, X2: ExactMatrix, parameters: SplitParameters, c: Any
) -> tuple[Array, Callable[[int], Any]]:
    """W1, and exp(±W1·X1) by its sign, for X1 and X2 in the order of the parameters, e^c the factor
    between their exponentials."""
    d, q, s = X1.rows, parameters.q, acb(arb(parameters.s)).mid()
    D, one = _mid(enclosure(X2 - X1)), _scalar(d, acb(1))
    Xs = _mid(_mid(enclosure(X1)) + D * s)
    F = _solve(Xs, D)
    Pi = projector(F, q, parameters.rho)
    rest = one - Pi
    total, N, m = acb_mat(d, d), acb_mat(d, d), acb(0)
    if q:
        total, m = _block(F, Pi, parameters, c, X2)
    if q < d:
        complement = _solve(_mid(F * rest) + Pi, _mid(rest * _acb(c)))
        total = _mid(total + complement)
        N = _mid(complement * _mid(one - F * s))

    def image(sign: int) -> Any:
        return _mid(_mid(rest * _mid(_mid(N * sign).exp())) + Pi * (m * sign).exp())

    return _array(_right(total, Xs)), image


def _block(
    F: Any, Pi: Any, parameters: SplitParameters, c: Any, X2: ExactMatrix
) -> tuple[Any, Any]:
    """B·M·A1⁻¹·Y and m, Y = (G·B)⁻¹·G·Π with the columns of G* an orthonormal basis of B's."""
    q, s = parameters.q, acb(arb(parameters.s)).mid()
    B = _mid(Pi * _mid(enclosure(parameters.basis)))
    frame, _ = np.linalg.qr(_floats(B))
    G = acb_mat([[acb(float(z.real), -float(z.imag)) for z in row] for row in frame.T])
    Y = _solve(_mid(G * B), _mid(G * Pi))
    F1 = _mid(_mid(Y * F) * B)
    A1 = _mid(_scalar(q, acb(1)) - F1 * s)
    E = _array(_solve(A1, F1))  # C1 − I
    turns = [mpc(0, 2 * a * gmpy2.const_pi()) for a in parameters.integers]
    if parameters.rank is None:
        m = root(parameters.root, turns, c, _determinant(E))
        gamma = [c / (m + t) for t in turns]
    else:
        _check_rank(parameters, X2)
        m = -c
        gamma = [t / (m + t) - 1 for t in turns[: parameters.rank]]
    Lam, H = prescribed_pivots(E, gamma)
    scaled = _from_array(Lam * np.array([m + t for t in turns], dtype=object))
    M = _right(_right(scaled, _from_array(H)), A1)
    return _mid(_mid(B * M) * Y), _acb(m)


# ------------------------------------------------------------------------------ the projector


def projector(F: Any, q: int, rho: fmpq | None) -> Any:
    """Π = (I − sign((F + ρI)⁻¹(F − ρI)))/2, of the q eigenvalues |φ| < ρ.

    Newton's S ← (S + S⁻¹)/2 until it stands still.  The trace of Π is the number of eigenvalues
    inside: :class:`MoreBits` unless it is q."""
    d = F.nrows()
    if q in (0, d):
        return _scalar(d, acb(1)) if q else acb_mat(d, d)
    one, circle = _scalar(d, acb(1)), _scalar(d, acb(arb(rho)).mid())
    S = _solve(_mid(F + circle), _mid(F - circle))
    last = None
    for _ in range(_STEPS):
        following = _mid((S + _solve(S, one)) * acb(0.5))
        change = _size(_mid(following - S))
        S = following
        small = change < _size(S) * arb((1, -(ctx.prec // 2)))
        if small and last is not None and not change < last / 4:
            break
        last = change if small else None
    else:
        raise MoreBits("an eigenvalue is too near the circle")
    Pi = _mid((one - S) * acb(0.5))
    count = sum((Pi[j, j] for j in range(d)), acb(0)) - q
    if not abs(count) < 0.25:
        raise MoreBits(f"the circle is not seen to hold {q} eigenvalues")
    return Pi


def _check_rank(parameters: SplitParameters, X2: ExactMatrix) -> None:
    """C1 has the recorded rank: ker X2 lies in the block, for φ = −1/(1 − s) lies inside the
    circle, so that its corank is that of X2."""
    q, rho, s = parameters.q, parameters.rho, parameters.s
    inside = rho is None or abs(1 - s) * rho > 1
    if not inside or parameters.rank != q - (X2.rows - X2.rank()):
        raise MoreBits("the rank on the block is not the recorded one")


# ------------------------------------------------------------------------- root and factorisation


def root(square: Root | None, turns: list[Any], c: Any, det: Any) -> Any:
    """m in its square with Π (1 + c/(m + 2πi·a_j)) = det, by Newton's method from the centre;
    :class:`MoreBits` if it stops elsewhere."""
    if square is None:
        raise MoreBits("the record has no root")
    centre, radius = mpc(number(square.centre)), number(gaussian(square.radius))
    m, last = centre, None
    for _ in range(_STEPS):
        product, slope = mpc(1), mpc(0)
        for turn in turns:
            mu = m + turn
            product, slope = product * (mu + c) / mu, slope - c / (mu * (mu + c))
        step = (product - det) / (product * slope)
        if not gmpy2.is_finite(step):
            break
        if step == 0 or (last is not None and abs(step) >= last and abs(step) < radius):
            apart = m - centre
            if max(abs(apart.real), abs(apart.imag)) <= radius:
                return m
            break
        m, last = m - step, abs(step)
    raise MoreBits("the square of the record is not seen to hold a root")


def prescribed_pivots(E: Array, gamma: list[Any]) -> tuple[Array, Array]:
    """Λ and H with (I + E)·Λ = H·U and pivots 1 + γ_j of U, as many as there are γ's (the last of q
    pivots follows from the determinant); :class:`MoreBits` if a row vanishes.

    A column operation with the shortest t makes each pivot what it has to be."""
    q = E.shape[0]
    S, Lam, H = E.copy(), identity(q) * mpc(1), identity(q) * mpc(1)
    for j in range(min(len(gamma), q - 1)):
        row, rest = S[j, j + 1 :], slice(j + 1, q)
        size = sum((z.real * z.real + z.imag * z.imag for z in row), mpfr(0))
        if size == 0:
            raise MoreBits(f"row {j + 1} of the factorisation vanishes")
        t = np.array([z.conjugate() for z in row], dtype=object) * ((gamma[j] - S[j, j]) / size)
        Lam[rest, j] = t
        h = (S[rest, j] + t + S[rest, rest].dot(t)) / (1 + gamma[j])
        H[rest, j] = h
        S[rest, rest] = S[rest, rest] - np.outer(h, row)
    return Lam, H


# ----------------------------------------------------------------------- midpoints as numbers


def _mid(M: Any) -> Any:
    """The midpoints; :class:`MoreBits` where one is no number."""
    out = M.mid()
    if not all(z.is_finite() for z in out.entries()):
        raise MoreBits("a matrix is not finite at this precision")
    return out


def _solve(A: Any, B: Any) -> Any:
    return _mid(A.solve(B, algorithm="approx"))


def _right(top: Any, bottom: Any) -> Any:
    """top·bottom⁻¹."""
    return _solve(bottom.transpose(), top.transpose()).transpose()


def _scalar(d: int, value: Any) -> Any:
    return acb_mat(d, d, [value if j % (d + 1) == 0 else acb(0) for j in range(d * d)])


def _size(M: Any) -> Any:
    """The largest modulus of an entry, roughly."""
    return max((abs(z).mid() for z in M.entries()), default=arb(0))


def _floats(M: Any) -> Any:
    flat = [complex(float(z.real.mid()), float(z.imag.mid())) for z in M.entries()]
    return np.array(flat).reshape(M.nrows(), M.ncols())


def _acb(z: Any) -> Any:
    """A number of gmpy2's, exactly."""
    parts = (part.as_mantissa_exp() for part in (z.real, z.imag))
    return acb(*(arb((fmpz(int(m)), fmpz(int(e)))) for m, e in parts))


def _from_array(A: Array) -> Any:
    return acb_mat([[_acb(z) for z in row] for row in A])


def _array(M: Any) -> Array:
    """The midpoints as an array, at the current precision of gmpy2."""
    out = np.empty((M.nrows(), M.ncols()), dtype=object)
    for place, z in zip(np.ndindex(out.shape), M.entries(), strict=True):
        out[place] = mpc(_mpfr(z.real), _mpfr(z.imag))
    return out


def _mpfr(x: Any) -> Any:
    mantissa, exponent = x.mid().man_exp()
    value, shift = mpfr(mpz(int(mantissa))), int(exponent)
    if abs(shift) >= 2**60:
        raise MoreBits("an exponential of the first layer leaves the range of exponents")
    return gmpy2.mul_2exp(value, shift) if shift >= 0 else gmpy2.div_2exp(value, -shift)


def _determinant(E: Array) -> Any:
    """det(I + E)."""
    return _array(acb_mat([[_from_array(diagonal_shift(E, mpfr(1))).det().mid()]]))[0, 0]
