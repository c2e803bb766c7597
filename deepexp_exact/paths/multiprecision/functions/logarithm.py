"""The logarithm of K that a branch record prescribes, in multiprecision.

L = R·diag(ℓ_j)·R⁻¹ with ℓ_j = Log λ_j + 2πi·k_j by approximate diagonalisation (``diagonal``); the
eigenvalues into which a repeated one splits stay on its branch, so that this is the primary matrix
function (Higham, *Functions of Matrices*, definition 1.11 and theorem 1.17).  The side of the
branch cut is the record's, never a rounded sign.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import gmpy2
import numpy as np
from flint import acb, acb_mat, arb, ctx, fmpq
from gmpy2 import mpc, mpfr

from ....branches import BranchEntry, LogarithmRecord
from ....branches.logarithm import PAIR
from ....exact import ExactMatrix, Quotient
from ....precision import MoreBits, raise_until
from ....spectrum import Box, Eigenvalue, spectrum
from .arrays import (
    ZERO,
    Array,
    dagger,
    from_balls,
    from_exact,
    log2_frobenius,
    log2_sum,
    precision,
)
from .balls import log2_norms, log2_of, to_accuracy
from .diagonal import Diagonal, Group, diagonalised, number
from .exponential import require_range

#: Bits from which on what is lost is found out at a low precision first.
_PILOT = 400
#: log2 of the relative distance of eigenvalues up to which they are always told apart.
_NEAR = 32
#: log2 of what a computed eigenvalue may be off the centre of its repeated one, relative to it.
_SPREAD = -6


@dataclass(frozen=True)
class Logarithm:
    """L and K with log2 of the absolute error of L; ``bits`` are those it was computed with.

    ``found`` and ``ells``, the eigenvalues of L, are None where L is no primary function."""

    value: Array
    K: Array
    error: float
    bits: int
    found: Diagonal | None = None
    ells: tuple[Any, ...] = ()
    real: bool = False

    def exponential(self, factor: Any) -> tuple[Array, float] | None:
        """exp(factor·L), with log2 of its absolute error, from the same eigenvectors."""
        if self.found is None:
            return None
        with ctx.workprec(self.found.bits):
            row = [(factor * ell).exp().mid() for ell in self.ells]
            slopes = [factor * f / z for f, z in zip(row, self.found.values, strict=True)]
            value = self.found.function(row)
        size, error = log2_norms(value)[0], self.found.error(row, slopes)
        require_range(size)
        last, relative = to_accuracy(value, error - size, self.found.bits)
        last = _real(last) if self.real and factor.imag == 0 else last
        return last, relative + size

    def log2_exp(self, factor: Any) -> float | None:
        """log2 ‖exp(factor·L)‖."""
        if self.found is None:
            return None
        with ctx.workprec(self.found.bits):
            row = [(factor * ell).exp().mid() for ell in self.ells]
            return log2_norms(self.found.function(row))[0]

    @cached_property
    def derivative(self) -> Derivative:
        """The derivative of log at K; it has none where L is no primary function."""
        return self.log_derivative()

    def log_derivative(self, extra: int = 0) -> Derivative:
        """The same with ``extra`` bits, for what follows to lose."""
        if self.found is None:
            raise ArithmeticError("this logarithm has no derivative")
        with ctx.workprec(self.found.bits):
            slopes = [1 / z for z in self.found.values]
        return Derivative.of(self.found, self.found.differences(self.ells, slopes), extra)

    def exp_derivative(self, factor: Any, extra: int = 0) -> Derivative | None:
        """The derivative of exp at factor·L, from the same eigenvectors."""
        if self.found is None:
            return None
        with ctx.workprec(self.found.bits):
            points = [(factor * ell).mid() for ell in self.ells]
            row = [z.exp().mid() for z in points]
        return Derivative.of(self.found, self.found.differences(row, row, points), extra)

    @property
    def derivative_norm(self) -> float:
        """log2 of the operator norm of the derivative, NaN where there is none."""
        return math.nan if self.found is None else self.derivative.log2_norm()


class Sheet(NamedTuple):
    """ℓ = log(±λ) + half·πi near an eigenvalue, − to the left of 0: a logarithm that is analytic
    there, on the side of the cut that the record says."""

    left: bool
    half: int

    @classmethod
    def of(cls, eigenvalue: Eigenvalue, entry: BranchEntry) -> Sheet:
        left = eigenvalue.enclosure.center.re < 0
        above = entry.on_negative_axis or entry.box.im_lo >= 0
        return cls(left, 2 * entry.k + (0 if not left else 1 if above else -1))

    def log(self, value: Any) -> Any:
        """ℓ at the current precision."""
        return ((-value if self.left else value).log() + acb(0, self.half * arb.pi())).mid()


def grouped(
    record: LogarithmRecord, eigenvalues: Sequence[Eigenvalue], bits: int
) -> tuple[list[Group], list[Sheet], float, float]:
    """Eigenvalues so near to each other on one sheet that it is cheaper to take them for one that
    is repeated, the sheets of the groups, log2 of the smallest relative distance of groups, and of
    the smallest distance over the largest eigenvalue."""
    groups: list[Group] = []
    sheets: list[Sheet] = []
    nearest, least, largest = 0.0, math.inf, -math.inf
    for entry, eigenvalue in zip(record.entries, eigenvalues, strict=True):
        box, sheet = eigenvalue.enclosure, Sheet.of(eigenvalue, entry)
        new = Group((box,), eigenvalue.multiplicity, eigenvalue.index)
        size, joined = _log2(max(abs(box.center.re), abs(box.center.im))), []
        for j, other in enumerate(groups):
            apart = min(_distance(box, b) for b in other.boxes) - size
            if sheets[j] == sheet and apart < -max(bits / 4, _NEAR):
                new = new.joined(other)
                joined.append(j)
            else:
                nearest, least = min(nearest, apart), min(least, apart + size)
        largest = max(largest, size)
        groups = [g for j, g in enumerate(groups) if j not in joined] + [new]
        sheets = [s for j, s in enumerate(sheets) if j not in joined] + [sheet]
    return groups, sheets, nearest, least - largest


def _distance(one: Box, other: Box) -> float:
    """log2 of the distance of the centres."""
    z = one.center - other.center
    return _log2(max(abs(z.re), abs(z.im)))


def _log2(value: fmpq) -> float:
    return log2_of(arb(value).mid())


@dataclass(frozen=True)
class Derivative:
    """The Fréchet derivative of a function of K or of L, and its adjoint: R·(S·E·R ∘ table)·S with
    divided differences."""

    V: Array
    S: Array
    table: Array
    bits: int

    @classmethod
    def of(cls, found: Diagonal, table: Sequence[Any], extra: int = 0) -> Derivative:
        """For estimates: in as many bits as the eigenvectors, which enter twice, take."""
        d = len(found.values)
        bits = min(found.bits, math.ceil(96 + 2 * found.condition) + extra)
        with precision(bits):
            middle = from_balls(acb_mat(d, d, table).mid())
            return cls(from_balls(found.R), from_balls(found.S), middle, bits)

    def in_double(self) -> Derivative:
        """The same operator in complex128."""
        return Derivative(_complex(self.V), _complex(self.S), _complex(self.table), 53)

    def __call__(self, direction: Array) -> Array:
        """The derivative in the direction E; of log, G with K·G − G·K = L·E − E·L."""
        with precision(self.bits):
            inner = self.table * self.S.dot(direction).dot(self.V)
            out: Array = self.V.dot(inner).dot(self.S)
        return out

    def adjoint(self, direction: Array) -> Array:
        """The adjoint for the inner product tr(A*·B): (f'(K)[E*])*, for divided differences are
        symmetric."""
        return dagger(self(dagger(direction)))

    def log2_norm(self, steps: int = 3, seed: int = 0) -> float:
        """log2 of the operator norm, by the power method on the operator and its adjoint."""
        rng = np.random.default_rng(seed)
        d = self.V.shape[0]
        start = rng.standard_normal((d, d)) + 1j * rng.standard_normal((d, d))
        with precision(self.bits):
            e = np.array([mpc(complex(x)) for x in start.flat], dtype=object).reshape(d, d)
            best = ZERO
            for _ in range(steps):
                e = e * gmpy2.exp2(mpfr(-log2_frobenius(e)))
                g = self(e)
                best = max(best, log2_frobenius(g))
                e = self.adjoint(g)
            e = e * gmpy2.exp2(mpfr(-log2_frobenius(e)))
            return max(best, log2_frobenius(self(e)))


def logarithm(record: LogarithmRecord, K: Quotient, bits: int, ceiling: int) -> Logarithm:
    """The recorded logarithm of K with a relative error of at most 2^−bits (estimated).

    With J it is ½(L₊ + L₋) + π·J·(L₊ − L₋)/(2πi), L± the primary ones with k = 0 and −1 at the
    negative eigenvalues (Culver 1966).  Raises :class:`PrecisionCeilingError` beyond ``ceiling``
    bits of working precision."""
    if record.J is not None:
        return _paired(record, record.J, K, bits, ceiling)
    eigenvalues = spectrum(K).eigenvalues
    start = bits + 48
    if bits > _PILOT:  # what is lost hardly depends on the precision: found out at a low one
        pilot, start = _guarded(K, record, eigenvalues, 64, 112, ceiling)
        lost = start + math.ceil(pilot.error - log2_frobenius(pilot.value))
        lost = max(lost, 0)  # a sixth is what the QR algorithm may lose now and then
        start = max(start, bits + lost + lost // 6 + 16)
    return _guarded(K, record, eigenvalues, bits, start, ceiling)[0]


def _paired(
    record: LogarithmRecord, J: ExactMatrix, K: Quotient, bits: int, ceiling: int
) -> Logarithm:
    """The real logarithm that J makes of two primary ones; it has no derivative where K does not
    commute with the change."""
    extra = 8
    for _ in range(3):
        below, above = (logarithm(_with(record, k), K, bits + extra, ceiling) for k in sorted(PAIR))
        with precision(bits + extra + 16):
            turn = mpc(0, 2 * gmpy2.const_pi())
            projector = _real((above.value - below.value) / turn)
            middle = _real((above.value + below.value) * mpfr(0.5))
            paired = from_exact(J).dot(projector) * gmpy2.const_pi()
            value = middle + paired
            size = log2_frobenius(from_exact(J))
        error = log2_sum(above.error, below.error) + max(0.0, size)
        lack = error - log2_frobenius(value) + bits
        if lack <= 0:
            return Logarithm(value, above.K, error, bits + extra)
        extra += math.ceil(lack) + 8
    raise MoreBits("the real logarithm is not accurate enough", lack)


def _with(record: LogarithmRecord, k: int) -> LogarithmRecord:
    """The record of the primary logarithm that has this k where J pairs eigenvalues."""
    logs = (replace(e, k=k if e.integers else e.k, integers=()) for e in record.entries)
    return LogarithmRecord("integers", tuple(logs))


def _real(a: Array) -> Array:
    out: Array = np.frompyfunc(lambda x: x.real, 1, 1)(a)
    return out


def _complex(a: Array) -> Array:
    return np.array([complex(x) for x in a.flat], dtype=np.complex128).reshape(a.shape)


def _guarded(
    quotient: Quotient,
    record: LogarithmRecord,
    eigenvalues: Sequence[Eigenvalue],
    bits: int,
    start: int,
    ceiling: int,
) -> tuple[Logarithm, int]:
    """The logarithm to ``bits`` bits, tried with ``start`` bits and more, and those it took."""

    simple = all(e.multiplicity == 1 for e in eigenvalues)
    separate = (
        [Group((e.enclosure,), e.multiplicity, e.index) for e in eigenvalues],
        [Sheet.of(e, entry) for e, entry in zip(eigenvalues, record.entries, strict=True)],
    )

    def attempt(work: int) -> tuple[Logarithm, int]:
        groups, sheets, nearest, least = grouped(record, eigenvalues, work)
        close = -nearest > _NEAR and simple
        if close:  # on different sheets: no use to have perturbed what must be told apart
            groups, sheets = separate
            if -nearest > work / 2:
                raise MoreBits(
                    "eigenvalues are nearer to each other", work - 2 * nearest, sure=True
                )
        try:
            found = diagonalised(quotient, groups, work, ceiling, newton=close)
        except MoreBits as short:
            # balancing may do with fewer; where it does not, the smallest gap asks for these
            if not short.bits and work < -least < ceiling:
                raise MoreBits(str(short), 32 - least - work, sure=True) from None
            raise
        ells = _logarithms(found, groups, sheets)
        made = _logarithm(found, ells, _is_real(quotient, record), work)
        deficit = made.error - log2_frobenius(made.value) + bits
        if not deficit <= 0:
            lack = deficit + 8 if math.isfinite(deficit) else 0
            raise MoreBits("the logarithm is not accurate enough", lack, sure=0 < lack < work)
        return made, work

    remedy = "eigenvalues of K are very close or of very different sizes: try the path ball"
    return raise_until(attempt, start, ceiling, "the logarithm needs", remedy)


def _logarithms(
    found: Diagonal, groups: Sequence[Group], sheets: Sequence[Sheet]
) -> tuple[Any, ...]:
    """ℓ of each column."""
    with ctx.workprec(found.bits):
        for z, j in zip(found.values, found.places, strict=True):
            centre = number(groups[j].boxes[0].center)
            if groups[j].multiplicity > 1 and not abs(z - centre) < abs(centre) * 2.0**_SPREAD:
                raise MoreBits("a repeated eigenvalue is not resolved")
        pairs = zip(found.values, found.places, strict=True)
        return tuple(sheets[j].log(z) for z, j in pairs)


def _logarithm(found: Diagonal, ells: tuple[Any, ...], real: bool, bits: int) -> Logarithm:
    with ctx.workprec(found.bits):
        L = found.function(ells)
        error = found.error(ells, [1 / z for z in found.values])
    with precision(bits):
        K = from_balls(found.K)
    size = log2_norms(L)[0]
    value, relative = to_accuracy(L, error - size, bits)
    value = _real(value) if real else value
    return Logarithm(value, K, relative + size, bits, found, ells, real)


def _is_real(quotient: Quotient, record: LogarithmRecord) -> bool:
    """Whether L is real: K is, and conjugate eigenvalues of a real K carry conjugate logarithms."""
    if not (quotient.left.is_real() and quotient.right.is_real()):
        return False
    entries = record.entries
    for entry in entries:
        if entry.on_negative_axis:
            return False
        mirror = [e for e in entries if e.box.overlaps(entry.box.mirror())]
        if len(mirror) != 1 or mirror[0].k != -entry.k:
            return False
    return True
