"""Solve a problem: pick construction, α, branch and path, and hand back what the path proves."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from itertools import chain, islice
from typing import Any

from .branches import BranchRecord, FirstLayer, LogarithmRecord, check_record, make_logarithm
from .branches.logarithm import MAX_TURN, REAL
from .branches.rules import Branch
from .constructions import (
    CONSTRUCTIONS,
    THEOREM,
    Construction,
    Parameters,
    complete,
    fitting,
    require_solvable,
)
from .constructions.base import LayerChoice
from .constructions.reals import require_equal_signs, require_real, undecided
from .errors import (
    BranchError,
    HypothesisError,
    NotApplicableError,
    PrecisionCeilingError,
    UndecidedError,
)
from .exact import GaussianRational, Quotient, one_of, to_gaussian, whole
from .measuring import judged, valued
from .problems import Problem, as_problem
from .solution import Solution
from .spectrum.real_logarithm import real_structure
from .threads import one_blas_thread

#: Fewest and most digits that may be asked for.
MIN_DIGITS, MAX_DIGITS = 1, 100_000
PATHS = ("multiprecision", "mpmath", "ball", "symbolic", "double")


def choose_record(
    problem: Problem,
    alpha: Any = "auto",
    turn: int = 0,
    branch: Branch = "principal",
    construction: str | None = None,
) -> tuple[BranchRecord, float | None]:
    """The branch record for a choice of α (``"auto"``, ``"positive"`` or a number), turn and
    branch, and the predicted digits lost where α was chosen here.

    A record given as ``branch`` keeps its own first layer, and with ``alpha`` a number other than
    its own raises :class:`BranchError`."""
    chosen = fitting(problem, _implied(alpha, branch) if construction is None else construction)
    return next(records(problem, chosen, alpha, turn, branch))


def records(
    problem: Problem,
    construction: Construction,
    alpha: Any,
    turn: int,
    branch: Branch,
    real: bool = False,
) -> Iterator[tuple[BranchRecord, float | None]]:
    """Records of a construction in the order in which they are to be tried, with their predicted
    losses; ``real``: for the completion of real outputs with det K > 0."""
    turn = whole(turn, "turn", -MAX_TURN, MAX_TURN, BranchError)
    if isinstance(branch, BranchRecord):
        yield _taken_over(problem, alpha, branch), None
        return
    completion = complete(problem, real or (construction.paired and construction.real))
    if not construction.layered:
        choices: Iterable[Any] = (LayerChoice(None, None, None),)
        if construction.search is not None:
            choices = construction.search(problem, None, None, turn)
        for one in choices:
            layer = FirstLayer(construction.name, None, 0, one.parameters)
            made = one.completion or completion
            yield BranchRecord(layer, made, LogarithmRecord("none", ())), one.loss
        return
    K = completion.quotient(problem)
    logarithm = make_logarithm(K, branch)
    for value, parameters, loss in _layers(problem, construction, alpha, turn, K, logarithm):
        layer = FirstLayer(construction.name, value, turn, parameters)
        yield BranchRecord(layer, completion, logarithm), loss


def _taken_over(problem: Problem, alpha: Any, record: BranchRecord) -> BranchRecord:
    """A given record, checked against the problem."""
    own = record.first_layer.alpha
    if not isinstance(alpha, str) and to_gaussian(alpha) != own:
        raise BranchError(
            f"the record has α = {own}, but α = {to_gaussian(alpha)} was asked for",
            "leave α out, or make a new record",
        )
    check_record(record, problem)
    return record


def _layers(
    problem: Problem,
    construction: Construction,
    alpha: Any,
    turn: int,
    K: Quotient,
    logarithm: LogarithmRecord,
) -> Iterator[tuple[GaussianRational, Parameters | None, float | None]]:
    """α, parameters and predicted loss, from the construction's own search where it has one."""
    from .alpha import Predictor, UnpredictedError, choose_alpha

    given = None if isinstance(alpha, str) and alpha in ("auto", "positive") else to_gaussian(alpha)
    if construction.search is None:
        if given is not None:
            yield given, None, None
        else:
            try:
                chosen = choose_alpha(problem, alpha, ks=logarithm.ks, turn=turn, K=K)
                yield chosen.alpha, None, chosen.predicted_loss
            except UnpredictedError:
                yield from ((value, None, None) for value in _UNPREDICTED[alpha])
        return
    predictor = Predictor(problem, logarithm.ks, turn, K)
    L = predictor.second[1].to_float64()
    alphas = (given,) if given is not None else None if alpha == "auto" else _POSITIVE
    if alphas is None and problem.d == 1:  # then every construction is the theorem's
        alphas = (choose_alpha(problem, ks=logarithm.ks, turn=turn, K=K).alpha,)
    for one in construction.search(problem, L, alphas, turn):
        if one.alpha is not None:
            # the search sees L in float64 alone
            loss = predictor.outer_loss(one.alpha) if one.loss is not None else None
            yield one.alpha, one.parameters, None if loss is None else max(one.loss or 0.0, loss)


@one_blas_thread()
def solve(
    problem: Any,
    *others: Any,
    digits: int = 50,
    path: str | None = None,
    alpha: Any = "auto",
    turn: int = 0,
    branch: Branch = "principal",
    construction: str | None = None,
    real: bool = False,
) -> Solution:
    """W1, W2, W3 with f(X1) = Y1 and f(X2) = Y2 to the decimal digits asked.

    Every weight's relative Frobenius error against the exact weight of the recorded branch, and
    ‖f(Xi) − Yi‖/‖Yi‖ of the returned weights, are at most 10^−digits.  Without ``path`` the label
    is the best there is, CERTIFIED (both proved by the ball path) or, where that is beyond its
    ceiling, AGREES with the reason among the findings.  With ``path``
    that one is used alone: ``"multiprecision"`` measures residuals and
    estimates errors, ``"mpmath"`` measures both, ``"ball"`` proves both, ``"symbolic"`` is exact,
    ``"double"`` reports the digits it kept and is FAILED if none is left.  ``alpha`` is
    ``"auto"``, ``"positive"`` (the paper's case, ``shift`` alone) or any exact number; c = Log α +
    2πi·turn.  ``construction`` is chosen by the program unless it is named or the branch is a
    record.  ``real`` asks for real weights: the data must be real, α positive, and the logarithm is
    the real one (Culver) where it exists.
    ``problem`` is a :class:`Problem`, a shipped name, a path, or the four matrices:
    ``solve(X1, X2, Y1, Y2)``.  Raises :class:`NoSolutionError` with the proof that there is none
    (or no real one),
    :class:`UndecidedError` for a singular pencil, :class:`UsageError`, :class:`HypothesisError`,
    :class:`BranchError`, :class:`NotApplicableError` or :class:`PrecisionCeilingError`."""
    given = as_problem(problem, *others)
    digits = whole(digits, "digits", MIN_DIGITS, MAX_DIGITS)
    path = None if path is None else one_of(path, "path", PATHS)
    started = time.perf_counter()
    if real:
        if path == "symbolic":
            raise NotApplicableError(
                "the closed forms of the path symbolic are not written in real numbers",
                "leave the path to the program",
            )
        asked = real_records(given, alpha, turn, branch, construction)
        solution = _first_that_works(given, asked, digits, path, "R5")
        return replace(solution, real=True, seconds=time.perf_counter() - started)
    free = isinstance(alpha, str) and alpha == "auto" and not isinstance(branch, BranchRecord)
    chosen = fitting(given, _implied(alpha, branch) if construction is None else construction)
    tried = records(given, chosen, alpha, turn, branch)
    findings: tuple[str, ...] = ()
    if construction is None and free:
        tried, findings = _instead(given, chosen, tried, turn, branch, path)
        if path is None:
            tried = chain(islice(tried, _MOST_RECORDS), _others(given, chosen, turn, branch))
    solution = _first_that_works(given, tried, digits, path)
    return replace(
        solution,
        findings=(*findings, *solution.findings),
        seconds=time.perf_counter() - started,
    )


def real_records(
    problem: Problem, alpha: Any, turn: int, branch: Branch, construction: str | None = None
) -> Iterator[tuple[BranchRecord, float | None]]:
    """The records of real weights, in the order in which they are to be tried.

    Raises :class:`HypothesisError` for data that are not real, :class:`BranchError` for a branch
    that does not give real weights, :class:`NoSolutionError` where there are none (N1, N2, R6) and
    :class:`UndecidedError` where nothing here decides."""
    require_real(problem)
    require_solvable(problem)
    require_equal_signs(problem)
    if isinstance(branch, BranchRecord):
        if not branch.real:
            raise BranchError(
                "the record is not one of real weights", "leave the branch to the program"
            )
        return records(problem, CONSTRUCTIONS[branch.construction], alpha, turn, branch)
    if isinstance(alpha, str) and alpha == "auto":
        alpha = "positive"
    number = None if isinstance(alpha, str) and alpha == "positive" else to_gaussian(alpha)
    positive = number is None or (number.is_real() and number.re > 0)
    if turn != 0 or not positive or not (isinstance(branch, str) and branch in _REAL_RULES):
        raise BranchError(
            "real weights have α > 0, winding number 0 and the real logarithm",
            "leave --alpha, --turn and --branch out",
        )
    names = [one_of(construction, "construction", CONSTRUCTIONS)] if construction else CONSTRUCTIONS
    found, reasons = [], []
    for candidate in map(CONSTRUCTIONS.__getitem__, names):
        if not candidate.real:
            continue
        obstacles = candidate.obstacles(problem)
        if candidate.layered and not obstacles:
            obstacles = _without_real_logarithm(problem)
        found += [] if obstacles else [candidate]
        reasons += [f"{candidate.name}: {text}" for text in obstacles]
    if not found and construction:
        words = "; ".join(reasons) or f"{construction} gives no real weights"
        raise HypothesisError(words, "leave the construction to the program")
    if not found:
        raise undecided(problem, "; ".join(reasons))
    return chain.from_iterable(
        islice(records(problem, one, alpha, 0, REAL, real=True), _MOST_RECORDS) for one in found
    )


#: What may be asked for as the branch of real weights.
_REAL_RULES = ("principal", REAL)


def _without_real_logarithm(problem: Problem) -> list[str]:
    try:
        real_structure(complete(problem, real=True).quotient(problem).matrix)
    except HypothesisError as error:
        return [error.message]
    return []


def _implied(alpha: Any, branch: Branch) -> str | None:
    """The construction that a record names, or the paper's setting."""
    if isinstance(branch, BranchRecord):
        return branch.construction
    return THEOREM if isinstance(alpha, str) and alpha == "positive" else None


#: Predicted loss, in digits, beyond which other constructions are looked at, and what one of them
#: has to gain to be taken instead of the first that fits.
_MUCH, _GAIN = 5.0, 3.0
#: Predicted loss that is told where a precision ceiling is met.
_LARGE = 1000.0
#: Records of one construction that are tried, and failures before a problem is given up.
_MOST_RECORDS, _MOST_FAILURES = 12, 24
#: α's of the paper's setting where a construction searches for itself.
_POSITIVE = tuple(map(to_gaussian, ("3", "1/3", "2", "1/2", "3/2", "2/3")))
#: α's in turn where no loss can be predicted: multiple eigenvalues of K of very different sizes.
_UNPREDICTED = {"auto": (to_gaussian("i"), to_gaussian("-1"), *_POSITIVE), "positive": _POSITIVE}


def _instead(
    problem: Problem,
    chosen: Construction,
    tried: Iterator[tuple[BranchRecord, float | None]],
    turn: int,
    branch: Branch,
    path: str | None,
) -> tuple[Iterator[tuple[BranchRecord, float | None]], tuple[str, ...]]:
    """The records of a construction that loses much less than the one chosen and that the path
    carries out, with both losses in words; otherwise the chosen one's."""
    first = next(tried)
    loss = first[1]
    if loss is None or chosen.search is not None or loss <= _MUCH:
        return chain((first,), tried), ()
    for other in CONSTRUCTIONS.values():
        if other is chosen or other.search is None or other.paired or other.obstacles(problem):
            continue
        if path is not None and not carries_out(path, other.name):
            continue
        offered = records(problem, other, "auto", turn, branch)
        best = next(offered, None)
        if best is None or best[1] is None:
            continue
        told, instead = (f"{x:.1f} digits" if x < math.inf else "beyond measure"
                         for x in (loss, best[1]))  # fmt: skip
        words = f"predicted loss {told} by {chosen.name}, {instead} by {other.name}"
        if loss == math.inf or loss - best[1] > _GAIN:
            return chain((best,), offered), (f"{words}: {other.name} is taken",)
        return chain((first,), tried), (f"{words}: {chosen.name} is taken",)
    return chain((first,), tried), ()


def _others(
    problem: Problem, chosen: Construction, turn: int, branch: Branch
) -> Iterator[tuple[BranchRecord, float | None]]:
    """The records of the other constructions that apply, for where the chosen one's are beyond
    every ceiling; none of a pair A, B, whose search is long and begins in float64."""
    for other in CONSTRUCTIONS.values():
        if other is not chosen and not other.paired and not other.obstacles(problem):
            yield from islice(records(problem, other, "auto", turn, branch), _MOST_RECORDS)


def _first_that_works(
    problem: Problem,
    tried: Iterator[tuple[BranchRecord, float | None]],
    digits: int,
    path: str | None,
    exists: str = "Q8",
) -> Solution:
    """The solution of the first record that a path carries out within its ceiling; ``exists``: the
    statement by which there is one."""
    failed: list[PrecisionCeilingError] = []
    for record, loss in tried:
        try:
            if path is None:
                solution = _best(problem, record, digits)
            else:
                solution = path_solver(path, record.construction)(problem, record, digits)
                if path == "double":
                    solution = judged(solution, path_solver("multiprecision", record.construction))
                solution = solution.with_one_type()
                if path == "symbolic":
                    solution = valued(solution)
        except PrecisionCeilingError as error:
            failed.append(_with_loss(error, loss))
            if len(failed) < _MOST_FAILURES:
                continue
            break
        if loss is not None and math.isfinite(loss) and solution.predicted_loss is None:
            solution = replace(solution, predicted_loss=loss)
        return solution
    if failed:
        raise failed[0]
    raise UndecidedError(
        f"undecided: a solution exists ({exists}), but the search found no first layer for it",
        "choose another branch, or leave α to the program",
        problem.d,
    )


def _with_loss(error: PrecisionCeilingError, loss: float | None) -> PrecisionCeilingError:
    """The error with the loss that was predicted, where that is the reason."""
    if loss is None or loss < _LARGE:
        return error
    lost = f"about {loss:.2g} digits" if math.isfinite(loss) else "beyond float64's range"
    told = f"{error.message}; the loss predicted for the best α found is {lost}"
    return PrecisionCeilingError(told, "leave α to the program, or try another branch")


def _best(problem: Problem, record: BranchRecord, digits: int) -> Solution:
    """CERTIFIED weights, or AGREES with the reason why not; in mpmath matrices either way."""
    construction = record.construction
    try:
        ball: Any = path_solver("ball", construction)(problem, record, digits)
    except PrecisionCeilingError as error:
        try:
            found = path_solver("multiprecision", construction)(problem, record, digits)
        except (NotApplicableError, HypothesisError, PrecisionCeilingError):
            raise error from None
        return replace(found, findings=(*found.findings, f"not CERTIFIED: {error.message}"))
    certified: Solution = ball.as_mpmath()
    carried = certified.digits_carried - digits
    return replace(certified, condition_source=lambda: _conditions(problem, record, carried))


def _conditions(problem: Problem, record: BranchRecord, guard: int) -> dict[str, Any]:
    """The condition numbers of a record's weights, which carry ``guard`` digits beyond those asked,
    for the theorem's construction from a multiprecision solve to a few digits; unknown where that
    needs more than a few thousand digits or leaves float64's range."""
    from .paths.multiprecision.network.conditions import UNKNOWN, estimated

    unknown = dict.fromkeys(UNKNOWN if record.first_layer.scaled else ())
    ceiling = min(4000, 6000 // problem.d)
    if guard > ceiling:
        return unknown
    if record.first_layer.scaled and record.construction != THEOREM:
        return estimated(problem, record, 20_000)
    try:
        solver = path_solver("multiprecision", record.construction)
        return dict(solver(problem, record, 8, ceiling=ceiling).conditions)
    except (PrecisionCeilingError, NotApplicableError, ArithmeticError, ValueError):
        return unknown


def _solver_of(path: str, construction: str) -> Callable[..., Solution] | None:
    module = CONSTRUCTIONS[construction].module
    name = f"deepexp_exact.paths.{path}.{module}"
    found = import_module(name) if find_spec(name) is not None else None
    solver: Callable[..., Solution] | None = getattr(found, f"solve_{module}", None)
    return solver


def carries_out(path: str, construction: str) -> bool:
    """Whether a path carries out a construction."""
    return _solver_of(path, construction) is not None


def path_solver(path: str, construction: str) -> Callable[..., Solution]:
    """The function of a path that carries out a construction.

    Raises :class:`NotApplicableError` where the path has none."""
    solver = _solver_of(path, construction)
    if solver is None:
        raise NotApplicableError(
            f"the path {path} does not carry out the construction {construction}",
            "leave the path to the program",
        )
    return solver
