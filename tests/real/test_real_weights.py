"""Real weights for real data: the real logarithm on every path, the proof that there are none, and
what cannot be asked for."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest
from commands import prompt
from helpers import conjugated_jordan
from mpmath import mp

from deepexp_exact import solve
from deepexp_exact.branches import BranchRecord, make_record
from deepexp_exact.errors import (
    BranchError,
    DeepexpError,
    HypothesisError,
    NoSolutionError,
    NotApplicableError,
    UndecidedError,
)
from deepexp_exact.exact import ExactMatrix
from deepexp_exact.problems import Problem
from deepexp_exact.solving import path_solver

PAIRED = {
    "-I": conjugated_jordan([(-1, 1), (-1, 1)]),
    "two Jordan blocks": conjugated_jordan([(-2, 2), (-2, 2)]),
    "mixed": conjugated_jordan([(-1, 2), (-1, 2), (-3, 1), (-3, 1), (5, 1)]),
}
ROTATION = ExactMatrix.from_rows([["3/5", "-4/5", 0], ["4/5", "3/5", 0], [0, 0, 2]])


def drawn(d: int, seed: int, rows: int | None = None) -> ExactMatrix:
    rng = random.Random(seed)
    table = [[rng.randint(-9, 9) for _ in range(d)] for _ in range(rows or d)]
    return ExactMatrix.from_rows(table)


def problem_of(K: ExactMatrix, seed: int = 2) -> Problem:
    """A real problem with this K."""
    d = K.rows
    while True:
        X1, X2, Y1 = (drawn(d, 3 * seed + j) for j in range(3))
        if Y1.is_invertible() and (X2 - X1).is_invertible():
            return Problem(X1, X2, Y1, Y1 @ K)
        seed += 100


def imaginary(solution: Any) -> Any:
    """The largest imaginary part of the weights, whatever their type."""
    weights = [w.tolist() for w in solution.weights]
    return max(abs(complex(z.imag if not hasattr(z.imag, "mid") else z.imag.mid()))
               for w in weights for row in w for z in row)  # fmt: skip


@pytest.mark.parametrize("K", PAIRED.values(), ids=PAIRED)
def test_every_path_makes_the_same_real_weights_of_a_paired_record(K: ExactMatrix) -> None:
    problem = problem_of(K)
    record = make_record(problem, "2", branch="real")
    assert record.logarithm.J is not None
    assert record.real
    ball = path_solver("ball", "shift")(problem, record, 30).as_mpmath()
    assert ball.label == "CERTIFIED"
    assert imaginary(ball) == 0
    for path in ("multiprecision", "mpmath"):
        other = path_solver(path, "shift")(problem, record, 30)
        assert imaginary(other) == 0
        with mp.workdps(60):
            for mine, theirs in zip(ball.weights, other.weights, strict=True):
                apart = mp.mnorm(mine - theirs, "f") / mp.mnorm(mine, "f")
                assert apart < mp.mpf(10) ** -29
    plain = path_solver("double", "shift")(problem, record, 15)
    # a defective K has half of float64's digits, in its exponentials less
    assert max(plain.residuals) < (1e-12 if K.rows == 2 else 0.2)
    assert not any(w.imag.any() for w in plain.weights)
    with pytest.raises(NotApplicableError, match=r"primary|d ≤ 4"):
        path_solver("symbolic", "shift")(problem, record, 15)


def test_the_real_logarithm_has_its_eigenvalues_at_both_sides_of_the_cut() -> None:
    problem = problem_of(PAIRED["mixed"])
    record = make_record(problem, "2", branch="real")
    solution = path_solver("ball", "shift")(problem, record, 30).as_mpmath()
    with mp.workdps(40):
        values = list(mp.eig(solution.L, left=False, right=False))
        wanted = [mp.mpc(x, s * mp.pi) for s in (-1, 1) for x in (0, 0, mp.log(3))] + [mp.log(5)]
        for w in wanted:
            nearest = min(values, key=lambda z: abs(z - w))
            values.remove(nearest)
            assert abs(nearest - w) < mp.mpf(10) ** -12  # eigenvalues of a defective matrix


@pytest.mark.parametrize("K", [PAIRED["-I"], ROTATION, conjugated_jordan([(2, 2), (3, 1)])])
@pytest.mark.parametrize("path", [None, "multiprecision", "mpmath", "double"])
def test_solve_real(K: ExactMatrix, path: str | None) -> None:
    solution = solve(problem_of(K), digits=25, real=True, path=path)
    assert solution.real
    assert solution.record.real
    assert solution.record.rule == "real"
    assert imaginary(solution) == 0
    assert solution.label == ("CERTIFIED" if path is None else "AGREES")


def test_opposite_signs_of_the_determinants_are_a_proof() -> None:
    X1, X2 = drawn(3, 1), drawn(3, 2)
    Y1, Y2 = ExactMatrix.diagonal([1, 2, 3]), ExactMatrix.diagonal([1, 2, -3])
    with pytest.raises(
        NoSolutionError, match=r"no real solution.*a complex solution exists"
    ) as info:
        solve(Problem(X1, X2, Y1, Y2), real=True)
    assert info.value.message.endswith("a complex solution exists")
    assert (info.value.statement, info.value.evidence) == ("R6", (1, -1))
    assert solve(Problem(X1, X2, Y1, Y2), digits=20).label == "CERTIFIED"
    with pytest.raises(NoSolutionError, match="another question"):  # whatever the pencil is
        solve(Problem(ExactMatrix.zero(3, 3), ExactMatrix.diagonal([1, 0, 0]), Y1, Y2), real=True)


def test_no_solution_at_all_is_told_first() -> None:
    X, Y = drawn(2, 1), ExactMatrix.diagonal([1, 0])
    with pytest.raises(NoSolutionError) as info:
        solve(Problem(X, drawn(2, 5), Y, ExactMatrix.diagonal([1, -1])), real=True)
    assert info.value.statement == "N1"
    with pytest.raises(NoSolutionError) as info:
        solve(Problem(X, X, Y, ExactMatrix.diagonal([2, 0])), real=True)
    assert info.value.statement == "N2"


@pytest.mark.parametrize("seed", range(4))
def test_singular_outputs_get_a_completion_of_positive_determinant(seed: int) -> None:
    d = 3
    B = drawn(d, seed + 40).part(range(d), range(d - 1))
    C = [drawn(d, 2 * seed + j + 50, d - 1) for j in range(2)]
    problem = Problem(drawn(d, seed), drawn(d, seed + 9), B @ C[0], B @ C[1])
    for sign in (1, -1):
        flipped = Problem(problem.X1, problem.X2, problem.Y1, problem.Y2.scale(sign))
        try:
            solution = solve(flipped, digits=20, real=True)
        except UndecidedError:
            continue
        K = solution.record.quotient(flipped).matrix
        assert K.is_real()
        assert K.real_part.det() > 0
        assert flipped.Y1 @ K == flipped.Y2
        assert (solution.label, imaginary(solution)) == ("CERTIFIED", 0)


def test_a_sign_that_no_S_changes_is_changed_by_the_reflection() -> None:
    Y1, Y2 = ExactMatrix.diagonal([1, 0]), ExactMatrix.diagonal([-1, 0])
    problem = Problem(drawn(2, 1), drawn(2, 4), Y1, Y2)
    solution = solve(problem, digits=20, real=True)
    assert solution.record.completion.n is not None
    for path in ("multiprecision", "mpmath", "double"):
        other = path_solver(path, "shift")(problem, solution.record, 12)
        assert float(max(other.residuals)) < 1e-10


def test_equal_outputs_are_real_whatever_the_inputs() -> None:
    X = ExactMatrix.diagonal([1, 0])
    solution = solve(Problem(X, X.scale(2), X, X), digits=20, real=True)
    assert (solution.construction, solution.real) == ("constant", True)


def test_a_singular_D_is_undecided_with_the_complex_solution_offered() -> None:
    problem = Problem(
        ExactMatrix.diagonal([1, 2]), ExactMatrix.diagonal([1, 3]), drawn(2, 3), drawn(2, 8)
    )
    if problem.Y1.real_part.det() * problem.Y2.real_part.det() < 0:
        problem = Problem(problem.X1, problem.X2, problem.Y2, problem.Y2.scale("1/2"))
    with pytest.raises(UndecidedError, match="D = X2 − X1 is singular") as info:
        solve(problem, real=True)
    assert info.value.remedy.startswith("a complex solution exists")
    assert solve(problem, digits=15).label == "CERTIFIED"


REFUSED: dict[str, tuple[dict[str, Any], type[DeepexpError], str]] = {
    "alpha": ({"alpha": -2}, BranchError, "α > 0"),
    "complex alpha": ({"alpha": "i"}, BranchError, "α > 0"),
    "one": ({"alpha": 1}, BranchError, "not allowed"),
    "turn": ({"turn": 1}, BranchError, "winding number 0"),
    "branch": ({"branch": [0, 0, 1]}, BranchError, "real logarithm"),
    "smallest": ({"branch": "smallest-norm"}, BranchError, "real logarithm"),
    "path": ({"path": "symbolic"}, NotApplicableError, "real numbers"),
    "construction": ({"construction": "split"}, HypothesisError, "split gives no real weights"),
    "unknown": ({"construction": "magic"}, DeepexpError, "magic"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_gives_no_real_weights_is_refused(name: str) -> None:
    options, kind, words = REFUSED[name]
    with pytest.raises(kind, match=words):
        solve(problem_of(ROTATION), digits=15, real=True, **options)


def test_complex_data_are_refused_with_the_entry() -> None:
    good = problem_of(ROTATION)
    rows = good.Y2.to_strings()
    rows[1][2] = "1+2i"
    with pytest.raises(HypothesisError, match="Y2, row 2, column 3 is 1\\+2i"):
        solve(Problem(good.X1, good.X2, good.Y1, ExactMatrix.from_rows(rows)), real=True)


def test_records_are_written_read_and_compared(tmp_path: Path) -> None:
    problem = problem_of(PAIRED["mixed"])
    record = solve(problem, digits=15, real=True).record
    record.save(tmp_path / "r.json")
    again = BranchRecord.load(tmp_path / "r.json")
    assert again == record
    J = record.logarithm.J
    assert J is not None
    other = make_record(problem, record.alpha, branch="real")
    assert record.same_branch(other) == []
    primary = make_record(problem, record.alpha)
    assert "the matrix J of the real logarithm" in record.same_branch(primary)
    again = solve(problem, digits=15, real=True, branch=again).record
    assert again == record
    with pytest.raises(BranchError, match="not one of real weights"):
        solve(problem, digits=15, real=True, branch=primary)


def command(*words: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        prompt(*words), capture_output=True, encoding="utf-8", timeout=120, check=False
    )


def test_the_command_line(tmp_path: Path) -> None:
    paired, opposite = tmp_path / "p.json", tmp_path / "o.json"
    problem_of(PAIRED["-I"]).save(paired)
    problem_of(ExactMatrix.diagonal([1, -2])).save(opposite)
    out = tmp_path / "c.json"
    done = command("solve", paired, "--real", "--digits", 20, "--out", out)
    assert done.returncode == 0, done.stderr
    assert "paired by J" in " ".join(done.stdout.split())
    assert "claims C1, C2, C3, C4, C5" in done.stdout
    checked = command("check", out)
    assert checked.returncode == 0
    assert "C5 PROVED" in checked.stdout
    done = command("solve", opposite, "--real", "--out", tmp_path / "n.json")
    assert done.returncode == 3
    assert "no real solution" in done.stdout
    assert "a complex solution exists" in done.stdout
    assert command("check", tmp_path / "n.json").returncode == 0
    table = json.loads(
        command("solve", opposite, "--real", "--json", "--accept-no-solution").stdout
    )
    assert (table["outcome"], table["statement"], table["exit_status"]) == ("no-solution", "R6", 0)
    assert command("solve", "quantum-gates", "--real").returncode == 2
