"""The first layer of a splitting in enclosures: steps Q0 to Q7 at one working precision.

W1 = [B·M·A1⁻¹·Y + c·(F(I−Π) + Π)⁻¹(I−Π)]·X_s⁻¹, M = Λ·diag(μ)·H⁻¹ from the factorisation with
prescribed pivots, and exp(±W1·X1) = e^(±m)·Π + exp(±N)(I−Π), N = c·(F(I−Π) + Π)⁻¹(I−Π)(I−sF).
"""

from __future__ import annotations

from typing import Any

from flint import acb, acb_mat, arb

from ....constructions.split.parameters import Root, SplitParameters
from ....exact import ExactMatrix
from ....precision import MoreBits
from ..functions import enclosures as en
from ..network.construction import EnclosedFirstLayer
from .projector import Splitting, split

#: Newton steps for the root.
_STEPS = 60


def enclosed_layer(
    X1: ExactMatrix,
    X2: ExactMatrix,
    parameters: SplitParameters,
    alpha: Any,
    c: Any,
    hint: ExactMatrix | None = None,
) -> EnclosedFirstLayer:
    """W1 with exp(W1·X2) = α·exp(W1·X1) for exact parameters, at the current precision.

    Raises :class:`MoreBits` where a hypothesis of Q0 to Q7 is not proved at this precision: X_s and
    A1 invertible, q eigenvalues inside the circle, one root in its square, no vanishing row."""
    d, q, s = X1.rows, parameters.q, acb(arb(parameters.s))
    if parameters.exchanged:
        X1, X2, c = X2, X1, -c
    D = X2 - X1
    Xs = en.from_exact(X1) + en.from_exact(D) * s
    F = en.solve(Xs, en.from_exact(D), "F = X_s⁻¹·D")
    one = en.identity(d)
    total, N, m, Pi = acb_mat(d, d), acb_mat(d, d), acb(0), acb_mat(d, d)
    if q:
        whole = Splitting(one, one, F)
        parts = whole if parameters.rho is None else split(F, q, parameters.rho, hint)
        Pi = one if q == d else parts.right * parts.left
        block, m = _block(parts, parameters, s, c, X2)
        total = total + block
    if q < d:
        rest = one - Pi
        complement = en.solve(F * rest + Pi, rest * c, "F on the rest")
        total = total + complement
        N = complement * (one - F * s)
    W1 = en.require_finite(_right_quotient(total, Xs), "W1")
    up = _exponential(q, d, m, N, Pi)
    down = _exponential(q, d, -m, -N, Pi)
    if parameters.exchanged:  # exp(W1·X2) is known; exp(W1·X1) = exp(W1·X2)/α
        up, down = up * (1 / alpha), down * alpha
    return EnclosedFirstLayer(W1, up, down)


def _exponential(q: int, d: int, m: Any, N: Any, Pi: Any) -> Any:
    """e^m·Π + exp(N)·(I − Π)."""
    if q == d:
        return en.scalar(d, m.exp())
    rest = en.exp(N) * (en.identity(d) - Pi)
    return en.require_finite(rest + Pi * m.exp() if q else rest, "exp(W1·X1)")


def _right_quotient(top: Any, bottom: Any) -> Any:
    """top·bottom⁻¹."""
    return en.solve(bottom.transpose(), top.transpose(), "a quotient").transpose()


def _block(
    parts: Splitting, parameters: SplitParameters, s: Any, c: Any, X2: ExactMatrix
) -> tuple[Any, Any]:
    """B·M·A1⁻¹·Y and m."""
    q = parameters.q
    coordinates = parts.left * en.from_exact(parameters.basis)
    B = parts.right * coordinates
    Y = en.solve(coordinates, parts.left, "the basis of the block")
    F1 = en.solve(coordinates, parts.block * coordinates, "F1")
    A1 = en.identity(q) - F1 * s
    E = en.solve(A1, F1, "C1 − I = A1⁻¹·F1")
    two_pi = 2 * arb.pi()
    turns = [acb(0, a * two_pi) for a in parameters.integers]
    if parameters.rank is None:
        m = root(parameters.root, parameters.integers, c, (en.identity(q) + E).det())
        gamma = [c / (m + t) for t in turns]
    else:
        _check_rank(parameters, X2, s)
        m = -c
        gamma = [t / (m + t) - 1 for t in turns[: parameters.rank]]
    Lam, H = prescribed_pivots(E, gamma)
    scaled = en.scale_columns(Lam, [m + t for t in turns])
    return B * _right_quotient(_right_quotient(scaled, H), A1) * Y, m


def _check_rank(parameters: SplitParameters, X2: ExactMatrix, s: Any) -> None:
    """C1 has the recorded rank: ker X2 lies in the block, for φ = −1/(1 − s) lies inside the
    circle, so that its corank is that of X2."""
    q, rank = parameters.q, parameters.rank
    inside = parameters.rho is None or abs(1 - s) * acb(arb(parameters.rho)).real > 1
    if not inside or rank != q - (X2.rows - X2.rank()):
        raise MoreBits("the rank on the block is not the recorded one")


def root(square: Root | None, integers: tuple[int, ...], c: Any, det: Any) -> Any:
    """m: interval Newton (Moore; Neumaier 1990) proves that its square holds exactly one root of
    Π (m + c + 2πi·a_j) = det·Π (m + 2πi·a_j) and shrinks it to the working precision."""
    if square is None:
        raise MoreBits("the record has no root")
    centre = en.from_rational(square.centre)
    reach = arb(0, arb(square.radius).upper())
    box, proved = acb(centre.real + reach, centre.imag + reach), False
    for _ in range(_STEPS):
        middle = box.mid()
        value, _ = _pivot_equation(middle, integers, c)
        product, slope = _pivot_equation(box, integers, c)
        derivative = product * slope
        if not abs(derivative) > 0:
            raise MoreBits("the root may be a double one")
        narrower = middle - (value - det) / derivative
        if not proved and not box.contains_interior(narrower):
            raise MoreBits("the square of the record is not seen to hold one root")
        if proved and not narrower.rad() < box.rad() * 0.9:
            return narrower if narrower.rad() < box.rad() else box
        box, proved = narrower, True
    return box


def _pivot_equation(m: Any, integers: tuple[int, ...], c: Any) -> tuple[Any, Any]:
    """Π τ_j/μ_j and its logarithmic derivative."""
    product, slope, two_pi = acb(1), acb(0), 2 * arb.pi()
    for a in integers:
        mu = m + acb(0, a * two_pi)
        product, slope = product * (mu + c) / mu, slope - c / (mu * (mu + c))
    return product, slope


def prescribed_pivots(E: Any, gamma: list[Any]) -> tuple[Any, Any]:
    """Λ and H with (I + E)·Λ = H·U and pivots 1 + γ_j of U, as many as there are γ's (the last of q
    pivots follows from the determinant); :class:`MoreBits` if a row may vanish."""
    q = E.nrows()
    S = E.tolist()
    Lam, H = en.identity(q).tolist(), en.identity(q).tolist()
    for j in range(min(len(gamma), q - 1)):
        row = S[j][j + 1 :]
        size = sum((z.real * z.real + z.imag * z.imag for z in row), arb(0))
        if not size > 0:
            raise MoreBits(f"row {j + 1} of the factorisation may vanish")
        factor = (gamma[j] - S[j][j]) / size
        t = [factor * z.conjugate() for z in row]
        for k, value in enumerate(t, j + 1):
            Lam[k][j] = value
        for i in range(j + 1, q):
            h = S[i][j] + t[i - j - 1]
            h = h + sum((x * y for x, y in zip(S[i][j + 1 :], t, strict=True)), acb(0))
            h = h / (1 + gamma[j])
            H[i][j] = h
            for k in range(j + 1, q):
                S[i][k] -= h * S[j][k]
    return acb_mat(Lam), acb_mat(H)
