"""The residuals of weights of small matrices, in balls about two eigenbases.

For any invertible P and any points m, exp(B) = P·exp(diag(m) + Φ)·P⁻¹ with Φ = P⁻¹·(B·P −
P·diag(m)), which is small if P holds approximate eigenvectors: B·P − P·diag(m) at full precision,
whose digits cancel, Φ in few bits, and

    exp(diag(m) + Φ) = diag(e^m) + Φ∘(divided differences of exp at m) + rest,
    ‖rest‖ ≤ e^(max Re m + φ)·φ²/2,  φ = ‖Φ‖

(Daletskii & Krein; the rest from two steps of Duhamel's formula).  Everything is python-flint's
balls (Johansson, "Arb", 2017), the data's radii included, so that the result is a bound; nothing is
assumed of P and m but that they are the numbers they are.  Nine products at full precision and as
many exponentials as three times the rows, instead of four matrix exponentials.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from flint import acb, acb_mat, arb, ctx

from ..functions.balls import log2_norm
from ..functions.eigen.small import Eigenvectors, diagonal, identity

#: Bits of what is small.
_FEW = 128


class _Basis:
    """Eigenvectors P with P⁻¹ in few bits, and points m with e^−m."""

    def __init__(self, eigen: Eigenvectors, points: Sequence[Any], down: Sequence[Any]) -> None:
        self.P, self.S, self.T = eigen.R, eigen.S, eigen.T
        self.points = points
        self.up = [1 / v for v in down]
        with ctx.workprec(_FEW):
            self.inverse = self.P.inv()

    def off(self, matrix: Any) -> Any:
        """B·P − P·diag(m)."""
        return matrix * self.P - self.P * diagonal(self.points)

    def main(self, left: Any, row: Sequence[Any]) -> Any:
        """left·diag(row)·S."""
        return left * diagonal(row) * self.S

    def rest(self, points: Sequence[Any], row: Sequence[Any], change: Any) -> Any:
        """exp(diag(points) + change) − (diag(row) less what S is not P⁻¹)·P⁻¹, row = e^points, in
        few bits: exp(…)·P⁻¹ = diag(row)·S + this·P⁻¹."""
        d = len(points)
        phi = log2_norm(change)
        if not phi < 0:
            return acb_mat(d, d, [acb("nan")] * (d * d))
        top = max(float(v.real.mid()) for v in points) / math.log(2)
        reach = arb(0, arb(2) ** arb(top + 2 * phi + 2**phi * 1.5 - 0.99))
        far = acb(reach, reach)
        entries = []
        T, changes = self.T.entries(), change.entries()
        for i, x in enumerate(points):
            for j, y in enumerate(points):
                slope = row[i] if i == j else (row[i] - row[j]) / (x - y)
                k = i * d + j
                entries.append(changes[k] * slope - row[i] * T[k] + far)
        return acb_mat(d, d, entries)


def residuals(
    weights: Sequence[Any],
    data: tuple[Any, Any, Any, Any],
    inner: tuple[Eigenvectors, Sequence[Any], Sequence[Any]],
    outer: tuple[Eigenvectors, Sequence[Any], Sequence[Any]],
    scale: tuple[Any, Any],
    sizes: tuple[float, float],
) -> tuple[float, float]:
    """log2 of bounds of ‖f(Xi) − Yi‖/‖Yi‖ of exact weights for ``data`` = X1, D = X2 − X1, Y1, Y2
    in balls, at python-flint's precision.

    ``inner`` and ``outer``: eigenvectors near those of W1·X1 and of W2·exp(W1·X1), exact points
    near the eigenvalues, and their e^−m in balls; ``scale``: balls of c and of α = e^c;
    ``sizes``: log2 ‖Yi‖."""
    (W1, W2, W3), (X1, D, Y1, Y2), (c, alpha) = weights, data, scale
    full, d = ctx.prec, X1.nrows()
    one, two = _Basis(*inner), _Basis(*outer)
    G = one.off(W1 * X1)
    turn = W1 * D - identity(d) * c
    A = one.main(one.P, one.up)
    H = two.off(W2 * A)
    V = W3 * two.P
    ctx.prec = _FEW
    first = one.inverse * G
    found = []
    for factor, change, Y, size, near in (
        (acb(1), first, Y1, sizes[0], True),
        (alpha, first + one.inverse * turn * one.P, Y2, sizes[1], False),
    ):
        dA = one.P * one.rest(one.points, one.up, change) * one.inverse
        psi = two.inverse * ((H + W2 * dA * two.P) * factor)
        ctx.prec = full
        points = two.points if near else [factor * v for v in two.points]
        row = two.up if near else [v.exp() for v in points]
        N = two.main(V, row) - Y
        ctx.prec = _FEW
        total = N + V * two.rest(points, row, psi) * two.inverse
        found.append(log2_norm(total) - size + 2.0**-40)
    ctx.prec = full
    return found[0], found[1]
