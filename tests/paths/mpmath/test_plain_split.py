"""The plain path beyond the theorem's hypotheses, against the ball enclosures of one record."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import mpmath
import pytest
from flint import fmpq
from helpers import mp_matrix

from deepexp_exact.branches import BranchRecord
from deepexp_exact.errors import BranchError, NoSolutionError, UndecidedError
from deepexp_exact.exact import ExactMatrix, gaussian
from deepexp_exact.paths.mpmath.split import prescribed_pivots, projector
from deepexp_exact.problems import Problem
from deepexp_exact.problems.families import BEYOND
from deepexp_exact.problems.pieces import integer_matrix, of_rank
from deepexp_exact.solving import choose_record, path_solver

DIGITS = 25
NONE = ("other-columns", "equal-inputs")
SOLVED = [(n, d) for n, family in BEYOND.items() if n not in NONE for d in family.sizes]


def both(problem: Problem) -> tuple[Any, Any]:
    """One record, carried out in plain mpmath and in balls."""
    record, _ = choose_record(problem)
    plain, ball = (path_solver(p, record.construction) for p in ("mpmath", "ball"))
    return plain(problem, record, DIGITS), ball(problem, record, DIGITS + 20).as_mpmath()


def assert_same(plain: Any, ball: Any) -> None:
    """Every weight within the digits asked of the enclosure's, and the residuals as told."""
    with mpmath.workdps(4 * plain.digits_carried + 60):
        limit = mpmath.mpf(10) ** -DIGITS
        for mine, other in zip(plain.weights, ball.weights, strict=True):
            assert mpmath.mnorm(mine - other, "f") <= limit * mpmath.mnorm(other, "f")
        W1, W2, W3 = plain.weights
        given = plain.problem
        for X, Y in ((given.X1, given.Y1), (given.X2, given.Y2)):
            left = W3 * mpmath.expm(W2 * mpmath.expm(W1 * mp_matrix(X))) - mp_matrix(Y)
            assert mpmath.mnorm(left, "f") <= limit * (mpmath.mnorm(mp_matrix(Y), "f") or 1)


@pytest.mark.parametrize(("name", "d"), SOLVED)
def test_families_beyond_the_theorem_are_inside_the_enclosures(name, d):
    assert_same(*both(BEYOND[name].build(d, 5)))


@pytest.mark.parametrize("d", [1, 2, 3, 4])
def test_every_rank_of_every_matrix_is_decided_alike(d):
    """Ranks of X1, D and the outputs drawn at random; both paths or neither."""
    rng, seen = random.Random(d), 0
    while seen < (2 if d < 4 else 1):  # one of rank one takes 4 s at d = 4
        X1, D, Y = (of_rank(d, rng.randint(0, d), rng) for _ in range(3))
        problem = Problem(X1, X1 + D, Y, Y @ integer_matrix(d, rng))
        try:
            choose_record(problem)
        except (NoSolutionError, UndecidedError):
            continue
        assert_same(*both(problem))
        seen += 1


def test_an_eigenvalue_minus_one_of_F_in_the_block():
    """F ~ diag(0, −1, 2, −2): F + Π would be singular, F(I−Π) + Π is not."""
    P, Q = integer_matrix(4, random.Random(3)), integer_matrix(4, random.Random(4))
    X2 = P @ ExactMatrix.diagonal([1, 0, 3, -1]) @ Q
    Y = integer_matrix(4, random.Random(5))
    assert_same(*both(Problem(P @ Q, X2, Y, Y.scale(gaussian(2)) + Y @ Y @ Y)))


# --------------------------------------------------------------------------- the pieces


def mp_diagonal(mp: Any, P: Any, values: list[Any]) -> Any:
    return P * mp.diag(values) * mp.inverse(P)


@pytest.mark.parametrize("ratio", ["1.5", "1.0001", "1e9"])
def test_the_projector_whatever_the_gap_and_the_sizes(ratio):
    problem = BEYOND["D-rank-half"].build(4, 5)
    parameters: Any = choose_record(problem)[0].first_layer.parameters
    with mpmath.workdps(60):
        mp, r = mpmath.mp, mpmath.mpf(ratio)
        P = mp_matrix(integer_matrix(4, random.Random(1)))
        F = mp_diagonal(mp, P, [0, 1j, -r, r * r * 1j])
        given = replace(parameters, q=2, rho=(1 + fmpq(15, 10)) / 2)
        if ratio == "1.0001":
            given = replace(given, rho=fmpq(100005, 100000))
        wanted = mp_diagonal(mp, P, [1, 1, 0, 0])
        assert mp.mnorm(projector(mp, F, given) - wanted, "f") < mp.mpf(10) ** -40


@pytest.mark.parametrize("q", [2, 3, 5])
def test_the_factorisation_has_the_pivots_asked_for(q):
    with mpmath.workdps(40):
        mp = mpmath.mp
        C = mp_matrix(integer_matrix(q, random.Random(q)))
        pivots = [mp.mpc(j + 2, -j) for j in range(q - 1)]
        pivots.append(mp.det(C) / mp.fprod(pivots))
        Lam, H = prescribed_pivots(mp, C, pivots)
        U = mp.inverse(H) * C * Lam
        for j in range(q):
            assert abs(U[j, j] - pivots[j]) < mp.mpf(10) ** -25
            assert all(abs(U[j, k]) < mp.mpf(10) ** -25 for k in range(j))


# ------------------------------------------------------------------- records that do not fit


def changed(record: BranchRecord, **parts: Any) -> BranchRecord:
    parameters = replace(record.first_layer.parameters, **parts)  # type: ignore[type-var]
    return replace(record, first_layer=replace(record.first_layer, parameters=parameters))


@pytest.mark.parametrize("field", ["rho", "root", "rank", "S"])
def test_a_record_that_contradicts_the_problem_is_refused(field):
    name, d = ("all-singular", 3) if field == "rank" else ("D-rank-one-less", 4)
    problem = BEYOND["Y-rank-half" if field == "S" else name].build(4 if field == "S" else d, 1)
    record, _ = choose_record(problem)
    parameters: Any = record.first_layer.parameters
    if field == "S":
        S = ExactMatrix.zero(4, 2)
        bad = replace(record, completion=replace(record.completion, S=S))
    elif field == "rho":
        bad = changed(record, rho=parameters.rho / 10**8)
    elif field == "root":
        centre = parameters.root.centre + gaussian(parameters.root.radius * 3)
        bad = changed(record, root=replace(parameters.root, centre=centre))
    else:
        bad = changed(record, rank=parameters.rank - 1)
    with pytest.raises(BranchError):
        path_solver("mpmath", record.construction)(problem, bad, 10)
