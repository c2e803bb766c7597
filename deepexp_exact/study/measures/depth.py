"""S4: what one, two and three layers reach on the same data.

One layer: the exact least squares residual (statement B1).  Three layers: the closed form,
certified.  Two layers W2·exp(W1·X): fitted in float64 from many starts, an observation only.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import Any

from flint import arb, ctx

from ...depth.one_layer import one_layer
from ...problems import Problem
from ...solution import Label
from ...solving import choose_record
from ..outcome import Outcome
from .common import log10_upper, problem_of, reference, residual
from .two_layers import two_layers

#: A fit below this relative residual counts as having found a solution.
FITTED = 1e-10


def depth(params: Mapping[str, Any]) -> Outcome:
    """log10 of ‖[f(X1) f(X2)] − [Y1 Y2]‖/‖[Y1 Y2]‖ for one and two layers; for three the larger
    relative residual of the two outputs."""
    problem = problem_of(params)
    record, _ = choose_record(problem)
    three = residual(problem, reference(problem, record, params["digits"]).weights)
    fits = sorted(two_layers(problem, params["starts"], _seed(params)))
    measured = {
        "size": problem.d,
        "log10_one_layer": _one_layer(problem),
        "log10_two_layers_best": math.log10(max(fits[0], 1e-300)),
        "log10_two_layers_median": math.log10(max(fits[len(fits) // 2], 1e-300)),
        "log10_two_layers_worst": math.log10(max(fits[-1], 1e-300)),
        "fitted": sum(x < FITTED for x in fits) / len(fits),
        "log10_three_layers": three,
    }
    return Outcome(Label.CERTIFIED, "", measured)


def _seed(params: Mapping[str, Any]) -> int:
    text = f"{params['family']}/{params['d']}/{params['seed']}"
    return int(hashlib.sha256(text.encode()).hexdigest()[:12], 16)


def _one_layer(problem: Problem) -> float:
    size = problem.Y1.frobenius_squared() + problem.Y2.frobenius_squared()
    with ctx.workprec(64):
        return log10_upper(arb(one_layer(problem).squared_residual / size).sqrt().upper())
