"""Every combination of singular and invertible X1, X2 and D at d = 1, 2, 3, on the default path;
residuals by plain mpmath from the definition of f, and the decision by sympy's determinants."""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

import mpmath
import pytest
import sympy
from helpers import residual, weierstrass

from deepexp_exact import solve
from deepexp_exact.constructions import fitting
from deepexp_exact.errors import NoSolutionError
from deepexp_exact.problems import Problem
from deepexp_exact.solution import Label

DIGITS = 25
#: Outputs of each size: det K > 0, det K < 0, and of lower rank.
OUTPUTS: dict[int, list[tuple[Any, Any]]] = {
    1: [([[2]], [[3]]), ([[2]], [["-1+i"]])],
    2: [
        ([[1, 2], [3, 4]], [[1, 1], [2, "i"]]),
        ([[1, 2], [2, 4]], [[3, 0], [6, 0]]),
    ],
    3: [
        ([[1, 2, 0], [0, 1, 1], [1, 0, 2]], [[2, 0, 1], [1, "1-i", 0], [0, 1, 1]]),
        ([[1, 0, 1], [0, 1, 1], [1, 1, 2]], [[2, 1, 0], [0, 3, 1], [2, 4, 1]]),
    ],
}
#: X1, X2, D invertible (i) or singular (s); X1 and X2, or the Weierstrass blocks of the pencil.
TABLE: list[tuple[str, Any]] = [
    ("iii", ([[2]], [[5]])), ("sii", ([[0]], [[3]])), ("isi", ([[3]], [[0]])),
    ("iii", ([[2, 1], [1, 3]], [[5, 0], [2, -1]])),
    ("sii", ([[1, 0], [0, 0]], [[3, 1], [1, 2]])), ("sii", ([[0, 0], [0, 0]], [[1, 2], [3, 4]])),
    ("isi", ([[3, 1], [1, 2]], [[1, 0], [0, 0]])),
    ("ssi", ([[1, 0], [0, 0]], [[0, 0], [0, 1]])), ("ssi", ([[0, 1], [0, 0]], [[0, 0], [1, 0]])),
    ("iis", [(1, 1), (3, 1)]), ("iis", [(1, 1), (-1, 1)]), ("iis", [(1, 2)]),
    ("iss", [(1, 1), (0, 1)]), ("sis", [(1, 1), ("inf", 1)]),
    ("iii", [(2, 1), (3, 1), (-1, 1)]), ("sii", [("inf", 1), (2, 2)]), ("isi", [(0, 2), (3, 1)]),
    ("ssi", [(0, 1), ("inf", 1), (2, 1)]),
    ("iis", [(1, 1), (2, 1), (3, 1)]), ("iis", [(1, 1), (1, 1), (2, 1)]), ("iis", [(1, 3)]),
    ("iis", [(1, 2), (1, 1)]), ("iis", [(1, 1), (2, 2)]), ("iis", [(1, 2), (2, 1)]),
    ("iss", [(1, 1), (0, 1), (2, 1)]), ("iss", [(1, 1), (0, 1), (0, 1)]),
    ("iss", [(1, 1), (0, 2)]), ("iss", [(1, 1), (1, 1), (0, 1)]), ("iss", [(1, 2), (0, 1)]),
    ("sis", [(1, 1), ("inf", 1), (2, 1)]), ("sis", [(1, 1), ("inf", 2)]),
    ("sis", [(1, 1), ("inf", 1), ("inf", 1)]), ("sis", [(1, 1), (1, 1), ("inf", 1)]),
    ("sis", [(1, 2), ("inf", 1)]), ("sss", [(1, 1), (0, 1), ("inf", 1)]),
]  # fmt: skip


def inputs(entry: Any, seed: int) -> tuple[Any, Any]:
    return entry if isinstance(entry, tuple) else weierstrass(entry, seed=seed)


def singularities(problem: Problem) -> str:
    return "".join("i" if m.is_invertible() else "s" for m in (problem.X1, problem.X2, problem.D))


@cache
def solved(row: int) -> Any:
    X1, X2 = inputs(TABLE[row][1], row)
    outputs = OUTPUTS[len(X1) if isinstance(X1, list) else X1.rows]
    Y1, Y2 = outputs[row % len(outputs)]
    return solve(X1, X2, Y1, Y2, digits=DIGITS)


@pytest.mark.parametrize("row", range(len(TABLE)), ids=[f"{k} {e}" for k, e in TABLE])
def test_every_row_is_solved_as_the_table_says(row: int) -> None:
    kinds, solution = TABLE[row][0], solved(row)
    problem = solution.problem
    assert singularities(problem) == kinds
    assert solution.label is Label.CERTIFIED
    assert solution.construction == ("shift" if kinds[2] == "i" else "split")
    assert residual(problem, solution.weights, 4 * DIGITS + 60) <= mpmath.mpf(10) ** -DIGITS
    assert solution.digits_carried <= DIGITS + 9  # the table's largest loss is 2.5


@pytest.mark.parametrize(
    ("blocks", "exchanged", "rank"),
    [
        ([(1, 1), (0, 1)], False, 1),
        ([(1, 1), ("inf", 1)], True, 1),
        ([(1, 1), (0, 1), ("inf", 1)], False, 1),
        ([(1, 2)], False, None),
    ],
    ids=str,
)
def test_singular_blocks_and_exchanged_inputs_occur_where_they_must(
    blocks: Any, exchanged: bool, rank: int | None
) -> None:
    """At d = 2 the block is everything: C1 of rank 1 for the eigenvalue 0, exchanged for ∞."""
    row = [entry for _, entry in TABLE].index(blocks)
    parameters = solved(row).record.first_layer.parameters
    assert (parameters.q, parameters.exchanged, parameters.rank) == (2, exchanged, rank)


@pytest.mark.parametrize("value", [[[0]], [[3]], [[1, 0], [0, 0]], [[1, 2], [3, 4]]], ids=str)
def test_equal_inputs_are_constant_or_have_no_solution(value: Any) -> None:
    Y1, Y2 = OUTPUTS[len(value)][0]
    found = solve(value, value, Y1, Y1)
    assert (found.construction, found.label) == ("constant", Label.CERTIFIED)
    assert residual(found.problem, found.weights, 4 * DIGITS + 60) == 0
    with pytest.raises(NoSolutionError) as caught:
        solve(value, value, Y1, Y2)
    assert caught.value.statement == "N2"


def test_all_matrices_of_zeros_and_ones_of_size_2_are_decided_as_the_table_says() -> None:
    """All 256 pairs: shift, split or rank-one by the determinants that sympy finds."""
    z = sympy.Symbol("z")
    Y1, Y2 = OUTPUTS[2][0]
    entries = [[list(e[:2]), list(e[2:])] for e in itertools.product((0, 1), repeat=4)]
    seen = set()
    for X1, X2 in itertools.product(entries, repeat=2):
        A, D = sympy.Matrix(X1), sympy.Matrix(X2) - sympy.Matrix(X1)
        problem = Problem(X1, X2, Y1, Y2)
        if D.is_zero_matrix:
            expected: Any = NoSolutionError
        elif D.det() != 0:
            expected = "shift"
        else:
            open_ = sympy.expand((A + z * D).det()) == 0
            expected = "rank-one" if open_ else "split"
        if isinstance(expected, str):
            assert fitting(problem).name == expected, (X1, X2)
            seen.add((singularities(problem), expected))
            continue
        with pytest.raises(expected):
            fitting(problem)
        seen.add((singularities(problem), expected.__name__))
    assert {kinds for kinds, name in seen if name == "rank-one"} == {"sss"}
    assert not any(kinds == "sss" and name == "split" for kinds, name in seen)
    assert {kinds for kinds, name in seen if name == "split"} == {"iis", "iss", "sis"}
    assert {kinds for kinds, name in seen if name == "shift"} == {"iii", "sii", "isi", "ssi"}
