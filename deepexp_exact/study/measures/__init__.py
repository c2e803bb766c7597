"""What a study can measure: a registry of measures, each with its axes and its function.

A measure's function takes the parameters of a run and returns an :class:`Outcome`.  Sizes that may
leave float64's range are given as log10 ("log10_…"); "digits" are decimal digits.  Functions are
imported when they are called, so that a plan is read without loading a path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from ..outcome import Outcome

_PROBLEM = ("family", "d", "seed")
_DISTANT = (*_PROBLEM, "exponent")


@dataclass(frozen=True)
class Measure:
    """One kind of measurement; ``module`` holds the function named like the measure."""

    name: str
    words: str
    axes: tuple[str, ...]
    module: str
    seconds: Callable[[Mapping[str, Any]], float]
    #: Whether it is timed, and so runs when nothing else does.
    alone: bool = False

    def __call__(self, params: Mapping[str, Any]) -> Outcome:
        function = getattr(import_module(f".{self.module}", __name__), self.name)
        outcome: Outcome = function(params)
        return outcome

    def estimate(self, params: Mapping[str, Any]) -> float:
        """A rough number of seconds for one run."""
        return self.seconds(params)


def _solves(count: float) -> Callable[[Mapping[str, Any]], float]:
    """The time of so many solves: about 0.01 s·(1 + d²·(1 + digits/100)/10)."""

    def seconds(params: Mapping[str, Any]) -> float:
        d, digits = params.get("d") or 4, params.get("digits", 50)
        return float(count * 0.01 * (1 + d * d * (1 + digits / 100) / 10))

    return seconds


def _searches(params: Mapping[str, Any]) -> float:
    d = params.get("d") or 4
    return float(0.05 * d**2 * (1 + params["digits"] / 100))


def _repeats(params: Mapping[str, Any]) -> float:
    return float(params["repeat"] * _solves(1)(params))


_ALL = (
    Measure(
        "accuracy",
        "residual and forward error of one path, digits lost and predicted",
        (*_DISTANT, "digits", "alpha", "turn", "branch", "path", "construction"),
        "accuracy",
        _solves(4),
    ),
    Measure(
        "choice",
        "where a rule for α lands, and the digits lost there",
        (*_DISTANT, "digits", "alpha", "turn", "branch", "construction"),
        "weights",
        _solves(3),
    ),
    Measure(
        "scale",
        "digits lost at one point of the plane of c = log α",
        (*_PROBLEM, "digits", "re_c", "im_c", "branch", "construction"),
        "scale",
        _solves(1.5),
    ),
    Measure(
        "unwinding",
        "size of the weights and digits lost for one integer k",
        (*_DISTANT, "digits", "alpha", "k", "construction"),
        "weights",
        _solves(3),
    ),
    Measure(
        "rule",
        "size of the weights and digits lost for a branch rule",
        (*_DISTANT, "digits", "alpha", "branch", "construction"),
        "weights",
        _solves(3),
    ),
    Measure(
        "distance",
        "digits lost as a hypothesis comes close to failing",
        (*_DISTANT, "digits", "alpha", "construction"),
        "weights",
        _solves(3),
    ),
    Measure(
        "depth",
        "what one, two and three layers reach on the same data",
        (*_DISTANT, "digits", "starts"),
        "depth",
        _searches,
    ),
    Measure(
        "equations",
        "three equations by three layers",
        (*_PROBLEM, "digits", "starts"),
        "depth",
        _searches,
    ),
    Measure(
        "cost",
        "time of one path, measured alone",
        (*_PROBLEM, "digits", "alpha", "path", "construction", "repeat"),
        "cost",
        _repeats,
        alone=True,
    ),
    Measure(
        "peers",
        "errors and time of one path or script, measured alone",
        (*_DISTANT, "digits", "alpha", "method", "repeat"),
        "peers",
        _solves(20),
        alone=True,
    ),
    Measure(
        "derivation",
        "steps, branch record and warnings of one solution, for a report",
        (*_DISTANT, "digits", "alpha", "turn", "branch", "construction"),
        "derivation",
        _solves(30),
    ),
    Measure("proof", "a statement proved at one size", ("statement", "d"), "proofs", lambda p: 1.0),
    Measure("refutation", "a mutation refuted", ("mutation",), "proofs", lambda p: 1.0),
    Measure(
        "verification",
        "every path and comparison of `verify` on one problem",
        (*_PROBLEM, "digits", "alpha"),
        "proofs",
        _solves(60),
    ),
)

#: Every measure by name.
MEASURES = {measure.name: measure for measure in _ALL}
