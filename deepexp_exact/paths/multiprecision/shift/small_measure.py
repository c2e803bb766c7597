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

from flint import acb, acb_mat, arb, ctx, fmpz

from ..functions.balls import identity, log2_bounds, log2_quotient
from ..functions.eigen.small import Eigenvectors, diagonal

#: Bits of what is small.
_FEW = 128


class _Basis:
    """Eigenvectors P with P⁻¹ in few bits, and points m with e^m."""

    def __init__(self, eigen: Eigenvectors, points: Sequence[Any], down: Sequence[Any]) -> None:
        self.P, self.S, self.T = eigen.R, eigen.S, eigen.T.entries()
        self.points, self.up = points, [1 / v for v in down]
        with ctx.workprec(_FEW):
            self.inverse = self.P.inv()

    def off(self, matrix: Any) -> Any:
        """B·P − P·diag(m)."""
        return matrix * self.P - self.P * diagonal(self.points)

    def rest(self, points: Sequence[Any], row: Sequence[Any], changes: Sequence[Any]) -> list[Any]:
        """For each change the matrix X, in few bits, with exp(diag(points) + change)·P⁻¹ =
        diag(row)·S + X·P⁻¹, row = e^points, where S is not quite P⁻¹."""
        d, top = len(points), max(float(v.real.mid()) for v in points) / math.log(2)
        slopes = [
            (row[i] - row[j]) / (points[i] - points[j]) if i != j else row[i]
            for i in range(d)
            for j in range(d)
        ]
        turned = [row[k // d] * t for k, t in enumerate(self.T)]
        out = []
        for change, phi in zip(changes, log2_bounds(changes), strict=True):
            if not (phi < 0 and math.isfinite(top)):
                return [acb_mat(d, d, [acb("nan")] * (d * d))] * len(changes)
            if phi > -math.inf:
                reach = arb(0, arb((fmpz(1), fmpz(math.ceil(top + 2 * phi + 1.5 * 2.0**phi)))))
            else:
                reach = arb(0)
            far, entries = acb(reach, reach), change.entries()
            parts = zip(entries, slopes, turned, strict=True)
            out.append(acb_mat(d, d, [x * slope - t + far for x, slope, t in parts]))
        return out


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
    one, two = _Basis(*inner), _Basis(*outer)
    G = one.off(W1 * X1)
    turn = W1 * D - identity(X1.nrows()) * c
    H = two.off(W2 * (one.P * diagonal(one.up) * one.S))
    V = W3 * two.P
    far = [alpha * v for v in two.points]
    rows = two.up, [v.exp() for v in far]
    off = [V * diagonal(row) * two.S - Y for row, Y in zip(rows, (Y1, Y2), strict=True)]
    with ctx.workprec(_FEW):
        change = one.inverse * G
        changes = change, change + one.inverse * turn * one.P
        left, right, still = two.inverse * W2 * one.P, one.inverse * two.P, two.inverse * H
        first, second = (still + left * x * right for x in one.rest(one.points, one.up, changes))
        (x1,) = two.rest(two.points, rows[0], [first])
        (x2,) = two.rest(far, rows[1], [second * alpha])
        totals = [N + V * x * two.inverse for N, x in zip(off, (x1, x2), strict=True)]
        bounds = log2_bounds(totals)
    both = [log2_quotient(*pair) for pair in zip(bounds, sizes, strict=True)]
    return both[0], both[1]
