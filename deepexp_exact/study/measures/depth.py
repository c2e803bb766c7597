"""S4: one, two and three layers on the same data, and three equations by three layers.

Every column is refined to the same digits and measured by the same code; see :mod:`..depth`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ...depth.comparison import compare_depths
from ...depth.solving import digits_lost, through_points
from ...paths.ball.functions import enclosures as en
from ...solution import Label
from ..outcome import Outcome
from ..problems import build
from .common import log10_upper, problem_of

#: Added to the seed of a problem for the one that gives the third equation.
_THIRD = 1000


def depth(params: Mapping[str, Any]) -> Outcome:
    """For j = 1, 2, 3 layers: label, whether solvable (1, 0 or absent), log10 of the joint relative
    residual, of the largest ‖W‖ and of the condition of (X, Y) ↦ W, digits lost by rounding; and
    the starts made until two layers were found."""
    report = compare_depths(
        problem_of(params), digits=params["digits"], starts=params["starts"], seed=params["seed"]
    )
    measured: dict[str, Any] = {"size": report.problem.d}
    for row in report.rows:
        figures = {
            "label": str(row.label),
            "solvable": None if row.solvable is None else int(row.solvable),
            "log10_residual": row.log10_residual,
            "log10_norm": max(row.log10_norms, default=None),
            "log10_condition": None if row.condition is None else _log10(row.condition),
            "lost": row.lost,
            "starts": row.starts,
        }
        measured |= {f"{key} {row.layers}": x for key, x in figures.items() if x is not None}
    three = report.rows[2]
    return Outcome(three.label, "" if three.label.passes else three.words, measured)


def _log10(value: Any) -> float:
    """log10 of a float or an ``mpf`` beyond its range."""
    from mpmath import log10

    return math.log10(value) if isinstance(value, float) else float(log10(value))


def equations(params: Mapping[str, Any]) -> Outcome:
    """Three equations by three layers W3·exp(W2·exp(W1·X)): the third is the first one of the
    family's problem of seed + 1000.  UNDECIDED where none was found, which claims nothing."""
    first = problem_of(params)
    other = build(params["family"], params["d"], params["seed"] + _THIRD, 0)
    X, Y = (first.X1, first.X2, other.X1), (first.Y1, first.Y2, other.Y1)
    found = through_points(X, Y, params["digits"], params["starts"], params["seed"])
    if found is None:
        words = f"none found in {params['starts']} starts, which claims nothing"
        return Outcome(Label.UNDECIDED, words, {"size": first.d})
    measured = {
        "size": first.d,
        "log10_residual": max(map(log10_upper, found.residuals)),
        "log10_radius": max(map(log10_upper, found.radii)),
        "log10_norm": max(log10_upper(en.norm_upper(w)) for w in found.weights),
        "log10_condition": log10_upper(found.condition),
        "lost": digits_lost(found.weights, X, Y, params["digits"]),
        "starts": found.starts,
    }
    return Outcome(Label.CERTIFIED, "", measured)
