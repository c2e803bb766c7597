"""The completion K with Y1·K = Y2 (S1 to S3), and what is proved to have no solution."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepexp_exact.constructions import Completion, complete, fitting
from deepexp_exact.constructions.completion import others
from deepexp_exact.errors import BranchError, HypothesisError, NoSolutionError
from deepexp_exact.exact import ExactMatrix, gaussian, hstack
from deepexp_exact.problems import Problem


def random_matrix(rng: random.Random, rows: int, cols: int, size: int = 4) -> ExactMatrix:
    return ExactMatrix.from_rows(
        [[gaussian(rng.randint(-size, size), rng.randint(-size, size)) for _ in range(cols)]
         for _ in range(rows)]
    )  # fmt: skip


def outputs_of_rank(rng: random.Random, d: int, r: int) -> tuple[ExactMatrix, ExactMatrix]:
    if r == 0:
        return ExactMatrix.zero(d, d), ExactMatrix.zero(d, d)
    while True:
        B = random_matrix(rng, d, r)
        Y1, Y2 = (B @ random_matrix(rng, r, d) for _ in range(2))
        if Y1.rank() == Y2.rank() == r:
            return Y1, Y2


def problem_with_outputs(Y1: ExactMatrix, Y2: ExactMatrix) -> Problem:
    d = Y1.rows
    return Problem(ExactMatrix.zero(d, d), ExactMatrix.identity(d), Y1, Y2)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 5), st.integers(0, 5), st.integers(0, 10**6))
def test_the_completion_maps_one_output_to_the_other(d: int, r: int, seed: int) -> None:
    r = min(d, r)
    Y1, Y2 = outputs_of_rank(random.Random(seed), d, r)
    problem = problem_with_outputs(Y1, Y2)
    completion = complete(problem)
    K = completion.quotient(problem).matrix
    assert completion.rank == r
    assert Y1 @ K == Y2
    assert K.is_invertible()
    assert (K - ExactMatrix.identity(d)).rank() <= r
    assert completion.quotient(problem) is completion.quotient(problem) or r == d


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 4), st.integers(0, 10**6))
def test_different_column_spaces_are_a_proof_that_can_be_checked(d: int, seed: int) -> None:
    rng = random.Random(seed)
    Y1, Y2 = outputs_of_rank(rng, d, rng.randint(0, d))[0], outputs_of_rank(rng, d, d)[1]
    if Y1.is_invertible():
        Y1 = ExactMatrix.zero(d, d)
    with pytest.raises(NoSolutionError) as caught:
        complete(problem_with_outputs(Y1, Y2))
    assert caught.value.statement == "N1"
    assert caught.value.evidence == (Y1.rank(), Y2.rank(), hstack(Y1, Y2).rank())
    assert len(set(caught.value.evidence)) > 1


def test_equal_inputs_with_different_outputs_have_no_solution() -> None:
    one = ExactMatrix.identity(3)
    other = ExactMatrix.diagonal([1, 1, 2])
    with pytest.raises(NoSolutionError) as caught:
        fitting(Problem(one, one, one, other))
    assert (caught.value.statement, caught.value.evidence) == ("N2", (3, 3))


def test_a_singular_pencil_is_for_a_first_layer_of_rank_one() -> None:
    X1, X2 = ExactMatrix.diagonal([1, 2, 0]), ExactMatrix.diagonal([3, 1, 0])
    Y1, Y2 = ExactMatrix.identity(3), ExactMatrix.diagonal([1, 1, 2])
    assert fitting(Problem(X1, X2, Y1, Y2)).name == "rank-one"
    with pytest.raises(HypothesisError, match="its rank is 2, needed 3"):
        fitting(Problem(X1, X2, Y1, Y2), "split")
    assert fitting(Problem(X1, X2, Y1, Y1)).name == "constant"


def test_a_completion_of_other_outputs_is_refused() -> None:
    rng = random.Random(1)
    good = problem_with_outputs(*outputs_of_rank(rng, 4, 2))
    completion = complete(good)
    for other in (outputs_of_rank(rng, 4, 1), outputs_of_rank(rng, 4, 3)):
        with pytest.raises(BranchError, match="another problem"):
            completion.quotient(problem_with_outputs(*other))
    zero = Completion(2, ExactMatrix.zero(4, 2))
    with pytest.raises(BranchError, match="S does not complete"):
        zero.quotient(good)
    assert completion.differences(zero)
    assert not completion.differences(complete(good))


@pytest.mark.parametrize(("d", "r"), [(2, 1), (4, 2), (4, 3)])
def test_other_completions_differ_and_give_the_same_outputs(d: int, r: int) -> None:
    problem = problem_with_outputs(*outputs_of_rank(random.Random(d + r), d, r))
    found = others(problem, 3)
    assert found == others(problem, 3)
    quotients = [one.quotient(problem).matrix for one in (complete(problem), *found)]
    assert len(set(quotients)) == 4
    for K in quotients:
        assert K.is_invertible()
        assert problem.Y1 @ K == problem.Y2
    full = problem_with_outputs(ExactMatrix.identity(d), ExactMatrix.identity(d).scale(2))
    assert others(full, 3) == []
