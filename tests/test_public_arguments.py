"""The public functions as a user calls them: numbers of any library, and typed errors."""

from __future__ import annotations

import copy
import json
import pickle
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import gmpy2
import mpmath
import numpy as np
import pytest
from flint import acb, arb

import deepexp_exact as de
from deepexp_exact.exact import binary
from deepexp_exact.problems.families import FAMILIES

X1, X2 = [[1, 2], [3, 4]], [[2, "1/3"], [0, 5]]
Y1, Y2 = [[1, 0], [1, 1]], [[2, "i"], [1, 3]]
PROBLEM = de.Problem(X1, X2, Y1, Y2)


@pytest.mark.parametrize("digits", [np.int64(30), np.uint8(30), gmpy2.mpz(30)])
def test_integers_of_other_libraries(digits: Any) -> None:
    found = de.solve(PROBLEM, digits=digits, turn=type(digits)(1), alpha=3)
    assert (found.digits, found.record.turn) == (30, 1)
    assert (type(found.digits), type(found.record.turn)) == (int, int)


@pytest.mark.parametrize("branch", [np.array([0, 1]), [np.int64(0), 1], (0, 1), range(2)])
def test_branches_as_arrays(branch: Any) -> None:
    found = de.solve(PROBLEM, branch=branch)
    assert found.record.ks == (0, 1)
    assert found.record.to_json()["logarithm"]["eigenvalues"][1]["k"] == 1


def test_a_problem_by_name_by_path_and_by_its_matrices(tmp_path: Path) -> None:
    whole = de.solve(PROBLEM)
    assert de.solve(X1, X2, Y1, np.array([[2, 1j], [1, 3]])).weights == whole.weights
    assert de.solve("quantum-gates", digits=20).problem.name == "quantum-gates"
    PROBLEM.save(tmp_path / "mine.json")
    for path in (tmp_path / "mine.json", str(tmp_path / "mine.json")):
        assert de.solve(path).problem == de.load_problem(path) == PROBLEM
        assert de.make_record(path, Fraction(3)) == de.solve(path, alpha=3).record


HUGE, NONE, ONE, ZEROS = 10**5000, [], [[1]], np.zeros((2, 2))
WRONG: tuple[Any, ...] = (
    None, True, 1.5, -1, HUGE, "x", b"x", NONE, {}, {1, 2}, object(), np.array([1.5, 2]),
    np.array(["a"]), np.bool_(True), 3 + 1j, float("nan"), ONE, "a\0b", ZEROS, len,
)  # fmt: skip
CALLS = {
    "digits": lambda x: de.solve(PROBLEM, digits=x),
    "path": lambda x: de.solve(PROBLEM, path=x),
    "alpha": lambda x: de.solve(PROBLEM, alpha=x),
    "turn": lambda x: de.solve(PROBLEM, turn=x),
    "branch": lambda x: de.solve(PROBLEM, branch=x),
    "construction": lambda x: de.solve(PROBLEM, construction=x),
    "problem": de.solve,
    "first of four": lambda x: de.solve(x, X2, Y1, Y2),
    "two matrices": lambda x: de.solve(x, x),
    "load_problem": de.load_problem,
    "Problem.load": de.Problem.load,
    "Problem": lambda x: de.Problem(X1, X2, Y1, x),
    "title": lambda x: de.Problem(X1, X2, Y1, Y2, title=x),
    "save": PROBLEM.save,
    "read_certificate": de.read_certificate,
    "BranchRecord.load": de.BranchRecord.load,
    "make_record": lambda x: de.make_record(x, 3),
    "make_record, branch": lambda x: de.make_record(PROBLEM, 3, 0, x),
    "make_record, turn": lambda x: de.make_record(PROBLEM, 3, x),
    "mode": de.verify,
    "jobs": lambda x: de.verify(jobs=x, cases=[]),
    "cases": lambda x: de.verify(cases=x),
    "ExactMatrix": de.ExactMatrix.from_rows,
    "GaussianRational": lambda x: de.GaussianRational(x, 0),
}
#: What each of them takes besides.
ALSO = {
    "cases": (NONE, None), "jobs": (None,), "turn": (-1,), "make_record, turn": (-1,),
    "alpha": (1.5, -1, 3 + 1j, HUGE), "construction": (None,), "path": (None,),
    "GaussianRational": (1.5, -1, HUGE), "ExactMatrix": (ONE, ZEROS),
    "first of four": (ZEROS,), "Problem": (ZEROS,),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_wrong_arguments_are_typed_errors(name: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    for value in WRONG:
        taken = any(type(value) is type(x) and value is x for x in ALSO.get(name, ()))
        plain = isinstance(value, str) and (name == "title" or (name, value) == ("save", "x"))
        if taken or plain:
            continue
        with pytest.raises(de.DeepexpError) as caught:
            CALLS[name](value)
        assert len(str(caught.value)) < 500
    assert not list(tmp_path.iterdir())


def test_a_solution_in_a_few_lines() -> None:
    found = de.solve("quantum-gates", digits=20)
    lines = str(found).splitlines()
    assert len(lines) == 5
    assert max(map(len, lines)) < 120
    for word in ("quantum-gates", "CERTIFIED", "20 digits", "shift", "principal"):
        assert word in str(found)
    assert len(repr(found)) < 100


@pytest.mark.parametrize("path", ["multiprecision", "ball", "symbolic", "double"])
def test_conditions_are_a_dictionary(path: str) -> None:
    found = de.solve("quantum-gates", digits=20, path=path)
    table = found.conditions
    assert type(table) is dict
    assert json.loads(json.dumps(table)) == table.copy() == dict(table) == {**table}
    assert bool(table) == (path == "multiprecision")
    assert pickle.loads(pickle.dumps(table)) == copy.deepcopy(table) == table
    again = copy.copy(found)
    assert again.conditions == table


@pytest.mark.core
@pytest.mark.parametrize("path", [None, "multiprecision", "mpmath", "ball", "symbolic", "double"])
@pytest.mark.parametrize("name", ["quantum-gates", "defective"])
def test_solutions_pickle_and_copy_with_every_bit(path: str | None, name: str) -> None:
    problem: Any = FAMILIES[name].build(2, 1) if name in FAMILIES else name
    found = de.solve(problem, digits=40, path=path) if path else de.solve(problem, digits=40)
    for twin in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):
        assert type(twin) is type(found)
        assert twin.conditions == found.conditions
        for word in ("record", "label", "findings", "residuals_are"):
            assert getattr(twin, word) == getattr(found, word)
        assert str(twin) == str(found)
        for letter in ("W1", "W2", "W3", "A", "K", "L", "Z"):
            mine, other = (getattr(one, letter) for one in (found, twin))
            assert type(mine) is type(other)
            if path == "ball":
                pairs = zip(mine.entries(), other.entries(), strict=True)
                for a, b in pairs:
                    for u, v in ((a.real, b.real), (a.imag, b.imag)):
                        assert (u.mid(), u.rad()) == (v.mid(), v.rad())
            elif path == "double":
                assert np.array_equal(np.asarray(mine), np.asarray(other))
            else:
                assert list(mine) == list(other)


@pytest.mark.core
def test_what_is_packed_is_the_same_number() -> None:
    with mpmath.workdps(99):
        third, mixed = mpmath.mpf(1) / 3, mpmath.mpc(mpmath.mpf(1) / 7, -mpmath.sqrt(2))
    values = (third, mixed, -third, mpmath.mpf(0), mpmath.inf, mpmath.mpf("1e-99999"))
    again = binary.unpacked(pickle.loads(pickle.dumps(binary.packed(values))))
    assert list(again) == list(values)
    odd = binary.unpacked(binary.packed({"a": (mpmath.nan, mpmath.mpc(1, mpmath.nan))}))["a"]
    assert all(mpmath.isnan(x) for x in odd)
    rng = random.Random(5)
    for _ in range(300):
        radius = arb((rng.getrandbits(rng.randrange(1, 31)), rng.randrange(-4000, 60)))
        ball = arb(arb((rng.getrandbits(200) - 2**199, rng.randrange(-5000, 50))), radius)
        twin = binary.unpacked(pickle.loads(pickle.dumps(binary.packed(ball))))
        assert (twin.mid(), twin.rad()) == (ball.mid(), ball.rad())
    assert binary.unpacked(binary.packed(acb(arb.nan(), 1))).real.is_nan()


def test_operators_take_exact_numbers_and_refuse_the_rest() -> None:
    z, A = de.GaussianRational(1, 2), PROBLEM.X1
    assert z + 1 == de.GaussianRational(2, 2)
    assert A @ np.eye(2) == A.scale(1) == A + np.zeros((2, 2))
    calls = [
        lambda x: z + x, lambda x: z - x, lambda x: z * x, lambda x: z / x, lambda x: A + x,
        lambda x: A - x, lambda x: A @ x, A.solve, A.scale, A.shift, de.Problem.from_json,
        de.BranchRecord.from_json, de.Certificate.from_json,
        lambda x: de.BranchRecord(x, x, x),
        de.make_record(PROBLEM, 3).same_branch,
    ]  # fmt: skip
    for call in calls:
        for value in (None, object(), "x", {1}, float("inf"), len, [[1], 2]):
            with pytest.raises(de.DeepexpError):
                call(value)


@pytest.mark.parametrize("path", [None, "ball", "multiprecision", "mpmath", "double", "symbolic"])
def test_f_takes_matrices_of_its_size_alone(path: str | None) -> None:
    found = de.solve("quantum-gates", digits=10, **({"path": path} if path else {}))
    for X in ([[1]], np.eye(5), [[1, 2, 3, 4]], "x"):
        with pytest.raises(de.DeepexpError, match=r"X is "):
            found(X)


def test_names_reach_no_terminal_as_they_are() -> None:
    problem = de.Problem([[1]], [[2]], [[3]], [[4]], name="a\x1b[31m\u202eb")
    for text in (str(problem), str(de.solve(problem, digits=5)), repr(de.solve(problem, digits=5))):
        assert text.replace("\n", "").isprintable()
    assert "\\x1b" in str(problem)


def test_a_memoryview_is_a_matrix() -> None:
    view = memoryview(np.array([[1.5, 2.0], [3.0, 4.0]]))
    assert de.ExactMatrix.from_rows(view).to_strings() == [["3/2", "2"], ["3", "4"]]
