"""Newton's iteration and its certificate in balls: k exponential layers through k + 1 points.

The equations are G_i(W) = E_i^k − E_1^k·K_i = 0, i = 2..k+1, with E_i⁰ = X_i, E_i^j =
exp(W_j·E_i^(j−1)) and K_i = Y_1⁻¹·Y_i exactly; the last weight Y_1·(E_1^k)⁻¹ then gives every
output.  The Fréchet derivative is the block of exp([[M, H], [0, M]]) (Al-Mohy & Higham 2009).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flint import acb, acb_mat, arb, ctx

from ..exact import ExactMatrix
from ..paths.ball.functions import enclosures as en
from ..paths.ball.proving.claims import relative
from ..precision import MoreBits

Weights = tuple[Any, ...]
#: Most unknowns k·d²: the Jacobian takes k·d² exponentials of size 2d, and its inverse (k·d²)³.
MAX_UNKNOWNS = 144
#: Most Newton steps, and enlargements of a polydisc that is to be mapped into itself.
_STEPS, _TRIES = 60, 12


@dataclass(frozen=True)
class Equations:
    """k + 1 exact points (X_i, Y_i), Y_i invertible; ``quotients`` are Y_1⁻¹·Y_i from i = 2 on."""

    inputs: tuple[ExactMatrix, ...]
    outputs: tuple[ExactMatrix, ...]
    quotients: tuple[ExactMatrix, ...]

    @classmethod
    def of(cls, inputs: Sequence[ExactMatrix], outputs: Sequence[ExactMatrix]) -> Equations:
        """Raises :class:`ShapeError` if the first output is singular."""
        first = outputs[0]
        return cls(tuple(inputs), tuple(outputs), tuple(first.solve(Y) for Y in outputs[1:]))

    @property
    def d(self) -> int:
        return self.inputs[0].rows

    @property
    def k(self) -> int:
        """The number of layers below the last, linear one."""
        return len(self.inputs) - 1


class NoConvergence(ArithmeticError):
    """Newton's iteration does not converge from this start."""


def network(weights: Weights, X: ExactMatrix) -> Any:
    """The enclosure of E^k for all the weights given, at the current precision."""
    E = en.from_exact(X)
    for W in weights:
        E = en.require_finite((W * E).exp(), "a layer")
    return E


def residuals(weights: Weights, points: Equations) -> tuple[tuple[Any, Any], ...]:
    """Upper and lower bounds of ‖f(X_i) − Y_i‖_F/‖Y_i‖_F of exact weights W_1, ..., W_m (f has
    m − 1 exponentials), at the current precision.

    Raises :class:`MoreBits` if an enclosure is not finite."""
    out = []
    for X, Y in zip(points.inputs, points.outputs, strict=True):
        target = en.from_exact(Y)
        out.append(relative(weights[-1] * network(weights[:-1], X) - target, target))
    return tuple(out)


def _exp_with_derivatives(M: Any) -> tuple[Any, list[Any]]:
    """exp(M) and dexp(M)[e_r·e_cᵀ] for all r and c, row by row."""
    d = M.nrows()
    flat, out, value = M.tolist(), [], None
    for r in range(d):
        for c in range(d):
            rows = [[*flat[i], *(int((i, j) == (r, c)) for j in range(d))] for i in range(d)]
            rows += [[*([0] * d), *flat[i]] for i in range(d)]
            table = en.require_finite(acb_mat(rows).exp(), "a derivative of exp").tolist()
            out.append(acb_mat([row[d:] for row in table[:d]]))
            value = acb_mat([row[:d] for row in table[:d]])
    return value, out


def _values(weights: Weights, points: Equations) -> Any:
    """G as one column of k·d² entries."""
    values = [network(weights, X) for X in points.inputs]
    parts = [
        E - values[0] * en.from_exact(K) for E, K in zip(values[1:], points.quotients, strict=True)
    ]
    flat = [z for part in parts for z in part.entries()]
    return acb_mat(len(flat), 1, flat)


def jacobian(weights: Weights, points: Equations) -> Any:
    """The k·d²-square matrix of dG, a column for each entry of W_1, ..., W_k, row by row."""
    d, k = points.d, points.k
    slopes = [_slopes(weights, en.from_exact(X)) for X in points.inputs]
    quotients = [en.from_exact(K) for K in points.quotients]
    rows = []
    for n in range(k * d * d):
        row: list[Any] = []
        for own, K in zip(slopes[1:], quotients, strict=True):
            row += (own[n] - slopes[0][n] * K).entries()
        rows.append(row)
    return acb_mat(rows).transpose()


def _slopes(weights: Weights, E: Any) -> list[Any]:
    """The derivatives of E^k for one input in every entry of the weights."""
    d = E.nrows()
    slopes: list[Any] = []
    for W in weights:
        value, basis = _exp_with_derivatives(W * E)
        units = [(r, c) for r in range(d) for c in range(d)]
        rows = E.tolist()
        own = [
            acb_mat([rows[c] if i == r else [0] * d for i in range(d)]) for r, c in units
        ]  # e_r·e_cᵀ·E
        changes = [W * slope for slope in slopes] + own
        table = acb_mat([matrix.entries() for matrix in basis]).transpose()
        columns = table * acb_mat([change.entries() for change in changes]).transpose()
        slopes = [acb_mat(d, d, list(column)) for column in zip(*columns.tolist(), strict=True)]
        E = value
    return slopes


def refined(weights: Weights, points: Equations, bits: int) -> Weights:
    """Newton's iteration from float64 weights to about ``bits`` bits, the precision growing with
    the accuracy; exact midpoints.  Raises :class:`NoConvergence`."""
    have, working = 40.0, min(bits, 128)
    for _ in range(_STEPS):
        with ctx.workprec(working):
            slopes = jacobian(weights, points).mid()
            try:
                step = en.solve(slopes, _values(weights, points).mid(), "a Newton step").mid()
            except MoreBits as singular:
                raise NoConvergence(str(singular)) from None
            weights = _moved(weights, step)
            ratio = en.quotient(en.norm_upper(step), _size(weights))
        gained = -en.log2_of(ratio) if ratio != 0 else math.inf
        if gained < 3:
            raise NoConvergence("Newton's steps do not become small")
        if working >= bits and (2 * gained >= bits or gained >= bits - 24):
            return weights
        have = max(have, gained) if gained > 8 else have
        working = min(bits, max(working, math.ceil(4 * have) + 64))
    raise NoConvergence(f"not in {_STEPS} Newton steps")


def _size(weights: Weights) -> Any:
    with ctx.workprec(en.NORM_BITS):
        return sum((en.norm_upper(W) ** 2 for W in weights), arb(0)).sqrt().upper()


def _moved(weights: Weights, step: Any) -> Weights:
    d = weights[0].nrows()
    flat, out = step.entries(), []
    for j, W in enumerate(weights):
        out.append((W - acb_mat(d, d, flat[j * d * d : (j + 1) * d * d])).mid())
    return tuple(out)


@dataclass(frozen=True)
class Zero:
    """An exact zero of G within a polydisc about exact weights: ``reach`` bounds the modulus of the
    distance of each entry; ``condition`` is ‖C‖·‖J‖ (Frobenius) with C ≈ J⁻¹, an upper bound."""

    weights: Weights
    reach: tuple[Any, ...]
    condition: Any

    def enclosures(self) -> Weights:
        """Balls that hold the weights of the exact zero."""
        d = self.weights[0].nrows()
        out = []
        for j, W in enumerate(self.weights):
            parts = self.reach[j * d * d : (j + 1) * d * d]
            out.append(W + acb_mat(d, d, [acb(arb(0, r), arb(0, r)) for r in parts]))
        return tuple(out)


def enclosed_zero(weights: Weights, points: Equations) -> Zero:
    """Krawczyk's test in complex polydiscs at the current precision (Krawczyk 1969; Rump 2010,
    section 13; for systems with exponentials Burr, Lee & Leykin 2019).

    With C ≈ J⁻¹ and Z = {z: |z_j − w_j| ≤ r_j} the map z − C·G(z) moves w by g = C·G(w) and has the
    derivative I − C·J; with B_jl ≥ |(I − C·J(z))_jl| on Z, a convex set, it maps Z into
    |z_j − w_j| ≤ |g_j| + (B·r)_j.  If that is < r_j for every j, Z holds a fixed point (Brouwer),
    and only one; B·r < r makes C regular, so the fixed point is a zero of G.
    Raises :class:`MoreBits` if no polydisc that was tried is mapped into itself."""
    n = points.k * points.d**2
    slopes = jacobian(weights, points).mid()
    C = en.solve(slopes, en.identity(n), "the Jacobian").mid()
    moved = [z.abs_upper() for z in (C * _values(weights, points)).entries()]
    with ctx.workprec(en.NORM_BITS):
        condition = (en.norm_upper(C) * en.norm_upper(slopes)).upper()
        floor = max((m for m in moved), key=float, default=arb(0)) * en.power_of_two(-20)
        radii = [(2 * m + floor).upper() for m in moved]
    if all(m == 0 for m in moved):
        return Zero(weights, tuple(moved), condition)
    for _ in range(_TRIES):
        box = Zero(weights, tuple(radii), condition).enclosures()
        rest = en.identity(n) - C * jacobian(box, points)
        with ctx.workprec(en.NORM_BITS):
            column = acb_mat(n, 1, [acb(r) for r in radii])
            sizes = acb_mat(n, n, [acb(z.abs_upper()) for z in rest.entries()])
            spread = [z.real.upper() for z in (sizes * column).entries()]
            reach = [(m + s).upper() for m, s in zip(moved, spread, strict=True)]
            if all(a < r for a, r in zip(reach, radii, strict=True)):
                return Zero(weights, tuple(reach), condition)
            radii = [(2 * a).upper() for a in reach]
    raise MoreBits("no polydisc is mapped into itself by Krawczyk's operator")


def last_weight(layers: Weights, points: Equations) -> Any:
    """The enclosure of Y_1·(E_1^k)⁻¹ over all the layers given."""
    E = network(layers, points.inputs[0])
    flipped = en.solve(E.transpose(), en.from_exact(points.outputs[0]).transpose(), "a weight")
    return flipped.transpose()
