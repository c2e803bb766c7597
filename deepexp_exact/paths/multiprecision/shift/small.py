"""The shift construction of small matrices, in python-flint's arithmetic.

The algorithm is that of ``fast``, for simple eigenvalues alone: K and M₀ = D⁻¹·X1, their
eigenvectors from LAPACK refined by products (``functions.eigen.small``), A⁻¹ = R·exp(−c·Λ)·S,
Z = R·log(Λ)/(α − 1)·S and exp(−Z) from them, the logarithms as the record says.  Precision is
planned in float64; errors of the weights are those of all steps as measured at full precision, to
first order and in norms; residuals are measured on the weights handed out (``small_measure``).
Where either misses what was asked, the computation is repeated with as many more bits as are
missing.  Up to a dozen rows the kernel's stacks cost more (:func:`is_small`).

What this method cannot do (repeated and clustered eigenvalues, numbers outside float64's range) is
declined with the reason, never answered inaccurately.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import acb, acb_mat, arb, ctx, fmpz

from ....branches import BranchEntry, BranchRecord
from ....errors import PrecisionCeilingError
from ....exact import fmpq_to_float
from ....exact.binary import exact_balls, to_mp_matrix, to_mpc
from ....precision import MoreBits, raise_until
from ....problems import Problem
from ....solution import Solution
from ..functions.arrays import LOG2_10
from ..functions.balls import enclosure, identity, log2_bounds
from ..functions.eigen.outer import RESERVE
from ..functions.eigen.scaled import Basis, Scaled, divided_log, log2_sum
from ..functions.eigen.small import FEW, Eigenvectors, float_starts, refined
from ..network import residuals as network
from ..network.answer import Stopwatch, answer
from .eigenconditions import condition_numbers
from .fast import Inapplicable
from .layers import ShiftLayers
from .small_measure import residuals

#: Bits beyond the digits asked to which K and D⁻¹ are computed before there is a plan.
_SPARE = 96
#: Which of M₀ and K the functions of the plan are of.
_OF = [0, 0, 1, 1, 1, 1]
#: Recomputations before another method is tried.
_MOST = 4


class NotSmall(ArithmeticError):
    """Another method must do it; the text says why."""


def is_small(d: int, digits: int) -> bool:
    """Whether python-flint's products are sooner done than the kernel's, as measured: 14 and 16
    rows take as long by either at 50 and from 1000 digits."""
    return d <= (12 if digits < 150 else 16)


def solve_small(
    problem: Problem, record: BranchRecord, digits: int, *, ceiling: int = 100_000
) -> Solution | Inapplicable:
    """W1, W2, W3 to ``digits`` digits as mpmath matrices, or the reason why another method must do
    it (more than ``ceiling`` decimal digits of working precision too).

    Digits asked are digits given: relative errors (Frobenius norm, estimated to first order) and
    residuals (measured) of the returned weights are at most 10^−digits."""
    started = time.perf_counter()
    # what leaves float64's range is declined; the steps set python-flint's precision in this block
    with np.errstate(all="ignore"), ctx.workprec(ctx.prec):
        try:
            return _Small(problem, record, digits, ceiling, started).solve()
        except (ArithmeticError, PrecisionCeilingError) as reason:
            return Inapplicable(str(reason) or type(reason).__name__)


@dataclass(frozen=True)
class _Plan:
    """From float64: log2 of what the residual is per unit of rounding; log2 of the absolute errors
    of W2 and W3 per unit of F and T of M₀ and of K; log2 norms of W2 and W3, and of Y1 and Y2."""

    loss: float
    inner: float
    outer: tuple[float, float]
    norms: tuple[float, float]
    Y_norms: tuple[float, float]

    def bits(self, carried: float) -> tuple[float, float]:
        """Bits asked of the decompositions of M₀ and of K for weights of so many bits."""
        inner = max(0.0, self.inner - self.norms[0])
        outer = max(0.0, *(e - n for e, n in zip(self.outer, self.norms, strict=True)))
        return carried + inner + RESERVE + 1.0, carried + outer + RESERVE + 1.0


class _Small:
    def __init__(
        self, problem: Problem, record: BranchRecord, digits: int, ceiling: int, started: float
    ) -> None:
        self.problem, self.record, self.digits, self.started = problem, record, digits, started
        self.most, self.target = ceiling * LOG2_10, digits * LOG2_10 + 0.5
        if any(entry.multiplicity > 1 for entry in record.entries):
            raise NotSmall("repeated eigenvalues")
        self.entries = record.entries
        boxes = [entry.box for entry in record.entries]
        self.sides = [[*map(fmpq_to_float, (b.re_lo, b.re_hi, b.im_lo, b.im_hi))] for b in boxes]
        self.alpha = complex(record.alpha)
        self.recomputations, self.measuring = -1, Stopwatch()
        self._read(math.ceil(self.target) + _SPARE)

    def _read(self, bits: int) -> None:
        """The data and K, D⁻¹ and M₀ in balls of so many bits."""
        p, ctx.prec = self.problem, bits
        unit, K = identity(p.d), self.record.quotient(p)
        self.X1, self.D, self.Y1, self.Y2 = map(enclosure, (p.X1, p.D, p.Y1, p.Y2))
        left, right = self.Y1, self.Y2
        if K.left != p.Y1:  # completed, as Y1 and Y2 are singular
            left, right = enclosure(K.left), enclosure(K.right)
        self.D_inverse = self.D.solve(unit, algorithm="precond")
        self.K = left.solve(right, algorithm="precond")
        self.M = self.D_inverse * self.X1
        pair = (self.M, self.K)
        *sizes, first, second = log2_bounds((*pair, *(m - m.mid() for m in pair)))
        self.read_bits, self.known = bits, min(sizes[0] - first, sizes[1] - second)
        if not self.known > FLOAT:
            raise NotSmall("K or D⁻¹·X1 are not known to float64's precision")

    # -- the whole way

    def solve(self) -> Solution:
        self.starts = float_starts((self.M, self.K))
        self.plan = self._plan()
        start = math.ceil(self.target + self.plan.loss + 3.0)
        return raise_until(self._attempt, start, math.ceil(self.most), "the weights need")

    def _plan(self) -> _Plan:
        p, (first, second) = self.problem, self.starts
        d, values = p.d, second.values
        try:
            logs = np.array([complex(v) for v in self._logs(values.tolist())])
        except NotSmall:
            logs = np.log(values)  # good enough to plan with
        c, shrink = complex(self._scale()), 1.0 / (self.alpha - 1.0)
        m, z = c * first.values, shrink * logs
        rows = np.array([np.exp(m), np.exp(-m), z, np.exp(z), np.exp(-z), np.exp(self.alpha * z)])
        R, S = np.array([first.R, second.R]), np.array([first.S, second.S])
        made = (R[_OF] * rows[:, None, :]) @ S[_OF]
        D_inverse = np.array([complex(v) for v in self.D_inverse.entries()]).reshape(d, d)
        X1, X2, Y1, Y2 = (matrix.to_numpy() for matrix in (p.X1, p.X2, p.Y1, p.Y2))
        parts = [*made, made[2] @ made[1], Y1 @ made[4], D_inverse, X1, X2, Y1, Y2]
        norms = np.sqrt(np.square(np.abs(np.array(parts))).sum(axis=(1, 2))).tolist()
        A, A_inverse, Z, E1, _, E2, W2, W3, W1, x1, x2, y1, y2 = norms
        loss = 0.0
        for factor, E, x, y in ((1.0, E1, x1, y1), (abs(self.alpha), E2, x2, y2)):
            g = W2 * factor * A
            loss = max(loss, W3 * E / y * max(1.0, g, g * W1 * abs(c) * x))
        slopes = second.radius * float(np.max(np.abs(divided_log(values, logs)))) * abs(shrink)
        top, up = (float(np.max(np.abs(row))) for row in (rows[4], rows[1]))
        errors = (
            Z * up * (first.radius * abs(c) + 1.0),
            A_inverse * (slopes + float(np.max(np.abs(z)))),
            y1 * top * (slopes + 1.0),
        )
        known = (loss, W2, W3, y1, y2, *errors)
        # max would drop a NaN of X beyond float64 and W1 below it
        if not (all(0.0 < v < math.inf for v in (*known, W1)) and max(x1, x2) < math.inf):
            raise NotSmall("the plan leaves float64's range")
        loss, two, three, first_Y, second_Y, inner, *outer = map(math.log2, known)
        kappa = second.condition
        return _Plan(
            max(loss, 0.0),
            inner + first.condition,
            (outer[0] + kappa, outer[1] + kappa),
            (two, three),
            (first_Y, second_Y),
        )

    def _attempt(self, carried: int) -> Solution:
        self.recomputations += 1
        if self.recomputations > _MOST:
            raise NotSmall("the residual does not fall below the digits asked")
        bits = self.plan.bits(carried)
        if max(bits) > self.most:
            raise NotSmall(f"more than {self.most:.0f} bits of working precision are needed")
        spare = 2 * math.log2(self.problem.d) + 16.0
        work = max(b + 2 * s.condition for b, s in zip(bits, self.starts, strict=True)) + spare
        if self.known < work:
            self._read(math.ceil(self.read_bits + work - self.known))
        inner = refined(self.M, self.starts[0], bits[0])
        outer = refined(self.K, self.starts[1], bits[1])
        ctx.prec = math.ceil(work)
        made = _Made(self, inner, outer)
        with self.measuring:
            weights, errors = made.rounded(carried)
            found = made.measured(weights, carried)
        excess = max(*errors, *found) + self.target
        if not excess <= 0:
            raise MoreBits("the weights are not good enough", excess, True)
        return made.solution(carried, max(bits), weights, errors, found)

    def conditions(self) -> dict[str, Any]:
        """Condition numbers of the exponentials, the logarithm and the maps (X, Y) ↦ W."""
        p, (first, second) = self.problem, self.starts
        X1, X2, Y1 = (m.to_numpy() for m in (p.X1, p.X2, p.Y1))
        with ctx.workprec(FEW):
            c = complex(self._scale())
            logs = np.array([complex(v) for v in self._logs(second.values.tolist())])
        layers = ShiftLayers(
            outer=Basis(second.R, second.S),
            values=second.values,
            logs=logs,
            alpha=self.alpha,
            inner=Basis(first.R, first.S),
            m=c * first.values,
            c=c,
            W1=Scaled(c * np.linalg.inv(p.D.to_numpy())),
            Y1=Scaled(Y1),
            X=(Scaled(X1), Scaled(X2)),
            Y_norms=self.plan.Y_norms,
        )
        ceiling, worst = math.ceil(2 * self.most), max(first.condition, second.condition)
        return condition_numbers(
            p, self.record, layers, lambda: Scaled(np.linalg.inv(Y1)), worst, ceiling
        )

    # -- α and the logarithms

    def _scale(self) -> Any:
        """c = Log α + 2πi·turn at the current precision, Log closed at +π."""
        alpha, turn = self.record.alpha, self.record.turn
        if alpha.is_real() and alpha.re < 0:
            c = acb(arb(-alpha.re).log(), arb.pi())
        else:
            c = acb(arb(alpha.re), arb(alpha.im)).log()
        return c + acb(0, 2 * turn * arb.pi()) if turn else c

    def _logs(self, values: Sequence[Any]) -> list[Any]:
        """ℓ = Log λ + 2πi·k of the record for each eigenvalue, complex or ``acb``, at the current
        precision.  The side of the cut is the boxes': log(−λ) ± iπ where Re λ < 0."""
        entries = self._matched([complex(v) for v in values])
        out = []
        for value, entry in zip(map(acb, values), entries, strict=True):
            turns = 2 * entry.k
            if complex(value).real < 0:
                turns += _side(entry)
                value = -value
            out.append(value.log() + acb(0, turns * arb.pi()) if turns else value.log())
        return out

    def _matched(self, values: list[complex]) -> list[BranchEntry]:
        """The entry of each value: its box holds this value, within 1e-12, and clearly no other."""
        tolerance = 1e-12 * max(map(abs, values))
        found: dict[int, BranchEntry] = {}
        for entry, (left, right, low, high) in zip(self.entries, self.sides, strict=True):
            outside = [
                max(left - v.real, v.real - right, low - v.imag, v.imag - high) for v in values
            ]
            near = [j for j, far in enumerate(outside) if far <= 2 * tolerance]
            if len(near) != 1 or outside[near[0]] > tolerance:
                raise NotSmall("eigenvalues cannot be matched with the boxes of the record")
            found[near[0]] = entry
        if len(found) != len(values):
            raise NotSmall("two eigenvalues in one box of the record")
        return [found[j] for j in range(len(values))]


#: Bits of K and D⁻¹·X1 that float64 needs.
FLOAT = 60.0


class _Made:
    """Everything at working precision, python-flint's current one."""

    def __init__(self, small: _Small, inner: Eigenvectors, outer: Eigenvectors) -> None:
        self.small, self.inner, self.outer = small, inner, outer
        alpha = small.record.alpha
        self.alpha, self.c = acb(arb(alpha.re), arb(alpha.im)), small._scale()
        self.logs = small._logs(outer.values)
        self.m = [(self.c * v).mid() for v in inner.values]
        self.z = [(v / (self.alpha - 1)).mid() for v in self.logs]
        self.down = [(-v).exp() for v in self.m], [(-v).exp() for v in self.z]
        self.Z = outer.function(self.z)
        W1, W2 = small.D_inverse * self.c, self.Z * inner.function(self.down[0])
        self.weights = W1, W2, small.Y1 * outer.function(self.down[1])

    def rounded(self, carried: int) -> tuple[tuple[Any, ...], list[float]]:
        """The weights with ``carried`` bits, and log2 of their relative errors: what rounding and
        evaluation cost, and to first order what the decompositions leave."""
        plan = self.small.plan
        left_1, left_2 = self.inner.left, self.outer.left
        steps = (
            -math.inf,
            log2_sum(plan.inner + left_1, plan.outer[0] + left_2),
            plan.outer[1] + left_2,
        )
        sizes = log2_bounds(self.weights)
        if not all(map(math.isfinite, sizes)):
            raise NotSmall("a weight is zero or not known")
        rounded = _rounded(self.weights, sizes, carried + math.log2(len(self.m)))
        cut = log2_bounds([a - b for a, b in zip(rounded, self.weights, strict=True)])
        errors = [log2_sum(*both) - size for *both, size in zip(cut, steps, sizes, strict=True)]
        # relative to the exact weight, which may be that much smaller
        errors = [e - math.log2(1.0 - min(2.0**e, 0.5)) for e in errors]
        return tuple(map(_to_mpmath, rounded)), errors

    def measured(self, weights: tuple[Any, ...], carried: int) -> tuple[float, float]:
        """Both residuals of the weights as they are handed out."""
        small = self.small
        exact = [exact_balls(w) for w in weights]
        found = residuals(
            exact,
            (small.X1, small.D, small.Y1, small.Y2),
            (self.inner, self.m, self.down[0]),
            (self.outer, self.z, self.down[1]),
            (self.c, self.alpha),
            small.plan.Y_norms,
        )
        if max(found) + small.target <= 0:
            return found
        start, most = carried + 48, math.ceil(4 * small.most)
        both = network.residuals(small.problem, weights, -small.target, start, most)
        return both[0].upper, both[1].upper

    def solution(
        self,
        carried: int,
        bits: float,
        weights: tuple[Any, ...],
        errors: list[float],
        residuals: tuple[float, float],
    ) -> Solution:
        small, work = self.small, ctx.prec

        def step(name: str) -> Any:
            with ctx.workprec(work):
                if name == "A":
                    full = self.inner.function([v.exp() for v in self.m])
                elif name == "L":
                    full = self.outer.function(self.logs)
                else:
                    full = {"K": small.K, "Z": self.Z}[name]
                return _to_mpmath(*_rounded([full], log2_bounds([full]), carried + 8.0))

        return answer(
            small.problem,
            small.record,
            small.digits,
            weights,
            (carried, bits),
            errors,
            residuals,
            step,
            seconds=time.perf_counter() - small.started,
            measuring_seconds=small.measuring.seconds,
            condition_source=small.conditions,
            recomputations=small.recomputations,
        )


# ------------------------------------------------------------------------------------- pieces


def _side(entry: BranchEntry) -> int:
    """1 above the cut and on it, −1 below."""
    if entry.on_negative_axis or entry.box.im_lo > 0:
        return 1
    if entry.box.im_hi < 0:
        return -1
    raise NotSmall("a box to the left of 0 meets the real axis")


def _rounded(matrices: Sequence[Any], sizes: Sequence[float], bits: float) -> list[Any]:
    """The midpoints to ``bits`` bits below 2^size, a bound of each norm: real and imaginary parts
    are rounded to nearest by adding and taking away a large number."""
    width, d = math.ceil(bits) + 4, matrices[0].nrows()
    out, large = [], fmpz(3) << (width - 1)
    with ctx.workprec(width):
        for matrix, size in zip(matrices, sizes, strict=True):
            half = fmpz(math.floor(size - bits) - 1)
            up, down = arb((large + 1, half)), arb((-large, half))
            added = (matrix.mid() + acb_mat(d, d, [acb(up, up)] * (d * d))).mid()
            out.append((added + acb_mat(d, d, [acb(down, down)] * (d * d))).mid())
    return out


def _to_mpmath(matrix: Any) -> Any:
    """An mpmath matrix with exactly these entries (real ones as ``mpf``)."""

    def part(x: Any) -> tuple[Any, int]:
        mantissa, exponent = x.man_exp()
        return int(mantissa), int(exponent)

    entries = (to_mpc(part(z.real), part(z.imag)) for z in matrix.entries())
    return to_mp_matrix(matrix.nrows(), matrix.ncols(), entries)
