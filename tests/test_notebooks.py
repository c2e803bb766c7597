"""What notebooks show, and that every kind of matrix can be handed in."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import sympy

from deepexp_exact import Problem, load_problem, solve
from deepexp_exact.verification.steps import context, frobenius, into


@pytest.mark.parametrize("path", ["multiprecision", "ball", "double", "symbolic"])
def test_solutions_records_and_matrices_show_themselves(path):
    solution = solve(load_problem("quantum-gates"), digits=20, path=path)
    for shown in (solution, solution.record, solution.problem.X1):
        assert shown._repr_html_().startswith("<")
        latex = shown._repr_latex_()
        assert latex.startswith("$")
        assert latex.endswith("$")
        assert latex.count("{") == latex.count("}")


def test_the_same_problem_from_lists_numpy_mpmath_and_sympy():
    rows = [[[1, 2], [0, 1]], [[2, 0], [1, 5]], [[1, 0.5], [0, 1]], [[2, 0], [0.25, 3]]]
    problems = [
        Problem(*rows),
        Problem(*map(np.array, rows)),
        Problem(*map(mpmath.matrix, rows)),
        Problem(*(sympy.Matrix(sympy.nsimplify(sympy.Matrix(r))) for r in rows)),
    ]
    assert len(set(problems)) == 1
    first, *others = (solve(p, digits=20) for p in problems)
    mp = context(40)
    for other in others:
        for a, b in zip(first.weights, other.weights, strict=True):
            assert frobenius(mp, into(mp, a) - into(mp, b)) == 0
