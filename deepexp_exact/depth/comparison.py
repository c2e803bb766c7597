"""One, two and three layers on the same data, at the same digits, measured by the same code."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

from flint import arb, ctx

from ..certificate import dyadic_matrix
from ..constructions import CONSTRUCTIONS, THEOREM
from ..errors import (
    DeepexpError,
    HypothesisError,
    NoSolutionError,
    NotApplicableError,
    PrecisionCeilingError,
    UndecidedError,
)
from ..paths.ball.functions import enclosures as en
from ..problems import Problem, as_problem
from ..solution import Label
from ..solving import solve
from ..threads import one_blas_thread
from .certifying import Weights
from .obstruction import two_layers_obstacle
from .one_layer import one_layer
from .solving import Found, digits_lost, through_points
from .tracking import map_condition

_LOG10_2 = math.log10(2)


@dataclass(frozen=True)
class Depth:
    """What so many layers do with a problem.

    ``solvable`` is None where that is not known; ``log10_residual`` bounds
    ‖[f(X1) f(X2)] − [Y1 Y2]‖_F/‖[Y1 Y2]‖_F of the weights returned (of the best W, exactly, for one
    layer); ``log10_norms`` are those of the weights (Frobenius); ``condition`` is that of the map
    (X, Y) ↦ W, relative, estimated; ``lost`` the digits that rounding the weights costs, measured;
    ``starts`` how many starts were made, None where nothing was searched for."""

    layers: int
    label: Label
    solvable: bool | None
    words: str
    log10_residual: float | None = None
    log10_norms: tuple[float, ...] = ()
    condition: Any = None
    lost: float | None = None
    starts: int | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class DepthReport:
    """One, two and three layers; ``found`` holds the certified two-layer weights if there are."""

    problem: Problem
    digits: int
    starts: int
    seed: int
    rows: tuple[Depth, Depth, Depth]
    found: Found | None

    @property
    def status(self) -> int:
        """Exit status: 1 only if a claim failed."""
        return int(any(row.label is Label.FAILED for row in self.rows))


@one_blas_thread()
def compare_depths(
    problem: Any, *others: Any, digits: int = 50, starts: int = 20, seed: int = 0
) -> DepthReport:
    """One, two and three layers on the data of one problem (named as for ``solve``), to
    ``digits`` decimal digits, two layers from at most ``starts`` seeded starts."""
    given = as_problem(problem, *others)
    two, found = _two(given, digits, starts, seed)
    rows = (_one(given), two, _three(given, digits))
    return DepthReport(given, digits, starts, seed, rows, found)


def _one(problem: Problem) -> Depth:
    began = time.perf_counter()
    best = one_layer(problem)
    size = problem.Y1.frobenius_squared() + problem.Y2.frobenius_squared()
    with ctx.workprec(64):
        ratio = arb(best.squared_residual / size).sqrt().upper() if size else arb(0)
    words = f"rank [X1 X2] = {best.rank_inputs}, rank [X1 X2; Y1 Y2] = {best.rank_all} (B1)"
    return Depth(
        1, Label.PROVED, best.solvable, words, en.log2_of(ratio) * _LOG10_2,
        seconds=time.perf_counter() - began,
    )  # fmt: skip


def _two(problem: Problem, digits: int, starts: int, seed: int) -> tuple[Depth, Found | None]:
    began = time.perf_counter()
    statement, evidence = two_layers_obstacle(problem)
    if statement:
        words = f"impossible: {evidence} ({statement})"
        return Depth(2, Label.PROVED, False, words, seconds=time.perf_counter() - began), None
    X, Y = (problem.X1, problem.X2), (problem.Y1, problem.Y2)
    try:
        found = through_points(X, Y, digits, starts, seed)
    except NotApplicableError as error:
        return Depth(2, Label.NOT_APPLICABLE, None, error.message), None
    seconds = time.perf_counter() - began
    if found is None:
        words = f"none found in {starts} starts, which claims nothing"
        return Depth(2, Label.UNDECIDED, None, words, starts=starts, seconds=seconds), None
    words = "an exact solution lies within the proved radii"
    W1, W2 = map(_floats, found.weights)
    condition = map_condition(W1, W2, problem)
    residual = max(en.log2_of(r) for r in found.residuals) * _LOG10_2
    shape = _shape(problem, found.weights, digits)
    return Depth(
        2, Label.CERTIFIED, True, words, residual, shape[0], condition, shape[1], found.starts,
        seconds,
    ), found  # fmt: skip


def _three(problem: Problem, digits: int) -> Depth:
    began = time.perf_counter()
    try:
        named = None if CONSTRUCTIONS[THEOREM].obstacles(problem) else THEOREM
        solution = solve(problem, digits=digits, construction=named)
    except NoSolutionError as error:
        return Depth(3, Label.PROVED, False, error.message)
    except (UndecidedError, PrecisionCeilingError) as error:
        return Depth(3, Label.UNDECIDED, None, error.message)
    except (HypothesisError, NotApplicableError) as error:
        return Depth(3, Label.NOT_APPLICABLE, None, error.message)
    seconds = time.perf_counter() - began
    residual = max(_log10(r) for r in solution.residuals)
    weights = tuple(dyadic_matrix(w, digits).to_acb_mat() for w in solution.weights)
    norms, lost = _shape(problem, weights, digits)
    proved = solution.label in (Label.CERTIFIED, Label.PROVED)
    words = f"closed form, construction {solution.construction}"
    if not proved:
        words += "; " + "; ".join(solution.findings)
    return Depth(
        3, solution.label, True if proved else None, words, residual, norms,
        solution.conditions.get("map"), lost, None, seconds,
    )  # fmt: skip


def _log10(value: Any) -> float:
    """log10 of a residual of any path (``arb`` or ``mpf``), however small."""
    if isinstance(value, arb):
        return en.log2_of(value) * _LOG10_2
    from ..exact.binary import from_mpf

    mantissa, exponent = from_mpf(value)
    return math.log10(mantissa) + exponent * _LOG10_2 if mantissa else -math.inf


def _shape(
    problem: Problem, weights: Weights, digits: int
) -> tuple[tuple[float, ...], float | None]:
    """log10 of the norms, and the digits lost by rounding (None where it cannot be measured)."""
    norms = tuple(en.log2_of(en.norm_upper(w)) * _LOG10_2 for w in weights)
    X, Y = (problem.X1, problem.X2), (problem.Y1, problem.Y2)
    if any(y.is_zero() for y in Y):
        return norms, None
    try:
        return norms, digits_lost(weights, X, Y, digits)
    except DeepexpError:
        return norms, None


def _floats(matrix: Any) -> Any:
    import numpy as np

    return np.array([[complex(z) for z in row] for row in matrix.tolist()])
