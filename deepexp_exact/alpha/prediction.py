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
import math
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from flint import acb, arb, ctx

from ..errors import HypothesisError, PrecisionCeilingError
from ..exact import ExactMatrix, GaussianRational, Quotient, fmpq_to_float
from ..problems import Problem
from ..spectrum import Spectrum, spectrum
from ..spectrum.isolation import ball_matrix, refined_cheaply
from .norms import (
    FORMED,
    Eigensystem,
    Exponentials,
    Floats,
    Weight,
    log10,
    trusted,
)

_LN10 = math.log(10)
#: Logarithm of the largest matrix that multiprecision numbers hold, with room to spare.
_LARGEST_EXPONENT = 2e8
#: log10 of an exponential or a weight that costs whoever writes or checks it nothing, and how much
#: more is as bad as a digit lost: a checker in fixed point carries every one of them.
_WRITTEN, _AS_BAD = 30.0, 50.0
#: log10 of ‖D⁻¹‖·‖X1‖ from which on the eigenvalues of D⁻¹·X1 are found in more than float64.
_LONG = 10.0
#: Size up to which they are then isolated exactly.
_FEW = 8
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
        known = self._first_is_known if least else lambda: False
        return Exponentials(trusted(D, X1, lambda system: system, least, known))

    def _first_is_known(self) -> bool:
        """Whether the eigenvalues of D⁻¹·X1 are simple and to be had exactly."""
        if self.problem.d > _FEW:
            return False
        quotient = Quotient(self.problem.D, self.problem.X1)
        with contextlib.suppress(HypothesisError, PrecisionCeilingError):  # X1 is singular
            return _known(spectrum(quotient), quotient)
        return False

    @cached_property
    def second(self) -> tuple[Exponentials, Weight]:
        """Exponentials of L, and L."""
        bits = self.resolving_bits()
        system = trusted(self.K.left, self.K.right, self._logarithm, bits, self._is_known)
        return Exponentials(system), system.matrix()

    def _is_known(self) -> bool:
        return _known(self.structure, self.K)

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

    @cached_property
    def _centres(self) -> list[GaussianRational]:
        return [e.enclosure.center for e in self.structure.eigenvalues]

    def resolving_bits(self) -> int:
        """Bits that tell apart eigenvalues of K that are close together with logarithms on
        different sheets, in the worst case of dependent eigenvectors; 0 if there are none."""
        centres = self._centres
        for i, j in _close_pairs(centres):
            if self._sheets[i] != self._sheets[j]:
                ratio = centres[i].norm() / (centres[i] - centres[j]).norm()
                if ratio > 4**_CLOSE:
                    return 2 * math.ceil(self.structure.separation()) + 128
        return 0

    def _logarithm(self, K: Eigensystem) -> Eigensystem:
        """L from K: each ℓ on the side and with the integer of the nearest eigenvalue's entry."""
        logs = []
        with ctx.workprec(K.bits):
            for z, nearest in zip(K.values, self._nearest(K), strict=True):
                left, turns = self._sheets[nearest]
                logs.append(((-z if left else z).log() + acb(0, turns) * acb.pi()).mid())
        return K.with_values(logs)

    def _nearest(self, K: Eigensystem) -> list[int]:
        """For each eigenvalue of K the entry that it is nearest to."""
        if isinstance(K.R, np.ndarray):
            centres = np.array([complex(z) for z in self._centres])
            values = np.array([complex(z.mid()) for z in K.values])
            far: Any = np.abs(values[:, None] - centres)
            if np.isfinite(far).all():
                return [int(j) for j in far.argmin(axis=1)]
        balls = [acb(arb(z.re), arb(z.im)) for z in self._centres]
        rows = [[abs(z - ball).mid() for ball in balls] for z in K.values]
        return [min(range(len(row)), key=row.__getitem__) for row in rows]

    @cached_property
    def outputs(self) -> Weight:
        """Y1."""
        Y1 = self.problem.Y1
        near = Y1.to_numpy()
        exact = 1e-140 < float(np.linalg.norm(near)) < 1e140
        return Weight.of(near if exact else ball_matrix(Y1).mid())

    @cached_property
    def sizes(self) -> dict[str, float]:
        """log10 of the norms of X1, X2, Y1, Y2 and D⁻¹."""
        out = {name: _log10_norm(getattr(self.problem, name)) for name in ("X1", "X2", "Y1", "Y2")}
        out["D⁻¹"] = self._inverse_size()
        return out

    def _inverse_size(self) -> float:
        """log10‖D⁻¹‖_F, in float64 where D is not nearly singular."""
        D = self.problem.D.to_numpy()
        top = float(np.abs(D).max())
        if 1e-250 < top < math.inf:
            with contextlib.suppress(np.linalg.LinAlgError):
                size = float(np.linalg.norm(np.linalg.inv(D / top)))
                # 1/size is at most the smallest singular value
                least = max(1e-13 * D.size, 1e-250 / top)
                if size * least < 1 or np.linalg.svd(D / top, compute_uv=False)[-1] > least:
                    return log10(size) - math.log10(top)
        return _log10_norm(self.problem.D.inverse())

    def loss(self, alpha: GaussianRational) -> float:
        """P for this α; infinite where a norm leaves even the logarithmic scale."""
        return self.judged([alpha])[0][0]

    def outer_loss(self, alpha: GaussianRational) -> float:
        """max_i log10(‖W3‖·‖exp(αi·Z)‖/‖Yi‖), less the same: what any first layer with this α
        loses at least."""
        spectral = self.second[0]
        with ctx.workprec(spectral.bits + 128):
            a = acb(arb(alpha.re), arb(alpha.im))
            shrink = 1 / (a - 1)
            end, turned = -shrink, a * shrink
        log_W3 = spectral.log10_norm(end, self.outputs)
        p = self.problem  # whose D may be singular: not all of ``sizes`` exist
        sides = ((_log10_norm(p.Y1), shrink), (_log10_norm(p.Y2), turned))
        lost = [log_W3 + spectral.log10_norm(t) - Y for Y, t in sides if math.isfinite(Y)]
        return max(0.0, max(lost, default=0.0) - self._usual)

    @property
    def _usual(self) -> float:
        """Digits that the norms exceed what is lost by."""
        return 1.6 + 2.9 * math.log10(self.problem.d)

    def judged(
        self, alphas: Sequence[GaussianRational], beaten: float = math.inf
    ) -> list[tuple[float, float]]:
        """P for each α, and what ranks it: P and a price for exponentials and weights of a size far
        from 1 (a weight of size e^1000000 is of no use to anyone).

        What float64 sees to rank above ``beaten`` is left at what float64 makes of it."""
        if not alphas:
            return []
        with np.errstate(all="ignore"):
            losses, sizes, slack = self._in_float64(alphas)
            ranks = losses + np.maximum(0.0, sizes - _WRITTEN) / _AS_BAD
            for j in np.flatnonzero((slack > 0) & ~(ranks - slack > beaten)):
                losses[j], sizes[j] = self._precisely(alphas[int(j)])
                ranks[j] = losses[j] + max(0.0, sizes[j] - _WRITTEN) / _AS_BAD
        losses[~np.isfinite(ranks)] = ranks[~np.isfinite(ranks)] = math.inf
        return list(zip(losses.tolist(), ranks.tolist(), strict=True))

    def _in_float64(self, alphas: Sequence[GaussianRational]) -> tuple[Floats, Floats, Floats]:
        """P and sizes of :meth:`_loss`, and what P may be off by: 0 where float64 is enough."""
        spectral, L = self.second
        count = len(alphas)
        if self.first.mu is None or spectral.mu is None:
            empty = np.full(count, math.inf)
            return empty, empty.copy(), empty.copy()
        c, shrink, logs = _numbers(alphas, self.turn)
        log_A, reach = self.first.in_float64(c)
        log_LB, _ = self.first.in_float64(-c, L)
        log_W3, far = spectral.in_float64(-shrink, self.outputs)
        ends, farther = spectral.in_float64(np.concatenate([shrink, 1.0 + shrink]))
        reach = np.max([reach, far, farther[:count], farther[count:]], axis=0)
        losses, sizes = self._loss(*logs, log_A, log_LB, log_W3, ends[:count], ends[count:])
        slack = np.where(reach < FORMED, 0.0, 24.0 + reach * 2.0**-47)
        slack[~(np.maximum(np.abs(log_A), log_LB) * _LN10 <= _LARGEST_EXPONENT)] = math.inf
        return losses, sizes, slack

    def _precisely(self, alpha: GaussianRational) -> tuple[float, float]:
        """P and sizes of :meth:`_loss` for one α, however large c·μ and ℓ/(α − 1) are."""
        spectral, L = self.second
        with ctx.workprec(self.first.bits + 128):
            a = acb(arb(alpha.re), arb(alpha.im))
            c = a.log() + acb(0, 2) * acb.pi() * self.turn
            minus = -c
        log_A, log_LB = self.first.log10_norm(c), self.first.log10_norm(minus, L)
        if not max(abs(log_A), log_LB) * _LN10 <= _LARGEST_EXPONENT:
            return math.inf, math.inf
        with ctx.workprec(self.first.bits + 128):
            shrink = 1 / (a - 1)
            end, turned = -shrink, a * shrink
        log_W3 = spectral.log10_norm(end, self.outputs)
        logs = (log10(float(abs(z).mid())) for z in (a, c, shrink))
        ends = spectral.log10_norm(shrink), spectral.log10_norm(turned)
        parts = (np.array([x]) for x in (*logs, log_A, log_LB, log_W3, *ends))
        loss, size = self._loss(*parts)
        return float(loss[0]), float(size[0])

    def _loss(
        self,
        log_a: Floats,
        log_c: Floats,
        log_shrink: Floats,
        log_A: Floats,
        log_LB: Floats,
        log_W3: Floats,
        *ends: Floats,
    ) -> tuple[Floats, Floats]:
        """P, and the largest |log10| of what has to be written down or computed, from those of α,
        c, 1/(α − 1), A and L·A⁻¹, of W3, exp(Z) and exp(α·Z)."""
        log_W1 = log_c + self.sizes["D⁻¹"]
        # ‖L·exp(−c·M)‖ is 0 for L = 0: nothing is lost there
        log_W2 = log_shrink + log_LB
        worst, sizes = np.full(log_A.shape, -math.inf), [log_A, log_W2, log_W3]
        sides = (("X1", "Y1", 0.0 * log_a), ("X2", "Y2", log_a))
        for (X, Y, factor), end in zip(sides, ends, strict=True):
            if self.sizes[Y] == -math.inf:  # Y1 = Y2 = 0: W3 = 0 whatever is rounded
                continue
            g2 = log_W2 + log_A + factor
            g1 = g2 + log_W1 + self.sizes[X]
            o = log_W3 + end - self.sizes[Y]
            worst = np.maximum(worst, o + np.maximum(0.0, np.maximum(g2, g1)))
            sizes.append(end)
        table = np.abs(np.array(sizes))
        size = np.where(np.array(sizes) == -math.inf, 0.0, table).max(axis=0)
        return np.maximum(0.0, worst - self._usual), size


def _known(structure: Spectrum, K: Quotient) -> bool:
    """Whether the eigenvalues are simple and had to any precision soon."""
    return structure.is_simple and refined_cheaply(structure.eigenvalues, K)


def _numbers(alphas: Sequence[GaussianRational], turn: int) -> tuple[Any, Any, Any]:
    """c and 1/(α − 1) in complex128, and log10 of |α|, |c|, |1/(α − 1)|."""
    rows = np.array([_rounded(alpha) for alpha in alphas])
    sizes, angles = np.log1p(rows[:, 0]) / 2, np.arctan2(rows[:, 2], rows[:, 1])
    c = sizes + 1j * (angles + 2 * math.pi * turn)
    shrink = 1 / (rows[:, 3] + 1j * rows[:, 2])
    return c, shrink, (sizes * (1 / _LN10), np.log10(np.abs(c)), np.log10(np.abs(shrink)))


@lru_cache(maxsize=1024)
def _rounded(alpha: GaussianRational) -> tuple[float, float, float, float]:
    """|α|² − 1, Re α, Im α and Re α − 1, each rounded once."""
    excess, less = alpha.norm() - 1, alpha.re - 1
    re, im, far, left = (fmpq_to_float(x) for x in (alpha.re, alpha.im, excess, less))
    return far, re, im, left


def _close_pairs(centres: Sequence[GaussianRational]) -> Iterator[tuple[int, int]]:
    """All pairs but those that float64 sees to be far apart."""
    values = np.array([complex(z) for z in centres])
    with np.errstate(all="ignore"):
        gaps = np.abs(values[:, None] - values) > 2.0 ** (5 - _CLOSE) * np.abs(values)
    sizes = np.abs(values)
    gaps &= (sizes > 1e-290) & (sizes < 1e290)
    for i, j in np.argwhere(~(gaps & gaps.T)):
        if i < j:
            yield int(i), int(j)


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
