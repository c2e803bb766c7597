"""K with its (block) eigendecomposition in stacks, and the functions of it that P4 to P7 take.

Z = log(K)/(α − 1) and exp(−Z), with their errors to first order from what the steps leave."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gmpy2
import numpy as np
from gmpy2 import mpc

from .....branches import BranchRecord
from .....exact import Quotient, fmpq_to_float, gaussian
from .....spectrum import spectrum
from ...kernel import (
    Stack,
    System,
    entrywise,
    position,
)
from ...kernel.reading import (
    DIGIT_BITS,
    numbers,
    read_pair,
    row_stack,
)
from ..arrays import Array, number, precision
from .blockdiagonal import NotSimple, scaled
from .branching import Unmatched, logarithms
from .factorization import Factorization, WiderClusters
from .grouping import Known
from .refine import Eigen
from .scaled import (
    Basis,
    ComplexArray,
    Scaled,
    divided_exp,
    divided_log,
    exp_row,
)

#: Working precision, in bits, up to which the kernel serves every size, and any.
_USUAL_BITS, MOST_BITS = 12_000, 80_000
#: Bits of a matrix from which its float64 eigenvectors and the plan are made.
FIRST_BITS = 90.0
#: log2 of the relative difference between the weights and those of the float64 layers beyond which
#: estimates from the latter are not believed.
TRUSTED = -6.0
#: Bits by which errors of the unrounded weights stay below those of rounding them.
RESERVE = 8.0


def most_bits(d: int) -> int:
    """The working precision beyond which the kernel takes much more memory than 500 MB."""
    return max(_USUAL_BITS, min(MOST_BITS, (1 << 24) // d**2))


@dataclass(frozen=True)
class OuterLayer:
    """K's part of the construction in float64: what errors of its decomposition do to Z and
    exp(−Z) (Daleckii & Krein; Higham, *Functions of Matrices*, theorem 3.11)."""

    outer: Basis  # of K
    values: ComplexArray  # eigenvalues of K
    logs: ComplexArray  # those of L
    alpha: complex

    @property
    def z(self) -> ComplexArray:
        return self.logs / (self.alpha - 1.0)

    @property
    def Z(self) -> Scaled:
        return self.outer.function(Scaled(self.z))

    @property
    def last(self) -> Scaled:
        """exp(−Z)."""
        return self.outer.function(exp_row(-self.z))

    @property
    def log_differences(self) -> ComplexArray:
        return divided_log(self.values, self.logs)

    def bits_lost(self, condition: float, blocks: bool) -> float:
        """Bits by which the decomposition has to be more accurate than Z and exp(−Z), for a basis
        of that log2 condition; :class:`NotSimple` where L is too small for float64."""
        slopes = float(np.max(np.abs(self.log_differences)))
        size = float(np.max(np.abs(self.values)))
        largest = float(np.max(np.abs(self.logs)))
        if not largest > (1e-3 if blocks else 1e-200):
            raise NotSimple("L is too small")
        lost = condition + at_least_zero(slopes * size / min(1.0, largest))
        return lost + at_least_zero(np.max(np.abs(self.z)))

    def log_error(self, F: Scaled, T: Scaled) -> Scaled:
        """R·log(Λ)·S − log K for K = R(Λ + F)R⁻¹ and S = (I + T)R⁻¹."""
        inside = Scaled(self.logs[:, None] * T.matrix, T.exp) - F * self.log_differences
        return self.outer.back(inside)

    def last_error(self, F: Scaled, T: Scaled) -> Scaled:
        """The same for exp(−log K/(α − 1))."""
        slopes = divided_exp(-self.z) * (self.log_differences / (1.0 - self.alpha))
        row = exp_row(-self.z)
        inside = Scaled(row.matrix[:, None] * T.matrix, row.exp + T.exp) - F * slopes
        return self.outer.back(inside)


class Outer(Factorization):
    """The factorization of K, with the logarithm that the record prescribes."""

    def __init__(self, system: System, record: BranchRecord, quotient: Quotient) -> None:
        self.record, self.quotient = record, quotient
        system.improve(FIRST_BITS)
        repeated = any(entry.multiplicity > 1 for entry in record.entries)
        super().__init__(system.value, repeated, self._distinct)

    def _distinct(self) -> list[Known]:
        return [
            Known(complex(fmpq_to_float(z.re), fmpq_to_float(z.im)), e.multiplicity)
            for e in spectrum(self.quotient).eigenvalues
            for z in (e.enclosure.center,)
        ]

    def logs(self, values: Sequence[Any]) -> list[Any]:
        """ℓ of each column's block."""
        found = logarithms(self.record, self.by_block(values), self.sizes, self.radii)
        return self.by_column(found)

    def first_guess(self) -> tuple[list[Any], list[Any]]:
        """Eigenvalues and ℓ's from float64, good enough to plan with: refined eigenvalues are
        matched with the record again."""
        values = [self.up(mpc(v)) for v in self.start.values]
        try:
            return values, self.logs(values)
        except Unmatched:
            return values, [gmpy2.log(v) for v in values]

    def for_layer(self, values: Sequence[Any], logs: Sequence[Any]) -> dict[str, Any]:
        """``outer``, ``values`` and ``logs`` of :class:`OuterLayer`; within a block the logarithm
        is continued from its centre."""
        apart = self.apart(values)
        centres = np.array([complex(v) for v in values])
        ells = np.array([complex(v) for v in logs]) + np.log(apart / centres)
        return {"outer": self.basis, "values": apart, "logs": ells}

    def functions(
        self, eigen: Eigen, logs: Sequence[Any], shrink: Any, bits: float, odd: int = 1
    ) -> tuple[Stack, Stack]:
        """Z = shrink·log(K) and exp(−Z)/odd."""
        zs = [v * shrink for v in logs]
        bits += self.condition
        rest = self.log_rest(eigen, bits)
        z_rest = None if rest is None else entrywise(rest, row_stack([shrink], bits + 16.0))
        last_row = row_stack([gmpy2.exp(-z) / odd for z in zs], bits)
        last_rest = self.exp_rest(z_rest, -1, last_row, bits)
        Z = eigen.function(row_stack(zs, bits), z_rest, bits)
        return Z, eigen.function(last_row, last_rest, bits)

    def left_over(self, eigen: Eigen, system: System) -> tuple[Scaled, Scaled]:
        """F and T of :meth:`OuterLayer.log_error`, the error of K itself in F."""
        F = self.for_estimates(eigen.F).times_power(DIGIT_BITS * self.shift)
        return F + self.basis.into(Scaled(*system.correction)), self.for_estimates(eigen.T)


# ------------------------------------------------------------------------ for any first layer


@dataclass(frozen=True)
class Functions:
    """K, Z and exp(−Z) with log2 of the absolute errors of the last two, and where they came
    by eigenvectors the float64 layer with the log2 condition of its basis."""

    K: Array
    Z: Array
    last: Array
    errors: tuple[float, float]
    layer: OuterLayer | None = None
    condition: float = math.inf


def functions_by_eigenvectors(
    record: BranchRecord, quotient: Quotient, bits: int, ceiling: float
) -> Functions | None:
    """Z and exp(−Z) to about ``bits`` bits, in matrix products alone; None where another method
    must (clusters across a branch cut or too wide, more than ``ceiling`` bits)."""
    try:
        with np.errstate(all="ignore"):  # estimates that leave float64's range end in None
            return _functions(record, quotient, bits, min(ceiling, most_bits(quotient.d)))
    except ArithmeticError:  # NotSimple and NoContraction among them
        return None


def _functions(
    record: BranchRecord, quotient: Quotient, bits: int, ceiling: float
) -> Functions | None:
    alpha = complex(fmpq_to_float(record.alpha.re), fmpq_to_float(record.alpha.im))
    system = System(*read_pair(quotient.left, quotient.right, 2.0 * bits + 256.0)[:2])
    factor, spare = Outer(system, record, quotient), 2 * math.log2(quotient.d) + 16.0
    while True:
        with precision(80):
            layer = OuterLayer(**factor.for_layer(*factor.first_guess()), alpha=alpha)
        wanted = bits + RESERVE + layer.bits_lost(factor.condition, factor.start.rest is not None)
        K_bits = wanted + factor.condition + spare
        if not K_bits < min(ceiling, 2.0 * bits + 192.0):
            return None
        try:
            system.improve(K_bits)
            eigen = factor.refined(system.value, wanted)
            with precision(math.ceil(wanted + 3 * spare) + 64):
                values = factor.centres(eigen)
                logs = factor.logs(values)
                shrink = 1 / number(record.alpha - gaussian(1))
                layer = OuterLayer(**factor.for_layer(values, logs), alpha=alpha)
                row_bits = bits + RESERVE + spare
                Z, last = factor.functions(eigen, logs, shrink, row_bits)
        except WiderClusters:
            continue
        break
    for rough, found in ((layer.Z, Z), (layer.last, last)):
        exact = scaled(found)
        if not (rough - exact).log2_norm() - exact.log2_norm() <= TRUSTED:
            return None
    F, T = factor.left_over(eigen, system)
    d_Z = layer.log_error(F, T) * (1.0 / (alpha - 1.0))
    cut = (scaled(M).log2_norm() - bits for M in (Z, last))
    errors = (d_Z.log2_norm(), layer.last_error(F, T).log2_norm())
    z_error, last_error = (max(e, c) + 1.0 for e, c in zip(errors, cut, strict=True))
    if not (math.isfinite(z_error) and math.isfinite(last_error)):
        return None
    with precision(math.ceil(row_bits) + 64):
        K = system.value.truncated(position(system.value.size, row_bits))
        arrays = (to_array(K), to_array(Z), to_array(last))
    return Functions(*arrays, (z_error, last_error), layer, factor.condition)


def to_array(stack: Stack) -> Array:
    """The entries at the current precision."""
    out = np.empty(stack.shape, dtype=object)
    for place, value in zip(np.ndindex(out.shape), numbers(stack), strict=True):
        out[place] = value
    return out


def at_least_zero(value: Any) -> float:
    """log2, but at least 0."""
    return math.log2(max(1.0, float(value)))
