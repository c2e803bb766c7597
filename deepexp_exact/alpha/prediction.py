"""The predictor of digits lost as a function of α = e^c.

Two exponentials stand on top of each other, so the weights must carry more digits than the
residuals are to have.  With α1 = 1, α2 = α the predictor is, for i = 1, 2 and in Frobenius norms,

    P = max_i log10(o_i·max(1, g2_i, g1_i)),   o_i = ‖W3‖·‖exp(αi·Z)‖/‖Yi‖,
    g2_i = ‖W2‖·‖αi·A‖,   g1_i = g2_i·‖W1‖·‖Xi‖,

less 1.6 + 2.9·log10 d: to first order, what the rounding of W3, W2 and W1 does to f(Xi).  Norms are
on a logarithmic scale (``norms``).  Nothing here is trusted: a poor choice costs digits carried,
never digits given.
"""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from flint import acb, arb, ctx

from ..exact import ExactMatrix, GaussianRational, Quotient
from ..problems import Problem
from ..spectrum import Spectrum, spectrum
from ..spectrum.isolation import ball_matrix, eigenvalue_ball
from .norms import Eigensystem, Exponentials, Weight, from_eigenvalues, log10, trusted

_LN10 = math.log(10)
#: Logarithm of the largest matrix that multiprecision numbers hold, with room to spare.
_LARGEST_EXPONENT = 2e8
#: log10 of an exponential or a weight that costs whoever writes or checks it nothing, and how much
#: more is as bad as a digit lost: a checker in fixed point carries every one of them.
_WRITTEN, _AS_BAD = 30.0, 50.0
#: log10 of ‖D⁻¹‖·‖X1‖ from which on the eigenvalues of D⁻¹·X1 are found in more than float64.
_LONG = 10.0
#: log2 of a relative gap of eigenvalues that float64 does not see safely.
_CLOSE = 30


class Predictor:
    """Digits lost as a function of α, for one problem, branch and turn of c."""

    def __init__(
        self,
        problem: Problem,
        ks: Iterable[int] | None = None,
        turn: int = 0,
        K: Quotient | None = None,
    ) -> None:
        self.problem, self.turn = problem, turn
        self.K = problem.quotient if K is None else K
        self.structure: Spectrum = spectrum(self.K)
        chosen = tuple(ks) if ks is not None else (0,) * len(self.structure.eigenvalues)
        self.ks = chosen

    @cached_property
    def first(self) -> Exponentials:
        """Exponentials of D⁻¹·X1."""
        D, X1 = self.problem.D, self.problem.X1
        # float64 would leave nothing of the argument of e^(c·μ) for a huge μ
        size = self.sizes["D⁻¹"] + self.sizes["X1"]
        least = max(256, int(3.4 * size) + 160) if size > _LONG else 0
        return Exponentials(trusted(D, X1, lambda system: system, least))

    @cached_property
    def second(self) -> tuple[Exponentials, Weight]:
        """Exponentials of L, and L."""
        bits, known = self.resolving_bits(), None
        if bits and self.structure.is_simple:
            with ctx.workprec(bits), contextlib.suppress(ValueError, ZeroDivisionError):
                values = [eigenvalue_ball(e, self.K, bits) for e in self.structure.eigenvalues]
                known = self._logarithm(from_eigenvalues(self.K.left, self.K.right, values))
        system = known or trusted(self.K.left, self.K.right, self._logarithm, bits)
        return Exponentials(system), system.matrix()

    @cached_property
    def _sheets(self) -> list[tuple[bool, int]]:
        """For each entry whether ℓ = log(−λ) + πi·n rather than log λ + πi·n, and n: log(−λ) does
        not jump near the cut."""
        out = []
        for k, e in zip(self.ks, self.structure.eigenvalues, strict=True):
            left = e.enclosure.center.re < 0
            above = e.on_negative_axis or e.enclosure.center.im > 0
            out.append((left, 2 * k + ((1 if above else -1) if left else 0)))
        return out

    def resolving_bits(self) -> int:
        """Bits that tell apart eigenvalues of K that are close together with logarithms on
        different sheets, in the worst case of dependent eigenvectors; 0 if there are none."""
        centres = [e.enclosure.center for e in self.structure.eigenvalues]
        for i, j in itertools.combinations(range(len(centres)), 2):
            if self._sheets[i] != self._sheets[j]:
                ratio = centres[i].norm() / (centres[i] - centres[j]).norm()
                if ratio > 4**_CLOSE:
                    return 2 * math.ceil(self.structure.separation()) + 128
        return 0

    def _logarithm(self, K: Eigensystem) -> Eigensystem:
        """L from K: each ℓ on the side and with the integer of the nearest eigenvalue's entry."""
        logs = []
        with ctx.workprec(K.bits):
            centres = [
                acb(arb(z.re), arb(z.im))
                for z in (e.enclosure.center for e in self.structure.eigenvalues)
            ]
            for z in K.values:
                far = [abs(z - centre).mid() for centre in centres]
                left, turns = self._sheets[min(range(len(far)), key=far.__getitem__)]
                logs.append(((-z if left else z).log() + acb(0, turns) * acb.pi()).mid())
        return K.with_values(logs)

    @cached_property
    def outputs(self) -> Weight:
        """Y1."""
        return Weight.of(ball_matrix(self.problem.Y1).mid())

    @cached_property
    def sizes(self) -> dict[str, float]:
        """log10 of the norms of X1, X2, Y1, Y2 and D⁻¹."""
        out = {name: _log10_norm(getattr(self.problem, name)) for name in ("X1", "X2", "Y1", "Y2")}
        D = self.problem.D.to_numpy()
        smallest = float(np.linalg.svd(D, compute_uv=False)[-1]) if np.isfinite(D).all() else 0.0
        top = float(np.abs(D).max())
        if smallest > max(1e-13 * D.size * top, 1e-250):
            out["D⁻¹"] = log10(float(np.linalg.norm(np.linalg.inv(D / top)))) - math.log10(top)
        else:
            out["D⁻¹"] = _log10_norm(self.problem.D.inverse())
        return out

    def loss(self, alpha: GaussianRational) -> float:
        """P for this α; infinite where a norm leaves even the logarithmic scale."""
        return self.judged(alpha)[0][0]

    def judged(self, *alphas: GaussianRational) -> list[tuple[float, float]]:
        """P for each α, and what ranks it: P and a price for exponentials and weights of a size far
        from 1 (a weight of size e^1000000 is of no use to anyone)."""
        with np.errstate(all="ignore"):
            found = self._losses(alphas) if alphas else []
        return [
            (loss, loss + max(0.0, size - _WRITTEN) / _AS_BAD)
            if math.isfinite(loss)
            else (math.inf, math.inf)
            for loss, size in found
        ]

    def _losses(self, alphas: Sequence[GaussianRational]) -> list[tuple[float, float]]:
        spectral, L = self.second
        with ctx.workprec(self.first.bits + 128):
            points = [acb(arb(alpha.re), arb(alpha.im)) for alpha in alphas]
            cs = [a.log() + acb(0, 2) * acb.pi() * self.turn for a in points]
            inverses = [-c for c in cs]
        inner = list(
            zip(self.first.log10_norms(cs), self.first.log10_norms(inverses, L), strict=True)
        )
        out = [(math.inf, math.inf)] * len(points)
        good = [j for j, (x, y) in enumerate(inner) if max(abs(x), y) * _LN10 <= _LARGEST_EXPONENT]
        with ctx.workprec(self.first.bits + 128):
            shrinks = [1 / (points[j] - 1) for j in good]
            turned = [points[j] * shrink for j, shrink in zip(good, shrinks, strict=True)]
            ends = [-shrink for shrink in shrinks]
        outer = zip(
            spectral.log10_norms(ends, self.outputs),
            spectral.log10_norms(shrinks),
            spectral.log10_norms(turned),
            strict=True,
        )
        for j, shrink, norms in zip(good, shrinks, outer, strict=True):
            out[j] = self._loss(points[j], cs[j], shrink, inner[j], norms)
        return out

    def _loss(
        self,
        a: Any,
        c: Any,
        shrink: Any,
        inner: tuple[float, float],
        outer: tuple[float, float, float],
    ) -> tuple[float, float]:
        """P, and the largest |log10| of what has to be written down or computed, from those of
        A and L·A⁻¹, of W3, exp(Z) and exp(α·Z)."""
        (log_A, log_LB), (log_W3, *tops) = inner, outer
        log_W1 = log10(float(abs(c).mid())) + self.sizes["D⁻¹"]
        # ‖L·exp(−c·M)‖ is 0 for L = 0: nothing is lost there
        log_W2 = log10(float(abs(shrink).mid())) + log_LB
        worst, sizes = -math.inf, [log_A, log_W2, log_W3]
        sides = (("X1", "Y1", 0.0), ("X2", "Y2", log10(float(abs(a).mid()))))
        for (X, Y, factor), top in zip(sides, tops, strict=True):
            if self.sizes[Y] == -math.inf:  # Y1 = Y2 = 0: W3 = 0 whatever is rounded
                continue
            o = log_W3 + top - self.sizes[Y]
            g2 = log_W2 + log_A + factor
            g1 = g2 + log_W1 + self.sizes[X]
            worst = max(worst, o + max(0.0, g2, g1))
            sizes.append(top)
        size = max(abs(x) for x in sizes if x != -math.inf)
        return max(0.0, worst - 1.6 - 2.9 * math.log10(self.problem.d)), size


def _log10_norm(matrix: ExactMatrix) -> float:
    """log10‖A‖_F of an exact matrix, beyond float64's range too."""
    near = float(np.linalg.norm(matrix.to_numpy()))
    if 1e-140 < near < 1e140:
        return math.log10(near)
    square = matrix.frobenius_squared()
    if square == 0:
        return -math.inf
    with ctx.workprec(64):
        return float((arb(square).log() / arb(10).log() / 2).mid())
