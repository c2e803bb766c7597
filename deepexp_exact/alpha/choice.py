"""The search for the α of least predicted loss, simple candidates first."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import acb, arb, ctx, fmpq

from ..errors import BranchError
from ..exact import GaussianRational, Quotient, gaussian, to_gaussian
from ..problems import Problem
from .prediction import Predictor

#: A predicted loss, in digits, that needs no further search.
_GOOD_ENOUGH = 3.0
#: Digits by which a later, less simple candidate has to be better.
_MARGIN = 0.5
#: Bits times candidates of one kind: a prediction at thousands of bits takes long.
_SEARCH_BITS = 100_000
#: Candidates keep c this far within the strip of principal logarithms.
_NEARLY_PI = 3.1
#: Largest |c| of the descent.  Far out the predictor is too hopeful for highly non-normal L: it
#: takes ‖exp(α·Z)‖ for the norm of the exponential's derivative.
_FARTHEST = 7.0


@dataclass(frozen=True)
class AlphaChoice:
    """α, its predicted loss in decimal digits, and every candidate with what ranks it: its loss
    and a price for weights of extreme size."""

    alpha: GaussianRational
    predicted_loss: float
    candidates: tuple[tuple[GaussianRational, float], ...]


def choose_alpha(
    problem: Problem,
    mode: str = "auto",
    *,
    ks: Iterable[int] | None = None,
    turn: int = 0,
    K: Quotient | None = None,
) -> AlphaChoice:
    """The α of least predicted loss: ``"positive"`` (the paper's case, α > 0) or ``"auto"``
    (positive, negative, unimodular and general Gaussian rationals).

    ``ks`` are the unwinding numbers of the branch (principal by default), ``turn`` that of c; ``K``
    is Y1⁻¹·Y2 unless the outputs were completed otherwise."""
    if mode not in ("auto", "positive"):
        raise BranchError(f"there is no rule {mode!r} for α", "use auto, positive or a number")
    search = _Search(Predictor(problem, ks, turn, K))
    search.through([_POSITIVE if mode == "positive" else _SIMPLE])
    if search.rank() > _GOOD_ENOUGH:
        most = _SEARCH_BITS // search.predictor.second[0].bits
        search.through(_search_positive(search), most)
        if mode == "auto":
            search.through([list(_circle())], most)
            search.through([list(_steered(search.predictor))], most)
            search.through(_descent(search), most)
    best = search.best
    return AlphaChoice(best, search.losses[best], tuple(search.ranks.items()))


def predicted_loss(
    problem: Problem, alpha: Any, *, ks: Iterable[int] | None = None, turn: int = 0
) -> float:
    """The digits that weights for α (any exact number) must carry beyond those asked, as
    predicted."""
    return Predictor(problem, ks, turn).loss(to_gaussian(alpha))


# ---------------------------------------------------------------------------------- candidates

_ONE = gaussian(1)
_POSITIVE = [gaussian(fmpq(a, b)) for a, b in ((3, 1), (1, 3), (2, 1), (1, 2), (3, 2), (2, 3))]
_SIMPLE = [*_POSITIVE[:2], gaussian(0, 1), gaussian(-1), *_POSITIVE[2:4], gaussian(0, -1)]


class _Search:
    """What has been tried: the loss and the rank of each candidate, and the best."""

    def __init__(self, predictor: Predictor) -> None:
        self.predictor, self.best = predictor, _ONE
        self.losses: dict[GaussianRational, float] = {}
        self.ranks: dict[GaussianRational, float] = {}

    def rank(self, alpha: GaussianRational | None = None) -> float:
        """What ranks a candidate, or the best; infinite for one that is not tried."""
        return self.ranks.get(self.best if alpha is None else alpha, math.inf)

    def through(self, batches: Iterable[list[GaussianRational]], most: int = _SEARCH_BITS) -> None:
        """Try candidates, which come in batches; ended by one that cannot be beaten."""
        for batch in batches:
            batch, most = batch[:most], most - len(batch[:most])
            new = [
                a for a in dict.fromkeys(batch) if not (a.is_zero() or a == _ONE or a in self.ranks)
            ]
            for alpha, (loss, rank) in zip(
                new, self.predictor.judged(new, self.rank()), strict=True
            ):
                self.losses[alpha], self.ranks[alpha] = loss, rank
                if self.best is _ONE or rank < self.rank() - _MARGIN:
                    self.best = alpha
            if self.rank() <= _MARGIN:
                break


def near_one(step: float) -> GaussianRational:
    """A simple positive rational α with log α ≈ step: 1 + 1/n or its inverse for small steps."""
    size = math.expm1(abs(step))
    if size < 1:
        n = round(1 / size, 1 - math.floor(math.log10(1 / size)))
        value = 1 + fmpq(1, max(int(n), 1))
    else:
        digits = 1 - math.floor(math.log10(size))
        top = round((1 + size) * 10 ** max(digits, 0))
        value = fmpq(top, 10 ** max(digits, 0))
    return GaussianRational(value if step > 0 else 1 / value, fmpq(0))


def _search_positive(
    search: _Search,
) -> Iterator[list[GaussianRational]]:
    """c = ±10^x, |c| < 4, on a grid, then closer around the best."""
    points = [sign * 10**x for x in np.arange(-14.0, 0.6, 0.5) for sign in (1.0, -1.0)]
    grid: dict[float, float] = {}
    for width in (0.25, 0.1, 0.04, None):
        alphas = [near_one(c) for c in points]
        yield alphas
        grid |= {c: search.rank(a) for c, a in zip(points, alphas, strict=True)}
        if width is not None:
            centre = min(grid, key=lambda c: grid[c])
            points = [centre * 10**-width, centre * 10**width]


def _circle() -> Iterator[GaussianRational]:
    """Rational points of the unit circle, and the same directions at other radii."""
    for a, b in (
        (1, 3),
        (1, 2),
        (2, 3),
        (1, 1),
        (3, 2),
        (2, 1),
        (3, 1),
        (1, 10),
        (1, 30),
        (1, 100),
    ):
        t = fmpq(a, b)
        cosine, sine = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
        for sign in (1, -1):
            yield GaussianRational(cosine, sign * sine)
    for radius in (fmpq(1, 3), fmpq(1, 2), fmpq(2), fmpq(3)):
        for direction in ((0, 1), (0, -1), (-1, 0)):
            yield GaussianRational(radius * direction[0], radius * direction[1])


def _steered(predictor: Predictor) -> Iterator[GaussianRational]:
    """For the largest eigenvalue μ of D⁻¹·X1: α with Re(c·μ) ≈ 0."""
    mu, size = _largest(predictor)
    if size < 0.5:
        return
    with ctx.workprec(int(3.4 * size) + 96):
        direction = acb(mu.real, -mu.imag) * acb(0, 1) / abs(mu)
        for angle in (1.5, -1.5, 0.75, -0.75, 3.0, -3.0):
            c = direction * arb(angle)
            if abs(float(c.imag.mid())) < _NEARLY_PI:
                yield _rational_exp(c, size)


def _largest(predictor: Predictor) -> tuple[Any, float]:
    """The eigenvalue μ of D⁻¹·X1 of largest modulus, and log10 of that (0 for μ = 0)."""
    mu = max(predictor.first.values, key=lambda z: abs(z).mid())
    with ctx.workprec(64):
        return mu, float((abs(mu).log() / arb(10).log()).mid()) if mu != 0 else 0.0


def _rational_exp(c: Any, size: float) -> GaussianRational:
    """A Gaussian rational near e^c that turns c·μ, log10|μ| = size, by less than about 1e-3."""
    extra = max(0.0, -float(c.real.mid()) / math.log(10))
    digits = int(max(size, 0.0) + extra) + 4
    value = c.exp() * arb(10) ** digits
    re, im = (
        fmpq(int(part.mid().floor().unique_fmpz()), 10**digits) for part in (value.real, value.imag)
    )
    return GaussianRational(re, im)


def _descent(
    search: _Search,
) -> Iterator[list[GaussianRational]]:
    """A pattern search for c about log α of the best so far: along its ray, which leaves the
    directions c·μ as they are, and across it by turns that change the largest c·μ by about 1."""
    _, size = _largest(search.predictor)
    best = search.best
    along, least = 0.4, search.rank()
    with ctx.workprec(int(3.4 * max(size, 0.0)) + 96):
        c = acb(arb(best.re), arb(best.im)).log()
        across = 1 / (1 + arb(10) ** arb(size) * abs(c)).mid()
        for _ in range(10):
            steps = (acb(along), acb(-along), acb(0, across), acb(0, -across))
            places = [(c * step.exp()).mid() for step in steps]
            allowed = [z for z in places if _near_enough(complex(z))]
            alphas = [_rational_exp(z, size) for z in allowed]
            yield alphas
            for place, alpha in zip(allowed, alphas, strict=True):
                if search.rank(alpha) < least - 0.05:
                    c, least = place, search.rank(alpha)
                    break
            else:
                along, across = along / 2, across / 2


def _near_enough(c: complex) -> bool:
    return 1e-12 < abs(c) < _FARTHEST and abs(c.imag) <= _NEARLY_PI
