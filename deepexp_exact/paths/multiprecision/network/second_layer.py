"""Steps P3 to P7 in multiprecision for every problem, whatever the construction of its first layer.

Each step hands on a bound of its error, to first order: the residual of the step times its
condition number (Higham, *Functions of Matrices*, section 3.1).  The working precision rises until
the bounds deliver the digits asked; then the weights are rounded and their residuals measured.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from gmpy2 import mpfr

from ....branches import BranchRecord
from ....branches.logarithm import REAL
from ....exact import Quotient, gaussian
from ....precision import MoreBits, raise_until
from ....problems import Problem
from ..functions.arrays import (
    ZERO,
    Array,
    from_exact,
    identity,
    log2_abs,
    log2_frobenius,
    log2_spectral,
    log2_sum,
    number,
    precision,
    to_ball,
)
from ..functions.eigen.outer import Functions, functions_by_eigenvectors
from ..functions.exponential import expm, log2_norm_of_exp
from ..functions.logarithm import Logarithm, logarithm
from .first_layer import MeasuredFirstLayer, first_layer


@dataclass(frozen=True)
class Steps:
    """W1, W2, W3 at working precision with log2 of their relative errors, and what they are made
    from; ``log`` is None where L is exactly zero, or came by eigenvectors as ``functions`` do."""

    weights: tuple[Array, Array, Array]
    errors: tuple[float, float, float]
    K: Array
    L: Array
    Z: Array
    first: MeasuredFirstLayer
    log: Logarithm | None
    functions: Functions | None = None


def is_trivial(problem: Problem, record: BranchRecord) -> bool:
    """Whether L is exactly zero: K = I with the principal value of its logarithm."""
    return problem.Y1 == problem.Y2 and all(entry.k == 0 for entry in record.entries)


def construct(
    problem: Problem, record: BranchRecord, bits: int, ceiling: int, quick: bool = False
) -> Steps:
    """W1 of the record's construction, W2 = Z·exp(−W1·X1), W3 = Y1·exp(−Z), each step to about
    ``bits`` bits; ``quick``: by the eigenvectors of K where they serve."""
    d = problem.d
    unit = math.log2(d + 4) - bits
    first = first_layer(problem, record, bits, ceiling)
    W1, B = first.W1, first.inverse_A
    e1, b_relative = first.errors
    with precision(bits + 8):
        Y1 = from_exact(problem.Y1)
    if is_trivial(problem, record):
        zero = np.full((d, d), mpfr(0), dtype=object)
        errors = (e1, ZERO, ZERO if problem.Y1.is_zero() else -float(bits))
        return Steps((W1, zero, Y1), errors, identity(d), zero, zero, first, None)
    quotient = record.quotient(problem)
    quick = quick and record.rule != REAL
    found = functions_by_eigenvectors(record, quotient, bits, ceiling) if quick else None
    log = None
    if found is None:
        found, log = _by_logarithm(record, quotient, bits, ceiling)
    Z, last, (z_error, last_error) = found.Z, found.last, found.errors
    with precision(bits + 8):
        W2, W3 = Z.dot(B), Y1.dot(last)
    spread = log2_spectral(Z) + log2_frobenius(B)
    e2 = log2_sum(z_error + log2_spectral(B), spread + log2_sum(b_relative, unit))
    e3 = log2_spectral(Y1) + log2_sum(last_error, log2_frobenius(last) + unit)
    w3 = log2_frobenius(W3)
    errors = (e1, e2 - log2_frobenius(W2), e3 - w3 if w3 > ZERO else e3)
    with precision(bits + 8):
        L = Z * number(record.alpha - gaussian(1)) if log is None else log.value
    return Steps((W1, W2, W3), errors, found.K, L, Z, first, log, found)


def _by_logarithm(
    record: BranchRecord, quotient: Quotient, bits: int, ceiling: int
) -> tuple[Functions, Logarithm]:
    """Z and exp(−Z) from the logarithm, both to about ``bits`` bits."""

    def attempt(work: int) -> tuple[Functions, Logarithm]:
        log = logarithm(record.logarithm, quotient, work, ceiling)
        # Z rounded to fewer bits than L was made with can have another exponential altogether.
        with precision(log.bits):
            shrink = 1 / number(record.alpha - gaussian(1))
            Z = log.value * shrink
            z_error = log2_sum(log.error + log2_abs(shrink), log2_frobenius(Z) - log.bits)
            found = log.exponential(-to_ball(shrink))
            if found is None:
                found = _exponential(-Z, z_error, bits, ceiling)
        last, error = found
        lack = error - log2_frobenius(last) + bits
        if lack > 16:
            raise MoreBits("exp(−Z) is not accurate enough", lack, sure=lack < work)
        return Functions(log.K, Z, last, (z_error, error)), log

    return raise_until(attempt, bits, ceiling, "exp(−Z) needs")


def _exponential(a: Array, a_error: float, bits: int, ceiling: int) -> tuple[Array, float]:
    """exp(A) with log2 of its absolute error, for an absolute error of A."""
    found = expm(a, bits, ceiling)
    error = log2_frobenius(found.value) + log2_sum(found.error, found.growth + a_error)
    return found.value, error


def rounding_loss(
    problem: Problem, record: BranchRecord, found: Steps, bits: int, ceiling: int
) -> float:
    """log2 of the factor by which relative rounding of the weights can appear in a residual.

    The larger over i of max(1, g2, g1)·‖W3‖·‖exp(αi·Z)‖/‖Yi‖ with g2 = ‖W2‖·‖αi·A‖ and
    g1 = g2·‖W1‖·‖Xi‖, where α1 = 1, α2 = α: one factor for each layer a rounding error passes.
    ``bits``: the working precision of ``found``; Z rounded to fewer can have another exponential
    altogether."""
    w1, w2, w3 = (log2_frobenius(w) for w in found.weights)
    with precision(bits + 8 if found.log is None else found.log.bits):
        alpha = number(record.alpha)
        shrink = 1 / (alpha - 1)
        sizes = [
            _log2_exp(found, found.Z * factor, factor * shrink, ceiling) for factor in (1, alpha)
        ]
    inner = found.first.log2_A()
    worst = 0.0
    for size, X, Y, factor in (
        (sizes[0], problem.X1, problem.Y1, 0.0),
        (sizes[1], problem.X2, problem.Y2, log2_abs(alpha)),
    ):
        if Y.is_zero():  # then W3 = 0 and f(Xi) = Yi exactly
            continue
        with precision(64):
            x, y = log2_frobenius(from_exact(X)), log2_frobenius(from_exact(Y))
        outer = w3 + size - y
        g2 = w2 + inner + factor
        worst = max(worst, outer + max(0.0, g2, g2 + w1 + x))
    return worst


def _log2_exp(found: Steps, argument: Array, factor: Any, ceiling: int) -> float:
    """log2 ‖exp(argument)‖, argument = factor·L."""
    known = None if found.log is None else found.log.log2_exp(to_ball(factor))
    return log2_norm_of_exp(argument, ceiling) if known is None else known
