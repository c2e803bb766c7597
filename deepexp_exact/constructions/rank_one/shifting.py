"""The shift a of A + a·I and B + a·I, and what it makes of W1 = z·ℓ (Theorem 1), in float64.

Where r1 = ℓ·X1 and r2 = ℓ·X2 are dependent, a is free, and is chosen for the digits that it saves;
where they are independent, it is a solution of Log(1 + r2·v) + 2πi·n = 2πi·k·(r2·v)/(r1·v) with
v = (A + a)⁻¹·w (Picard's theorem: there are infinitely many).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import acb, acb_mat, arb, ctx, fmpq

from ...exact import gaussian
from ...problems import Problem
from .parameters import Shift, dyadic_number
from .rows import Row

Array = Any
#: Real and imaginary parts that are tried, in sixteenths.
_REAL = (12, -12, 32, -32, 80, -80, 192, -192, 400, -400, 0)
_IMAGINARY = (0, 8, -8, 16, -16, 27, -27, 38, -38)
#: Least distance of an eigenvalue's imaginary part from an odd multiple of π; least |p·v|.
_MARGIN, _LEAST = 1e-3, 1e-7
#: n of the equation for a, in the order tried, and k.
_TURNS = tuple(s * m for m in (1, 2, 3, 4, 5, 7, 9, 12, 16, 25, 40, 70, 120) for s in (1, -1))
_MULTIPLES = (1, -1, 2, -2)
_DRAWN, _ENOUGH, _BITS, _RADIUS = 60, 16, 192, 24


@dataclass(frozen=True)
class Shifted:
    """A choice of a, the unwinding numbers of A + a and B + a, and the digits it loses."""

    shift: Shift
    integers: tuple[tuple[int, ...], tuple[int, ...]]
    loss: float


class Shifter:
    """A, w of one solution with the problem around them."""

    def __init__(self, problem: Problem, row: Row, A: Any, w: Any) -> None:
        self.row, self.balls = row, (A, w)
        self.d = problem.d
        self.A = np.array([complex(z) for z in A.entries()]).reshape(self.d, self.d)
        self.w = np.array([complex(z) for z in w.entries()])
        self.ell, self.r1, self.r2, self.p = (
            r.to_numpy()[0] for r in (row.ell, row.r1, row.r2, row.p)
        )
        self.B = self.A + np.outer(self.w, self.p)
        self.X = [X.to_numpy() for X in (problem.X1, problem.X2)]
        self.outer = self._outer(problem)
        self.spectra = [np.linalg.eigvals(M) for M in (self.A, self.B)]

    def _outer(self, problem: Problem) -> tuple[float, float]:
        """‖W3‖·‖exp(A)‖/‖Y1‖ and ‖W3‖·‖exp(B)‖/‖Y2‖, which no shift changes."""
        from scipy.linalg import expm

        last = problem.Y1.to_numpy() @ expm(-self.A)
        out = []
        for M, Y in ((self.A, problem.Y1), (self.B, problem.Y2)):
            size = np.linalg.norm(Y.to_numpy())
            out.append(
                float(np.linalg.norm(last) * np.linalg.norm(expm(M)) / size) if size else 0.0
            )
        return out[0], out[1]

    def choices(self) -> Iterator[Shifted]:
        """The shifts that serve, best first."""
        with np.errstate(all="ignore"):
            if self.row.case == 4:
                found = sorted(self._solutions(), key=lambda item: item[0])
                made = (self._sealed(*item) for item in found)
                yield from (one for one in made if one is not None)
                return
            tried: list[tuple[float, int, complex, Any]] = []
            for x in _REAL:
                for y in _IMAGINARY:
                    a = complex(x, y) / 16
                    loss, integers = self._loss(a, 0), self._integers(a)
                    if loss < math.inf and integers is not None:
                        tried.append((loss, len(tried), a, integers))
        for loss, _, a, integers in sorted(tried):
            exact = gaussian(fmpq(round(16 * a.real), 16), fmpq(round(16 * a.imag), 16))
            yield Shifted(Shift(exact), integers, loss)

    def _integers(self, a: complex) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
        """The unwinding numbers, None where one is not clear."""
        out = []
        for values in self.spectra:
            height = ((values + a).imag - np.pi) / (2 * np.pi)
            if np.abs(height - np.round(height)).min() < _MARGIN:
                return None
            out.append(tuple(sorted(int(n) for n in np.ceil(height))))
        return out[0], out[1]

    def _loss(self, a: complex, k: int) -> float:
        """log10 of the factor by which rounding of the weights can appear in a residual; infinite
        where a does not serve."""
        try:
            shifted = self.A + a * np.eye(self.d)
            second = self.row.case == 2
            v = np.linalg.solve(shifted + np.outer(self.w, self.p) * second, self.w)
        except np.linalg.LinAlgError:
            return math.inf
        pv = self.p @ v
        u = 1 - pv if second else 1 + pv
        on_cut = abs(u.imag) < 1e-6 * abs(u) and u.real < 0
        if not (abs(pv) > _LEAST and abs(u) > _LEAST) or on_cut:
            return math.inf
        if self.row.case == 4:
            z = v * (2j * np.pi * k / (self.r1 @ v))
        else:
            ratio = complex(self.row.rho) - 1 if self.row.rho is not None else 1.0
            z = v * np.log(u) / (ratio * pv)
        layers = [np.eye(self.d) + np.outer(z, r) * _phi(r @ z) for r in (self.r1, self.r2)]
        W2 = shifted @ (np.eye(self.d) - np.outer(z, self.r1) * _phi(-(self.r1 @ z)))
        worst = 0.0
        for outer, E, X in zip(self.outer, layers, self.X, strict=True):
            g2 = float(np.linalg.norm(W2) * np.linalg.norm(E))
            g1 = g2 * float(np.linalg.norm(z) * np.linalg.norm(self.ell) * np.linalg.norm(X))
            worst = max(worst, outer * max(1.0, g2, g1))
        return math.log10(worst) if 0 < worst < math.inf else math.inf if worst else 0.0

    # -- independent rows

    def _solutions(self) -> list[tuple[float, complex, int, int]]:
        """(loss, a, k, n) of solutions found by Newton's iteration from many starts."""
        values, vectors = np.linalg.eig(self.A)
        weights = np.linalg.solve(vectors, self.w)
        first, second = (self.r1 @ vectors) * weights, (self.r2 @ vectors) * weights
        found: list[tuple[float, complex, int, int]] = []
        for n, k, start in self._starts(values, first, second):
            a = _newton(values, first, second, start, n, k)
            if a is None or any(abs(a - b) < 1e-8 * (1 + abs(a)) for _, b, *_ in found):
                continue
            loss = self._loss(a, k)
            if loss < math.inf:
                found.append((loss, a, k, n))
            if len(found) >= _ENOUGH:
                break
        return found

    def _starts(
        self, values: Array, first: Array, second: Array
    ) -> Iterator[tuple[int, int, complex]]:
        """Near the poles of (r2·v)/(r1·v), and drawn."""
        numerator = np.zeros(self.d, dtype=complex)
        for j in range(self.d):
            numerator = numerator + first[j] * np.poly(-np.delete(values, j))
        kept = np.nonzero(np.abs(numerator) > 1e-12 * np.abs(numerator).max())[0]
        poles = list(np.roots(numerator[kept[0] :])) if len(kept) else []
        far = bool(len(kept)) and kept[0] > 0
        starts: list[tuple[int, int, int, int, complex]] = []
        for n in _TURNS:
            for k in _MULTIPLES:
                if n % 2 == 0 and abs(k) == 2:
                    continue
                for pole in poles:
                    slope = -(first / (pole + values) ** 2).sum()
                    residue = (second / (pole + values)).sum() / slope
                    near = complex(pole + residue * k / n)
                    starts.append((abs(n * k), len(starts), n, k, near))
                for direction in (10, 10j, -10, -10j) if far else ():
                    starts.append((abs(n * k), len(starts), n, k, complex(direction * n)))
        rng, size = np.random.default_rng(1), float(np.abs(values).max())
        for t in range(_DRAWN):
            n, k = int(rng.integers(-6, 7)), int(rng.choice([1, -1, 2]))
            starts.append((3 + t // 10, len(starts), n, k, complex(*(rng.normal(size=2) * size))))
        for _, _, n, k, a in sorted(starts, key=lambda item: item[:2]):
            yield n, k, complex(a)

    def _sealed(self, loss: float, a: complex, k: int, n: int) -> Shifted | None:
        """The exact record of a solution: a to more bits, and a radius in which it is alone."""
        with ctx.workprec(_BITS):
            r1, r2 = (r.to_acb_mat() for r in (self.row.r1, self.row.r2))
            A, w = (M.mid() for M in self.balls)
            value, last = acb(a), math.inf
            for _ in range(12):
                defect, slope = equation(A, w, r1, r2, value, k, n)
                change = defect / slope
                if not change.is_finite():
                    return None
                value = (value - change).mid()
                last = abs(complex(change))
                if last < 2.0**-100 * (1 + abs(complex(value))):
                    break
            if not last < 2.0**-60 * (1 + abs(complex(value))):
                return None
            radius = fmpq(2) ** (math.frexp(abs(complex(value)) + 1e-3)[1] - _RADIUS)
            box = value + acb(arb(0, arb(radius)), arb(0, arb(radius)))
            _, slope = equation(A, w, r1, r2, value, k, n)
            _, over = equation(A, w, r1, r2, box, k, n)
            if not abs(over / slope - 1) < 0.125:
                return None
            integers = self._integers(complex(value))
            if integers is None:
                return None
            return Shifted(Shift(dyadic_number(value, 64), radius, k, n), integers, loss)


def equation(A: Any, w: Any, r1: Any, r2: Any, a: Any, k: int, n: int) -> tuple[Any, Any]:
    """r1·v·(Log(1 + r2·v) + 2πi·n) − 2πi·k·r2·v and its derivative by a, v = (A + a)⁻¹·w."""
    d = A.nrows()
    shifted = A + acb_mat(d, d, [a if r == c else 0 for r in range(d) for c in range(d)])
    try:
        v = shifted.solve(w)
        dv = -shifted.solve(v)
    except ZeroDivisionError:
        return acb("nan"), acb("nan")
    (x, dx), (y, dy) = (((r * v)[0, 0], (r * dv)[0, 0]) for r in (r1, r2))
    turn = acb(0, 2) * acb.pi()
    log = (1 + y).log() + turn * n
    return x * log - turn * k * y, dx * log + x * dy / (1 + y) - turn * k * dy


def _phi(s: complex) -> complex:
    """(e^s − 1)/s."""
    return complex(np.expm1(s) / s) if s != 0 else 1.0


def _newton(
    values: Array, first: Array, second: Array, a: complex, n: int, k: int
) -> complex | None:
    """Newton's iteration for (r1·v)/(r2·v) = k/(n + Log(1 + r2·v)/(2πi)), regular at the poles."""
    for _ in range(60):
        inverse = 1 / (a + values)
        x, y = (first * inverse).sum(), (second * inverse).sum()
        dx, dy = -(first * inverse**2).sum(), -(second * inverse**2).sum()
        wound = n + np.log(1 + y) / (2j * np.pi)
        defect = x / y - k / wound
        slope = (dx * y - x * dy) / y**2 + k / wound**2 * dy / ((1 + y) * 2j * np.pi)
        change = -defect / slope
        most = 0.3 * (1 + abs(a))
        if abs(change) > most:
            change *= most / abs(change)
        a = a + change
        if not np.isfinite(a):
            return None
        if abs(change) < 1e-13 * max(1.0, abs(a)):
            break
    good = abs(defect) <= 1e-9 and abs(y) >= 1e-7 and abs(1 + y) >= 1e-9 and abs(x) >= 1e-9
    return complex(a) if good else None
