"""The weights in other libraries' types and as text; f of a solution."""

from __future__ import annotations

import pickle
import shutil
import subprocess
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy
from commands import prompt
from flint import acb_mat, ctx
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from deepexp_exact import ExactMatrix, load_problem, solve
from deepexp_exact.errors import NumberError
from deepexp_exact.exact.binary import to_mp_matrix, to_mpc
from deepexp_exact.report.weights import STYLES, formatted

PROBLEM = load_problem("quantum-gates")


EXPLICIT = ("multiprecision", "mpmath", "ball", "symbolic", "double")


@pytest.fixture(scope="module", params=[None, *EXPLICIT])
def solution(request: pytest.FixtureRequest) -> Any:
    return solve(PROBLEM, path=request.param)


def test_weights_are_mpmath_matrices_that_go_anywhere(solution: Any) -> None:
    W = solution.W2
    assert isinstance(W, mpmath.matrix)
    with mp.workdps(60):
        assert mp.expm(W).rows == (W * PROBLEM.X1.to_mpmath()).rows == 4
    array = np.asarray(W)
    assert array.shape == (4, 4)
    assert array.dtype == np.complex128
    assert array[1, 2] == complex(W[1, 2])
    objects = W.to_numpy(dtype=object)
    assert all(objects[r, c] == W[r, c] for r in range(4) for c in range(4))
    exact = W.to_sympy()
    assert abs(complex(exact[0, 0]) - complex(W[0, 0])) < 1e-15
    back = ExactMatrix.from_rows(W.to_acb_mat().tolist())
    assert back == ExactMatrix.from_rows(W)
    if solution.path == "symbolic":
        assert exact.has(sympy.log(3))
    else:
        assert back == ExactMatrix.from_rows(exact)
    assert np.allclose(W @ np.eye(4) + np.eye(4) - W, np.eye(4))
    assert isinstance(W.to_acb_mat(), acb_mat)
    assert type(W.to_mpmath()) is mpmath.matrix
    again = pickle.loads(pickle.dumps(W))
    assert type(again) is type(W)
    assert again == W
    assert again.decimal(70) == W.decimal(70)
    assert "pmatrix" in W._repr_latex_()


def test_f_of_a_solution_gives_the_outputs(solution: Any) -> None:
    for X, Y in ((PROBLEM.X1, PROBLEM.Y1), (PROBLEM.X2, PROBLEM.Y2)):
        with ctx.workprec(300):
            value = solution(X)
        if solution.path == "double":
            assert np.linalg.norm(value - Y.to_numpy()) < 1e-12
        elif isinstance(value, acb_mat):
            assert solution.path == "ball"
            exact = zip(value.entries(), Y.to_acb_mat().entries(), strict=True)
            assert all(z.overlaps(y) and z.rad() < 1e-45 for z, y in exact)
        else:
            with mp.workdps(80):
                assert mp.mnorm(value - Y.to_mpmath(), "f") < mp.mpf(10) ** -49


def test_balls_about_the_weights_are_kept_where_they_were_proved(solution: Any) -> None:
    assert (solution.enclosures is not None) == (solution.label == "CERTIFIED")
    for W, balls in zip(solution.weights, solution.enclosures or (), strict=False):
        exact = zip(W.to_acb_mat().entries(), balls.entries(), strict=True)
        assert all(z.contains(w) for w, z in exact)


def test_closed_forms_give_as_many_digits_as_one_asks_for() -> None:
    W = solve(PROBLEM, digits=10, path="symbolic").W1
    with mp.workdps(220):
        assert W.decimal(200)[0][0] == mp.nstr(-mp.log(3) / 2, 200)
    copy = pickle.loads(pickle.dumps(W))
    W[0, 0] = 1  # no longer the closed form's
    assert W.decimal(5)[0][0] == "1.0"
    assert W.to_sympy()[0, 0] == 1
    assert copy.to_sympy()[0, 0] == -sympy.log(3) / 2


def test_what_the_path_s_own_type_has_goes_on_working() -> None:
    assert solve(PROBLEM, path="double").W1.conj().dtype == complex
    assert solve(PROBLEM, path="ball").W1.det() is not None
    assert solve(PROBLEM, path="symbolic").W1.free_symbols == set()
    with pytest.raises(AttributeError, match="no attribute 'free_symbols'"):
        _ = solve(PROBLEM).W1.free_symbols


def test_entries_beyond_float64_are_named_with_what_helps() -> None:
    huge = to_mp_matrix(1, 2, [to_mpc((1, 0), (0, 0)), to_mpc((1, 5000), (0, 0))])
    tiny = to_mp_matrix(1, 1, [to_mpc((1, -5000), (0, 0))])
    for M, place in ((huge, "row 1, column 2"), (tiny, "row 1, column 1")):
        with pytest.raises(NumberError, match=place) as caught:
            np.asarray(M)
        assert "dtype=object" in caught.value.remedy
        assert M.to_numpy(dtype=object).shape == (M.rows, M.cols)


@given(st.integers(-(10**40), 10**40), st.integers(-300, 300), st.integers(1, 60))
def test_decimal_digits_are_the_number_s_own(mantissa: int, exponent: int, digits: int) -> None:
    M = to_mp_matrix(1, 1, [to_mpc((mantissa, exponent), (-mantissa, exponent // 2))])
    text = M.decimal(digits)[0][0]
    with mp.workdps(digits + 200):
        for part, exact in zip(("real", "imag"), (M[0, 0].real, M[0, 0].imag), strict=True):
            shown = ExactMatrix.from_rows([[text]])[0, 0]
            value = mp.mpf(int((shown.re if part == "real" else shown.im).p)) / int(
                (shown.re if part == "real" else shown.im).q
            )
            assert abs(value - exact) <= abs(exact) * mp.mpf(10) ** (1 - digits)


@pytest.mark.parametrize("style", STYLES)
def test_every_style_holds_every_digit(style: str, solution: Any) -> None:
    text = formatted({"W1": solution.W1, "W3": solution.W3}, 50, style)
    for z in solution.W1.tolist()[0][:2]:
        with mp.workdps(60):
            digits = mp.nstr(abs(z.real), 40).split("e")[0].rstrip("0")
        assert digits[:35] in text or abs(z.real) < 1e-15  # an exact zero, or what rounding left
    if style == "numpy":
        names: dict[str, Any] = {"np": np}
        exec(text, names)  # our own text, not a user's
        assert np.allclose(names["W1"], solution.W1.to_numpy())
    if style == "csv":
        lines = text.splitlines()
        assert len(lines) == 32
        assert all(len(line.split(",")) == 5 for line in lines)
    if style == "latex":
        assert text.count(r"\begin{pmatrix}") == 2
        assert "W_{1}" in text


def test_exact_matrices_work_with_other_libraries() -> None:
    M = load_problem("iris-covariances").X1
    assert sympy.Matrix(M)[0, 1] == sympy.Rational(int(M[0, 1].re.p), int(M[0, 1].re.q))
    assert M.to_sympy() == sympy.Matrix(M)
    with mp.workdps(40):
        assert mpmath.matrix(M)[0, 0] == mp.mpf(int(M[0, 0].re.p)) / int(M[0, 0].re.q)
    assert np.asarray(M).shape == (4, 4)
    assert np.asarray(M, dtype=complex)[0, 0] == complex(M[0, 0])
    assert M @ np.eye(4) == M == np.eye(4) @ M
    assert ExactMatrix.from_rows(M.to_sympy()) == M


# ------------------------------------------------------------------------- the command line


def run(*words: str) -> str:
    done = subprocess.run(prompt(*words), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_weights_are_printed_when_asked_and_by_show(tmp_path: Path) -> None:
    target = tmp_path / "c.json"
    told = run("solve", "quantum-gates", "--weights", "--weight-digits", "40", "--out", str(target))
    with mp.workdps(60):
        digits = mp.nstr(mp.log(3) / 2, 40)
    assert "W3 =" in told
    assert "residuals" in told
    assert digits in told
    assert digits in run("show", str(target), "--weight-digits", "40")
    plain = run("solve", "quantum-gates")
    assert "W1 =" not in plain


@pytest.mark.parametrize("style", [s for s in STYLES if s != "text"])
def test_a_format_for_programs_prints_nothing_else(style: str) -> None:
    told = run("solve", "quantum-gates", "--digits", "20", "--format", style)
    assert "residuals" not in told
    starts = {"latex": "W_{1} =", "matlab": "W1 = [", "numpy": "W1 = np.array", "csv": "W1,1,1,"}
    assert told.startswith(starts[style])
    if style == "numpy":
        names: dict[str, Any] = {"np": np}
        exec(told, names)  # our own text, not a user's
        assert names["W3"].shape == (4, 4)


OCTAVE = shutil.which("octave-cli") or shutil.which("octave")


@pytest.mark.skipif(OCTAVE is None, reason="octave is not installed")
@pytest.mark.parametrize("name", ["quantum-gates", "color-spaces", "two-layers-fail"])
def test_octave_reads_the_matlab_format(name: str, tmp_path: Path) -> None:
    """50 digits of text become the nearest doubles, in the right places and with their signs."""
    digits = ["--weight-digits", "50"]
    (tmp_path / "weights.m").write_text(run("solve", name, "--format", "matlab", *digits))
    script = (
        "weights; names = {'W1', 'W2', 'W3'};\n"
        "for k = 1:3\n  W = eval(names{k});\n"
        "  printf('%d %d\\n', size(W)); W = W.';\n"
        "  printf('%.17g %.17g\\n', [real(W(:)), imag(W(:))].');\nend\n"
    )
    done = subprocess.run(
        [str(OCTAVE), "--no-gui", "--norc", "--quiet", "--eval", script],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    read = [complex(*map(float, line.split())) for line in done.stdout.splitlines()]
    expected: list[complex] = []
    for W in solve(name).weights:
        expected += [complex(*W.shape), *(complex(z) for z in W)]
    assert read == expected
