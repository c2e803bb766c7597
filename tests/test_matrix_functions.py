"""logm and expm for everybody: the reported cases of other libraries, branches, the real one."""

from __future__ import annotations

import json
import random
import subprocess
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import mpmath
import numpy as np
import pytest
from commands import prompt
from helpers import companion, conjugated_jordan, mp_matrix
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp

from deepexp_exact import ExactMatrix, expm, logm
from deepexp_exact.cli.matrices import to_json
from deepexp_exact.errors import DeepexpError, HypothesisError
from deepexp_exact.problems.families import hadamard, rotation
from deepexp_exact.spectrum.real_logarithm import negative_roots, real_structure

TURN = [[0, 1], [-1, 0]]
MOTION = [[0, -1, 0, 2], [1, 0, 0, -1], [0, 0, 1, 3], [0, 0, 0, 1]]


def schema(name: str) -> Any:
    return json.loads(
        (resources.files("deepexp_exact") / "schemas" / f"{name}.schema.json").read_text()
    )


def close(L: Any, expected: list[list[Any]], digits: int = 30) -> bool:
    with mp.workdps(digits + 10):
        return bool(mp.mnorm(L - mp.matrix(expected), "f") < mp.mpf(10) ** -digits * 10)


def satisfies(L: Any, K: Any, digits: int) -> bool:
    """‖exp(L) − K‖ by mpmath alone."""
    with mp.workdps(2 * digits + 20):
        exact = mp_matrix(ExactMatrix.from_rows(K))
        limit = mp.mpf(10) ** (4 - digits) * mp.mnorm(exact)
        return bool(mp.mnorm(mp.expm(L) - exact, "f") < limit)


def test_the_side_of_the_cut_at_minus_one_is_not_rounded() -> None:
    with mp.workdps(40):
        i_pi = mp.mpc(0, +mp.pi)
        minus = -i_pi
    for K in ([[-1, 0], [0, 1]], [[1, 0], [0, -1]]):
        L = logm(K).value
        assert close(L, [[i_pi if K[0][0] == -1 else 0, 0], [0, i_pi if K[1][1] == -1 else 0]])
    assert close(logm([[-1, 0], [0, 1]], branch=[-1, 0]).value, [[minus, 0], [0, 0]])
    above = logm([["-1+1e-300i"]], 20).value[0, 0]
    below = logm([["-1-1e-300i"]], 20).value[0, 0]
    assert above.imag > 0 > below.imag


def test_rotations_by_pi_and_near_it() -> None:
    with mp.workdps(40):
        pi, half = +mp.pi, mp.pi / 2
        i_pi, minus_pi, minus_half = mp.mpc(0, pi), -pi, -half
        i_half, minus_i_half = mp.mpc(0, half), mp.mpc(0, minus_half)
    assert close(logm([[-1, 0], [0, -1]]).value, [[i_pi, 0], [0, i_pi]])
    assert close(logm([[-1, 0], [0, -1]], branch="real").value, [[0, minus_pi], [pi, 0]])
    assert close(logm(TURN, branch="real").value, [[0, half], [minus_half, 0]])
    assert close(logm(TURN).value, [[0, half], [minus_half, 0]])
    near = logm(rotation(95, 3), branch="real")
    assert near.J is None
    assert satisfies(near.value, rotation(95, 3), 50)
    assert abs(near.value[0, 1]) < mp.pi
    assert close(logm([["i", 0], [0, "-i"]]).value, [[i_half, 0], [0, minus_i_half]])


@pytest.mark.parametrize(
    "K",
    [
        [[30, 20], [-50, -30]],
        [[-1, 1], [0, -1]],
        [[0, 2, -1], [-2, 0, 3], [1, -3, 1]],
        MOTION,
        hadamard(8).to_strings(),
        [[1, "1/2", "1/3"], [0, 1, "1/2"], [0, 0, 1]],
    ],
    ids=["commuting", "defective at -1", "nearly skew", "rigid motion", "Hadamard", "unipotent"],
)
def test_exp_of_the_logarithm_is_the_matrix(K: Any) -> None:
    found = logm(K, 40)
    assert satisfies(found.value, K, 40)
    assert found.radius <= mp.mpf(10) ** -40
    assert found.condition is None or found.condition > 0
    assert all(abs(e.k) == 0 for e in found.record.entries)  # type: ignore[union-attr]


@settings(deadline=None, max_examples=8)
@given(st.integers(1, 4), st.integers(0, 10**6), st.sampled_from([5, 30, 120]))
def test_values_are_within_the_proved_radius_of_higher_precision(
    d: int, seed: int, digits: int
) -> None:
    rng = np.random.default_rng(seed)
    K = rng.integers(-5, 6, (d, d)) + 1j * rng.integers(-5, 6, (d, d))
    if abs(np.linalg.det(K)) < 0.5:
        return
    for function in (logm, expm):
        coarse, fine = function(K, digits), function(K, 2 * digits + 30)
        with mp.workdps(3 * digits + 60):
            apart = mp.mnorm(coarse.value - fine.value, "f")
            assert apart <= 2 * coarse.radius * mp.mnorm(coarse.value, "f")


REAL_CASES = {
    "-I": [[-1, 0], [0, -1]],
    "two Jordan blocks": conjugated_jordan([(-2, 2), (-2, 2)]).to_strings(),
    "quadratic twice": conjugated_jordan([(1, 1)]).to_strings(),
    "mixed": conjugated_jordan([(-1, 2), (-1, 2), (-1, 1), (-1, 1), (5, 1)]).to_strings(),
    "pair and rotation": [[-3, 0, 0, 0], [0, -3, 0, 0], [0, 0, 0, -2], [0, 0, 2, 0]],
}


@pytest.mark.parametrize("K", REAL_CASES.values(), ids=REAL_CASES)
def test_a_real_logarithm_is_real_and_is_one(K: Any) -> None:
    found = logm(K, 40, "real")
    assert all(entry.imag == 0 for entry in found.value)
    assert satisfies(found.value, K, 40)
    if found.J is not None:
        exact = ExactMatrix.from_rows(K)
        assert exact @ found.J == found.J @ exact
        assert found.J.is_real()


def test_irrational_negative_eigenvalues_pair_too() -> None:
    block = companion([1, 3])  # x² + 3x + 1: two negative irrational roots
    d = block.rows
    rows = [
        [block[r % d, c % d] if r // d == c // d else 0 for c in range(2 * d)] for r in range(2 * d)
    ]
    found = logm(rows, 40, "real")
    assert satisfies(found.value, rows, 40)
    with pytest.raises(HypothesisError, match="no real logarithm exists"):
        logm(block, 40, "real")


@pytest.mark.parametrize(
    ("K", "words"),
    [
        ([[-1, 0], [0, -2]], "1 Jordan block of size 1"),
        ([[-1, 1], [0, -1]], "1 Jordan block of size 2"),
        ([["i", 0], [0, 1]], "not real"),
        ([[1, 1], [1, 1]], "singular"),
    ],
)
def test_no_real_logarithm_is_said_with_what_stands_in_its_way(K: Any, words: str) -> None:
    with pytest.raises(HypothesisError, match=words):
        logm(K, 20, "real")


@given(st.lists(st.integers(-6, 6), min_size=1, max_size=5))
def test_negative_roots_are_counted_by_sturm(roots: list[int]) -> None:
    from flint import fmpq_poly

    p = fmpq_poly([1])
    for root in roots:
        p = p * fmpq_poly([-root or 1, 1])
    assert negative_roots(p) == len({-(-r or 1) for r in roots if -(-r or 1) < 0})


CONDITIONED = {
    "triangular": [[3, 50], [0, 4]],
    "quarter turn": TURN,
    "off-diagonal": [[1, 30000], [0, 2]],
    "far from normal": [["1e-3", "1e99"], [0, "2e-3"]],
    "tiny": [["1e-200", "1e-201"], ["1e-202", "3e-200"]],
    "graded": [["1e2", 1], [2, "1e-90"]],
    "corner": [[-1, 1], ["-1e-12", -1]],
    "near the cut": [[-1, "1e-20"], ["-1e-20", -1]],
    "near 1": [["1.0000000000000000000000001"]],
    "defective": [[2, 1, 0, 0], [0, 2, 1, 0], [0, 0, 2, 0], [0, 0, 0, "2.1"]],
}


@pytest.mark.parametrize("function", [logm, expm])
@pytest.mark.parametrize("name", CONDITIONED)
def test_condition_numbers_are_those_of_perturbations(function: Any, name: str) -> None:
    """Within a factor 10 below and 10·d above what sampled changes of relative size 1e-250 show."""
    rng, A = random.Random(name), ExactMatrix.from_rows(CONDITIONED[name])
    told, d, worst = function(A, 5).condition, A.rows, mp.mpf(0)
    with mp.workdps(700):
        one = function(A, 600).value
        for _ in range(3):
            E = [[rng.randint(-99, 99) for _ in range(d)] for _ in range(d)]
            size = mp.mnorm(A.to_mpmath(), "f") / mp.mnorm(mp.matrix(E), "f")
            step = ExactMatrix.from_rows(E).scale(size * mp.mpf(10) ** -250)
            gap = function(A + step, 600).value - one
            worst = max(worst, mp.mnorm(gap, "f") / mp.mnorm(one, "f") * mp.mpf(10) ** 250)
    assert worst / 10 <= told <= 10 * d * worst


def test_conditions_beyond_float64_are_told_and_those_that_are_none_unknown() -> None:
    huge = logm([["1e-300", "1e250"], [0, "1e-320"]], 5)
    assert mp.isfinite(huge.condition)
    assert huge.condition > mp.mpf(10) ** 400
    table = to_json("log(K)", huge)
    assert abs(mp.mpf(table["condition"]) / huge.condition - 1) < 1e-4
    jsonschema.validate(table, schema("matrix-function"))
    assert logm([[1, 0], [0, 1]], 5).condition is None  # log(I) = 0
    assert expm([[0, 0], [0, 0]], 5).condition is None
    assert logm([[-1, 0], [0, -1]], 5, "real").condition is None  # not continuous there


def test_wrong_input_is_a_typed_error() -> None:
    for call in (
        lambda: logm([[1, 2]]), lambda: logm([["x"]]), lambda: logm([[1]], branch="nosuch"),
        lambda: logm([[1]], digits=0), lambda: expm([[1, 2]]), lambda: logm([[0]]),
        lambda: logm([[1]], branch=[1, 2]),
    ):  # fmt: skip
        with pytest.raises(DeepexpError):
            call()
    assert real_structure(ExactMatrix.identity(2)) is None


# ------------------------------------------------------------------------- the command line


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(prompt(*words), capture_output=True, text=True)


def test_the_command_line_reads_every_format_and_prints_the_digits(tmp_path: Path) -> None:
    table = {"format": "deepexp-exact/matrix", "version": 1, "matrix": [[-1, 0], [0, "-1"]]}
    jsonschema.validate(table, schema("matrix"))
    (tmp_path / "m.json").write_text(json.dumps(table))
    np.save(tmp_path / "m.npy", -np.eye(2))
    (tmp_path / "m.mtx").write_text("%%MatrixMarket matrix array real general\n2 2\n-1\n0\n0\n-1\n")
    pi = mpmath.nstr(mp.pi, 15)
    for name in ("m.json", "m.npy", "m.mtx"):
        done = run("logm", str(tmp_path / name), "--branch", "real", "--digits", "15")
        assert done.returncode == 0, done.stderr
        assert pi in done.stdout
        assert "every imaginary part is exactly zero" in done.stdout
    done = run("logm", "quantum-gates:K", "--json", "--digits", "20")
    found = json.loads(done.stdout)
    jsonschema.validate(found, schema("matrix-function"))
    assert [e["on_negative_axis"] for e in found["logarithm"]["eigenvalues"]] == [True, False]
    done = run("expm", "color-spaces:D", "--digits", "12")
    assert done.returncode == 0
    assert "relative error at most" in done.stdout
    for words in (["logm", "nosuch"], ["logm", str(tmp_path)], ["expm", "quantum-gates:Q"]):
        refused = run(*words)
        assert refused.returncode == 2
        assert "Traceback" not in refused.stderr
