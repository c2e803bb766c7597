"""The shift construction in matrix products on the kernel's stacks.

K (Y1⁻¹·Y2, or its completion) and M₀ = D⁻¹·X1 come from Newton inverses, their (block)
eigendecompositions from LAPACK refined by products (``factorization``, ``refine``); A⁻¹ =
R·exp(−c·B)·S, Z = R·log(B)/(α − 1)·S and exp(−Z) from the same decompositions, with ℓ_j = Log λ_j +
2πi·k_j of the branch record.  Precision is planned in float64 (``layers``): the condition of the
eigenvectors, the slopes of the functions, and what rounding the weights does to the residual.
Errors of the weights are those of all steps, as measured at full precision, to first order; the
residuals are measured on the weights that are handed out (``measure``, ``network``).  If either is
not good enough the computation is repeated with as many more bits as are missing.

A problem that this method cannot do (clusters across a branch cut or too wide, D or Y1 singular in
float64) is declined with the reason, never answered inaccurately.  Cost: about 25 products at
working precision, and some scalar functions; about twice as much with blocks.
"""

from __future__ import annotations

import contextlib
import math
import time
from dataclasses import dataclass, replace
from typing import Any

import gmpy2
import numpy as np
from gmpy2 import mpc

from ....branches import BranchRecord
from ....exact import fmpq_to_float, gaussian
from ....problems import Problem
from ....solution import Solution
from ..functions.arrays import (
    LOG2_10,
    number,
    precision,
)
from ..functions.eigen.blockdiagonal import scaled
from ..functions.eigen.factorization import Factorization, WiderClusters
from ..functions.eigen.outer import (
    FIRST_BITS,
    MOST_BITS,
    RESERVE,
    TRUSTED,
    Outer,
    at_least_zero,
    most_bits,
)
from ..functions.eigen.refine import Eigen
from ..functions.eigen.scaled import Scaled
from ..kernel import Stack, System, Term, entrywise, evaluate, position, product
from ..kernel.reading import (
    DIGIT_BITS,
    Handed,
    read_pair,
    row_stack,
    to_mpmath,
)
from ..network import residuals as network
from ..network.answer import Stopwatch, answer
from ..network.first_layer import log_scale
from .eigenconditions import condition_numbers
from .layers import ShiftLayers
from .measure import Basis, Data, NotMeasured, residuals

#: Size and bits up to which balls measure a residual sooner than eigenvectors do.
SMALL, LONG = 4, 4000.0


@dataclass(frozen=True)
class Inapplicable:
    """Why this method does not apply to a problem."""

    reason: str


class _Decline(ArithmeticError):
    """Leaves the method; the text is the reason."""


def solve_fast(
    problem: Problem, record: BranchRecord, digits: int, *, ceiling: int = 100_000
) -> Solution | Inapplicable:
    """W1, W2, W3 to ``digits`` digits as mpmath matrices, or the reason why another method must.

    Digits asked are digits given: relative errors (Frobenius norm) and residuals of the returned
    weights are at most 10^−digits, as estimated to first order from measured residuals of every
    step.  Inapplicable too where more than ``ceiling`` decimal digits of working precision would be
    needed.  The record's integers are taken by matching refined eigenvalues with its boxes."""
    started = time.perf_counter()
    try:
        with np.errstate(all="ignore"):  # estimates that leave float64's range end in a decline
            return _Road(problem, record, digits, ceiling, started).solve()
    except ArithmeticError as reason:  # NotSimple and NoContraction among them
        return Inapplicable(str(reason) or type(reason).__name__)


@dataclass(frozen=True)
class _Plan:
    carried: float  # bits the weights carry
    inner: float  # bits asked of the eigendecomposition of M₀
    outer: float  # bits asked of that of K


@dataclass(frozen=True)
class _Made:
    """Everything at working precision."""

    K: Stack
    inner: Eigen
    outer: Eigen
    logs: list[Any]
    points: list[Any]
    c: Any
    Z: Stack
    weights: tuple[Stack, ...]
    errors: tuple[Scaled, Scaled, Scaled]  # weight − exact weight
    layers: ShiftLayers


class _Road:
    def __init__(
        self, problem: Problem, record: BranchRecord, digits: int, ceiling: int, started: float
    ) -> None:
        self.problem, self.record, self.digits, self.started = problem, record, digits, started
        self.ceiling, self.measuring = ceiling, Stopwatch()
        self.most = min(most_bits(problem.d), ceiling * LOG2_10)
        self.target = digits * LOG2_10 + 0.5
        self._read(2 * self.target + 256.0)
        alpha = record.alpha
        self.alpha = complex(fmpq_to_float(alpha.re), fmpq_to_float(alpha.im))

    def _read(self, bits: float) -> None:
        """The data, exactly or (unrelated denominators) to ``bits`` bits."""
        p, self.read_bits = self.problem, bits
        self.Y1, self.Y2, self.y_odd, self.y_error = read_pair(p.Y1, p.Y2, bits)
        self.D, self.X1, self.x_odd, self.x_error = read_pair(p.D, p.X1, bits)
        K, pair = self.record.quotient(p), (self.Y1, self.Y2, self.y_error)
        if K.left != p.Y1:  # completed, as Y1 and Y2 are singular
            first, second, _, error = read_pair(K.left, K.right, bits)
            pair = (first, second, error)
        self.k_error = pair[2]
        self.K_system, self.D_system = System(*pair[:2]), System(self.D)

    def _read_for(self, plan: _Plan) -> None:
        """The data to what a plan needs; the spare covers every condition that float64 inverts."""
        needed = max(plan.inner + self.inner.condition, plan.outer + self.outer.condition) + 256.0
        if max(self.x_error, self.y_error, self.k_error) > -math.inf and needed > self.read_bits:
            self._read(needed)

    # -- the whole way

    def solve(self) -> Solution:
        self._decompose()
        while True:
            try:
                return self._attempt()
            except WiderClusters:
                continue

    def _attempt(self) -> Solution:
        plan = self._plan(self._float_layers())
        for recomputations in range(4):
            self._affordable(plan)
            self._read_for(plan)
            made = self._make(plan)
            rounded, errors, excess = self._round(made, plan)
            made = replace(made, weights=())
            if excess <= 0:
                weights = [Handed(w) for w in rounded]
                with self.measuring:
                    residuals = self._measure(made, plan, weights)
                excess = max(residuals) + self.target
                if excess <= 0:
                    done = self._solution(made, plan, weights, errors, residuals)
                    return replace(done, recomputations=recomputations)
            more = min(excess, plan.carried) + 4.0
            plan = _Plan(plan.carried + more, plan.inner + more, plan.outer + more)
        raise _Decline("the residual does not fall below the digits asked")

    def _affordable(self, plan: _Plan) -> None:
        if max(plan.inner, plan.outer) > self.most:
            raise _Decline(f"more than {self.most:.0f} bits of working precision are needed")

    # -- float64: decompositions to start from, and the plan

    def _decompose(self) -> None:
        self.D_system.improve(FIRST_BITS)
        self.outer = Outer(self.K_system, self.record, self.record.quotient(self.problem))
        self.inner = Factorization(product(self.D_system.value, self.X1))

    def _float_layers(self) -> ShiftLayers:
        outer, inner = self.outer, self.inner
        with precision(80):
            values, logs = outer.first_guess()
            points = [inner.up(mpc(v)) for v in inner.start.values]
            return self._layers(values, points, logs)

    def _layers(self, values: list[Any], points: list[Any], logs: list[Any]) -> ShiftLayers:
        c = log_scale(self.record.alpha, self.record.turn)
        W1 = scaled(self.D_system.value) * (complex(c) * float(self.x_odd))
        X1 = scaled(self.X1) * (1.0 / self.x_odd)
        X2 = X1 + scaled(self.D) * (1.0 / self.x_odd)
        Y1, Y2 = (scaled(Y) * (1.0 / self.y_odd) for Y in (self.Y1, self.Y2))
        return ShiftLayers(
            inner=self.inner.basis,
            m=complex(c) * self.inner.apart(points),
            c=complex(c),
            **self.outer.for_layer(values, logs),
            alpha=self.alpha,
            W1=W1,
            Y1=Y1,
            X=(X1, X2),
            Y_norms=(Y1.log2_norm(), Y2.log2_norm()),
        )

    def _plan(self, layers: ShiftLayers) -> _Plan:
        """Bits the weights carry, and bits of both eigendecompositions that deliver them."""
        loss = layers.loss()
        if not math.isfinite(loss):
            raise _Decline("the plan leaves float64's range")
        carried = self.target + max(0.0, loss) + 3.0
        inner = self.inner.condition + at_least_zero(np.max(np.abs(layers.m)))
        outer = layers.bits_lost(self.outer.condition, self.outer.start.rest is not None)
        return _Plan(carried, carried + inner + RESERVE, carried + outer + RESERVE)

    # -- working precision

    def _make(self, plan: _Plan) -> _Made:
        d = self.problem.d
        spare = 2 * math.log2(d) + 16.0
        K_bits = plan.outer + self.outer.condition + spare
        M_bits = plan.inner + self.inner.condition + spare
        self.K_system.improve(K_bits)
        self.D_system.improve(max(M_bits, plan.carried + RESERVE) + spare)
        K, D_inverse = self.K_system.value, self.D_system.value
        M = product(D_inverse, self.X1)
        M = M.truncated(position(M.size, M_bits))
        M_left = evaluate(
            [Term(self.X1), Term(self.D, M, -1)], expected_size=self.X1.size - M_bits + 40
        )
        outer = self.outer.refined(K, plan.outer)
        inner = self.inner.refined(M, plan.inner)
        bits = max(plan.inner, plan.outer)
        with precision(math.ceil(bits + 3 * spare) + 64):
            c = log_scale(self.record.alpha, self.record.turn)
            values, points = self.outer.centres(outer), self.inner.centres(inner)
            logs = self.outer.logs(values)
            shrink = 1 / number(self.record.alpha - gaussian(1))
            layers = self._layers(values, points, logs)
            row_bits = plan.carried + RESERVE + spare
            factor = row_stack([c * self.x_odd], row_bits)
            Z, last = self.outer.functions(outer, logs, shrink, row_bits, self.y_odd)
            A_inverse = self._inner_function(inner, points, -c, row_bits)
        W1 = entrywise(D_inverse, factor)
        W2 = product(Z, A_inverse)
        W3 = product(self.Y1, last)
        self._trust(layers, (W1, W2, W3))
        with self.measuring:
            errors = self._errors(layers, inner, outer, M_left)
        return _Made(K, inner, outer, logs, points, c, Z, (W1, W2, W3), errors, layers)

    def _trust(self, layers: ShiftLayers, weights: tuple[Stack, Stack, Stack]) -> None:
        """Decline if the float64 layers, which all estimates come from, do not reproduce the
        weights: so non-normal a matrix has other derivatives where its blocks are perturbed."""
        for rough, weight in zip(layers.weights(), weights, strict=True):
            exact = scaled(weight)
            off = (rough - exact).log2_norm() - exact.log2_norm()
            if not off <= TRUSTED:
                raise _Decline("too far from normal for estimates in float64")

    def _inner_function(self, inner: Eigen, points: list[Any], c: Any, bits: float) -> Stack:
        """exp(c·M₀)."""
        factorization = self.inner
        bits += factorization.condition
        row = row_stack([gmpy2.exp(c * p) for p in points], bits)
        rest = inner.B.rest
        if rest is not None:
            rest = Stack(rest.digits, rest.exp + factorization.shift)
        return inner.function(row, factorization.exp_rest(rest, c, row, bits), bits)

    def _errors(
        self,
        layers: ShiftLayers,
        inner: Eigen,
        outer: Eigen,
        M_left: Stack,
    ) -> tuple[Scaled, Scaled, Scaled]:
        """Computed minus exact weights, to first order, from what the steps leave."""
        F, T = self.outer.left_over(outer, self.K_system)
        G = self.inner.for_estimates(inner.F).times_power(DIGIT_BITS * self.inner.shift)
        G = G + layers.inner.into(scaled(self.D_system.value) @ scaled(M_left))
        U = self.inner.for_estimates(inner.T)
        d_Z = layers.log_error(F, T) * (1.0 / (layers.alpha - 1.0))
        d_A = layers.inverse_error(G, U)
        d_1 = -(layers.W1 @ scaled(self.D_system.left))
        d_2 = d_Z @ layers.A_inverse + layers.Z @ d_A
        d_3 = layers.Y1 @ layers.last_error(F, T)
        return d_1, d_2, d_3

    # -- rounding and the verdict

    def _round(self, made: _Made, plan: _Plan) -> tuple[list[Stack], list[float], float]:
        """The weights rounded, log2 of their relative errors to first order, and the bits by which
        those or the residuals to first order are too large."""
        rounded, totals, errors = [], [], []
        for weight, left in zip(made.weights, made.errors, strict=True):
            norm = scaled(weight).log2_norm()
            short = weight.rounded(math.floor(weight.size - plan.carried))
            totals.append(scaled(short - weight) + left)
            rounded.append(short)
            errors.append(totals[-1].log2_norm() - norm)
        first = made.layers.residuals((totals[0], totals[1], totals[2]))
        excess = max(*errors, *first) + self.target
        if not math.isfinite(excess):
            raise _Decline("the error estimate leaves float64's range")
        return rounded, errors, excess

    def _measure(self, made: _Made, plan: _Plan, weights: list[Handed]) -> tuple[float, float]:
        """log2 of bounds of both residuals of the weights as they are handed out, read back."""
        bits = max(plan.inner + self.inner.condition, plan.outer + self.outer.condition)
        simple = made.inner.B.rest is None and made.outer.B.rest is None
        if simple and (self.problem.d > SMALL or bits > LONG):
            Y = self.Y1, self.Y2
            data = Data(self.X1, self.D, self.x_odd, self.x_error, Y, self.y_odd, self.y_error)
            with contextlib.suppress(NotMeasured), precision(math.ceil(bits) + 192):
                alpha, c = number(self.record.alpha), made.c
                shrink = 1 / (alpha - 1)
                inner = Basis.of(made.inner, [c * p for p in made.points], plan.inner)
                outer = Basis.of(made.outer, [shrink * v for v in made.logs], plan.outer)
                stacks = [w.read() for w in weights]
                return residuals(data, stacks, inner, outer, c, alpha, plan.carried)
        target, start = -self.digits * LOG2_10, math.ceil(plan.carried) + 48
        handed = tuple(w.matrix for w in weights)
        both = network.residuals(self.problem, handed, target, start, 4 * MOST_BITS)
        return both[0].upper, both[1].upper

    def _conditions(self, made: _Made) -> dict[str, Any]:
        return condition_numbers(
            self.problem,
            self.record,
            made.layers,
            lambda: _scaled_inverse(self.K_system) * float(self.y_odd),
            max(self.inner.condition, self.outer.condition),
            math.ceil(2 * self.ceiling * LOG2_10),
        )

    def _solution(
        self,
        made: _Made,
        plan: _Plan,
        weights: list[Handed],
        errors: list[float],
        residuals: tuple[float, float],
    ) -> Solution:
        bits = plan.carried + RESERVE + 16.0
        shown = plan.carried + 8.0

        def logarithm() -> Stack:
            with precision(math.ceil(bits) + 128):
                row = row_stack(made.logs, bits + 64)
                rest = self.outer.log_rest(made.outer, bits + self.outer.condition)
            full = made.outer.function(row, rest, bits + self.outer.condition)
            return full.to_precision(shown)

        def first_layer() -> Stack:
            with precision(math.ceil(bits) + 128):
                full = self._inner_function(made.inner, made.points, made.c, bits)
            return full.to_precision(shown)

        def step(name: str) -> Any:
            if name == "A":
                return to_mpmath(first_layer())
            if name == "L":
                return to_mpmath(logarithm())
            return to_mpmath({"K": made.K, "Z": made.Z}[name].to_precision(shown))

        return answer(
            self.problem,
            self.record,
            self.digits,
            [w.matrix for w in weights],
            (plan.carried, max(plan.inner, plan.outer)),
            errors,
            residuals,
            step,
            seconds=time.perf_counter() - self.started,
            measuring_seconds=self.measuring.seconds,
            condition_source=lambda: self._conditions(made),
        )


def _scaled_inverse(system: System) -> Scaled:
    return Scaled(system.start.astype(np.complex128), -system.shift)
