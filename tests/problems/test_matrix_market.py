"""MatrixMarket: every variant is read exactly as its users mean it; the rest is refused by name."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io
import scipy.sparse

from deepexp_exact.errors import DeepexpError, FormatError
from deepexp_exact.files import MAX_FILE_BYTES
from deepexp_exact.problems import MATRICES, Problem, load_problem
from deepexp_exact.problems.matrices import load_matrix


def write_market(folder: Path, **bodies: str) -> Path:
    plain = "%%MatrixMarket matrix array real general\n2 2\n1\n0\n0\n1\n"
    for label in MATRICES:
        (folder / f"{label}.mtx").write_text(bodies.get(label, plain))
    return folder


def read_X1(folder: Path, body: str) -> list[list[str]]:
    return Problem.load(write_market(folder, X1=body)).X1.to_strings()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("array real general\n2 2\n0.1\n2\n-3e-1\n4\n", [["1/10", "-3/10"], ["2", "4"]]),
        ("array integer general\n2 2\n1\n2\n3\n4\n", [["1", "3"], ["2", "4"]]),
        ("array complex general\n2 2\n1 2\n0 -1\n.5 0\n0 0\n", [["1+2i", "1/2"], ["-i", "0"]]),
        ("array real symmetric\n2 2\n1\n2\n3\n", [["1", "2"], ["2", "3"]]),
        ("array real skew-symmetric\n2 2\n0.2\n", [["0", "-1/5"], ["1/5", "0"]]),
        ("array complex hermitian\n2 2\n1 0\n2 3\n4 0\n", [["1", "2-3i"], ["2+3i", "4"]]),
        ("array complex symmetric\n2 2\n1 0\n2 3\n4 1\n", [["1", "2+3i"], ["2+3i", "4+i"]]),
        ("coordinate real general\n2 2 2\n1 2 0.1\n2 1 7\n", [["0", "1/10"], ["7", "0"]]),
        ("coordinate integer general\n2 2 0\n", [["0", "0"], ["0", "0"]]),
        ("coordinate complex general\n2 2 1\n2 2 1e-1 -2\n", [["0", "0"], ["0", "1/10-2i"]]),
        ("coordinate real symmetric\n2 2 2\n1 1 3\n2 1 5\n", [["3", "5"], ["5", "0"]]),
        ("coordinate real skew-symmetric\n2 2 1\n2 1 5\n", [["0", "-5"], ["5", "0"]]),
        ("coordinate complex skew-symmetric\n2 2 1\n2 1 5 1\n", [["0", "-5-i"], ["5+i", "0"]]),
        ("coordinate complex hermitian\n2 2 1\n2 1 5 1\n", [["0", "5-i"], ["5+i", "0"]]),
        ("coordinate real symmetric\n2 2 1\n1 2 5\n", [["0", "5"], ["5", "0"]]),
        ("coordinate complex hermitian\n2 2 1\n1 2 5 1\n", [["0", "5+i"], ["5-i", "0"]]),
        ("coordinate real skew-symmetric\n2 2 1\n1 2 5\n", [["0", "5"], ["-5", "0"]]),
        ("coordinate real general\n2 2 3\n1 2 .1\n1 2 .2\n1 2 -1\n", [["0", "-7/10"], ["0", "0"]]),
        ("coordinate real symmetric\n2 2 2\n2 1 .1\n2 1 .2\n", [["0", "3/10"], ["3/10", "0"]]),
        ("array unsigned-integer general\n2 2\n1\n2\n3\n4\n", [["1", "3"], ["2", "4"]]),
        (
            "array double general\n2 2\n1.5D+2\n-2d-1\n3Q0\n.4-101\n",
            [["150", "3"], ["-1/5", "1/25" + "0" * 100]],
        ),
    ],
)
def test_every_variant_of_matrix_market(
    tmp_path: Path, body: str, expected: list[list[str]]
) -> None:
    assert read_X1(tmp_path, "%%MatrixMarket matrix " + body) == expected
    kind, rest = body.split("\n", 1)
    spaced = f"%%matrixmarket  MATRIX {kind.upper()}\n% a comment\n\n%another\n{rest}\n\n"
    assert read_X1(tmp_path, spaced) == expected


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "inside", ["\u2028", "\u2029", "\x85", "\f", "\v", "\x1c", "\x1d", "\x1e", "\xa0"]
)
def test_a_line_ends_where_the_format_says_and_nowhere_else(
    tmp_path: Path, end: str, inside: str
) -> None:
    lines = ["%%MatrixMarket matrix array real general", f"% a{inside}7", "2 2", "1", "2", "3", "4"]
    write_market(tmp_path)
    for mark in (b"", b"\xef\xbb\xbf"):
        (tmp_path / "X1.mtx").write_bytes(mark + end.join(lines).encode("utf-8"))
        assert Problem.load(tmp_path).X1.to_strings() == [["1", "3"], ["2", "4"]]
    (tmp_path / "X1.mtx").write_bytes(end.join(lines).encode("latin-1", "replace"))
    assert Problem.load(tmp_path).X1.to_strings() == [["1", "3"], ["2", "4"]]


def test_a_packed_file_is_read_and_a_bomb_is_not(tmp_path: Path) -> None:
    body = "%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n4\n"
    write_market(tmp_path, X2=body)
    plain, packed = tmp_path / "X2.mtx", tmp_path / "X2.mtx.gz"
    expected = Problem.load(tmp_path)
    packed.write_bytes(gzip.compress(body.encode()))
    with pytest.raises(FormatError, match=r"X2\.mtx and X2\.mtx\.gz"):
        Problem.load(tmp_path)
    plain.rename(tmp_path / "elsewhere")
    assert Problem.load(tmp_path) == load_problem(str(packed)) == expected
    whole = packed.read_bytes()
    for cut in range(2, len(whole), 7):
        packed.write_bytes(whole[:cut])
        with pytest.raises(FormatError, match="cannot unpack"):
            Problem.load(tmp_path)
    packed.write_bytes(gzip.compress(b" " * (MAX_FILE_BYTES + 1), 1))
    with pytest.raises(FormatError, match="unpacks to more than"):
        Problem.load(tmp_path)
    plain.write_bytes(whole)
    packed.unlink()
    with pytest.raises(FormatError, match="packed by gzip"):
        Problem.load(tmp_path)
    plain.write_bytes(body.encode("utf-16"))
    with pytest.raises(FormatError, match="UTF-16"):
        Problem.load(tmp_path)


@pytest.mark.parametrize("kind", [np.float64, np.complex128, np.int64])
@pytest.mark.parametrize("shape", ["general", "symmetric", "skew", "hermitian", "sparse"])
def test_what_scipy_writes_is_read(tmp_path: Path, kind: Any, shape: str) -> None:
    rng = np.random.default_rng(3)
    A = (10 * rng.standard_normal((3, 3))).astype(np.int64).astype(kind)
    if kind is not np.int64:
        A = A + (rng.standard_normal((3, 3)) + (1j if kind is np.complex128 else 0)).astype(kind)
    A = {
        "general": A,
        "symmetric": A + A.T,
        "skew": A - A.T,
        "hermitian": A + A.conj().T,
        "sparse": scipy.sparse.coo_array(np.tril(A)),
    }[shape]
    write_market(tmp_path)
    for label in MATRICES:
        scipy.io.mmwrite(tmp_path / f"{label}.mtx", A, precision=17)
    dense = A.toarray() if shape == "sparse" else A
    assert np.array_equal(Problem.load(tmp_path).X1.to_numpy(), dense)
    assert Problem.load(tmp_path / "Y2.mtx") == Problem.load(tmp_path)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "not a MatrixMarket file"),
        ("2 2\n1\n2\n3\n4\n", "not a MatrixMarket file"),
        ("%%MatrixMarket vector coordinate real general\n2 2\n", "holds a vector, not a matrix"),
        ("coordinate pattern general\n2 2 1\n1 1\n", "is a pattern: it says where"),
        ("array real odd\n2 2\n", "'odd' in the first line is not known"),
        ("array float general\n2 2\n", "'float' in the first line is not known"),
        ("coordinates real general\n2 2\n", "'coordinates' in the first line is not known"),
        ("array real general\n", "line with the sizes"),
        ("array real general\n2\n", "line with the sizes"),
        ("array real general\n2 2 4\n1\n2\n3\n4\n", "line with the sizes"),
        ("array real general\n2 x\n1\n2\n3\n4\n", "line with the sizes"),
        ("array real general\n2 2_0\n1\n2\n3\n4\n", "line with the sizes"),
        ("array real general\n-2 -2\n", "line with the sizes"),
        ("array real general\n" + "9" * 5000 + " 2\n", "line with the sizes"),
        ("coordinate real general\n2 2\n1 1 1\n", "line with the sizes"),
        ("array real general\n2 3\n1\n2\n3\n4\n5\n6\n", "2x3, not square"),
        ("array real general\n0 0\n", "size 0"),
        ("array real general\n999 999\n", "sizes run from 1 to"),
        ("coordinate real general\n2 2 999999999\n1 1 1\n", "999999999 entries; the limit is"),
        ("array real general\n% a\n\r\n \t\n%\r2 2\n%\n\n1\n2\nx\n4\n", "line 11: 'x'"),
        ("array real general\n2 2\n1\n2\n3\n", "3 entries, 4 expected"),
        ("array real general\n2 2\n1\n2\n3\n4\n5\n", "line 7: more than 4 entries"),
        ("array real symmetric\n2 2\n1\n2\n3\n4\n", "line 6: more than 3 entries"),
        ("coordinate real general\n2 2 2\n1 1 1\n", "1 entries, 2 expected"),
        ("coordinate real general\n2 2 1\n1 3 1\n", r"line 3: index \(1, 3\) out of range"),
        ("coordinate real general\n2 2 1\n0 1 1\n", r"index \(0, 1\) out of range"),
        ("coordinate real symmetric\n2 2 2\n2 1 5\n1 2 6\n", "line 4: both triangles of a symm"),
        ("coordinate real skew-symmetric\n2 2 2\n1 2 5\n2 1 -5\n", "both triangles"),
        ("coordinate real skew-symmetric\n2 2 1\n1 1 5\n", r"5 at \(1, 1\), on the diagonal"),
        ("array unsigned-integer general\n2 2\n1\n2\n3\n-4\n", "file of unsigned-integer numb"),
        ("array unsigned-integer general\n2 2\n1\n2\n3\n.5\n", "file of unsigned-integer numb"),
        ("array real general\n2 2\n1\n2\n3\n1-2\n", "'1-2' is not a number"),
        ("array real general\n2 2\n1\n2\n3\n1.0D\n", "'1.0D' is not a number"),
        ("array real general\n2 2\n1\n2\n3\n1\u20282\n", "line 6"),
        ("array real general\n2 2\n1\n2\n3\n4\f\n", "line 6"),
        ("coordinate real general\n2 2 1\n1.0 1 1\n", "indices are not whole numbers"),
        ("coordinate real general\n2 2 1\n1 1\n", "0 fields, 1 expected"),
        ("array complex general\n2 2\n1\n2\n3\n4\n", "1 fields, 2 expected"),
        ("array real general\n2 2\n1 1\n2\n3\n4\n", "2 fields, 1 expected"),
        ("array real general\n2 2\nnan\n2\n3\n4\n", "X1 in .*, line 3: 'nan' is not a number"),
        ("array real general\n2 2\n1\n2\ninf\n4\n", "line 5: 'inf'"),
        ("array real general\n2 2\n1\n2\n3\n1+2i\n", "in a file of real numbers"),
        ("array integer general\n2 2\n1\n2\n3\n0.5\n", "in a file of integer numbers"),
        ("array complex general\n2 2\n1 2i\n2 0\n3 0\n4 0\n", "in a file of complex numbers"),
        ("array complex hermitian\n2 2\n1 1\n2 3\n4 0\n", "on the diagonal of a hermitian"),
        ("array real general\n2 2\n__import__('os')\n2\n3\n4\n", "line 3"),
    ],
)
def test_a_wrong_matrix_market_file_is_refused(tmp_path: Path, body: str, words: str) -> None:
    known = body.startswith(("array", "coordinate"))
    with pytest.raises(DeepexpError, match=words) as caught:
        read_X1(tmp_path, ("%%MatrixMarket matrix " if known else "") + body)
    assert "X1" in caught.value.message
    assert caught.value.remedy


def test_a_folder_of_matrix_market_files_is_whole(tmp_path: Path) -> None:
    write_market(tmp_path)
    (tmp_path / "Z.mtx").write_text("x")
    with pytest.raises(FormatError, match=r"not one of X1\.mtx"):
        Problem.load(tmp_path / "Z.mtx")
    (tmp_path / "Y2.mtx").unlink()
    with pytest.raises(FormatError, match=r"cannot read .*Y2\.mtx"):
        Problem.load(tmp_path)


def test_millions_of_empty_lines_and_comments_are_passed_over(tmp_path: Path) -> None:
    head = "%%MatrixMarket matrix array real general\n"
    body = head + "\n% x\r\n" * 700_000 + "1 1\r2 % no comment\n"
    write_market(tmp_path)
    with pytest.raises(FormatError, match=r"line 1400003: 4 fields, 1 expected"):
        read_X1(tmp_path, body)


@pytest.mark.parametrize("name", ["A.MTX", "a.Mtx"])
def test_a_suffix_may_be_in_capitals(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("%%MatrixMarket matrix array real general\n1 1\n.1\n")
    assert load_matrix(str(tmp_path / name)).to_strings() == [["1/10"]]
