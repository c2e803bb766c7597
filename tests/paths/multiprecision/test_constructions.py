"""Every construction and completion on the multiprecision path: weights inside the ball path's
enclosures of the same record, residuals recomputed from the definition of f."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flint import acb_mat, arb, ctx
from mpmath import mp

from deepexp_exact.branches import BranchRecord
from deepexp_exact.errors import PrecisionCeilingError
from deepexp_exact.exact import ExactMatrix, gaussian
from deepexp_exact.exact.binary import exact_balls
from deepexp_exact.problems import Problem
from deepexp_exact.solution import Label, Solution
from deepexp_exact.solving import choose_record, path_solver, solve


def random_matrix(rng: random.Random, rows: int, cols: int) -> ExactMatrix:
    return ExactMatrix.from_rows(
        [
            [gaussian(rng.randint(-6, 6), rng.randint(-6, 6)) for _ in range(cols)]
            for _ in range(rows)
        ]
    )


def invertible(rng: random.Random, d: int) -> ExactMatrix:
    while True:
        found = random_matrix(rng, d, d)
        if found.is_invertible():
            return found


def of_rank(rng: random.Random, d: int, r: int) -> ExactMatrix:
    while True:
        found = random_matrix(rng, d, r) @ random_matrix(rng, r, d)
        if found.rank() == r:
            return found


def diagonal(values: list[Any]) -> ExactMatrix:
    d = len(values)
    return ExactMatrix.from_rows(
        [[values[i] if i == j else gaussian(0) for j in range(d)] for i in range(d)]
    )


def pencil(rng: random.Random, first: list[int], second: list[int]) -> tuple[Any, Any]:
    """P·diag·Q: simultaneous diagonal forms, so that zeros make what should be singular so."""
    P, Q = invertible(rng, len(first)), invertible(rng, len(first))
    X1, X2 = (P @ diagonal([gaussian(v) for v in part]) @ Q for part in (first, second))
    return X1, X2


def by_rank(r: Callable[[int], int]) -> Callable[[random.Random, int], tuple[Any, Any]]:
    def inputs(rng: random.Random, d: int) -> tuple[Any, Any]:
        X1 = invertible(rng, d)
        return X1, X1 + of_rank(rng, d, r(d))

    return inputs


def unipotent(rng: random.Random, d: int) -> tuple[Any, Any]:
    X1, P = invertible(rng, d), invertible(rng, d)
    N = ExactMatrix.from_rows([[int(j == i + 1) for j in range(d)] for i in range(d)])
    return X1, X1 @ (ExactMatrix.identity(d) + P.solve(N @ P))


def nearly_scalar(rng: random.Random, d: int) -> tuple[Any, Any]:
    R = of_rank(rng, d, d - 1).scale(gaussian(1) / gaussian(10**10))
    X1 = invertible(rng, d)
    return X1, X1 @ (ExactMatrix.identity(d) + R)


def nearly_singular(rng: random.Random, d: int) -> tuple[Any, Any]:
    X1, tiny = invertible(rng, d), gaussian(1) / gaussian(10**12)
    return X1, X1 + of_rank(rng, d, d - 1) + invertible(rng, d).scale(tiny)


INPUTS: dict[str, Callable[[random.Random, int], tuple[Any, Any]]] = {
    "rank d - 1": by_rank(lambda d: d - 1),
    "rank d/2": by_rank(lambda d: d // 2),
    "rank 1": by_rank(lambda d: 1),
    "X1 = I": lambda rng, d: (
        ExactMatrix.identity(d), ExactMatrix.identity(d) + of_rank(rng, d, d - 1)
    ),
    "unipotent": unipotent,
    "nearly scalar": nearly_scalar,
    "both X singular": lambda rng, d: pencil(
        rng, [0, *range(2, d + 1)], [*range(3, d + 2), 0]
    ),
    "X2 and D singular": lambda rng, d: pencil(rng, [1, *range(1, d)], [0, 1, *range(3, d + 1)]),
    "X1 and D singular": lambda rng, d: pencil(rng, [0, 1, *range(3, d + 1)], [1, *range(1, d)]),
    "nearly singular": nearly_singular,
}  # fmt: skip


def outputs(rng: random.Random, d: int, r: int) -> tuple[Any, Any]:
    """Y1 and Y2 of rank r with one column space."""
    if r == 0:
        return ExactMatrix.zero(d, d), ExactMatrix.zero(d, d)
    B = of_rank(rng, d, r)
    while True:
        Y1, Y2 = B @ invertible(rng, d), B @ invertible(rng, d)
        if Y1 != Y2:
            return Y1, Y2


def residuals(solution: Solution) -> list[Any]:
    """Upper bounds of ‖f(Xi) − Yi‖/‖Yi‖ (‖f(Xi)‖ for Yi = 0) by ``acb_mat.exp`` alone."""
    W1, W2, W3 = map(exact_balls, solution.weights)
    out = []
    with ctx.workprec(6 * (solution.digits_carried + 60)):
        for X, Y in ((solution.problem.X1, solution.problem.Y1),
                     (solution.problem.X2, solution.problem.Y2)):  # fmt: skip
            x, y = (acb_mat(M.real_part) + acb_mat(M.imag_part) * 1j for M in (X, Y))
            value = W3 * (W2 * (W1 * x).exp()).exp()
            size = norm(y)
            out.append(norm(value - y) / (size if size > 0 else arb(1)))
    return out


def norm(M: Any) -> Any:
    return sum((abs(z) ** 2 for z in M.entries()), arb(0)).sqrt()


def assert_delivers(problem: Problem, record: BranchRecord, digits: int) -> Solution:
    """Digits asked are digits given, and the weights are those of the record: inside balls."""
    solver = path_solver("multiprecision", record.construction)
    found = solver(problem, record, digits)
    assert found.label is Label.AGREES
    assert found.construction == record.construction
    limit = arb(10) ** -digits
    true = residuals(found)
    assert all(r <= limit for r in true)
    with mp.workdps(30):
        for seen, told in zip(true, found.residuals, strict=True):
            assert mp.mpf(float(seen.lower()) if seen > 1e-300 else 0) <= told * 1.01
    finer = solver(problem, record, digits + 25)
    enclosed = path_solver("ball", record.construction)(problem, record, digits)
    for weight, balls in zip(finer.weights, enclosed.weights, strict=True):
        assert balls.contains(exact_balls(weight)) or weight == 0 * weight
    with mp.workdps(digits + 60):
        for mine, better, told in zip(found.weights, finer.weights, found.errors, strict=True):
            size = mp.mnorm(better, "f")
            error = mp.mnorm(mine - better, "f") / (size if size else 1)
            assert error <= mp.mpf(10) ** -digits
            assert error <= 4 * told + mp.mpf(10) ** -(digits + 20)
    return found


@pytest.mark.parametrize("name", INPUTS)
@pytest.mark.parametrize(("d", "digits"), [(2, 40), (3, 200), (5, 30)])
def test_inputs_of_every_kind(name: str, d: int, digits: int) -> None:
    rng = random.Random(f"inputs/{name}/{d}")
    X1, X2 = INPUTS[name](rng, d)
    problem = Problem(X1, X2, invertible(rng, d), invertible(rng, d))
    construction = "split" if name == "nearly singular" else None
    record, _ = choose_record(problem, construction=construction)
    if d > 2 or name in ("rank 1", "unipotent"):
        assert (record.construction == "split") == (not problem.D.is_invertible() or
                                                    construction == "split")  # fmt: skip
    assert_delivers(problem, record, digits)


@pytest.mark.parametrize(("d", "digits"), [(7, 15), (8, 50)])
def test_larger_splittings(d: int, digits: int) -> None:
    rng = random.Random(f"larger/{d}")
    X1, X2 = INPUTS["rank d/2"](rng, d)
    problem = Problem(X1, X2, invertible(rng, d), invertible(rng, d))
    assert_delivers(problem, choose_record(problem)[0], digits)


@pytest.mark.parametrize("d", [3, 5])
def test_all_three_singular(d: int) -> None:
    rng = random.Random(f"three/{d}")
    first, second = [1, 0, *range(1, d - 1)], [0, 1, *range(1, d - 1)]
    if d > 3:
        second[-1] += 4
    X1, X2 = pencil(rng, first, second)
    problem = Problem(X1, X2, invertible(rng, d), invertible(rng, d))
    assert not any(M.is_invertible() for M in (X1, X2, problem.D))
    assert_delivers(problem, choose_record(problem)[0], 40)


@pytest.mark.parametrize("inputs", ["shift", "split"])
@pytest.mark.parametrize(("d", "r"), [(2, 1), (3, 0), (3, 2), (4, 1), (4, 2), (6, 5)])
def test_outputs_of_every_rank(inputs: str, d: int, r: int) -> None:
    rng = random.Random(f"outputs/{d}/{r}")
    X1 = invertible(rng, d)
    D = invertible(rng, d) if inputs == "shift" else of_rank(rng, d, d - 1)
    problem = Problem(X1, X1 + D, *outputs(rng, d, r))
    record, _ = choose_record(problem, construction=inputs)
    assert record.completion.rank == r
    found = assert_delivers(problem, record, 40)
    if r == 0:
        assert all(x == 0 for x in found.residuals)
        assert all(z == 0 for z in (*found.W2, *found.W3))


@pytest.mark.parametrize("r", [0, 1, 2])
@pytest.mark.parametrize("digits", [15, 120])
def test_constant_outputs(r: int, digits: int) -> None:
    rng = random.Random(f"constant/{r}")
    Y = of_rank(rng, 2, r).scale(gaussian(1) / gaussian(7)) if r else ExactMatrix.zero(2, 2)
    X = of_rank(rng, 2, 1)
    problem = Problem(X, X, Y, Y)
    record, _ = choose_record(problem)
    assert record.construction == "constant"
    assert_delivers(problem, record, digits)


def test_one_number() -> None:
    two = ExactMatrix.from_rows([[2]])
    problem = Problem(ExactMatrix.zero(1, 1), two, two, ExactMatrix.from_rows([["-3"]]))
    for construction in ("shift", "split"):
        record, _ = choose_record(problem, construction=construction)
        assert_delivers(problem, record, 60)


def test_condition_numbers_are_those_that_mean_something() -> None:
    rng = random.Random("conditions")
    X1 = invertible(rng, 3)
    Y = invertible(rng, 3), invertible(rng, 3)
    functions = {"exp(W1 X1)", "exp(-W1 X1)", "exp(-Z)", "exp(alpha Z)", "log(K)"}
    split = solve(Problem(X1, X1 + of_rank(rng, 3, 2), *Y))
    assert split.construction == "split"
    assert set(split.conditions) == functions
    assert all(value > 0 for value in split.conditions.values())
    singular = solve(Problem(X1, X1 + invertible(rng, 3), *outputs(rng, 3, 2)))
    assert singular.construction == "shift"
    assert set(singular.conditions) == functions
    theorem = solve(Problem(X1, X1 + invertible(rng, 3), *Y))
    assert set(theorem.conditions) == functions | {"W1", "W2", "W3", "map"}
    assert solve(Problem(X1, X1, Y[0], Y[0])).conditions == {}


def changed(record: BranchRecord, **fields: Any) -> BranchRecord:
    layer = record.first_layer
    parameters: Any = layer.parameters
    return replace(record, first_layer=replace(layer, parameters=replace(parameters, **fields)))


def test_other_parameters_are_other_weights_or_none() -> None:
    """The control: a record whose parameters were changed never gives the recorded W1."""
    rng = random.Random("changed")
    X1 = invertible(rng, 4)
    problem = Problem(X1, X1 + of_rank(rng, 4, 2), invertible(rng, 4), invertible(rng, 4))
    record, _ = choose_record(problem)
    parameters: Any = record.first_layer.parameters
    solver = path_solver("multiprecision", "split")
    true = assert_delivers(problem, record, 30)
    root = parameters.root
    moved = replace(root, centre=root.centre + gaussian(root.radius) * gaussian(6))
    turned = (*parameters.integers[1:], parameters.integers[0])
    for fields in ({"root": moved}, {"integers": turned}, {"rho": parameters.rho * 1000}):
        if "rho" in fields and parameters.rho is None:
            continue
        try:
            other = solver(problem, changed(record, **fields), 30, ceiling=400)
        except PrecisionCeilingError:
            continue
        with mp.workdps(60):
            assert mp.mnorm(other.W1 - true.W1, "f") > mp.mpf(10) ** -6 * mp.mnorm(true.W1, "f")
