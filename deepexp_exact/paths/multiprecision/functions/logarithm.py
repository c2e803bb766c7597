"""The logarithm of K that a branch record prescribes, in multiprecision.

L = V·diag(ℓ_j·I + Σ_{0<s<ν_j} (−1)^{s+1}·(N_j/λ_j)^s/s)·V⁻¹, the primary matrix function on the
generalised eigenspaces (Higham, *Functions of Matrices*, definitions 1.2 and 1.11, theorem 1.17),
with ℓ_j = Log λ_j + 2πi·k_j.  The side of the branch cut is the record's, never a rounded sign.
The error is estimated to first order by the Fréchet derivative of this logarithm at the residual
exp(L) − K, which solves K·G − G·K = L·E − E·L block by block.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import gmpy2
import numpy as np
from gmpy2 import mpc, mpfr

from ....branches import BranchEntry, BranchRecord, LogarithmRecord
from ....branches.logarithm import PAIR
from ....exact import ExactMatrix, Quotient
from ....precision import MoreBits, raise_until
from ....spectrum import Eigenvalue, spectrum
from .arrays import (
    ZERO,
    Array,
    ExponentRangeError,
    dagger,
    from_exact,
    identity,
    log2_abs,
    log2_frobenius,
    log2_sum,
    precision,
    rounded,
)
from .eigenspaces import (
    Eigenspaces,
    Part,
    decompose,
    is_real_matrix,
)
from .exponential import PILOT, expm
from .linear import exact_solve


@dataclass(frozen=True)
class Logarithm:
    """L with log2 of its absolute error, of the operator norm of its derivative, and K; ``bits``
    are those it was computed with."""

    value: Array
    K: Array
    error: float
    derivative_norm: float
    residual: float
    derivative: LogDerivative
    bits: int


def log_value(eigenvalue: Any, entry: BranchEntry) -> Any:
    """ℓ = Log λ + 2πi·k at the current precision; the record says whether λ is on the cut."""
    pi = gmpy2.const_pi()
    if entry.on_negative_axis:
        return mpc(gmpy2.log(-eigenvalue.real), (2 * entry.k + 1) * pi)
    ell = gmpy2.log(eigenvalue)
    return ell + mpc(0, 2 * entry.k * pi) if entry.k else ell


def log_block(part: Part, ell: Any) -> Array:
    """ℓ·I + Σ_{0<s<ν} (−1)^{s+1}·(N/λ)^s/s."""
    m = part.nilpotent.shape[0]
    out: Array = identity(m) * ell
    ratio = part.nilpotent / part.value
    power = ratio
    for s in range(1, part.index):
        out = out + power * (mpfr(1) / s if s % 2 else mpfr(-1) / s)
        power = power.dot(ratio)
    return out


def _complex(a: Array) -> Array:
    return np.array([complex(x) for x in a.flat], dtype=np.complex128).reshape(a.shape)


class LogDerivative:
    """The Fréchet derivative of the recorded logarithm at K, and its adjoint."""

    def __init__(self, found: Eigenspaces, ells: Sequence[Any], bits: int) -> None:
        self.bits = bits
        self.parts, self.ells = found.parts, tuple(ells)
        self.V, self.S = found.V, found.S
        with precision(bits):
            self.blocks = [log_block(part, ell) for part, ell in zip(self.parts, ells, strict=True)]
            self.table = self._divided_differences()

    def _divided_differences(self) -> Array:
        """f[λ_i, λ_j] for every pair of columns, 1/λ for two columns of one eigenvalue."""
        out = np.empty(self.V.shape, dtype=object)
        for i, (p, ell) in enumerate(zip(self.parts, self.ells, strict=True)):
            for j, (q, other) in enumerate(zip(self.parts, self.ells, strict=True)):
                gap = p.value - q.value
                if i != j and gap == 0:
                    raise MoreBits("two eigenvalues coincide at this precision")
                out[p.columns, q.columns] = 1 / p.value if i == j else (ell - other) / gap
        return out

    def reduced(self, bits: int) -> LogDerivative:
        """The same operator with its matrices rounded to fewer bits (for estimates)."""
        if bits >= self.bits:
            return self
        out = LogDerivative.__new__(LogDerivative)
        out.bits, out.parts, out.ells, out.blocks = bits, self.parts, self.ells, self.blocks
        out.V, out.S, out.table = (rounded(a, bits) for a in (self.V, self.S, self.table))
        return out

    def in_double(self) -> LogDerivative:
        """The same operator in complex128."""
        out = LogDerivative.__new__(LogDerivative)
        out.bits = 53
        out.parts = tuple(
            Part(p.columns, complex(p.value), p.index, _complex(p.nilpotent)) for p in self.parts
        )
        out.ells = tuple(complex(ell) for ell in self.ells)
        out.blocks = [_complex(block) for block in self.blocks]
        out.V, out.S, out.table = (_complex(a) for a in (self.V, self.S, self.table))
        return out

    def __call__(self, direction: Array) -> Array:
        """G with K·G − G·K = L·E − E·L, the derivative in the direction E."""
        inner = self.S.dot(direction).dot(self.V)
        out: Array = self.V.dot(self._inner(inner)).dot(self.S)
        return out

    def adjoint(self, direction: Array) -> Array:
        """The adjoint for the inner product tr(A*·B): (log'(K)[E*])*, for divided differences
        are symmetric."""
        return dagger(self(dagger(direction)))

    def _inner(self, f: Array) -> Array:
        out = self.table * f
        for i, p in enumerate(self.parts):
            for j, q in enumerate(self.parts):
                if p.index > 1 or q.index > 1:
                    block = f[p.columns, q.columns]
                    out[p.columns, q.columns] = (
                        self._same(p, block) if i == j else self._pair(i, j, block)
                    )
        return out

    def _same(self, p: Part, f: Array) -> Array:
        """Σ_{s,t<ν} c_{s+t+1}·N^s·F·N^t with c_k = (−1)^{k+1}/(k·λ^k)."""
        out: Array = f * 0
        left = f
        for s in range(p.index):
            term = left
            for t in range(p.index):
                k = s + t + 1
                out = out + term * ((1 if k % 2 else -1) / (k * p.value**k))
                term = term.dot(p.nilpotent)
            left = p.nilpotent.dot(left)
        return out

    def _pair(self, i: int, j: int, f: Array) -> Array:
        """G with T_i·G − G·T_j = ℓ(T_i)·F − F·ℓ(T_j) by the finite Neumann series in N_i, N_j."""
        p, q = self.parts[i], self.parts[j]
        gap = p.value - q.value
        term = (self.blocks[i].dot(f) - f.dot(self.blocks[j])) / gap
        out: Array = term
        for _ in range(p.index + q.index - 2):
            term = (term.dot(q.nilpotent) - p.nilpotent.dot(term)) / gap
            out = out + term
        return out

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


def logarithm(record: BranchRecord, K: Quotient, bits: int, ceiling: int) -> Logarithm:
    """The recorded logarithm of K with a relative error of at most 2^−bits (estimated).

    With J it is ½(L₊ + L₋) + π·J·(L₊ − L₋)/(2πi), L± the primary ones with k = 0 and −1 at the
    negative eigenvalues (Culver 1966).  Raises :class:`PrecisionCeilingError` beyond ``ceiling``
    bits of working precision."""
    if record.logarithm.J is not None:
        return _paired(record, record.logarithm.J, K, bits, ceiling)
    eigenvalues = spectrum(K).eigenvalues
    start = bits + 48
    if bits > PILOT:  # what is lost hardly depends on the precision: found out at a low one
        pilot = _guarded(K, record, eigenvalues, 64, 112, ceiling)
        lost = pilot.bits + math.ceil(pilot.error - log2_frobenius(pilot.value))
        start = max(pilot.bits, bits + max(lost, 0) + 40)
    return _guarded(K, record, eigenvalues, bits, start, ceiling)


def _paired(
    record: BranchRecord, J: ExactMatrix, K: Quotient, bits: int, ceiling: int
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
            residual = max(above.residual, below.residual)
            known = above.derivative, bits + extra
            return Logarithm(value, above.K, error, math.nan, residual, *known)
        extra += math.ceil(lack) + 8
    raise MoreBits("the real logarithm is not accurate enough", lack)


def _with(record: BranchRecord, k: int) -> BranchRecord:
    """The record with the primary logarithm that has this k where J pairs eigenvalues."""
    logs = (replace(e, k=k if e.integers else e.k, integers=()) for e in record.entries)
    return replace(record, logarithm=LogarithmRecord("integers", tuple(logs)))


def _real(a: Array) -> Array:
    out: Array = np.frompyfunc(lambda x: x.real, 1, 1)(a)
    return out


def _guarded(
    quotient: Quotient,
    record: BranchRecord,
    eigenvalues: Sequence[Eigenvalue],
    bits: int,
    start: int,
    ceiling: int,
) -> Logarithm:
    """The logarithm to ``bits`` bits, tried with ``start`` bits and more."""

    def attempt(work: int) -> Logarithm:
        try:
            found = _attempt(quotient, record, eigenvalues, work, ceiling)
        except ExponentRangeError as error:  # close eigenvalues, with too few bits for their gap
            raise MoreBits(str(error)) from None
        deficit = found.error - log2_frobenius(found.value) + bits
        if deficit > 0:
            raise MoreBits("the logarithm is not accurate enough", deficit + 8)
        return found

    remedy = "eigenvalues of K are very close or of very different sizes: try the path ball"
    return raise_until(attempt, start, ceiling, "the logarithm needs", remedy)


def _attempt(
    quotient: Quotient,
    record: BranchRecord,
    eigenvalues: Sequence[Eigenvalue],
    work: int,
    ceiling: int,
) -> Logarithm:
    K = exact_solve(quotient.left, quotient.right, work + 8, ceiling)
    found = decompose(K, eigenvalues, work)
    size = log2_frobenius(K)
    with precision(work):
        ells = [
            log_value(part.value, entry)
            for part, entry in zip(found.parts, record.entries, strict=True)
        ]
        derivative = LogDerivative(found, ells, work)
        T = np.full(K.shape, mpfr(0), dtype=object)
        for part, block in zip(found.parts, derivative.blocks, strict=True):
            T[part.columns, part.columns] = block
        L = found.V.dot(T).dot(found.S)
        if is_real_matrix(K) and _is_real_branch(record):
            L = _real(L)
    _check_branch(L, found, ells, work)
    value = expm(L, work, ceiling)
    with precision(work + 16):
        defect = value.value - K
    residual = log2_frobenius(defect)
    if residual > size - 16:
        raise MoreBits("exp(L) is not near K", work // 2)
    low = derivative.reduced(int(96 + 2 * found.condition))
    with precision(low.bits):
        propagated = log2_frobenius(low(rounded(defect, low.bits)))
    norm = low.log2_norm()
    floor = norm + log2_sum(size - work - 8, log2_frobenius(K) + value.error) + 1
    return Logarithm(L, K, log2_sum(propagated + 1, floor), norm, residual - size, low, work)


def _is_real_branch(record: BranchRecord) -> bool:
    """Whether conjugate eigenvalues of a real K carry conjugate logarithms, so that L is real."""
    entries = record.entries
    for entry in entries:
        if entry.on_negative_axis:
            return False
        mirror = [e for e in entries if e.box.overlaps(entry.box.mirror())]
        if len(mirror) != 1 or mirror[0].k != -entry.k:
            return False
    return True


def _check_branch(L: Array, found: Eigenspaces, ells: Sequence[Any], work: int) -> None:
    """The eigenvalues of L on each generalised eigenspace are the recorded ones, with certainty
    far beyond the 2π that separate branches; the trace as an independent check."""
    with precision(work):
        image = L.dot(found.V)
        for part, ell in zip(found.parts, ells, strict=True):
            block = found.S[part.columns].dot(image[:, part.columns])
            m = block.shape[0]
            mean = sum((block[j, j] for j in range(m)), mpfr(0)) / m
            if log2_abs(mean - ell) > -12:
                raise MoreBits("an eigenvalue of L differs from its record", work // 2)
        total = sum((L[j, j] for j in range(L.shape[0])), mpfr(0))
        expected = sum(
            (
                ell * (p.columns.stop - p.columns.start)
                for p, ell in zip(found.parts, ells, strict=True)
            ),
            mpfr(0),
        )
        if log2_abs(total - expected) > -12:
            raise MoreBits("the trace of L differs from its record", work // 2)
    if math.isnan(log2_frobenius(L)):
        raise MoreBits("the logarithm is not finite", work // 2)
