"""S2, S3, S5: the certified weights of one record: their size, digits lost, what float64 keeps."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ...exact import fmpq_to_float
from ...problems import Problem
from ...solution import Label
from ...spectrum import spectrum
from ..outcome import Outcome
from .common import digits_lost, float64_digits, norm10, problem_of, record_of, reference


def _weights(problem: Problem, params: Mapping[str, Any], branch: Any = None) -> Outcome:
    digits = params["digits"]
    record, predicted = record_of(problem, params, branch)
    exact = reference(problem, record, digits, params["construction"])
    W1, W2, W3 = exact.weights
    kept, finding = float64_digits(problem, record, exact)
    alpha = complex(record.alpha)
    # log1p where α is near 1, so that c keeps its digits.
    near = complex(fmpq_to_float(record.alpha.re - 1), fmpq_to_float(record.alpha.im))
    real = 0.5 * math.log1p(2 * near.real + abs(near) ** 2) if abs(near) < 0.5 else None
    measured = {
        "size": problem.d,
        "lost": digits_lost(problem, exact),
        "predicted": predicted,
        "carried": exact.carried - exact.solution.digits + digits,
        "log10_W1": norm10(W1),
        "log10_W2": norm10(W2),
        "log10_W3": norm10(W3),
        "log10_L": norm10(exact.solution.L),
        "float64_digits": kept,
        "float64_finding": finding,
        "chosen_alpha": str(record.alpha),
        "found_re_c": math.log(abs(alpha)) if real is None else real,
        "found_im_c": math.atan2(alpha.imag, alpha.real) + 2 * math.pi * record.turn,
        "ks": ",".join(map(str, record.ks)),
    }
    return Outcome(Label.CERTIFIED, "", measured, {"solve_seconds": exact.solution.seconds})


def choice(params: Mapping[str, Any]) -> Outcome:
    """Where a rule for α lands: c, digits lost there, digits predicted."""
    return _weights(problem_of(params), params)


def rule(params: Mapping[str, Any]) -> Outcome:
    """The weights that a branch rule gives."""
    return choice(params)


def distance(params: Mapping[str, Any]) -> Outcome:
    """The weights of a problem at a given distance from a failing hypothesis."""
    return choice(params)


def unwinding(params: Mapping[str, Any]) -> Outcome:
    """The weights with the integer k at the eigenvalue of K nearest the cut, 0 elsewhere."""
    problem = problem_of(params)
    found = spectrum(problem.quotient).eigenvalues
    angles = []
    for e in found:
        z = complex(e.enclosure.center)
        angles.append(math.pi if e.on_negative_axis else math.atan2(z.imag, z.real))
    # Of a pair at ±(π − δ) the one above the axis: rounding must not decide.
    nearest = max(range(len(found)), key=lambda j: (round(abs(angles[j]), 9), angles[j] > 0))
    ks = [params["k"] if j == nearest else 0 for j in range(len(found))]
    outcome = _weights(problem, params, ks)
    argument = {"argument": angles[nearest]}
    return Outcome(
        outcome.label, outcome.reason, dict(outcome.measured) | argument, outcome.timings
    )
