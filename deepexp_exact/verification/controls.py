"""Negative controls: wrong inputs that the same machinery must refute."""

from __future__ import annotations

from dataclasses import replace

from ..constructions.reals import signs
from ..errors import DeepexpError, HypothesisError, NoSolutionError
from ..exact import ExactMatrix, hstack
from ..problems import Problem
from ..solution import Label, Solution
from ..solving import solve
from .crosschecks import power_text
from .steps import BRANCH_TOLERANCE, StepValues, context, frobenius, into, to_mp
from .verdicts import Check


def controls(problem: Problem, solution: Solution) -> list[Check]:
    """A corrupted weight, a wrong branch, and X1 = X2 with Y1 ≠ Y2; each has to be REFUTED."""
    return [
        corrupted_weight(problem, solution),
        wrong_branch(problem, solution),
        equal_inputs(problem, solution.digits),
    ]


def _verdict(
    problem: Problem, subject: str, refuted: bool, words: str, figure: str, tolerance: str
) -> Check:
    label = Label.REFUTED if refuted else Label.FAILED
    return Check(problem.name, subject, label, words, figure, tolerance, expected=Label.REFUTED)


def corrupted_weight(problem: Problem, solution: Solution) -> Check:
    """One entry of W3 changed in a digit well above the ones promised."""
    evaluation = StepValues(problem, solution)
    mp, digits = evaluation.mp, solution.digits
    W3 = into(mp, solution.W3)
    largest = max(range(problem.d), key=lambda c: abs(W3[0, c]))
    W3[0, largest] *= 1 + mp.mpf(10) ** -max(digits // 2, 1)
    evaluation.W3 = W3
    worst = max(evaluation.residuals())
    refuted = worst > mp.mpf(10) ** -digits
    return _verdict(
        problem,
        "control: corrupted weight",
        refuted,
        f"W3 changed in its digit {max(digits // 2, 1)}",
        power_text(worst),
        f"1e-{digits}",
    )


def wrong_branch(problem: Problem, solution: Solution) -> Check:
    """Weights of another branch (they solve the equations too) held against this record."""
    entries = solution.record.entries
    ks = [entry.k + (1 if j == 0 else 0) for j, entry in enumerate(entries)]
    try:
        other = solve(
            problem,
            digits=solution.digits,
            path="multiprecision",
            alpha=solution.record.alpha,
            turn=solution.record.turn,
            branch=ks,
        )
    except DeepexpError as error:
        return Check(
            problem.name,
            "control: wrong branch",
            Label.UNDECIDED,
            str(error),
            expected=Label.REFUTED,
        )
    swapped = replace(other, record=solution.record)
    distance = StepValues(problem, swapped).branch_distance()
    return _verdict(
        problem,
        "control: wrong branch",
        distance > BRANCH_TOLERANCE,
        "weights with k + 1 at the first eigenvalue, held against the record",
        power_text(distance),
        str(BRANCH_TOLERANCE),
    )


def equal_inputs(problem: Problem, digits: int) -> Check:
    """N2: X1 = X2 with Y1 ≠ Y2 has no solution, so solving must be refused by hypothesis."""
    Y2 = problem.Y2
    if Y2 == problem.Y1:
        Y2 = Y2 + ExactMatrix.identity(problem.d)
    impossible = Problem(problem.X1, problem.X1, problem.Y1, Y2, name=problem.name)
    try:
        solve(impossible, digits=digits)
    except HypothesisError as error:
        return _verdict(problem, "control: X1 = X2, Y1 ≠ Y2", True, str(error), "", "")
    return _verdict(problem, "control: X1 = X2, Y1 ≠ Y2", False, "solve returned weights", "", "")


def no_solution(problem: Problem, error: NoSolutionError, digits: int) -> list[Check]:
    """The proof that there is no solution, from the exact data again, and a forged solution."""
    Y1, Y2 = problem.Y1, problem.Y2
    ranks = Y1.rank(), Y2.rank(), hstack(Y1, Y2).rank()
    evidence: tuple[int, ...] = ranks
    if error.statement == "R6":
        evidence = signs(problem)
        proved = problem.is_real() and evidence[0] * evidence[1] < 0
    else:
        proved = len(set(ranks)) > 1 if error.statement == "N1" else problem.X1 == problem.X2
    label = Label.PROVED if proved and Y1 != Y2 else Label.FAILED
    proof = Check(problem.name, error.statement, label, str(error), str(evidence))
    mp = context(digits + 20)
    zero, W3 = mp.zeros(problem.d), to_mp(mp, Y1)  # solves the first equation exactly
    size = max(frobenius(mp, to_mp(mp, Y)) for Y in (Y1, Y2))
    worst = frobenius(mp, W3 * mp.expm(zero * mp.expm(zero)) - to_mp(mp, Y2)) / size
    refuted = worst > mp.mpf(10) ** -digits
    words = "W1 = W2 = 0, W3 = Y1 offered as a solution"
    limit = f"1e-{digits}"
    subject = "control: forged solution"
    return [proof, _verdict(problem, subject, refuted, words, power_text(worst), limit)]
