"""What is told of weights bounds the truth: figures in the API, as text and as JSON."""

from __future__ import annotations

import json
import re
import subprocess
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from commands import prompt
from flint import acb, acb_mat, arb, ctx
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from deepexp_exact import ExactMatrix, Problem, logm, solve
from deepexp_exact.errors import PrecisionCeilingError
from deepexp_exact.exact.binary import text_above
from deepexp_exact.measuring import judged
from deepexp_exact.paths.double.shift import solve_shift
from deepexp_exact.problems.families import FAMILIES
from deepexp_exact.report.weights import formatted
from deepexp_exact.solution import Solution, bound_text
from deepexp_exact.verification import crosschecks


def balls(M: ExactMatrix) -> acb_mat:
    return acb_mat([[acb(arb(z.re), arb(z.im)) for z in row] for row in M.to_rows()])


def true_residual(solution: Solution, which: int) -> Fraction:
    """A lower bound of the true residual, within 1e-6, by ``acb_mat.exp`` on the entries alone."""
    p = solution.problem
    X, Y = ((p.X1, p.Y1), (p.X2, p.Y2))[which]
    for bits in (256, 1024, 4096, 16384):
        with ctx.workprec(bits):
            W1, W2, W3 = (W.to_acb_mat() for W in solution.weights)
            x, y = map(balls, (X, Y))
            off = W3 * (W2 * (W1 * x).exp()).exp() - y
            norms = [sum((abs(z) ** 2 for z in M.entries()), arb(0)).sqrt() for M in (off, y)]
            if all(z == 0 for z in off.entries()):
                return Fraction(0)
            ratio = norms[0] / norms[1]
            if ratio.is_finite() and ratio.rad() * 10**6 < ratio.mid():
                mantissa, exponent = map(int, ratio.lower().mid().man_exp())
                return Fraction(mantissa) * Fraction(2) ** exponent
    raise AssertionError("the residual is not found")


def exact(value: Any) -> Fraction:
    if isinstance(value, int | float):
        return Fraction(value)
    mantissa, exponent = value.mid().man_exp() if hasattr(value, "mid") else value.man_exp
    return abs(Fraction(int(mantissa))) * Fraction(2) ** int(exponent)


@given(st.integers(0, 2**200), st.integers(-3000, 3000))
def test_two_digits_of_a_bound_are_rounded_up(mantissa: int, exponent: int) -> None:
    value = Fraction(mantissa) * Fraction(2) ** exponent
    told = Fraction(text_above(mantissa, exponent))
    assert value <= told <= value * Fraction(11, 10)
    if mantissa:
        assert text_above(mantissa, exponent - 2**50).count("e-") == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (0.5, "5.0e-1"), (1.01e-50, "1.1e-50"), (mpf("inf"), "inf"), (arb(0), "0"),
        (float("inf"), "inf"), (float("nan"), "nan"), (arb("inf"), "inf"), (991, "1.0e+3"),
        (2.0**-1074, "5.0e-324"),
    ],
)  # fmt: skip
def test_bounds_of_every_kind_are_told(value: Any, text: str) -> None:
    with mp.workprec(5):  # whatever the caller's precision is
        assert bound_text(value) == text


FRACTIONS = Problem(
    [["1/3", "2/7"], ["-5/11i", "1/13"]],
    [["8/9", "1/7"], ["3/11", "-2/13+1/17i"]],
    [["1/19", "2/3"], ["1/5", "4/7"]],
    [["1/23", "i"], ["6/5", "1/29"]],
    name="fractions",
)
ONE = Problem([["1/3"]], [["5/7"]], [["11/13"]], [["-2/3+1/9i"]], name="one")
EQUAL = Problem(
    [["1/3", 2], [3, 4]], [["1/3", 2], [3, 4]], *[[["1/7", "2/3"], ["1/9", "i"]]] * 2, name="equal"
)
SINGULAR = Problem(
    [["1/3", "1/7"], ["1/9", 2]], [["1/3", "8/7"], ["1/9", 2]],
    [["1/3", 1], [0, 2]], [[1, "1/7"], [1, 1]],
)  # fmt: skip
PATHS = (None, "multiprecision", "ball", "mpmath", "double", "symbolic")


@pytest.mark.parametrize("digits", [1, 2, 17, 60])
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("problem", [FRACTIONS, ONE, EQUAL, SINGULAR], ids="2121")
def test_told_residuals_bound_the_truth(problem: Problem, path: str | None, digits: int) -> None:
    if path == "symbolic" and problem is SINGULAR:
        pytest.skip("no closed form")
    solution = solve(problem, digits=digits, path=path)
    for which, told in enumerate(solution.residuals):
        truth = true_residual(solution, which)
        assert truth <= exact(told) <= Fraction(bound_text(told))
        assert bound_text(told) in str(solution)
        if path != "double":
            assert Fraction(bound_text(told)) <= Fraction(1, 10**digits)
    assert solution.residuals_are in ("measured", "proved")
    assert f"({solution.residuals_are})" in solution._repr_html_()


def test_values_of_closed_forms_carry_what_their_residuals_take() -> None:
    """A shear of 1e30 as K: 15 digits more than are asked would not do."""
    shear, one = [[1, "1e30"], [0, 1]], [[1, 0], [0, 1]]
    far = Problem(FRACTIONS.X1, FRACTIONS.X2, one, shear)
    solution = solve(far, digits=20, path="symbolic")
    assert solution.digits_carried > 55
    assert max(solution.residuals) < mpf(10) ** -20
    assert max(true_residual(solution, j) for j in (0, 1)) <= Fraction(1, 10**20)
    told = json.loads(json.dumps([bound_text(e) for e in solution.errors]))
    assert all(0 < Fraction(e) < Fraction(1, 10**55) for e in told)
    assert solution.errors_are == "proved"


def test_float64_weights_are_measured_and_not_by_float64() -> None:
    """A residual that float64 sees as 0, and errors beyond float64's range are no traceback."""
    seen = solve(ONE, path="double", alpha="3")
    assert all(true_residual(seen, j) <= exact(seen.residuals[j]) for j in (0, 1))
    assert seen.residuals_are == seen.errors_are == "measured"
    far = Problem([["1"]], [["1.0000000000000000000001"]], [["2"]], [["3"]])
    lost = solve(far, path="double", alpha="3")
    assert lost.label == "FAILED"


def test_where_one_output_overflows_the_other_is_not_told_as_float64_sees_it() -> None:
    """float64 saw 3.4e15 where it is 4.5e485."""
    X1 = [
        ["2/5", "1-5i", "-2/3+3/5i"],
        ["1/2-i", "-1-2i", "-2/3+2i"],
        ["-5/4+i", "-2+3i", "3/2+2i"],
    ]
    X2 = [
        ["-11/10+i", "8/3-4i", "-5/3-17/5i"], ["-4/5i", "-3/2-11/5i", "9/4i"],
        ["-13/4+2i", "-5+9/4i", "-1/2+5i"],
    ]  # fmt: skip
    Y1 = [
        ["-5/2+i", "2/5-5/2i", "-1/3-2/3i"], ["2/3+4/3i", "5/4+4/5i", "-5/4+1/2i"],
        ["1+3/5i", "1-i", "5/3+2i"],
    ]  # fmt: skip
    K = ExactMatrix.from_rows([["1/2", "2e20", "-2e20"], [0, -1, "-2e20"], [0, 0, -1]])
    Y2 = ExactMatrix.from_rows(Y1) @ K
    found = solve(Problem(X1, X2, Y1, Y2), path="double", alpha="i")
    alone = solve_shift(found.problem, found.record, 15)
    assert min(alone.residuals) < 1e100 < max(alone.residuals)
    assert alone.residuals_are == "seen by float64"
    assert (found.label, found.residuals_are) == ("FAILED", "measured")
    assert all(r > mpf(10) ** 100 for r in found.residuals)


def test_float64_is_undecided_where_its_reference_is_beyond_every_ceiling() -> None:
    def beyond(*_: Any) -> Solution:
        raise PrecisionCeilingError("too many bits")

    record = solve(FRACTIONS, digits=5).record
    found = judged(solve_shift(FRACTIONS, record, 15), beyond)
    assert (found.label, found.digits_carried) == ("UNDECIDED", 0)
    assert (found.residuals_are, found.errors_are) == ("measured", "unknown")
    assert "too many bits" in found.findings[-1]


@pytest.mark.parametrize("family", ["gaussian-complex", "near-singular-1e-12", "defective"])
def test_proved_errors_are_relative_to_the_exact_weights(family: str) -> None:
    problem = FAMILIES[family].build(3, 4)
    rough = solve(problem, digits=1, path="ball")
    fine = solve(problem, digits=40, path="ball", branch=rough.record)
    for W, V, told in zip(rough.weights, fine.weights, rough.errors, strict=True):
        with ctx.workprec(400):
            mine, other = W.to_acb_mat(), V.to_acb_mat()
            pair = mine - other, other
            off, size = (sum((abs(z) ** 2 for z in M.entries()), arb(0)).sqrt() for M in pair)
            assert off <= size * (told + arb(10) ** -39)


@pytest.mark.parametrize("rows", [[[2, "1/3"], ["i", 5]], [["1e-30", 1], [0, 7]]])
@pytest.mark.parametrize("digits", [1, 2, 15, 40])
def test_printed_entries_of_a_logarithm_have_the_error_that_is_told(rows: Any, digits: int) -> None:
    found, fine = logm(rows, digits=digits), logm(rows, digits=digits + 30)
    texts, told = found.rounded()
    printed = ExactMatrix.from_rows(texts)
    with mp.workdps(digits + 40):
        off = mp.mnorm(printed.to_mpmath() - fine.value, "f") / mp.mnorm(fine.value, "f")
        assert off <= mpf(str(told.mid().str(30, radius=False))) * (1 + mpf(10) ** -5)


def run(*words: str) -> str:
    done = subprocess.run(prompt(*words), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_estimates_are_called_so_as_text_and_as_json(tmp_path: Path) -> None:
    told = run("solve", "quantum-gates", "--digits", "20")
    conditions = next(line for line in told.splitlines() if line.startswith("conditions"))
    assert conditions.endswith("(estimated)")
    assert "‖f(X1) − Y1‖/‖Y1‖ ≤ " in told
    table = json.loads(run("solve", "quantum-gates", "--digits", "20", "--json"))
    assert table["conditions_are"] == "estimated"
    assert run("logm", "quantum-gates:K", "--digits", "3").rstrip().endswith("(estimated)")


def test_a_ceiling_is_told_with_the_loss_that_is_the_reason(capfd: Any) -> None:
    problem = FAMILIES["near-singular-1e-12"].build(3, 0)
    with pytest.raises(PrecisionCeilingError, match=r"predicted for the best α found is about"):
        solve(problem, alpha="positive")
    assert solve(problem, digits=20).label == "CERTIFIED"  # the remedy
    assert capfd.readouterr() == ("", "")  # nor a word of LAPACK's


@pytest.mark.parametrize("style", ["text", "latex", "matlab", "numpy", "csv"])
def test_printed_weights_read_back_keep_the_promise(style: str) -> None:
    problem = FRACTIONS
    solution = solve(problem, digits=20, path="multiprecision", alpha="101/100")
    assert solution.digits_carried > 25
    digits = max(17, solution.digits_carried + 4)
    text = formatted({f"W{j}": W for j, W in enumerate(solution.weights, 1)}, digits, style)
    number = r"[-+]?[0-9.]+(?:e[-+]?[0-9]+)?"
    if style == "latex":
        text = re.sub(r"\\cdot 10\^\{(-?[0-9]+)\}", r"e\1", text).replace("\\,\\mathrm{i}", "i")
    if style == "csv":
        texts = [[*line.split(",")[3:]] for line in text.splitlines()]
    else:
        body = text.replace("j", "i")
        texts = re.findall(rf"(?<![0-9.e])({number})({number})i", body)
    assert len(texts) == 12
    with ctx.workprec(2000):
        values = [acb(arb(re_), arb(im)) for re_, im in texts]
        read = [acb_mat(2, 2, values[k : k + 4]) for k in (0, 4, 8)]
        for X, Y in ((problem.X1, problem.Y1), (problem.X2, problem.Y2)):
            x, y = map(balls, (X, Y))
            off = read[2] * (read[1] * (read[0] * x).exp()).exp() - y
            norms = [sum((abs(z) ** 2 for z in M.entries()), arb(0)).sqrt() for M in (off, y)]
            assert norms[0] < norms[1] * arb(10) ** -20


def test_fewer_digits_than_weights_carry_are_said_to_be_fewer(tmp_path: Path) -> None:
    words = ("solve", "quantum-gates", "--digits", "20", "--format", "numpy")
    some = subprocess.run(prompt(*words, "--weight-digits", "5"), capture_output=True, text=True)
    every = subprocess.run(prompt(*words), capture_output=True, text=True)
    assert "rounded to 5 digits" in some.stderr
    assert every.stderr == ""
    assert every.stdout.rstrip().splitlines()[-1].startswith("# read as numbers")
    assert not some.stdout.rstrip().splitlines()[-1].startswith("#")


@pytest.mark.parametrize("problem", [FRACTIONS, ONE, SINGULAR], ids="123")
def test_right_digits_of_float64_are_rounded_down(problem: Problem) -> None:
    solution = solve(problem, digits=20, path="multiprecision")
    figure = crosschecks.against_double(problem, solution)[0].figure
    kept, left = map(float, figure.split("/"))
    found = solve(problem, path="double", branch=solution.record)
    assert 10.0**-left >= float(max(found.residuals)) * 0.99
    assert 10.0**-kept >= float(max(found.errors)) * 0.99


def test_weights_too_long_for_a_certificate_are_printed_whole(tmp_path: Path) -> None:
    """A mantissa of more than 80 000 bits: no file, and JSON that has the weights and says so."""
    target = tmp_path / "c.json"
    (tmp_path / "p.json").write_text(json.dumps(ONE.to_json()))
    words = (
        "solve",
        f"{tmp_path}/p.json",
        "--path",
        "multiprecision",
        "--digits",
        "24500",
        "--json",
    )
    done = subprocess.run(
        prompt(*words, "--json", "--out", str(target)), capture_output=True, text=True
    )
    table = json.loads(done.stdout)
    assert done.returncode == table["exit_status"] == 2
    assert "80000" in table["certificate"]["not_proved"]
    assert not target.exists()
    mantissa = int(table["weights"]["W1"][0][0][0].partition("p")[0], 16)
    assert mantissa.bit_length() > 80_000
    schema = resources.files("deepexp_exact") / "schemas" / "solution.schema.json"
    jsonschema.Draft202012Validator(json.loads(schema.read_text("utf-8"))).validate(table)
