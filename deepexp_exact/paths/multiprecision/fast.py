"""The shift construction for well separated spectra, in matrix products on the kernel's stacks.

K = Y1⁻¹·Y2 and M₀ = D⁻¹·X1 come from Newton inverses, their eigendecompositions from LAPACK refined
by products (``refine``); A⁻¹ = R·exp(−cμ)·S, Z = R·ℓ/(α − 1)·S and exp(−Z) from the same
eigenvectors, with ℓ_j = Log λ_j + 2πi·k_j of the branch record.  Precision is planned in float64
(``layers``): the condition of the eigenvectors, the slopes of the functions, and what rounding the
weights does to the residual.  At the end the residuals of all steps are measured at full precision
and carried to the weights and to f(Xi) − Yi to first order; if that is not good enough the
computation is repeated with as many more bits as are missing.

A problem that this road cannot do (repeated or clustered eigenvalues, D or Y1 singular in float64)
is declined with the reason, never answered inaccurately.  Cost: about 25 products at working
precision, and some scalar functions.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import gmpy2
import numpy as np
import numpy.typing as npt
from gmpy2 import mpc, mpfr, mpq

from ...branches import BranchRecord
from ...exact import fmpq_to_float, gaussian
from ...problem import Problem
from ...solution import Label, Solution
from ...spectrum import Box
from .arrays import LOG2_10, mpf_power_of_two, number, precision
from .eigenconditions import DeferredTable, conditions
from .general import scale
from .kernel import Stack, System, Term, entrywise, evaluate, position, product
from .layers import Basis, Layers
from .reading import DIGIT_BITS, DeferredMatrix, numbers, read_pair, row_stack, to_mpmath
from .refine import Eigen, Start, float_start, refine
from .scaled import Scaled

#: Working precision, in bits, beyond which the kernel's tables grow out of proportion.
MOST_BITS = 12_000
#: Bits of K and M₀ from which the float64 eigenvectors and the plan are made.
FIRST_BITS = 90.0
#: Bits by which errors of the unrounded weights stay below those of rounding them.
RESERVE = 8.0


@dataclass(frozen=True)
class Declined:
    """Why a problem is not for this road."""

    reason: str


class _Decline(ArithmeticError):
    """Leaves the road; the text is the reason."""


def solve_fast(
    problem: Problem, record: BranchRecord, digits: int, *, ceiling: int = 100_000
) -> Solution | Declined:
    """W1, W2, W3 to ``digits`` digits as mpmath matrices, or the reason why another road must.

    Digits asked are digits given: relative errors (Frobenius norm) and residuals of the returned
    weights are at most 10^−digits, as estimated to first order from measured residuals of every
    step.  Declined, too, where more than ``ceiling`` decimal digits of working precision would be
    needed.  The record's integers are taken by matching refined eigenvalues with its boxes."""
    started = time.perf_counter()
    if any(entry.multiplicity > 1 for entry in record.entries):
        return Declined("repeated eigenvalues")
    try:
        return _Road(problem, record, digits, ceiling, started).solve()
    except ArithmeticError as reason:  # NotSimple and NoContraction among them
        return Declined(str(reason) or type(reason).__name__)


@dataclass(frozen=True)
class _Plan:
    carried: float  # bits the weights carry
    inner: float  # bits asked of the eigendecomposition of M₀
    outer: float  # bits asked of that of K


@dataclass(frozen=True)
class _Made:
    """Everything at working precision."""

    M: Stack
    K: Stack
    inner: Eigen
    outer: Eigen
    logs: list[Any]
    c: Any
    Z: Stack
    weights: tuple[Stack, Stack, Stack]
    errors: tuple[Scaled, Scaled, Scaled]  # weight − exact weight
    layers: Layers


class _Road:
    def __init__(
        self, problem: Problem, record: BranchRecord, digits: int, ceiling: int, started: float
    ) -> None:
        self.problem, self.record, self.digits, self.started = problem, record, digits, started
        self.most = min(MOST_BITS, ceiling * LOG2_10)
        self.target = digits * LOG2_10 + 0.5
        limit = 2 * self.target + 256.0
        self.Y1, self.Y2, self.y_odd = read_pair(problem.Y1, problem.Y2, limit)
        self.D, self.X1, self.x_odd = read_pair(problem.D, problem.X1, limit)
        self.K_system, self.D_system = System(self.Y1, self.Y2), System(self.D)
        alpha = record.alpha
        self.alpha = complex(fmpq_to_float(alpha.re), fmpq_to_float(alpha.im))

    # -- the whole way

    def solve(self) -> Solution:
        first = self._float_layers()
        plan = self._plan(first)
        for recomputations in range(4):
            self._affordable(plan)
            made = self._make(plan)
            plan, rounded, errors, residuals = self._round(made, plan)
            if rounded is not None:
                done = self._solution(made, plan, rounded, errors, residuals)
                return replace(done, recomputations=recomputations)
        raise _Decline("the estimated error does not fall below the digits asked")

    def _affordable(self, plan: _Plan) -> None:
        if max(plan.inner, plan.outer) > self.most:
            raise _Decline(f"more than {self.most:.0f} bits of working precision are needed")

    # -- float64: eigenvectors to start from, and the plan

    def _float_layers(self) -> Layers:
        self.K_system.improve(FIRST_BITS)
        self.D_system.improve(FIRST_BITS)
        K, M = self.K_system.value, product(self.D_system.value, self.X1)
        self.K_shift, self.M_shift = _digits_above(K), _digits_above(M)
        self.K_start = float_start(Stack(K.digits, K.exp - self.K_shift))
        self.M_start = float_start(Stack(M.digits, M.exp - self.M_shift))
        with precision(80):
            values = [_up(mpc(v), self.K_shift) for v in self.K_start.values]
            try:
                logs = self._logs(values)
            except _Decline:  # good enough to plan with; refined eigenvalues are matched again
                logs = [gmpy2.log(v) for v in values]
            points = [_up(mpc(v), self.M_shift) for v in self.M_start.values]
            return self._layers(self.M_start, self.K_start, values, points, logs)

    def _layers(
        self, inner: Start, outer: Start, values: list[Any], points: list[Any], logs: list[Any]
    ) -> Layers:
        c = scale(self.record.alpha, self.record.turn)
        W1 = _scaled(self.D_system.value) * (complex(c) * float(self.x_odd))
        X1 = _scaled(self.X1) * (1.0 / self.x_odd)
        X2 = X1 + _scaled(self.D) * (1.0 / self.x_odd)
        Y1, Y2 = (_scaled(Y) * (1.0 / self.y_odd) for Y in (self.Y1, self.Y2))
        return Layers(
            inner=Basis(inner.R, inner.S),
            m=np.array([complex(c * p) for p in points]),
            c=complex(c),
            outer=Basis(outer.R, outer.S),
            values=np.array([complex(v) for v in values]),
            logs=np.array([complex(v) for v in logs]),
            alpha=self.alpha,
            W1=W1,
            Y1=Y1,
            X=(X1, X2),
            Y_norms=(Y1.log2_norm(), Y2.log2_norm()),
        )

    def _plan(self, layers: Layers) -> _Plan:
        """Bits the weights carry, and bits of both eigendecompositions that deliver them."""
        loss = layers.loss()
        if not math.isfinite(loss):
            raise _Decline("the plan leaves float64's range")
        carried = self.target + max(0.0, loss) + 3.0
        inner = self.M_start.condition + _log2(np.max(np.abs(layers.m)))
        slopes = float(np.max(np.abs(layers.log_differences)))
        size = float(np.max(np.abs(layers.values)))
        largest = float(np.max(np.abs(layers.logs)))
        if not largest > 1e-200:
            raise _Decline("L is zero")
        outer = self.K_start.condition + _log2(slopes * size / min(1.0, largest))
        outer += _log2(np.max(np.abs(layers.z)))
        return _Plan(carried, carried + inner + RESERVE, carried + outer + RESERVE)

    # -- the branch

    def _logs(self, values: list[Any]) -> list[Any]:
        """ℓ_j = Log λ_j + 2πi·k_j at the current precision.

        The side of the cut is the box's: log(−λ) ± iπ where Re λ < 0."""
        entries = [self.record.entries[j] for j in self._match(values)]
        pi = gmpy2.const_pi()
        out = []
        for value, entry in zip(values, entries, strict=True):
            turns = 2 * entry.k
            if value.real < 0:
                turns += 1 if entry.on_negative_axis or entry.box.im_lo > 0 else -1
                value = -value
            out.append(gmpy2.log(value) + mpc(0, turns * pi))
        return out

    def _match(self, values: list[Any]) -> list[int]:
        """Which box each eigenvalue belongs to: a bijection, or :class:`_Decline`.

        Decided in float64 where that tells boxes apart, otherwise at the current precision."""
        boxes = [entry.box for entry in self.record.entries]
        size = max(float(abs(v)) for v in values)
        edges = np.array(
            [[fmpq_to_float(e) for e in (b.re_lo, b.re_hi, b.im_lo, b.im_hi)] for b in boxes]
        )
        points = np.array([complex(v) for v in values])
        re, im = points.real[:, None], points.imag[:, None]
        outside = np.maximum.reduce(
            [edges[:, 0] - re, re - edges[:, 1], edges[:, 2] - im, im - edges[:, 3]]
        )
        found = _nearest(outside, 1e-12 * size)
        if found is None:
            tolerance = max(2.0 ** (-gmpy2.get_context().precision / 2), 1e-290) * size
            found = _nearest(_distances(values, boxes), tolerance)
        if found is None:
            raise _Decline("eigenvalues cannot be matched with the boxes of the record")
        return found

    # -- working precision

    def _make(self, plan: _Plan) -> _Made:
        d = self.problem.d
        spare = 2 * math.log2(d) + 16.0
        K_bits = plan.outer + self.K_start.condition + spare
        M_bits = plan.inner + self.M_start.condition + spare
        self.K_system.improve(K_bits)
        self.D_system.improve(max(M_bits, plan.carried + RESERVE) + spare)
        K, D_inverse = self.K_system.value, self.D_system.value
        M = product(D_inverse, self.X1)
        M = M.truncated(position(M.size, M_bits))
        M_left = evaluate(
            [Term(self.X1), Term(self.D, M, -1)], expected_size=self.X1.size - M_bits + 40
        )
        K = Stack(K.digits, K.exp - self.K_shift)
        M = Stack(M.digits, M.exp - self.M_shift)
        outer = refine(K, self.K_start, plan.outer)
        inner = refine(M, self.M_start, plan.inner)
        bits = max(plan.inner, plan.outer)
        with precision(math.ceil(bits + 3 * spare) + 64):
            c = scale(self.record.alpha, self.record.turn)
            values = [_up(v, self.K_shift) for v in numbers(outer.values)]
            points = [_up(v, self.M_shift) for v in numbers(inner.values)]
            logs = self._logs(values)
            shrink = 1 / number(self.record.alpha - gaussian(1))
            layers = self._layers(self.M_start, self.K_start, values, points, logs)
            zs = [v * shrink for v in logs]
            row_bits = plan.carried + RESERVE + spare
            last_row = row_stack(
                [gmpy2.exp(-z) / self.y_odd for z in zs], row_bits + self.K_start.condition
            )
            z_row = row_stack(zs, row_bits + self.K_start.condition)
            down_row = row_stack(
                [gmpy2.exp(-c * p) for p in points], row_bits + self.M_start.condition
            )
            factor = row_stack([c * self.x_odd], row_bits)
        A_inverse = inner.function(down_row, row_bits + self.M_start.condition)
        Z = outer.function(z_row, row_bits + self.K_start.condition)
        last = outer.function(last_row, row_bits + self.K_start.condition)
        W1 = entrywise(D_inverse, factor)
        W2 = product(Z, A_inverse)
        W3 = product(self.Y1, last)
        errors = self._errors(layers, inner, outer, M_left)
        return _Made(M, K, inner, outer, logs, c, Z, (W1, W2, W3), errors, layers)

    def _errors(
        self,
        layers: Layers,
        inner: Eigen,
        outer: Eigen,
        M_left: Stack,
    ) -> tuple[Scaled, Scaled, Scaled]:
        """Computed minus exact weights, to first order, from what the steps leave."""
        F = Scaled(outer.F.matrix, outer.F.exp + DIGIT_BITS * self.K_shift)
        F = F + layers.outer.into(Scaled(*self.K_system.correction))
        G = Scaled(inner.F.matrix, inner.F.exp + DIGIT_BITS * self.M_shift)
        G = G + layers.inner.into(_scaled(self.D_system.value) @ _scaled(M_left))
        d_Z = layers.log_error(F, outer.T) * (1.0 / (layers.alpha - 1.0))
        d_A = layers.inverse_error(G, inner.T)
        d_1 = -(layers.W1 @ _scaled(self.D_system.left))
        d_2 = d_Z @ layers.A_inverse + layers.Z @ d_A
        d_3 = layers.Y1 @ layers.last_error(F, outer.T)
        return d_1, d_2, d_3

    # -- rounding and the verdict

    def _round(
        self, made: _Made, plan: _Plan
    ) -> tuple[_Plan, tuple[Stack, ...] | None, list[float], tuple[float, float]]:
        """The rounded weights with log2 of their relative errors and residuals; None in their
        place, with a better plan, if those are too large."""
        rounded, totals, errors = [], [], []
        for weight, left in zip(made.weights, made.errors, strict=True):
            norm = _scaled(weight).log2_norm()
            short = weight.rounded(math.floor(weight.size - plan.carried))
            totals.append(_scaled(short - weight) + left)
            rounded.append(short)
            errors.append(totals[-1].log2_norm() - norm)
        residuals = made.layers.residuals((totals[0], totals[1], totals[2]))
        excess = max(*errors, *residuals) + self.target
        if not math.isfinite(excess):
            raise _Decline("the error estimate leaves float64's range")
        if excess <= 0:
            return plan, tuple(rounded), errors, residuals
        more = excess + 4.0
        return (
            _Plan(plan.carried + more, plan.inner + more, plan.outer + more),
            None,
            errors,
            residuals,
        )

    def _solution(
        self,
        made: _Made,
        plan: _Plan,
        rounded: tuple[Stack, ...],
        errors: list[float],
        residuals: tuple[float, float],
    ) -> Solution:
        d = self.problem.d
        bits = plan.carried + RESERVE + 16.0
        shown = plan.carried + 8.0

        def deferred(source: Callable[[], Stack]) -> DeferredMatrix:
            return DeferredMatrix(d, d, source)

        def logarithm() -> Stack:
            with precision(math.ceil(bits) + 128):
                row = row_stack(made.logs, bits + 64)
            return made.outer.function(row, bits + self.K_start.condition).to_precision(shown)

        def first_layer() -> Stack:
            with precision(math.ceil(bits) + 128):
                points = [_up(v, self.M_shift) for v in numbers(made.inner.values)]
                row = row_stack([gmpy2.exp(made.c * p) for p in points], bits + 64)
            return made.inner.function(row, bits + self.M_start.condition).to_precision(shown)

        W1, W2, W3 = (to_mpmath(w) for w in rounded)
        powers = [mpf_power_of_two(e) for e in (*errors, *residuals)]
        return Solution(
            problem=self.problem,
            construction="shift",
            path="multiprecision",
            record=self.record,
            digits=self.digits,
            digits_carried=math.ceil(plan.carried / LOG2_10),
            working_digits=math.ceil(max(plan.inner, plan.outer) / LOG2_10),
            W1=W1,
            W2=W2,
            W3=W3,
            A=deferred(first_layer),
            K=deferred(lambda: Stack(made.K.digits, made.K.exp + self.K_shift).to_precision(shown)),
            L=deferred(logarithm),
            Z=deferred(lambda: made.Z.to_precision(shown)),
            residuals=(powers[3], powers[4]),
            errors=(powers[0], powers[1], powers[2]),
            label=Label.AGREES,
            seconds=time.perf_counter() - self.started,
            conditions=DeferredTable(
                lambda: conditions(made.layers, _scaled_inverse(self.K_system) * float(self.y_odd))
            ),
        )


def _distances(values: list[Any], boxes: list[Box]) -> npt.NDArray[np.float64]:
    """How far each value is outside each box (maximum norm, negative inside), differences taken
    at the current precision."""
    edges = [
        [mpfr(mpq(int(e.p), int(e.q))) for e in (b.re_lo, b.re_hi, b.im_lo, b.im_hi)] for b in boxes
    ]
    return np.array(
        [
            [float(max(a - v.real, v.real - b, c - v.imag, v.imag - d)) for a, b, c, d in edges]
            for v in values
        ]
    )


def _nearest(outside: npt.NDArray[np.float64], tolerance: float) -> list[int] | None:
    """For each row the one column within the tolerance, if that is a bijection with every other
    column clearly farther away."""
    found = np.argmin(outside, axis=1)
    best = np.take_along_axis(outside, found[:, None], 1)[:, 0]
    others = outside.copy()
    np.put_along_axis(others, found[:, None], np.inf, 1)
    if (best > tolerance).any() or (others <= 2 * tolerance).any():
        return None
    chosen = [int(j) for j in found]
    return chosen if len(set(chosen)) == len(chosen) else None


def _scaled(stack: Stack) -> Scaled:
    matrix, exponent = stack.to_scaled()
    return Scaled(matrix, exponent).normal()


def _scaled_inverse(system: System) -> Scaled:
    return Scaled(system.start.astype(np.complex128), -system.shift)


def _digits_above(stack: Stack) -> int:
    """Digit positions by which to shift so that the largest entry is near 1."""
    return round(stack.size / DIGIT_BITS) if stack.size > -math.inf else 0


def _up(value: Any, shift: int) -> Any:
    """value·2^(20·shift), exactly."""
    return value * gmpy2.exp2(DIGIT_BITS * shift) if shift else value


def _log2(value: Any) -> float:
    """log2, but at least 0."""
    return math.log2(max(1.0, float(value)))
