"""Proved eigendecompositions C⁻¹·B = P·diag(λ)·P⁻¹, simple eigenvalues, in fixed point.

Approximate eigenvectors R and V ≈ (C·R)⁻¹ come from LAPACK and are refined quadratically by exact
products of integers (Ogita & Aishima 2018, 2019, written for the pencil B − λC, so that neither
C⁻¹ nor C⁻¹·B is formed); the precision doubles from float64 on.  The last step proves what it
returns, by the bounds of :func:`eigen.prove` with one residual (Rump 1999; Miyajima 2012).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from flint import arb, ctx, fmpz, fmpz_mat

from . import enclosures as en
from .fixed import Fixed, Near, Values, cut_off, power

#: log2 of condition over relative gap up to which float64's eigenvectors are refined.
_TRUSTED = 38.0
#: Bits of the first step, and of slack in every estimate.
_FIRST_BITS, _SLACK = 104, 6
#: Largest exponent of two in float64 that is worked with.
_RANGE = 300
#: Bound on the corrections of the last step.
_SMALL = 2.0**-12


@dataclass(frozen=True)
class FloatPencil:
    """float64's eigenvalues of C⁻¹·B, R with columns of norm 1 and V ≈ (C·R)⁻¹; B, C and V are
    arrays times 2^exponent."""

    values: Any
    R: Any
    B: tuple[Any, int]
    C: tuple[Any, int]
    V: tuple[Any, int]
    gap: float

    @property
    def S(self) -> Any:
        """R⁻¹."""
        return self.V[0] @ self.C[0]

    @property
    def V_bits(self) -> int:
        """−log2‖V‖, about."""
        return -self.V[1] - math.floor(math.log2(float(np.linalg.norm(self.V[0]))))

    @property
    def log2_spread(self) -> float:
        return math.log2(max(float(np.abs(self.values).max()), self.gap) / self.gap)


@dataclass(frozen=True)
class Pencil:
    """R ∋ P and V ∋ (C·P)⁻¹ for one exact matrix P of eigenvectors, and the eigenvalues, each in
    its own disc, in the order of P's columns."""

    R: Near
    V: Near
    values: Values

    def permuted(self, places: list[int]) -> Pencil:
        """The same with eigenvalue ``places[j]`` in place j."""
        d = len(places)
        R, V, v = self.R.mid, self.V.mid, self.values
        re, im = ([p[r * d + c] for r in range(d) for c in places] for p in R.entries)
        R = Fixed.of_lists((d, d), (re, im), R.bits)
        re, im = ([p[r * d + c] for r in places for c in range(d)] for p in V.entries)
        V = Fixed.of_lists((d, d), (re, im), V.bits)
        values = Values([v.re[j] for j in places], [v.im[j] for j in places], v.bits, v.radius)
        return Pencil(Near(R, self.R.radius), Near(V, self.V.radius), values)


def float_pencil(B: Fixed, C: Fixed) -> FloatPencil | None:
    """LAPACK's eigenvectors, or None where they are not to be refined."""
    (b, b_exponent), (c, c_exponent) = B.floats(), C.floats()
    scale = b_exponent - c_exponent
    if not max(abs(b_exponent), abs(c_exponent)) < _RANGE or len(b) < 2:
        return None
    try:
        with np.errstate(all="ignore"):
            M = np.linalg.solve(c, b)
            values, R = np.linalg.eig(M)
            V = np.linalg.inv(c @ R)
            apart = np.abs(values[:, None] - values[None, :])
            np.fill_diagonal(apart, np.inf)
            gap = min(float(apart.min()), float(np.abs(values).max()))
            norms = [float(np.linalg.norm(x)) for x in (V, c, R, c @ R, M)]
            inverse = norms[0] * norms[3]
            doubt = np.log2(max(norms[0] * norms[1] * norms[2] * norms[4] / gap, inverse))
    except (np.linalg.LinAlgError, ZeroDivisionError):
        return None
    if not doubt < _TRUSTED:
        return None
    parts = (b, b_exponent), (c, c_exponent), (V, -c_exponent)
    return FloatPencil(values * 2.0**scale, R, *parts, gap * 2.0**scale)


@dataclass(frozen=True)
class _Approximation:
    """R, V ≈ (C·R)⁻¹ and eigenvalues, exact numbers right to about ``accuracy`` bits."""

    R: Fixed
    V: Fixed
    values: Values
    accuracy: float


@dataclass(frozen=True)
class _Step:
    """One step from ``old``: with G = I − V·C·R and F = V·(B·R − C·R·Λ), of which ``G_low`` and
    ``F_low`` are rounded, the corrections of first order E₁ and Δ₁ = diag(``first_moves``), and of
    second order E and Δ = diag(``moves``), made from F + G·F + F·E₁ − E₁·Δ₁ rounded to ``bits``."""

    old: _Approximation
    bits: int
    G_low: Fixed
    F_low: Fixed
    first: Fixed
    first_moves: Values
    E: Fixed
    moves: Values
    new: _Approximation


def _residuals(B: Fixed, C: Fixed, R: Fixed, V: Fixed, values: Values) -> tuple[Fixed, Fixed]:
    """I − V·C·R and B·R − C·R·Λ, exactly."""
    Q = C @ R
    product = V @ Q
    d = len(values.re)
    one = fmpz(1) << product.bits
    unit = fmpz_mat(d, d, [one if r == c else 0 for r in range(d) for c in range(d)])
    return Fixed(unit - product.re, -product.im, product.bits), B @ R - Q.columns_scaled(values)


def _from_floats(B: Fixed, C: Fixed, start: FloatPencil) -> _Approximation:
    """The first step, in float64 but for the residuals."""
    R, V = Fixed.of_floats(start.R), Fixed.of_floats(*start.V)
    row = Fixed.of_floats(start.values[None, :])
    values = Values(*row.entries, row.bits, arb(0))
    (G, g), (rho, r) = (x.floats() for x in _residuals(B, C, R, V, values))
    G = np.ldexp(1.0, g) * G
    F = np.ldexp(1.0, start.V[1] + r) * (start.V[0] @ rho)
    apart = start.values[None, :] - start.values[:, None]
    np.fill_diagonal(apart, np.inf)
    E = F / apart
    R = R + Fixed.of_floats(start.R @ E)
    V = V + Fixed.of_floats((G - E) @ start.V[0], start.V[1])
    row = row + Fixed.of_floats(np.diagonal(F)[None, :])
    error = math.log2(max(float(np.linalg.norm(x)) for x in (E, G)) + 2.0**-_FIRST_BITS)
    return _Approximation(R, V, Values(*row.entries, row.bits, arb(0)), -2 * error - 1)


def _step(
    B: Fixed, C: Fixed, old: _Approximation, bits: int, fine: int, spread: int, scale: int
) -> _Step:
    """One step to ``bits`` bits; F has ``fine`` bits more, E ``spread`` and V ``scale``."""
    G, rho = _residuals(B, C, old.R, old.V, old.values)
    F = old.V @ rho
    few = math.ceil(max(bits - old.accuracy, old.accuracy)) + _SLACK
    low = G.rounded(few), F.rounded(few + fine)
    E1, moves1 = _corrections(low[1], old.values, few + spread)
    second = low[0] @ low[1] + low[1] @ E1 - E1.columns_scaled(moves1)
    E, moves = _corrections((F + second).rounded(bits + fine), old.values, bits + spread)
    H = low[0] - E1
    X = G - E + (low[0] @ E1 + H @ H)
    finest = max(old.values.bits, moves.bits)
    a, b = finest - old.values.bits, finest - moves.bits
    re, im = (
        [(x << a) + (y << b) for x, y in zip(*pair, strict=True)]
        for pair in ((old.values.re, moves.re), (old.values.im, moves.im))
    )
    error = max(en.log2_of(x.norm) for x in (low[0], E1))
    new = _Approximation(
        (old.R + old.R @ E).rounded(bits),
        (old.V + X @ old.V).rounded(bits + scale),
        Values(re, im, finest, arb(0)),
        min(-3 * error - _SLACK, bits - 2),
    )
    return _Step(old, bits, *low, E1, moves1, E, moves, new)


def _corrections(F: Fixed, values: Values, bits: int) -> tuple[Fixed, Values]:
    """E_ij = F_ij/(λ_j − λ_i) rounded down to ``bits`` bits, E_ii = 0, and the diagonal of F."""
    d = len(values.re)
    f, g = F.entries
    re, im = [fmpz(0)] * (d * d), [fmpz(0)] * (d * d)
    shift = max(0, bits - F.bits + values.bits)
    x, y = values.re, values.im
    for i in range(d):
        a, b = x[i], y[i]
        for j in range(i):
            u, v = x[j] - a, y[j] - b
            n = u * u + v * v
            u, v = u << shift, v << shift
            k = i * d + j
            p, q = f[k], g[k]
            re[k], im[k] = (p * u + q * v) // n, (q * u - p * v) // n
            k = j * d + i
            p, q = f[k], g[k]
            re[k], im[k] = -(p * u + q * v) // n, (p * v - q * u) // n
    E = Fixed.of_lists((d, d), (re, im), F.bits - values.bits + shift)
    return E, Values(f[:: d + 1], g[:: d + 1], F.bits, arb(0))


def decompose(B: Fixed, C: Fixed, start: FloatPencil, bits: int) -> Pencil | None:
    """The eigendecomposition of C⁻¹·B for exact B and C to about ``bits`` bits; None where the
    eigenvectors of float64 are not refined.  Success proves that C is invertible."""
    spread = math.ceil(start.log2_spread) + 2
    fine = -math.floor(math.log2(start.gap))
    scale = start.V_bits
    try:
        now = _from_floats(B, C, start)
        for _ in range(4 + bits.bit_length()):
            third = math.ceil((bits + spread) / 3)
            last = 3 * now.accuracy >= bits + spread - _SLACK
            goal = bits if last else min(third + _SLACK, math.ceil(3 * now.accuracy))
            step = _step(B, C, now, goal, fine, spread, scale)
            if last and (proved := _prove(step)):
                return proved
            if step.new.accuracy <= now.accuracy:
                return None
            now = step.new
    except ZeroDivisionError:  # two equal eigenvalues
        pass
    return None


def _prove(step: _Step) -> Pencil | None:
    """Bounds on the corrected R, V and eigenvalues, or None where they are coarser than the bits of
    the step or a condition does not hold.

    ‖G‖ < 1 makes V, C and R invertible, (C·R)⁻¹ = (I − G)⁻¹·V and
    R⁻¹·C⁻¹B·R = Λ + (I − G)⁻¹·F = Λ + F + G·F + t₂, ‖t₂‖ ≤ ‖G‖²‖F‖/(1 − ‖G‖).  As in
    :func:`eigen.prove`, C⁻¹B is similar by R·(I + E) to Λ + Δ + Q, ‖Q‖ ≤ q = ‖Q₀‖/(1 − ‖E‖),

        Q₀ = (F + W − Δ + ΛE − EΛ) + (G·F + F·E₁ − E₁·Δ₁ − W) + t₂ + (G·F + t₂)·E
             + F·(E − E₁) − (E − E₁)·Δ − E₁·(Δ − Δ₁),

    W the second-order terms as they were computed: the first bracket is what rounding left of E, at
    most 2^(1/2 − bits)·|λ_j − λ_i| in each place, the second stems from the factors rounded.
    |E − E₁| in each place is that rounding and what F + W and F₁ differ by, over |λ_j − λ_i|.  With
    γ > 4q below every distance of two entries of Λ + Δ the eigenvalues lie in discs of radius q
    about these, and P = R·(I + E)·(I + Y), (C·P)⁻¹ = (I + Y')·(I − U)⁻¹·V, U = G − E + G·E, with
    ‖Y‖ ≤ y = q/(γ − 2q), ‖Y'‖ ≤ y/(1 − y); (I − U)⁻¹ = I + U + U² up to u³/(1 − u)."""
    new, size = step.new, step.old.values.size()
    d = len(new.values.re)
    gap = _smallest_gap(new.values)
    with ctx.workprec(en.NORM_BITS):
        g_cut, f_cut = cut_off(step.G_low), cut_off(step.F_low)
        g, f, e1 = step.G_low.norm + g_cut, step.F_low.norm + f_cut, step.first.norm
        old_gap = gap - 2 * step.moves.size()
        if not (g < _SMALL and e1 < _SMALL and old_gap > 0):
            return None
        last_cut = power(2 * d, -step.moves.bits)
        second = g * f + f * e1 + e1 * step.first_moves.size()
        moved = f_cut + second + last_cut
        apart = moved / old_gap + power(2 * d, -step.E.bits) + power(2 * d, -step.first.bits)
        e = e1 + apart
        if not e < 2 * _SMALL:
            return None
        t2 = g * g * f / (1 - g)
        q = size * power(2 * d, -step.E.bits) + last_cut
        q += g_cut * f + g * f_cut + f_cut * e1 + t2 + (g * f + t2) * e
        q += (f + step.moves.size()) * apart + e1 * moved
        q = (q / (1 - e)).upper()
        if not gap > 4 * q:
            return None
        y = (q / (gap - 2 * q)).upper()
        if not (y < _SMALL and en.log2_of(y) < 2 * _SLACK - step.bits):
            return None
        u = g + e + g * e
        rest = g_cut + apart + g * e
        theta = g_cut * e + g * apart + rest * (2 * u + rest) + u**3 / (1 - u)
        cut = cut_off(new.R)
        R_reach = (cut + (new.R.norm + cut) * y).upper()
        cut = cut_off(new.V)
        cut += theta * (new.V.norm + cut) / (1 - 2 * u)
        V_reach = (cut + (new.V.norm + cut) * y / (1 - y)).upper()
    return Pencil(Near(new.R, R_reach), Near(new.V, V_reach), replace(new.values, radius=q))


def _smallest_gap(values: Values) -> Any:
    """A lower bound of all distances of two values: float64's, less its rounding."""
    d = len(values.re)
    row = Fixed(fmpz_mat(1, d, values.re), fmpz_mat(1, d, values.im), values.bits)
    near, exponent = row.floats()
    apart = np.abs(near.T - near)
    np.fill_diagonal(apart, np.inf)
    least = float(apart.min()) * (1 - 2.0**-40) - float(np.abs(near).max()) * 2.0**-48
    return arb((fmpz(math.floor(least * 2.0**52)), fmpz(exponent - 52)))
