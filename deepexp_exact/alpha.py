"""The choice of α = e^c: a predictor of digits lost, and the search that minimises it.

Two exponentials stand on top of each other, so the weights must carry more digits than the
residuals are to have.  With α1 = 1, α2 = α the predictor is, for i = 1, 2 and in Frobenius norms,

    P = max_i log10(o_i·max(1, g2_i, g1_i)),   o_i = ‖W3‖·‖exp(αi·Z)‖/‖Yi‖,
    g2_i = ‖W2‖·‖αi·A‖,   g1_i = g2_i·‖W1‖·‖Xi‖,

less 1.6 + 2.9·log10 d: to first order, what the rounding of W3, W2 and W1 does to f(Xi).  Norms are
float64 on a logarithmic scale; exponentials come from eigenvectors, by E. B. Davies' approximate
diagonalisation ("Approximate diagonalization", SIAM J. Matrix Anal. Appl. 29, 2007) where there are
none.  Nothing here is trusted: a poor choice costs digits carried, never digits given.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from flint import acb, acb_mat, arb, ctx, fmpq
from numpy.typing import NDArray

from .errors import BranchError
from .exact import ExactMatrix, GaussianRational, gaussian
from .problem import Problem
from .spectrum import Spectrum, spectrum

Array = NDArray[np.complex128]
#: A predicted loss, in digits, that needs no further search.
_GOOD_ENOUGH = 3.0
#: Digits by which a later, less simple candidate has to be better.
_MARGIN = 0.5
_LN10 = math.log(10)
#: Logarithm of the largest matrix that multiprecision numbers hold, with room to spare.
_LARGEST_EXPONENT = 2e8


@dataclass(frozen=True)
class AlphaChoice:
    """α, its predicted loss in decimal digits, and every candidate with its prediction."""

    alpha: GaussianRational
    predicted_loss: float
    candidates: tuple[tuple[GaussianRational, float], ...]


def choose_alpha(
    problem: Problem, mode: str = "auto", *, ks: Iterable[int] | None = None, turn: int = 0
) -> AlphaChoice:
    """The α of least predicted loss: ``"positive"`` (the paper's case, α > 0) or ``"auto"``
    (positive, negative, unimodular and general Gaussian rationals).

    ``ks`` are the unwinding numbers of the branch (principal by default), ``turn`` that of c."""
    if mode not in ("auto", "positive"):
        raise BranchError(f"there is no rule {mode!r} for α", "use auto, positive or a number")
    predictor = Predictor(problem, ks, turn)
    seen: dict[GaussianRational, float] = {}
    first = _POSITIVE if mode == "positive" else _SIMPLE
    best = _best(predictor, first, seen, None)
    if seen[best] > _GOOD_ENOUGH:
        best = _best(predictor, _search_positive(predictor, seen), seen, best)
        if mode == "auto":
            best = _best(predictor, _circle(), seen, best)
            best = _best(predictor, _steered(predictor), seen, best)
            best = _best(predictor, _around(best), seen, best)
    return AlphaChoice(best, seen[best], tuple(seen.items()))


def predicted_loss(
    problem: Problem, alpha: GaussianRational, *, ks: Iterable[int] | None = None, turn: int = 0
) -> float:
    """The digits that weights must carry beyond those asked, as predicted."""
    return Predictor(problem, ks, turn).loss(alpha)


# ---------------------------------------------------------------------------------- candidates

_POSITIVE = [gaussian(fmpq(a, b)) for a, b in ((3, 1), (1, 3), (2, 1), (1, 2), (3, 2), (2, 3))]
_SIMPLE = [*_POSITIVE[:2], gaussian(0, 1), gaussian(-1), *_POSITIVE[2:4], gaussian(0, -1)]


def _best(
    predictor: Predictor,
    candidates: Iterable[GaussianRational],
    seen: dict[GaussianRational, float],
    best: GaussianRational | None,
) -> GaussianRational:
    for alpha in candidates:
        if alpha.is_zero() or alpha == gaussian(1) or alpha in seen:
            continue
        seen[alpha] = predictor.loss(alpha)
        if best is None or seen[alpha] < seen[best] - _MARGIN:
            best = alpha
    if best is None:
        raise BranchError("no candidate for α")
    return best


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
    predictor: Predictor, seen: dict[GaussianRational, float]
) -> Iterator[GaussianRational]:
    """c = ±10^x on a grid, then closer around the best."""
    grid: dict[float, float] = {}
    for x in np.arange(-14.0, 1.6, 0.5):
        for sign in (1.0, -1.0):
            alpha = near_one(sign * 10**x)
            yield alpha
            grid[sign * 10**x] = seen.get(alpha, math.inf)
    for width in (0.25, 0.1, 0.04):
        centre = min(grid, key=lambda c: grid[c])
        for factor in (10**-width, 10**width):
            alpha = near_one(centre * factor)
            yield alpha
            grid[centre * factor] = seen.get(alpha, math.inf)


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
    """For one huge eigenvalue μ of D⁻¹·X1: α with Re(c·μ) ≈ 0, carrying log10|μ| extra digits."""
    values = predictor.first.values
    mu = max(values, key=lambda z: float(abs(z).mid()))
    size = float(abs(mu).mid())
    if not 1e3 < size < 1e300:
        return
    digits = int(math.log10(size)) + 4
    with ctx.workprec(int(3.4 * digits) + 64):
        direction = acb(mu.real, -mu.imag) * acb(0, 1) / abs(mu)
        for angle in (1.5, -1.5, 0.75, -0.75, 3.0, -3.0):
            c = direction * arb(angle)
            if abs(float(c.imag.mid())) >= 3.1:
                continue
            value = c.exp() * arb(10) ** digits
            parts = [
                fmpq(int(part.mid().floor().unique_fmpz()), 10**digits)
                for part in (value.real, value.imag)
            ]
            yield GaussianRational(parts[0], parts[1])


def _around(alpha: GaussianRational) -> Iterator[GaussianRational]:
    """The same angle nearer to and farther from the circle."""
    for factor in (fmpq(3, 4), fmpq(4, 3), fmpq(9, 10), fmpq(10, 9)):
        yield GaussianRational(alpha.re * factor, alpha.im * factor)


# ----------------------------------------------------------------------------------- prediction


class _Spectral:
    """exp(t·M) = Σ e^(t·μ_j)·P_j on a logarithmic scale, with t·μ_j at ``bits`` bits."""

    def __init__(self, values: list[Any], projectors: Array, bits: int) -> None:
        self.values, self.projectors, self.bits = values, projectors, bits
        self._grams: dict[int, tuple[Array | None, Array]] = {}

    def log10_norm(self, t: Any, weight: Array | None = None) -> float:
        """log10 ‖W·exp(t·M)‖_F, by the quadratic form f*·G·f with G_jk = tr((W·P_j)*·W·P_k)
        where float64 loses nothing in it, else from the matrix."""
        factors, scale = self._factors(t)
        if not math.isfinite(scale):
            return math.inf
        gram = self._gram(weight)
        square = float((factors.conj() @ gram @ factors).real)
        if not square > 1e-10 * float(np.abs(factors) @ np.abs(gram) @ np.abs(factors)):
            total = np.tensordot(factors, self.projectors, 1)
            return _norm10(total if weight is None else weight @ total) + scale / _LN10
        return _log10(square) / 2 + scale / _LN10

    def _gram(self, weight: Array | None) -> Array:
        key = id(weight)
        if key not in self._grams:
            weighted = self.projectors if weight is None else weight @ self.projectors
            flat = weighted.reshape(len(self.values), -1)
            self._grams[key] = (weight, flat.conj() @ flat.T)
        return self._grams[key][1]

    def _factors(self, t: Any) -> tuple[Array, float]:
        """(f, s) with e^(t·μ_j) = e^s·f_j."""
        with ctx.workprec(self.bits):
            scaled = [t * mu for mu in self.values]
        real = [float(z.real.mid()) for z in scaled]
        top = max(real)
        if not math.isfinite(top):
            return np.zeros(len(real), dtype=np.complex128), math.inf
        with ctx.workprec(self.bits):
            turned = [(z.imag / (2 * arb.pi())) for z in scaled]
            angles = [float((x - x.mid().floor()).mid()) * 2 * math.pi for x in turned]
        factors = np.array(
            [
                math.exp(max(r - top, -700.0)) * complex(math.cos(a), math.sin(a))
                for r, a in zip(real, angles, strict=True)
            ]
        )
        return factors, top


def _spectral(left: ExactMatrix, right: ExactMatrix) -> _Spectral:
    """The spectral form of left⁻¹·right: float64 if that suffices, else balls' midpoints."""
    a, b = left.to_numpy(), right.to_numpy()
    if np.isfinite(a).all() and np.isfinite(b).all() and np.linalg.cond(a) < 1e7:
        matrix = np.linalg.solve(a, b)
        values, R = np.linalg.eig(matrix)
        if np.linalg.cond(R) > 1e12:
            values, R = np.linalg.eig(_perturbed(matrix))
        S = np.linalg.inv(R)
        balls = [acb(float(z.real), float(z.imag)) for z in values]
        return _Spectral(balls, np.einsum("ij,jk->jik", R, S), 64)
    for bits in (256, 1024, 4096):
        found = _from_balls(left, right, bits)
        if found is not None:
            return found
    raise BranchError(
        "the spectrum of D⁻¹·X1 was not found to predict digits lost", "give α as a number"
    )


def _perturbed(matrix: Array) -> Array:
    """Davies' regularisation: a seeded random perturbation of relative size 1e-12."""
    noise = np.random.default_rng(0).standard_normal((*matrix.shape, 2)) @ np.array([1, 1j])
    shaken: Array = matrix + 1e-12 * max(float(np.linalg.norm(matrix)), 1e-300) * noise
    return shaken


def _from_balls(left: ExactMatrix, right: ExactMatrix, bits: int) -> _Spectral | None:
    """Eigenvectors of left⁻¹·right at ``bits`` bits, without error bounds."""
    from .spectrum.roads import ball_matrix

    with ctx.workprec(bits):
        try:
            matrix = acb_mat(ball_matrix(left).solve(ball_matrix(right), algorithm="precond").mid())
            noise = np.random.default_rng(0).standard_normal((left.rows, left.rows))
            size = max(float(abs(x).mid()) for x in matrix.entries()) or 1.0
            shaken = acb_mat(
                matrix + acb_mat(noise.tolist()) * (arb(size) * arb(2) ** -(bits // 2))
            )
            values, R = shaken.mid().eig(right=True, algorithm="approx")
            S = R.mid().inv()
        except (ValueError, ZeroDivisionError, OverflowError):
            return None
        d = left.rows
        projectors = np.array(
            [
                [[complex((R[i, j] * S[j, k]).mid()) for k in range(d)] for i in range(d)]
                for j in range(d)
            ]
        )
        if not np.isfinite(projectors).all():
            return None
        return _Spectral([z.mid() for z in values], projectors, bits)


class Predictor:
    """Digits lost as a function of α, for one problem, branch and turn of c."""

    def __init__(self, problem: Problem, ks: Iterable[int] | None = None, turn: int = 0) -> None:
        self.problem, self.turn = problem, turn
        self.structure: Spectrum = spectrum(problem)
        chosen = tuple(ks) if ks is not None else (0,) * len(self.structure.eigenvalues)
        self.ks = chosen

    @cached_property
    def first(self) -> _Spectral:
        """The spectral form of D⁻¹·X1."""
        return _spectral(self.problem.D, self.problem.X1)

    @cached_property
    def second(self) -> tuple[_Spectral, Array]:
        """The spectral form of L, and L."""
        K = _spectral(self.problem.Y1, self.problem.Y2)
        centres = np.array([complex(e.enclosure.center) for e in self.structure.eigenvalues])
        logs = []
        for z in K.values:
            value = complex(z.mid())
            j = int(np.abs(centres - value).argmin())
            logs.append(self._log(value, centres[j], j))
        L = np.tensordot(np.array(logs), K.projectors, 1)
        return _Spectral([acb(z.real, z.imag) for z in logs], K.projectors, 64), L

    def _log(self, value: complex, centre: complex, j: int) -> complex:
        on_axis = self.structure.eigenvalues[j].on_negative_axis
        base = complex(math.log(-centre.real), math.pi) if on_axis else np.log(centre)
        near = np.log(value / centre) if value != 0 else 0.0
        return complex(base + near + 2j * math.pi * self.ks[j])

    @cached_property
    def outputs(self) -> Array:
        """Y1 in float64."""
        value: Array = self.problem.Y1.to_numpy()
        return value

    @cached_property
    def sizes(self) -> dict[str, float]:
        """log10 of the norms of X1, X2, Y1, Y2 and D⁻¹."""
        out = {name: _log10_norm(getattr(self.problem, name)) for name in ("X1", "X2", "Y1", "Y2")}
        D = self.problem.D.to_numpy()
        smallest = float(np.linalg.svd(D, compute_uv=False)[-1]) if np.isfinite(D).all() else 0.0
        if smallest > 1e-13 * float(np.linalg.norm(D)):
            out["D⁻¹"] = float(np.log10(np.linalg.norm(np.linalg.inv(D))))
        else:
            out["D⁻¹"] = _log10_norm(self.problem.D.inverse())
        return out

    def loss(self, alpha: GaussianRational) -> float:
        """P for this α; infinite where a norm leaves even the logarithmic scale."""
        with np.errstate(all="ignore"):
            value = self._loss(alpha)
        return value if math.isfinite(value) else math.inf

    def _loss(self, alpha: GaussianRational) -> float:
        bits = self.first.bits + 128
        with ctx.workprec(bits):
            a = acb(arb(alpha.re), arb(alpha.im))
            c = a.log() + acb(0, 2) * acb.pi() * self.turn
            inverse = -c
            shrink = 1 / (a - 1)
        spectral, L = self.second
        log_A, log_LB = self.first.log10_norm(c), self.first.log10_norm(inverse, L)
        if max(abs(log_A), abs(log_LB)) * _LN10 > _LARGEST_EXPONENT:
            return math.inf
        log_W1 = _log10(float(abs(c).mid())) + self.sizes["D⁻¹"]
        log_W2 = _log10(float(abs(shrink).mid())) + log_LB
        log_W3 = spectral.log10_norm(-shrink, self.outputs)
        worst = -math.inf
        for factor, X, Y in ((acb(1), "X1", "Y1"), (a, "X2", "Y2")):
            o = log_W3 + spectral.log10_norm(factor * shrink) - self.sizes[Y]
            g2 = log_W2 + log_A + _log10(float(abs(factor).mid()))
            g1 = g2 + log_W1 + self.sizes[X]
            worst = max(worst, o + max(0.0, g2, g1))
        return max(0.0, worst - 1.6 - 2.9 * math.log10(self.problem.d))


def _log10(value: float) -> float:
    return math.log10(value) if value > 0 else -math.inf


def _norm10(matrix: Array) -> float:
    return _log10(float(np.linalg.norm(matrix)))


def _log10_norm(matrix: ExactMatrix) -> float:
    """log10‖A‖_F of an exact matrix, beyond float64's range too."""
    square = matrix.frobenius_squared()
    if square == 0:
        return -math.inf
    with ctx.workprec(64):
        return float((arb(square).log() / arb(10).log() / 2).mid())
