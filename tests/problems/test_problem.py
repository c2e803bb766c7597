"""Problems: what fits together is read exactly from every format; the rest is refused by name."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pandas
import pytest
import scipy.sparse
import sympy
from flint import fmpq
from helpers import matrices
from hypothesis import given

from deepexp_exact import make_record
from deepexp_exact.alpha import predicted_loss
from deepexp_exact.errors import (
    BranchError,
    DeepexpError,
    FormatError,
    HypothesisError,
    NumberError,
    ShapeError,
)
from deepexp_exact.exact import MAX_DIMENSION, ExactMatrix, GaussianRational, gaussian
from deepexp_exact.files import parse_json, write_json
from deepexp_exact.problems import MATRICES, Problem, load_problem, shipped
from deepexp_exact.problems.families import FAMILIES

#: Run with the lowest and the newest dependencies too.
pytestmark = pytest.mark.core

GOOD: dict[str, Any] = {
    "X1": [[1, 2], [3, 4]],
    "X2": [["1/3", "i"], ["-2.5e-3", "1-2i"]],
    "Y1": [[1, 0], [0, 1]],
    "Y2": [[0, -1], [1, 0]],
}


def good() -> Problem:
    return Problem(**GOOD, name="good", title="a title", source="a test")


def reread(table: dict[str, Any]) -> Problem:
    return Problem.from_json(parse_json(json.dumps(table), "file"), "file")


# ------------------------------------------------------------------------------ the object


def test_derived_matrices_are_exact() -> None:
    p = good()
    assert p.d == 2
    assert p.D == p.X2 - p.X1
    assert p.Y1 @ p.K == p.Y2
    assert not p.is_real()
    assert "good: a title" in str(p)
    assert p._repr_latex_().count("$") == 2
    assert p == Problem(**GOOD, name="another name")
    assert hash(p) == hash(Problem(**GOOD))


def test_pickling_keeps_what_was_computed() -> None:
    p = FAMILIES["gaussian-complex"].build(4, 0)
    _ = p.K, p.D
    twin = pickle.loads(pickle.dumps(p))
    assert twin == p
    assert twin.K == p.K
    assert twin.name == p.name


def test_problems_from_other_packages() -> None:
    array = np.array([[0.1, 2], [3, 4j]])
    p = Problem(array, mpmath.matrix([[1, 2], [3, 5]]), sympy.eye(2), [[1, 2], [3, 5]])
    assert p.X1[0, 0].re == fmpq(*(0.1).as_integer_ratio())
    assert p.X2 == p.Y2


def test_sparse_matrices_and_data_frames_are_read_exactly() -> None:
    plain = [[0, "1/3"], [2**70 + 1, "0.1"]]
    frame = pandas.DataFrame(plain, columns=["b", "a"], index=[7, 3])
    mixed = pandas.DataFrame({"a": [2**62 + 1, 2], "b": [0.5, 3.0], "c": [1, 2]}).iloc[:, :2]
    p = Problem(frame, mixed, scipy.sparse.eye(2, format="dia"), [[1, 0], [0, 1]])
    assert ExactMatrix.from_rows(plain) == p.X1
    assert p.X2.to_strings() == [[str(2**62 + 1), "1/2"], ["2", "3"]]
    assert p.Y1 == p.Y2
    places = (np.array([0, 0, 1]), np.array([1, 1, 0]))
    summed = scipy.sparse.coo_matrix((np.array([0.1, 0.2, 1]), places), shape=(2, 2))
    exact = fmpq(*(0.1).as_integer_ratio()) + fmpq(*(0.2).as_integer_ratio())
    for matrix in (summed, scipy.sparse.coo_array(summed)):
        read = ExactMatrix.from_rows(matrix)
        assert read[0, 1].re == exact  # float64 would round the sum
        assert read[1, 0].re == 1
    for form in ("csr", "csc", "lil", "dok", "bsr"):
        twin = ExactMatrix.from_rows(summed.asformat(form))
        assert twin.rows == 2
    with pytest.raises(ShapeError, match="X1 is 200x200"):
        Problem(**(GOOD | {"X1": scipy.sparse.eye(200)}))
    with pytest.raises(NumberError, match="X1, row 1, column 2"):
        Problem(**(GOOD | {"X1": pandas.DataFrame([[1, None], [2, 3]])}))

    class Table:
        columns = ("a", "b")

    with pytest.raises(ShapeError, match="X1 is a Table"):
        Problem(**(GOOD | {"X1": Table()}))


@pytest.mark.parametrize("key", ["name", "title", "source"])
def test_half_a_character_is_refused_in_every_text(key: str, tmp_path: Path) -> None:
    whole, half = "a\U0001f600b", "a\ud83db"
    assert getattr(Problem(**GOOD, **{key: whole}), key) == whole
    assert getattr(reread(good().to_json() | {key: whole}), key) == whole
    for wrong in (half, 5, "x" * 5000):
        with pytest.raises(FormatError, match=key):
            Problem(**GOOD, **{key: wrong})
        with pytest.raises(FormatError, match=key):
            reread(good().to_json() | {key: wrong})


def test_a_byte_order_mark_is_no_part_of_a_file(tmp_path: Path) -> None:
    target = tmp_path / "p.json"
    good().save(target)
    target.write_bytes(b"\xef\xbb\xbf" + target.read_bytes())
    assert Problem.load(target) == load_problem(target) == good()


@pytest.mark.parametrize("alpha", [2, "2", 2.0, fmpq(2), sympy.Integer(2), gaussian(2)])
def test_a_record_is_made_for_whatever_number_solve_takes(alpha: Any) -> None:
    p = load_problem("quantum-gates")
    assert make_record(p, alpha) == make_record(p, gaussian(2))
    assert predicted_loss(p, alpha) == predicted_loss(p, gaussian(2))


def test_a_record_needs_a_number() -> None:
    for wrong in ("auto", "positive"):
        with pytest.raises(BranchError, match="is no number"):
            make_record(load_problem("quantum-gates"), wrong)
    for wrong in ("x", None, True, float("nan")):
        with pytest.raises(NumberError):
            make_record(load_problem("quantum-gates"), wrong)


@pytest.mark.parametrize("label", MATRICES)
def test_a_matrix_that_does_not_fit_is_named(label: str) -> None:
    cases: list[tuple[Any, str]] = [
        ([[1, 2, 3], [4, 5, 6]], "not square|empty|one size"),
        ([[1]], "one size"),
        ([], "empty"),
        ([[1, 2], [3]], "row 2 has 1 entries"),
        (np.zeros((MAX_DIMENSION + 1, MAX_DIMENSION + 1)), f"the limit is d = {MAX_DIMENSION}"),
        (5, "not a matrix"),
    ]
    for value, words in cases:
        with pytest.raises(ShapeError, match=words) as caught:
            Problem(**(GOOD | {label: value}))
        assert caught.value.remedy
        assert label in caught.value.message or label == "X1"
    for entry in (float("nan"), float("inf"), "x", "__import__('os')", None, True, "1" * 60_000):
        with pytest.raises(NumberError, match=f"^{label}, row 2, column 1: ") as caught_number:
            Problem(**(GOOD | {label: [[1, 2], [entry, 3]]}))
        assert caught_number.value.remedy


def test_a_number_too_long_to_be_written_is_refused_as_an_exact_matrix_too() -> None:
    long = GaussianRational(fmpq(1, 10**30_000), fmpq(1, 10**30_000))
    with pytest.raises(NumberError, match=r"Y2, row 1, column 1: .*characters"):
        Problem(**(GOOD | {"Y2": ExactMatrix.diagonal([long, 1])}))


def test_hypotheses_with_rank_evidence() -> None:
    p = Problem(
        X1=[[1, 2], [2, 4]], X2=[[1, 2], [2, 5]], Y1=[[1, "i"], ["i", -1]], Y2=[[1, 0], [0, 1]]
    )
    table = {h.id: h for h in p.hypotheses()}
    assert {h.id: h.holds for h in table.values()} == {
        "H1": False, "H2": False, "H3": True, "H4": False, "H5": True,
    }  # fmt: skip
    assert {h.id: h.required for h in table.values()} == {
        "H1": True, "H2": True, "H3": True, "H4": False, "H5": False,
    }  # fmt: skip
    assert table["H2"].evidence == "rank Y1 = 1, needed 2 (exact)"
    with pytest.raises(HypothesisError, match="Y1 is singular"):
        _ = p.K


def test_a_rank_that_floating_point_cannot_see() -> None:
    tiny = fmpq(1, 10**40)
    nearly = ExactMatrix.from_rows([[1, 1], [1, gaussian(1 + tiny)]])
    p = Problem(nearly.scale(gaussian(0)), nearly, nearly, nearly)
    assert all(h.holds for h in p.hypotheses() if h.required)
    assert np.linalg.matrix_rank(nearly.to_numpy()) == 1


# ------------------------------------------------------------------------------ JSON


@given(matrices(2, 2), matrices(2, 2), matrices(2, 2), matrices(2, 2))
def test_round_trips_are_exact(
    X1: ExactMatrix, X2: ExactMatrix, Y1: ExactMatrix, Y2: ExactMatrix
) -> None:
    p = Problem(X1, X2, Y1, Y2, name="random", title="t", source="s")
    for twin in (reread(p.to_json()), Problem.from_hex(p.to_hex())):
        assert twin == p
        assert (twin.name, twin.title, twin.source) == (p.name, p.title, p.source)


@pytest.mark.parametrize("name", FAMILIES)
def test_families_survive_a_file(name: str, tmp_path: Path) -> None:
    p = FAMILIES[name].build(FAMILIES[name].sizes[0], 3)
    p.save(tmp_path / "problem.json")
    assert Problem.load(tmp_path / "problem.json") == p
    assert load_problem(str(tmp_path / "problem.json")).name == p.name


@pytest.mark.parametrize("name", shipped())
def test_shipped_problems_are_read_and_satisfy_the_hypotheses(name: str, tmp_path: Path) -> None:
    p = load_problem(name)
    assert p.name == name
    assert all(h.holds for h in p.hypotheses() if h.required)
    p.save(tmp_path / "copy.json")
    assert Problem.load(tmp_path / "copy.json") == p


def test_decimals_of_a_file_are_the_fractions_they_spell() -> None:
    table = good().to_json()
    text = json.dumps(table | {"X1": "HERE"}).replace(
        '"HERE"', '[[0.1, 1e-3], [-12345678901234567890.5, "1/3-0.1i"]]'
    )
    p = Problem.from_json(parse_json(text, "file"), "file")
    assert p.X1.to_strings() == [["1/10", "1/1000"], ["-24691357802469135781/2", "1/3-1/10i"]]


def without(key: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda table: {k: v for k, v in table.items() if k != key}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (without("format"), "format None"),
        (without("version"), "version None"),
        (without("name"), "missing key 'name'"),
        (without("Y2"), "missing key 'Y2'"),
        (lambda t: t | {"Z": 1}, "unknown key 'Z'"),
        (lambda t: t | {"format": "deepexp-exact/certificate"}, "is not 'deepexp-exact/problem'"),
        (lambda t: t | {"version": 2}, "reads version 1"),
        (lambda t: t | {"version": "1"}, "reads version 1"),
        (lambda t: t | {"version": True}, "reads version 1"),
        (lambda t: t | {"name": 5}, "name is not a text"),
        (lambda t: t | {"title": ["x"]}, "title is not a text"),
        (lambda t: t | {"source": "x" * 5000}, "limit is 2000"),
        (lambda t: t | {"X1": "1"}, "X1 is not a list"),
        (lambda t: t | {"X1": {"0": [1]}}, "X1 is not a list"),
        (lambda t: t | {"X1": [1, 2]}, "X1, row 1 is not a list"),
        (lambda t: t | {"X1": [[1, 2], "34"]}, "X1, row 2 is not a list"),
        (lambda t: t | {"X1": [[1, 2], [3, None]]}, "X1, row 2, column 2: None"),
        (lambda t: t | {"X1": [[1, True], [3, 4]]}, "X1, row 1, column 2: True"),
        (lambda t: t | {"X1": [[1, [1, 2]], [3, 4]]}, "X1, row 1, column 2"),
        (lambda t: t | {"X1": [[1, "nan"], [3, 4]]}, "X1, row 1, column 2"),
        (lambda t: t | {"X1": [[1, "1e99999"], [3, 4]]}, "X1, row 1, column 2"),
        (lambda t: t | {"X1": []}, "X1 is empty"),
        (lambda t: t | {"X1": [[]]}, "X1 is empty"),
        (lambda t: t | {"X1": [[1, 2]]}, "X1 is 1x2, not square"),
        (lambda t: t | {"X1": [[1]]}, "X2 is 2x2, X1 is 1x1"),
        (lambda t: t | {"Y1": [[1, 2], [3]]}, "Y1: row 2"),
        (lambda t: t | {"Y2": [[0] * 200] * 200}, "the limit is d"),
    ],
)
def test_a_wrong_problem_file_is_refused_by_name(
    change: Callable[[dict[str, Any]], dict[str, Any]], words: str
) -> None:
    with pytest.raises(DeepexpError, match=words) as caught:
        reread(change(good().to_json()))
    assert caught.value.exit_status == 2
    assert caught.value.remedy or "is not a" in caught.value.message or ":" in caught.value.message


def test_every_truncation_of_a_file_is_refused(tmp_path: Path) -> None:
    good().save(tmp_path / "a.json")
    data = (tmp_path / "a.json").read_bytes().rstrip()
    for cut in range(len(data)):
        (tmp_path / "b.json").write_bytes(data[:cut])
        with pytest.raises(FormatError):
            Problem.load(tmp_path / "b.json")


def test_a_problem_with_texts_of_other_kinds_cannot_be_built_from_hex() -> None:
    table = good().to_hex()
    for key in table:
        with pytest.raises(FormatError, match=f"missing key '{key}'"):
            Problem.from_hex({k: v for k, v in table.items() if k != key})
    with pytest.raises(NumberError, match=r"problem: X2, row 1, column 1: .*lowest terms"):
        Problem.from_hex(table | {"X2": [[["0x2/0x4", "0x0"]]]})
    with pytest.raises(FormatError, match="X2, row 1 is not a list"):
        Problem.from_hex(table | {"X2": ["0x1"]})
    with pytest.raises(ShapeError):
        Problem.from_hex(table | {"X2": [[["0x1", "0x0"]]]})


def test_names_and_paths(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"no shipped problem named 'nothing'.*quantum-gates"):
        load_problem("nothing")
    for missing in ("nothing.json", "./nothing", str(tmp_path / "nothing"), "a.npz", "a/X1.mtx"):
        with pytest.raises(FormatError, match="cannot read"):
            load_problem(missing)


# ------------------------------------------------------------------------------ NPZ


def arrays() -> dict[str, Any]:
    rng = np.random.default_rng(5)
    real, whole = rng.standard_normal((3, 3)), rng.integers(-9, 9, (3, 3))
    return {
        "X1": real,
        "X2": real.astype(np.float32) + 1j,
        "Y1": whole.astype(np.int16),
        "Y2": np.asfortranarray(real + 2j),
    }


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz_is_read_bit_for_bit(tmp_path: Path, save: Any) -> None:
    save(tmp_path / "p.npz", **arrays())
    p = load_problem(str(tmp_path / "p.npz"))
    assert p == Problem(**arrays())
    assert p.name == "p"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"Y2": None}, "holds X1, X2, Y1$|holds X1, X2, Y1 "),
        ({"Z": np.eye(3)}, "holds X1, X2, Y1, Y2, Z"),
        ({"X1": np.zeros((3, 2))}, "X1 is 3x2, not square"),
        ({"X1": np.zeros((2, 2))}, "X2 is 3x3, X1 is 2x2"),
        ({"X1": np.zeros((0, 0))}, "X1 is empty"),
        ({"X1": np.zeros(3)}, "X1 has 1 dimensions"),
        ({"X1": np.full((3, 3), np.nan)}, "X1, row 1, column 1"),
        ({"Y2": np.diag([1, np.inf, 1])}, "Y2, row 2, column 2"),
        ({"X1": np.eye(3, dtype=bool)}, "X1 has no numeric type but bool"),
        ({"X1": np.full((3, 3), "1")}, "X1 has no numeric type"),
        ({"X1": np.full((3, 3), None)}, "cannot read"),
        ({"X1": np.zeros((3, 3), dtype="datetime64[s]")}, "X1 has no numeric type"),
        ({"X1": np.zeros((MAX_DIMENSION + 1,) * 2)}, "the limit is d"),
        ({"X1": np.zeros((1000, 1000))}, "X1 has .* bytes"),
    ],
)
def test_a_wrong_npz_file_is_refused(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    table = {k: v for k, v in (arrays() | change).items() if v is not None}
    np.savez_compressed(tmp_path / "p.npz", **table)
    with pytest.raises(DeepexpError, match=words) as caught:
        Problem.load(tmp_path / "p.npz")
    assert caught.value.remedy


def test_a_damaged_npz_file_is_refused(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "p.npz", **arrays())
    data = (tmp_path / "p.npz").read_bytes()
    target = tmp_path / "q.npz"
    for cut in range(0, len(data), 37):
        target.write_bytes(data[:cut])
        with pytest.raises(FormatError, match="cannot read"):
            Problem.load(target)
    for place in range(0, len(data), 11):
        target.write_bytes(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :])
        try:  # a flipped bit of a time stamp does no harm
            Problem.load(target)
        except DeepexpError:
            continue
    np.save(tmp_path / "r", np.eye(2))
    (tmp_path / "r.npy").rename(target)
    with pytest.raises(FormatError, match="cannot read"):
        Problem.load(target)


def npy(array: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_archive_with_a_twin_a_raw_member_or_a_false_header_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "p.npz"
    data = npy(np.eye(2))
    huge = data.replace(b"(2, 2)", b"(9999999, 9999999)".ljust(6))[: len(data)]
    for members in (
        [("X1.npy", data), ("X1.npy", data), ("X2.npy", data), ("Y1.npy", data), ("Y2.npy", data)],
        [("X1.npy", data), ("X2.npy", data), ("Y1.npy", data), ("Y2.npy", b"no array")],
        [("X1.npy", data), ("X2.npy", data), ("Y1.npy", data), ("Y2", b"")],
        [("X1.npy", huge), ("X2.npy", data), ("Y1.npy", data), ("Y2.npy", data)],
    ):
        with zipfile.ZipFile(target, "w") as archive:
            for name, content in members:
                archive.writestr(name, content)
        with pytest.raises(FormatError):
            Problem.load(target)


def test_an_unwritable_place_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="cannot write"):
        good().save(tmp_path / "no" / "p.json")
    write_json(tmp_path / "p.json", good().to_json())
    assert [f.name for f in tmp_path.iterdir()] == ["p.json"]
