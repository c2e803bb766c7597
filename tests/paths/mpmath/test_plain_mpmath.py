"""The plain path: digits asked are digits given, the branch is the record's, faults are seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import mpmath
import pytest
from helpers import altered, conjugated_jordan, mp_matrix, mp_real, problem_with
from mpmath import MPContext

from deepexp_exact.branches import BranchRecord, make_record
from deepexp_exact.errors import PrecisionCeilingError
from deepexp_exact.exact import ExactMatrix, gaussian
from deepexp_exact.paths.mpmath.shift import solve_shift
from deepexp_exact.problems import Problem, load_problem
from deepexp_exact.problems.families import FAMILIES
from deepexp_exact.solution import Label
from deepexp_exact.solving import choose_record, path_solver, solve
from deepexp_exact.spectrum import spectrum

SMALL = [family for family in FAMILIES.values() if min(family.sizes) <= 4]


def solve_family(name: str, digits: int = 25) -> Any:
    family = FAMILIES[name]
    return solve(family.build(min(family.sizes), 1), digits=digits, path="mpmath")


def worst_residual(solution: Any) -> Any:
    """Of the returned weights, from the definition of f, by mpmath alone."""
    problem, out = solution.problem, []
    with mpmath.workdps(4 * solution.digits_carried + 100):
        W1, W2, W3 = solution.weights
        for X, Y in ((problem.X1, problem.Y1), (problem.X2, problem.Y2)):
            value = W3 * mpmath.expm(W2 * mpmath.expm(W1 * mp_matrix(X)))
            out.append(mpmath.mnorm(value - mp_matrix(Y), "f") / mpmath.mnorm(mp_matrix(Y), "f"))
    return max(out)


def distances(mine: Any, other: Any) -> list[Any]:
    with mpmath.workdps(2 * max(mine.digits_carried, other.digits_carried)):
        sizes = [mpmath.mnorm(W, "f") or 1 for W in other.weights]
        pairs = zip(mine.weights, other.weights, sizes, strict=True)
        return [mpmath.mnorm(a - b, "f") / size for a, b, size in pairs]


@pytest.mark.parametrize("name", [family.name for family in SMALL])
def test_digits_asked_are_digits_given_on_every_family(name):
    solution = solve_family(name)
    assert solution.label is Label.AGREES
    assert worst_residual(solution) <= max(solution.residuals) * 1.001 + mpmath.mpf(10) ** -100
    assert max(solution.residuals) <= mpmath.mpf(10) ** -25
    fast = path_solver("multiprecision", solution.record.construction)(
        solution.problem, solution.record, 40
    )
    for found, told in zip(distances(solution, fast), solution.errors, strict=True):
        assert found <= mpmath.mpf(10) ** -25
        assert found <= told * 1.01 + mpmath.mpf(10) ** -40


#: Hard inputs with d ≤ 4 and the digits asked; eigenvalues-1e5000 takes 11 000 digits (12 s).
CASES = {
    "eigenvalues-1e1500": 15,
    "entries-1e19": 50,
    "gap-1e-400": 50,
    "inputs-1e200": 50,
    "jordan-corner-d2-1e-200": 50,
    "jordan-corner-d4-1e-20": 50,
    "near-cut-1e-300": 50,
    "nonnormal-d5-3e4": 50,
    "offdiagonal-1e155": 50,
    "residual-second-order": 2,
    "residual-second-order-10": 10,
    "rounded-data-random": 50,
    "rounded-data-scale": 50,
}


@pytest.mark.parametrize("name", CASES)
def test_hard_inputs_are_solved_to_the_digits_asked(name):
    problem = load_problem(str(Path(__file__).parents[2] / "cases" / f"{name}.json"))
    solution = solve(problem, digits=CASES[name], path="mpmath")
    assert worst_residual(solution) <= mpmath.mpf(10) ** -CASES[name]


# --------------------------------------------------------------------- the record is judged too


def faults(problem: Problem, record: BranchRecord, L: Any) -> list[str]:
    """What plain mpmath finds wrong with a record and its L: eigenvalues by ``mpmath.eig``, each
    in the box that has its multiplicity; exp(L) = K; the eigenvalues of L at Log λ + 2πi·k."""
    out = []
    with mpmath.workdps(200):
        K = mpmath.inverse(mp_matrix(problem.Y1)) * mp_matrix(problem.Y2)
        if mpmath.mnorm(mpmath.expm(L) - K, "f") > mpmath.mpf(10) ** -15 * mpmath.mnorm(K, "f"):
            out.append("exp(L)")
        values = list(mpmath.eig(K, left=False, right=False))
        logs = list(mpmath.eig(L, left=False, right=False))
        for j, entry in enumerate(record.entries):
            box, slack = entry.box, mpmath.mpf(10) ** -35
            inside = [
                z
                for z in values
                if mp_real(box.re_lo) - slack <= mpmath.re(z) <= mp_real(box.re_hi) + slack
                and mp_real(box.im_lo) - slack <= mpmath.im(z) <= mp_real(box.im_hi) + slack
            ]
            if len(inside) != entry.multiplicity:
                out.append(f"multiplicity {j}")
                continue
            centre = mpmath.fsum(inside) / len(inside)
            if entry.on_negative_axis != (abs(mpmath.im(centre)) < slack and mpmath.re(centre) < 0):
                out.append(f"axis {j}")
            if entry.on_negative_axis:
                centre = mpmath.re(centre)
            wanted = mpmath.log(centre) + 2j * mpmath.pi * entry.k
            near = sorted(logs, key=lambda z, at=wanted: abs(z - at))[: entry.multiplicity]
            if max(abs(z - wanted) for z in near) > 1e-8:
                out.append(f"k {j}")
            logs = [z for z in logs if z not in near]
    return out


def recorded(name: str, d: int) -> Any:
    problem = FAMILIES[name].build(d, 2)
    ks = [(j % 3) - 1 for j in range(len(spectrum(problem.quotient).eigenvalues))]
    return problem, choose_record(problem, "auto", 0, ks)[0]


@pytest.mark.parametrize("name", [family.name for family in SMALL])
def test_records_are_confirmed_by_plain_mpmath(name):
    problem, record = recorded(name, min(FAMILIES[name].sizes))
    for one in (choose_record(problem, "auto")[0], record):
        assert faults(problem, one, solve_shift(problem, one, 25).L) == []


@pytest.mark.parametrize("field", ["k", "on_negative_axis", "multiplicity", "box"])
def test_a_wrong_record_is_not_confirmed(field):
    problem, record = recorded("negative-axis", 3)
    L = solve_shift(problem, record, 25).L
    first = record.entries[0]
    changed = {
        "k": first.k + 1,
        "on_negative_axis": not first.on_negative_axis,
        "multiplicity": first.multiplicity + 1,
        "box": record.entries[1].box.mirror().inflate(record.entries[1].box.half_width),
    }
    bad = altered(record, entries=(replace(first, **{field: changed[field]}), *record.entries[1:]))
    assert faults(problem, bad, L)
    assert faults(problem, record, L + 1e-12 * mpmath.eye(3)) == ["exp(L)"]


# ------------------------------------------------------------------------- spectra and branches


@pytest.mark.parametrize(
    ("blocks", "ks"),
    [
        ([(-1, 2), (2, 1)], (1, -2)),  # a Jordan block on the cut
        ([("1+i", 3)], (2,)),  # one eigenvalue
        ([(-3, 1), (-3, 1), ("-2+i", 2)], (-1, 3)),  # derogatory on the cut
        ([("i", 2), ("-i", 2)], (0, 1)),  # conjugate blocks on different branches
    ],
)
def test_repeated_eigenvalues_on_branches_of_their_own(blocks, ks):
    K = conjugated_jordan(blocks)
    problem = problem_with(K)
    record = make_record(problem, gaussian(3), 0, ks)
    solution = solve_shift(problem, record, 30)
    assert worst_residual(solution) <= mpmath.mpf(10) ** -30
    ball = path_solver("ball", "shift")(problem, record, 45)
    with mpmath.workdps(45):
        exact = mpmath.matrix(
            [[complex_of(ball.L[r, c]) for c in range(K.cols)] for r in range(K.rows)]
        )
        assert mpmath.mnorm(solution.L - exact, "f") <= mpmath.mpf(10) ** -29


def complex_of(z: Any) -> Any:
    parts = [mpmath.mpf(int(m)) * mpmath.mpf(2) ** int(e) for m, e in map(mid, (z.real, z.imag))]
    return mpmath.mpc(*parts)


def mid(x: Any) -> Any:
    return x.mid().man_exp()


@pytest.mark.parametrize("gap", [30, 120])
def test_nearly_equal_eigenvalues_are_met_by_a_higher_precision(gap):
    K = ExactMatrix.from_rows([["-2+i", 1], [0, f"-2+{10**gap + 1}/{10**gap}i"]])
    problem = problem_with(K)
    solution = solve(problem, digits=20, path="mpmath", alpha=3)
    assert solution.working_digits > gap
    assert worst_residual(solution) <= mpmath.mpf(10) ** -20
    with mpmath.workdps(30):
        assert abs(solution.L[0, 1] - 1 / mpmath.mpc(-2, 1)) < mpmath.mpf(10) ** -18


@pytest.mark.parametrize("sign", [1, -1])
def test_the_side_of_the_cut_is_the_records(sign):
    K = ExactMatrix.from_rows([[gaussian(-1), 1], [0, f"-2{'+' if sign > 0 else '-'}1/{10**90}i"]])
    solution = solve(problem_with(K), digits=20, path="mpmath", alpha=3)
    assert mpmath.im(solution.L[1, 1]) * sign > 3
    assert mpmath.im(solution.L[0, 0]) > 3


def test_turn_and_smallest_norm_are_followed():
    problem = FAMILIES["gaussian-complex"].build(3, 4)
    for record in (
        choose_record(problem, "1/2", 2, "smallest-norm")[0],
        choose_record(problem, "-2", -1, [1, 0, -1])[0],
    ):
        mine, ball = (path_solver(p, "shift")(problem, record, 25) for p in ("mpmath", "ball"))
        assert not mine.record.same_branch(ball.record)
        fast = path_solver("multiprecision", "shift")(problem, record, 40)
        assert max(distances(mine, fast)) <= mpmath.mpf(10) ** -25


def test_boxes_as_narrow_as_the_enclosures_give_the_same_weights():
    problem = FAMILIES["dft-K"].build(4, 1)
    record = choose_record(problem, "auto")[0]
    entries = zip(record.entries, spectrum(problem.quotient).eigenvalues, strict=True)
    narrow = altered(record, entries=tuple(replace(e, box=v.enclosure) for e, v in entries))
    wide, tight = (solve_shift(problem, one, 30) for one in (record, narrow))
    assert max(distances(wide, tight)) <= mpmath.mpf(10) ** -30


def test_a_weight_that_is_zero_is_exactly_zero():
    solution = solve_family("equal-outputs")
    assert not any(solution.W2)
    assert not any(solution.L)


# ------------------------------------------------------------------------------ what is refused


def test_more_digits_than_the_ceiling_is_a_typed_error():
    problem = FAMILIES["gaussian-complex"].build(2, 0)
    record = choose_record(problem, 3)[0]
    with pytest.raises(PrecisionCeilingError, match="ceiling"):
        solve_shift(problem, record, 50, ceiling=60)


@pytest.mark.parametrize("alpha", ["3", "1000001/1000000", "1e-3000", "-2"])
def test_an_alpha_that_loses_too_many_digits_is_refused_before_the_work(alpha, monkeypatch):
    """Millions of digits are predicted: no exponential is begun."""
    problem = load_problem("color-spaces")

    def refuse(*_: Any) -> Any:
        raise RuntimeError("expm was called")

    monkeypatch.setattr(MPContext, "expm", refuse)
    with pytest.raises(PrecisionCeilingError, match="choose another α"):
        solve(problem, alpha=alpha, path="mpmath", digits=20)


def test_the_predicted_loss_is_where_the_search_begins():
    """230 digits are lost: two precisions that agree, and no climb before them."""
    problem = load_problem("color-spaces")
    solution = solve(problem, alpha="1+1/100i", path="mpmath", digits=20)
    assert solution.digits_carried > 200
    assert solution.recomputations == 1
    assert max(solution.residuals) <= 10**-20


@pytest.mark.parametrize("wrong", ["factor", "odd", "noise"])
def test_a_wrong_exponential_is_not_believed(wrong, monkeypatch):
    """expm is wrong from the 20th digit on, at every precision: no weights of 30 digits."""
    right = MPContext.expm

    def expm(mp: Any, M: Any, method: str = "taylor") -> Any:
        error = mp.mpf(10) ** -20
        E = right(mp, M, method)
        return {
            "factor": lambda: E * (1 + error),
            "odd": lambda: E + error * M,
            "noise": lambda: E + error * mp.ones(M.rows),
        }[wrong]()

    problem = FAMILIES["gaussian-complex"].build(2, 0)
    record = choose_record(problem, 3)[0]
    assert solve_shift(problem, record, 30, ceiling=1000).label is Label.AGREES
    monkeypatch.setattr(MPContext, "expm", expm)
    with pytest.raises(PrecisionCeilingError):
        solve_shift(problem, record, 30, ceiling=1000)


def test_the_logarithm_of_mpmath_is_never_called(monkeypatch):
    def refuse(*_: Any) -> Any:
        raise RuntimeError("logm was called")

    monkeypatch.setattr(MPContext, "logm", refuse)
    assert solve_family("rotations").label is Label.AGREES
