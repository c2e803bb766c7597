"""Eigenvalues of K to any precision, and bases of its generalised eigenspaces.

The record says how many distinct eigenvalues there are, their multiplicities and the size of their
largest Jordan block; this module only has to find numbers.  A simple eigenvalue starts at the
centre of its box and is refined by Newton's method on the bordered system (the last pivot of an
elimination with complete pivoting); a repeated one is a simple root of its exact factor.  The
generalised eigenspace is the null space of (K − λ)^ν, whose dimension is known.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gmpy2
import numpy as np
from gmpy2 import mpc, mpfr, mpq

from ....exact import GaussianRational
from ....precision import MoreBits
from ....spectrum import Box, Eigenvalue
from .arrays import (
    Array,
    diagonal_shift,
    log2_abs,
    log2_frobenius,
    log2_spectral,
    number,
    precision,
    rounded,
)
from .linear import inverse, null_space


@dataclass(frozen=True)
class Part:
    """One distinct eigenvalue: its place among the columns of V, λ, and N = T − λ·I."""

    columns: slice
    value: Any
    index: int
    nilpotent: Array


@dataclass(frozen=True)
class Eigenspaces:
    """K ≈ V·diag(λ_j·I + N_j)·S with S ≈ V⁻¹; ``condition`` is log2 of ‖V‖₂·‖S‖₂."""

    V: Array
    S: Array
    parts: tuple[Part, ...]
    condition: float


def decompose(K: Array, eigenvalues: Sequence[Eigenvalue], bits: int) -> Eigenspaces:
    """The block-diagonal decomposition of K at ``bits`` bits; :class:`MoreBits` if they do
    not resolve it."""
    size = log2_frobenius(K)
    values, bases = [], []
    for eigenvalue in eigenvalues:
        if eigenvalue.factor is not None:
            value = factor_root(eigenvalue, bits)
        else:
            value = refine_simple(K, eigenvalue, size, bits)
        with precision(bits):
            power = diagonal_shift(K, -value)
            shifted = power
            for _ in range(eigenvalue.index - 1):
                power = power.dot(shifted)
            basis, gap = null_space(power, eigenvalue.multiplicity)
        if gap > -32:
            raise MoreBits("an eigenspace is not resolved", max(bits // 2, int(gap) + 64))
        values.append(value)
        bases.append(basis)
    with precision(bits):
        V = np.concatenate(bases, axis=1)
        try:
            S = inverse(V)
        except ZeroDivisionError:
            raise MoreBits("eigenspaces coincide at this precision", bits // 2) from None
        condition = log2_spectral(V) + log2_spectral(S)
        parts = []
        start = 0
        for eigenvalue, value in zip(eigenvalues, values, strict=True):
            here = slice(start, start + eigenvalue.multiplicity)
            start = here.stop
            if eigenvalue.index == 1:
                nilpotent = np.full((eigenvalue.multiplicity,) * 2, mpfr(0), dtype=object)
            else:
                nilpotent = diagonal_shift(S[here].dot(K.dot(V[:, here])), -value)
            parts.append(Part(here, value, eigenvalue.index, nilpotent))
    return Eigenspaces(V, S, tuple(parts), condition)


# ------------------------------------------------------------------------------------ eigenvalues


def inside(value: Any, box: Box) -> bool:
    """Whether a multiprecision number lies in a box, exactly."""
    re, im = mpq(value.real), mpq(value.imag)
    ends = [mpq(int(x.p), int(x.q)) for x in (box.re_lo, box.re_hi, box.im_lo, box.im_hi)]
    return bool(ends[0] <= re <= ends[1] and ends[2] <= im <= ends[3])


def _start(eigenvalue: Eigenvalue) -> tuple[Any, float]:
    """The centre of the enclosure and log2 of its half width."""
    width = eigenvalue.enclosure.half_width
    log2 = log2_abs(number(GaussianRational(width, width)))
    return number(eigenvalue.enclosure.center), log2


def refine_simple(K: Array, eigenvalue: Eigenvalue, size: float, bits: int) -> Any:
    """A simple eigenvalue of K with an error near 2^−bits·‖K‖ times its condition number.

    Elimination with complete pivoting leaves K − μ = P(LU)Q with last pivot δ; with null vectors
    x and y of K − μ − δ·e·e^T the Newton correction is δ/(y^T x).  Quadratic convergence."""
    with precision(bits):
        value, width = _start(eigenvalue)
        target = size - bits
    accuracy = max(min(width, size - 20), target)  # a box may be a point
    for _ in range(12 + bits.bit_length()):
        work = min(bits, int(2 * (size - accuracy)) + 96)
        with precision(work):
            step, loss = _newton_step(rounded(K, work), value)
            value = value + step
            if not gmpy2.is_finite(value):
                break
            moved = log2_abs(step)
        if not inside(value, eigenvalue.box):
            break
        floor = target + loss + 4
        if work == bits and moved <= max((floor + size) / 2 - 8, floor):
            return value
        if moved <= floor:
            accuracy = floor
        else:
            accuracy = min(2 * moved - size + loss + 8, moved - 1, accuracy)
    raise MoreBits(f"the eigenvalue in {eigenvalue.box} is not resolved", bits // 2 + 64)


def _newton_step(K: Array, value: Any) -> tuple[Any, float]:
    """The correction δ/(y^T x) and log2 of the eigenvalue's condition number ‖x‖·‖y‖/|y^T x|."""
    shifted = diagonal_shift(K, -value)
    x, _ = null_space(shifted, 1)
    y, _ = null_space(shifted.T, 1)
    if x.shape[1] != 1 or y.shape[1] != 1:
        raise MoreBits("K − λ is singular twice at this precision", 64)
    pairing = y[:, 0].dot(x[:, 0])
    if pairing == 0:
        raise MoreBits("left and right eigenvectors are orthogonal at this precision", 64)
    step = y[:, 0].dot(shifted.dot(x[:, 0])) / pairing
    return step, max(-log2_abs(pairing), 0.0)


def factor_root(eigenvalue: Eigenvalue, bits: int) -> Any:
    """The root of the exact factor in this eigenvalue's box, with about ``bits`` correct bits.

    Newton's method; the precision rises until the evaluation error, bounded by
    Σ|c_k||z|^k·2n·u, moves the root by less than 2^−bits relative to it."""
    coefficients = eigenvalue.factor or ()
    degree = len(coefficients) - 1
    work = bits + 32
    for _ in range(40):
        with precision(work):
            c = [number(z) for z in coefficients]
            if degree == 1:
                return -c[0]
            value, ok, deficit = _newton_root(c, _start(eigenvalue)[0], bits, work)
            if ok and inside(value, eigenvalue.box):
                return +value
        work += max(int(deficit), 0) + 64
    raise MoreBits(f"the root in {eigenvalue.box} of its factor is not resolved", bits)


def _newton_root(c: list[Any], z: Any, bits: int, work: int) -> tuple[Any, bool, float]:
    n = len(c) - 1
    moved = math.inf
    for _ in range(20 + 2 * work.bit_length()):
        value, slope, size = c[n], mpfr(0), abs(c[n])
        radius = abs(z)
        for k in range(n - 1, -1, -1):
            slope = slope * z + value
            value = value * z + c[k]
            size = size * radius + abs(c[k])
        if slope == 0:
            return z, False, 64.0
        step = value / slope
        z = z - step
        noise = log2_abs(size / slope) + math.log2(4 * n + 4) - work
        scale = log2_abs(z)
        moved = log2_abs(step)
        if moved <= max(noise + 2, scale - bits - 2):
            return z, noise <= scale - bits, noise - scale + bits
    return z, False, 64.0


def is_real_matrix(a: Array) -> bool:
    """Whether every entry is an ``mpfr``."""
    return not any(isinstance(x, type(mpc(0))) for x in a.flat)
