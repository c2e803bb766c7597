"""The weights of a record by multiprecision arithmetic: digits asked are digits given."""

from __future__ import annotations

import math
import time
from typing import Any

from ....alpha import Predictor
from ....branches import BranchRecord
from ....constructions import THEOREM
from ....errors import BranchError
from ....precision import MoreBits, more_bits, raise_until
from ....problems import Problem
from ....solution import Solution
from ..functions.arrays import (
    LOG2_10,
    ZERO,
    ExponentRangeError,
    log2_sum,
    rounded,
    to_mpmath,
)
from .answer import Stopwatch, answer
from .conditions import estimated
from .residuals import Residual, largest_eigenvalue, residuals
from .second_layer import Steps, construct, rounding_loss

#: Largest working precision, in decimal digits, unless the caller states another.
CEILING_DIGITS = 100_000
#: Seconds that one attempt may take as :func:`seconds_for` tells, or so many times what the digits
#: alone would, whichever is longer.
MOST_SECONDS, MOST_TIMES = 17.0, 30.0
#: Seconds of an attempt with one row at one bit, and the exponents of rows and of bits.
_UNIT, _ROWS, _BITS = 3.6e-9, 2.85, 1.65


def seconds_for(d: int, bits: float) -> float:
    """About how long an attempt takes at so many bits, its residuals measured: within a factor of 2
    of what was measured for d = 1 to 32 and 1000 to 88 000 bits."""
    return float(_UNIT * d**_ROWS * bits**_BITS)


def affordable_bits(d: int, bits: float, most: int, slower: float = 1.0) -> int:
    """The working precision, at most ``most`` bits, up to which an attempt is made where ``bits``
    bits are asked for, if it is so much slower than :func:`seconds_for` tells."""
    limit = max(MOST_SECONDS / slower, MOST_TIMES * seconds_for(d, bits))
    return min(most, int((limit / seconds_for(d, 1.0)) ** (1 / _BITS)))


def solve_general(
    problem: Problem,
    record: BranchRecord,
    digits: int,
    *,
    ceiling: int = CEILING_DIGITS,
    quick: bool = False,
) -> Solution:
    """W1, W2, W3 with f(X1) = Y1 and f(X2) = Y2 for the recorded branch, to ``digits`` digits.

    Both residuals of the weights returned are measured and at most 10^−digits; so is the relative
    error of each W (Frobenius norm, against the exact W of the record) as estimated to first order.
    The weights carry ``digits_carried`` decimal digits.  Matrices are d×d mpmath matrices.  For
    every problem and construction, by approximate diagonalisation of K and exponentials in balls;
    ``quick``: by eigenvectors of K where they serve.  Raises
    :class:`PrecisionCeilingError` if more than ``ceiling`` decimal digits of working precision
    are needed, or an attempt would take too long (:func:`affordable_bits`),
    :class:`HypothesisError` where the construction does not apply."""
    general = _General(problem, record, digits, ceiling, quick)
    words = f"{digits} digits on the multiprecision path need"
    remedy = "ask for fewer digits, or try another α or branch, or the path ball"
    return raise_until(general.attempt, general.expected + 32, general.limit, words, remedy)


class _General:
    """One problem; ``carried``, the bits of the rounded weights, grows with what is measured."""

    def __init__(
        self, problem: Problem, record: BranchRecord, digits: int, ceiling: int, quick: bool
    ) -> None:
        self.problem, self.record, self.digits, self.quick = problem, record, digits, quick
        self.started, self.recomputations = time.perf_counter(), -1
        self.measuring = Stopwatch()
        self.target = -digits * LOG2_10 - 2.0**-20
        self.carried, self.largest = math.ceil(-self.target) + 5, largest_eigenvalue(record)
        most = math.ceil(ceiling * LOG2_10)
        predictor = Predictor(problem, record.ks, record.turn, record.quotient(problem))
        self.limit = affordable_bits(problem.d, 256 - self.target, most)
        loss = _probable_loss(predictor, record, self.limit - self.carried - 32)
        self.expected = self.carried + loss
        self.patience = 4096 + 4 * (self.expected + 32)

    def attempt(self, work: int) -> Solution:
        """The solution from ``work`` bits, or :class:`MoreBits`."""
        self.recomputations += 1
        try:
            found = construct(self.problem, self.record, work, 2 * self.limit, self.quick)
            _require_numbers(*found.errors)
            excess = max(found.errors) + self.carried + 2
            if excess <= 0:  # exp(Z) of a wrong Z says nothing about rounding
                loss = rounding_loss(self.problem, self.record, found, work, 2 * self.limit)
                _require_numbers(loss)
                needed = math.ceil(min(loss, float(2 * self.limit)) - self.target) + 5
                self.carried = max(self.carried, needed)
                excess = max(found.errors) + self.carried + 2
        except ExponentRangeError as error:
            # More bits help if it is the errors that an exponential blows up.
            if work > self.patience:
                raise
            raise MoreBits(str(error), work) from None
        if excess > 0:
            excess += max(0, self.expected - self.carried) + 20
            raise MoreBits("a weight is not accurate enough", min(excess, self.limit), sure=True)
        return self._rounded(found, work)

    def _rounded(self, found: Steps, work: int) -> Solution:
        """The weights in as many bits as their measured residuals need."""
        while True:
            weights: Any = tuple(to_mpmath(rounded(w, self.carried)) for w in found.weights)
            start = self.carried + 48
            with self.measuring:
                both = residuals(
                    self.problem, weights, self.target, start, 2 * self.limit, self.largest
                )
            excess = max(one.lower for one in both) - self.target
            if excess <= 0:
                return self._solution(found, work, weights, both)
            # Far from the solution f grows exponentially: no count of the bits that are missing.
            self.carried = more_bits(self.carried, excess)
            if self.carried + max(found.errors) + 2 > 0:
                lack = self.carried + max(found.errors) + 2
                raise MoreBits("the rounded weights miss the digits asked", lack, sure=True)

    def _solution(
        self, found: Steps, work: int, weights: Any, both: tuple[Residual, Residual]
    ) -> Solution:
        carried, limit = self.carried, 2 * self.limit
        errors = [ZERO if e == ZERO else log2_sum(e, -float(carried)) for e in found.errors]

        def step(name: str) -> Any:
            if name == "A":
                return to_mpmath(found.first.A(carried))
            return to_mpmath({"K": found.K, "L": found.L, "Z": found.Z}[name])

        return answer(
            self.problem,
            self.record,
            self.digits,
            weights,
            (carried, work),
            errors,
            [one.upper for one in both],
            step,
            seconds=time.perf_counter() - self.started,
            measuring_seconds=self.measuring.seconds,
            condition_source=lambda: estimated(self.problem, self.record, limit, found),
            recomputations=self.recomputations,
        )


def _require_numbers(*bounds: float) -> None:
    """Raise :class:`ExponentRangeError` unless every log2 of a bound is a number or −∞ (zero):
    comparisons with NaN are False, and ``max`` may drop it."""
    if not all(math.isfinite(b) or b == ZERO for b in bounds):
        raise ExponentRangeError("an error bound is not finite", "rescale the problem")


def _probable_loss(predictor: Predictor, record: BranchRecord, most: int) -> int:
    """Bits that rounding the weights will probably cost: where the search for the working
    precision starts.  What is measured decides; 0 where nothing can be predicted."""
    d = predictor.problem.d
    if record.construction != THEOREM:  # measured: a few digits, beside the factor below
        return math.ceil((4 + 2.9 * math.log10(d)) * LOG2_10)
    try:
        digits = predictor.loss(record.alpha)
    except BranchError:
        return 0
    # The predictor is an upper bound less 1.6 + 2.9·log10 d digits.
    bits = (digits + 1.6 + 2.9 * math.log10(d)) * LOG2_10
    return math.ceil(bits) if bits < most else 0
