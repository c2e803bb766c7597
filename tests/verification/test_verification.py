"""The verification harness: what must pass passes, what must fail fails."""

from __future__ import annotations

import io
from dataclasses import replace

import mpmath
import numpy as np
import pytest
from rich.console import Console

from deepexp_exact.constructions.rank_one import search
from deepexp_exact.depth.one_layer import one_layer
from deepexp_exact.errors import NoSolutionError
from deepexp_exact.exact import ExactMatrix, fmpq_to_float, hstack
from deepexp_exact.problems import Problem, load_problem, shipped
from deepexp_exact.problems.families import BEYOND, EVERY, FAMILIES, Case, rotation
from deepexp_exact.report.html import verify_page
from deepexp_exact.report.terminal import verify_table
from deepexp_exact.solution import Label
from deepexp_exact.solving import path_solver, solve
from deepexp_exact.verification import VerifyReport, crosschecks, plan, run_case, steps, verify
from deepexp_exact.verification.controls import controls, no_solution
from deepexp_exact.verification.flint_matrices import FlintMatrix
from deepexp_exact.verification.splitting import SplitSteps
from deepexp_exact.verification.steps import StepValues, into
from deepexp_exact.verification.verdicts import CaseReport, Check


def test_every_family_builds_the_same_problem_twice_and_meets_the_hypotheses():
    for family in FAMILIES.values():
        for d in family.sizes:
            problem = family.build(d, 7)
            assert problem == family.build(d, 7)
            assert problem.d == d
            assert all(h.holds for h in problem.hypotheses() if h.required)


def test_quick_is_a_part_of_full_and_holds_every_shipped_problem():
    quick, full = plan("quick"), plan("full")
    assert set(quick) <= set(full)
    assert {"quantum-gates", "iris-covariances", "color-spaces"} <= {c.family for c in quick}


@pytest.mark.parametrize("name", ["quantum-gates", "defective", "equal-outputs", "rotations"])
def test_a_case_passes_with_every_step_and_path(name):
    family = FAMILIES.get(name)
    report = run_case(Case(name, family.sizes[0] if family else 0, 0, 30))
    assert report.passes, [c for c in report.checks if not c.passes]
    labels = {check.subject: check.label for check in report.checks}
    for step in ("P1", "P2", "P3", "P4", "P5", "P6", "P7", "branch", "forward error"):
        assert labels[step] is Label.AGREES, step
    assert labels["mpmath"] is Label.AGREES
    assert labels["B1"] is Label.PROVED
    assert labels["ball"] is Label.CERTIFIED


def test_every_family_has_a_name_of_its_own_and_is_found_by_it():
    assert len(EVERY) == len({f.name for f in EVERY.values()}) >= len(FAMILIES) + len(BEYOND)
    for family in BEYOND.values():
        d = family.sizes[0]
        assert family.build(d, 7) == family.build(d, 7)
        case = Case.parse(f"{family.name},seed=3")
        assert (case.d, Case.parse(str(case))) == (d, case)


SOLVED = ["D-rank-half", "X2-D-singular", "all-singular", "Y-rank-one", "Y-rank-zero"]


@pytest.mark.parametrize("name", [*SOLVED, "equal-everything"])
def test_a_case_beyond_the_hypotheses_passes_on_every_path(name):
    report = run_case(Case(name, EVERY[name].sizes[0], 1, 20))
    assert report.passes, [c for c in report.checks if not c.passes]
    labels = {check.subject: check.label for check in report.checks}
    steps = {"split": [f"Q{j}" for j in range(8)], "shift": ["P1", "P2"], "constant": []}
    for step in ["multiprecision", "forward error", *steps[report.summary["construction"]]]:
        assert labels[step] is Label.AGREES, step
    count = len(steps[report.summary["construction"]])
    count += 5 if count else 0  # P3 to P7
    assert report.to_json()["steps"] == {"held": count, "of": count}
    again = CaseReport.from_json(report.to_json())
    assert again.steps == report.steps
    text = io.StringIO()
    table = verify_table(VerifyReport("quick", "", {}, 0.0, (report,), 1), 200)
    Console(width=200, file=text).print(table)
    assert not count or f" {count} of {count} " in text.getvalue()
    assert labels["mpmath"] is labels["double"] is Label.AGREES
    assert labels["ball"] is Label.CERTIFIED
    assert Label.NOT_APPLICABLE in labels.values()  # a hypothesis of the theorem


@pytest.mark.parametrize(("name", "statement"), [("other-columns", "N1"), ("equal-inputs", "N2")])
def test_no_solution_is_proved_and_a_forged_one_refuted(name, statement):
    report = run_case(Case(name, 3, 4, 20))
    labels = {check.subject: check.label for check in report.checks}
    assert labels[statement] is Label.PROVED
    assert labels["control: forged solution"] is Label.REFUTED
    assert report.passes


def test_a_wrong_proof_of_no_solution_fails():
    problem = FAMILIES["integer"].build(2, 1)
    for statement in ("N1", "N2"):
        proof, _ = no_solution(problem, NoSolutionError("no", "", statement), 20)
        assert proof.label is Label.FAILED


def test_an_undecided_problem_is_undecided(tmp_path, monkeypatch):
    """A singular pencil, for whose first layer there is no time to search."""
    monkeypatch.setattr(search, "WORK", 0)
    target = tmp_path / "open.json"
    Problem([[1, 0], [0, 0]], [[2, 0], [0, 0]], [[1, 0], [0, 1]], [[1, 1], [0, 1]]).save(target)
    report = run_case(Case(str(target), 0, 0, 20))
    assert {c.label for c in report.checks if not c.passes} == {Label.UNDECIDED}


def test_the_papers_setting_has_no_other_families():
    assert {case.family for case in plan("quick", paper=True)} <= {*FAMILIES, *shipped()}
    report = run_case(Case("D-rank-half", 4, 0, 20), alpha="positive")
    assert {c.label for c in report.checks} == {Label.PROVED, Label.NOT_APPLICABLE}


@pytest.mark.parametrize("name", ["D-rank-half", "all-singular"])
@pytest.mark.parametrize("step", [f"Q{j}" for j in range(8)])
def test_each_step_of_the_split_notices_a_wrong_quantity(step, name):
    problem = BEYOND[name].build(BEYOND[name].sizes[-1], 2)
    solution = solve(problem, digits=20, path="multiprecision")
    found = SplitSteps(StepValues(problem, solution))
    assert found.steps()[step]().residual < 1e-19
    mp, d = found.mp, problem.d
    spoilt = mp.eye(d) + mp.mpf("1e-3") * mp.matrix(
        [[r + 2 * c + 1 for c in range(d)] for r in range(d)]
    )
    wrong = {
        "Q0": ("X1", spoilt * found.X1),
        "Q1": ("M2", spoilt * found.M2),
        "Q2": ("Pi", spoilt * found.Pi),
        "Q4": ("M1", spoilt * found.M1),
        "Q5": ("M2", spoilt * found.M2),
        "Q6": ("m", found.m + mp.mpf("1e-3")),
        "Q7": ("M2", spoilt * found.M2),
    }
    if step == "Q3":
        found.of.alpha *= mp.mpf("1.001")
    else:
        setattr(found, *wrong[step])
    assert found.steps()[step]().residual > 1e-9


@pytest.mark.parametrize("wrong", ["a weight", "the residual"])
def test_the_plain_path_is_held_against_the_fast_one(wrong, monkeypatch):
    case = Case("gaussian-complex", 2, 5, 30)
    right = crosschecks.path_solver("mpmath", "shift")

    def spoilt(problem, record, digits):
        found = right(problem, record, digits)
        if wrong == "a weight":
            return replace(found, W2=found.W2 * (1 + mpmath.mpf(10) ** -15))
        return replace(found, residuals=(found.residuals[0], mpmath.mpf(10) ** -29))

    def chosen(path, construction):
        return spoilt if path == "mpmath" else path_solver(path, construction)

    assert run_case(case).passes
    monkeypatch.setattr(crosschecks, "path_solver", chosen)
    bad = {check.subject: check.label for check in run_case(case).checks if not check.passes}
    assert bad["mpmath"] is Label.FAILED
    assert set(bad) <= {"mpmath", "symbolic"}


def test_the_plain_path_is_asked_up_to_the_d_given():
    case = Case("gaussian-complex", 3, 0, 20)
    for largest, label in ((2, Label.NOT_APPLICABLE), (3, Label.AGREES)):
        report = run_case(case, mpmath_max_d=largest)
        assert [c.label for c in report.checks if c.subject == "mpmath"] == [label]
    report = verify(cases=[case], jobs=1, mpmath_max_d=2)
    assert "--mpmath-max-d 2" in report.command


@pytest.mark.core
@pytest.mark.parametrize("arithmetic", ["mpmath", "FLINT"])
@pytest.mark.parametrize("step", ["P1", "P2", "P3", "P4", "P5", "P6", "P7"])
def test_each_step_notices_a_wrong_quantity(step, arithmetic, monkeypatch):
    """A step that cannot fail proves nothing: corrupt what it is about and see it fail."""
    monkeypatch.setattr(steps, "MPMATH_D", 24 if arithmetic == "mpmath" else 1)
    problem = FAMILIES["gaussian-complex"].build(2, 3)
    solution = solve(problem, digits=20, alpha="3")
    evaluation = StepValues(problem, solution)
    assert evaluation.steps()[step]().residual < 1e-19
    wrong = {"P1": "c", "P2": "alpha", "P3": "A", "P4": "L", "P5": "Z", "P6": "Z", "P7": "W3"}
    setattr(evaluation, wrong[step], evaluation.mp.mpf("1.001") * getattr(evaluation, wrong[step]))
    assert evaluation.steps()[step]().residual > 1e-6


@pytest.mark.parametrize("family", ["gaussian-complex", "negative-axis", "al-mohy-higham-K"])
def test_both_arithmetics_measure_the_same(family, monkeypatch):
    problem = FAMILIES[family].build(5, 2)
    solution = solve(problem, digits=30, path="multiprecision", construction="shift")
    plain = StepValues(problem, solution)
    monkeypatch.setattr(steps, "MPMATH_D", 4)
    flint = StepValues(problem, solution)
    for mine, other in zip(plain.residuals(), flint.residuals(), strict=True):
        assert abs(mine / other - 1) < 1e-6
    for step in ("P1", "P2", "P5"):  # the others are as small as the evaluation's own rounding
        assert abs(plain.steps()[step]().residual / flint.steps()[step]().residual - 1) < 1e-3
    difference = flint.K - FlintMatrix.of(flint.mp, problem.K)
    assert difference.frobenius() < flint.mp.mpf(10) ** (3 - flint.mp.dps) * flint.K.frobenius()
    assert flint.branch_distance() < 0.1
    flint.W2 = flint.mp.mpf(2) * flint.W2
    assert flint.branch_distance() > 0.1


def test_controls_are_refuted_and_the_untampered_control_is_not():
    problem = load_problem("quantum-gates")
    solution = solve(problem, digits=25)
    assert [c.label for c in controls(problem, solution)] == [Label.REFUTED] * 3
    evaluation = StepValues(problem, solution)
    assert max(evaluation.residuals()) < 1e-25
    assert evaluation.branch_distance() < 0.1


def test_a_control_that_is_not_refuted_fails_the_run():
    check = Check("p", "control", Label.AGREES, "", expected=Label.REFUTED)
    assert not check.passes


def test_undecided_and_failed_do_not_pass_and_an_empty_run_does_not_either():
    assert not Label.UNDECIDED.passes
    assert not Label.FAILED.passes
    assert VerifyReport("quick", "", {}, 0.0, (), 0).exit_status == 1


def test_an_exponential_beyond_the_ceiling_is_undecided_not_passed():
    report = run_case(Case("near-singular-1e-30", 2, 0, 20), alpha="positive")
    assert not report.passes
    assert {c.label for c in report.checks if not c.passes} == {Label.UNDECIDED}


def test_one_layer_residual_is_the_least_squares_one():
    import numpy as np

    problem = FAMILIES["gaussian-complex"].build(3, 1)
    X = np.hstack([problem.X1.to_numpy(), problem.X2.to_numpy()])
    Y = np.hstack([problem.Y1.to_numpy(), problem.Y2.to_numpy()])
    W = np.linalg.lstsq(X.T, Y.T, rcond=None)[0].T
    assert float(one_layer(problem).squared_residual) == pytest.approx(
        np.linalg.norm(W @ X - Y) ** 2, rel=1e-10
    )


@pytest.mark.parametrize("rank", [0, 1, 2])
def test_one_layer_with_inputs_of_low_rank(rank):
    rows = {0: [[0, 0], [0, 0]], 1: [[1, 2], [2, 4]], 2: [[1, 2], [0, 1]]}[rank]
    found = one_layer(Problem(rows, rows, [[1, 0], [0, 1]], [[1, 0], [0, 1]]))
    assert found.rank_inputs == rank
    assert found.solvable == (rank == 2)
    assert (found.squared_residual == 0) == found.solvable


def test_logarithm_of_a_rotation_near_pi_is_the_principal_one():
    problem = Problem([[1, 0], [0, 2]], [[2, 1], [0, 4]], [[1, 0], [0, 1]], rotation(95, 3))
    solution = solve(problem, digits=40)
    evaluation = StepValues(problem, solution)
    mp = evaluation.mp
    values = mp.eig(into(mp, solution.L), left=False, right=False)
    angle = 2 * mp.atan(mp.mpf(95) / 3)
    assert 0.97 * mp.pi < angle < mp.pi
    imaginary = sorted(mp.im(v) for v in values)
    assert abs(imaginary[0] + angle) < mp.mpf(10) ** -39
    assert abs(imaginary[1] - angle) < mp.mpf(10) ** -39


def test_report_page_shows_failures_first_and_escapes(tmp_path):
    report = verify(cases=[Case("integer", 2, 0, 20)], jobs=1)
    bad = replace(report.cases[0], checks=(Check("<p>", "x", Label.FAILED, "<script>"),))
    page = verify_page(replace(report, cases=(bad,)))
    assert page.count("<script>") == 1  # the page's own
    assert '<th scope="row">&lt;p&gt;</th>' in page
    assert page.index('id="failed"') < page.index('id="matrix"')
    assert replace(report, cases=(bad,)).exit_status == 1


def test_runs_in_processes_agree_with_runs_here():
    cases = [Case("integer", 2, 0, 20), Case("derogatory", 3, 1, 20)]
    here, there = verify(cases=cases, jobs=1), verify(cases=cases, jobs=2)
    assert [c.problem for c in here.cases] == [c.problem for c in there.cases]
    assert here.counts == there.counts
    assert here.exit_status == there.exit_status == 0


def test_B1_at_sizes_whose_two_inputs_side_by_side_pass_the_largest_d() -> None:
    """[X1 X2] is 99×198; both sides recomputed: the ranks, and the residual by float64."""
    problem = FAMILIES["gaussian-complex"].build(99, 0)
    found = one_layer(problem)
    assert (found.rank_inputs, found.rank_all) == (99, 198)
    X = np.hstack([problem.X1.to_numpy(), problem.X2.to_numpy()])
    Y = np.hstack([problem.Y1.to_numpy(), problem.Y2.to_numpy()])
    rest = Y - Y @ np.linalg.pinv(X) @ X
    squared = fmpq_to_float(found.squared_residual)
    assert squared == pytest.approx(np.linalg.norm(rest) ** 2, rel=1e-9)


@pytest.mark.parametrize("deficient", [False, True])
def test_B1_against_the_normal_equations_in_exact_arithmetic(deficient: bool) -> None:
    problem = FAMILIES["integer"].build(3, 1)
    X1, X2, Y1, Y2 = problem.X1, problem.X2, problem.Y1, problem.Y2
    if deficient:  # the third row of [X1 X2] is the sum of the others, a zero row is there too
        P = ExactMatrix.from_rows([[1, "i", 0], [0, 0, 0], [1, "i", 0]])
        X1, X2 = P @ X1, P @ X2
    found = one_layer(Problem(X1, X2, Y1, Y2))
    X, Y = hstack(X1, X2), hstack(Y1, Y2)
    R = ExactMatrix.from_rows([X.to_rows()[0]]) if deficient else X
    cross = Y @ R.conjugate_transpose()
    gram = R @ R.conjugate_transpose()
    captured = cross @ gram.solve(cross.conjugate_transpose())
    assert found.squared_residual == Y.frobenius_squared() - captured.trace().re
    assert found.rank_inputs == (1 if deficient else 3)


def test_one_layer_that_fits_both_is_seen() -> None:
    problem = FAMILIES["integer"].build(3, 1)
    W = ExactMatrix.from_rows([[1, "i", 0], [0, "1/3", 0], [1, "i", 5]])
    found = one_layer(Problem(problem.X1, problem.X2, W @ problem.X1, W @ problem.X2))
    assert (found.solvable, found.squared_residual) == (True, 0)
    zero = ExactMatrix.zero(3, 3)
    none = one_layer(Problem(zero, zero, problem.Y1, problem.Y2))
    assert none.rank_inputs == 0
    assert none.squared_residual == hstack(problem.Y1, problem.Y2).frobenius_squared()
