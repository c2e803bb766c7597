"""One matrix from a file: JSON, NumPy's ``.npy``, MatrixMarket, or a matrix of a problem."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from ..errors import FormatError
from ..exact import ExactMatrix, clip
from ..files import STANDARD, expect_format, expect_keys, expect_list, read_bytes, read_json
from .reading import load_problem

FORMAT, VERSION = "deepexp-exact/matrix", 1
_OF_PROBLEM = re.compile(r"(.+):(X1|X2|Y1|Y2|D|K)", re.DOTALL)


def load_matrix(name: str) -> ExactMatrix:
    """The matrix of a JSON file (format ``deepexp-exact/matrix``), an ``.npy`` or MatrixMarket
    file, standard input (``-``, JSON), or PROBLEM:X1 (X2, Y1, Y2, D = X2 − X1, K = Y1⁻¹·Y2).

    Raises :class:`FormatError`, :class:`NumberError`, :class:`ShapeError` with the place, or
    :class:`HypothesisError` where K does not exist."""
    if (found := _OF_PROBLEM.fullmatch(name)) and not Path(name).exists():
        matrix: ExactMatrix = getattr(load_problem(found[1]), found[2])
        return matrix
    path = Path(name)
    if path.name.lower().endswith((".mtx", ".mtx.gz")):
        from .matrix_market import read_matrix

        return read_matrix(path, readable_label(path))
    if path.suffix.lower() == ".npy":
        return _from_npy(path)
    if name != STANDARD and not path.suffix and "/" not in name:
        raise FormatError(
            f"{clip(name)!r} names no matrix",
            "give a file .json, .npy or .mtx, or one matrix of a problem such as quantum-gates:K",
        )
    table = read_json(STANDARD if name == STANDARD else path)
    expect_format(table, FORMAT, VERSION, name)
    expect_keys(table, ("format", "version", "matrix"), name, optional=("name",))
    rows = expect_list(table["matrix"], f"{name}: matrix")
    for r, row in enumerate(rows, 1):
        expect_list(row, f"{name}: matrix, row {r}")
    return ExactMatrix.from_rows(rows, "matrix")


def readable_label(path: Path) -> str:
    """The name of a matrix in error messages."""
    return clip(path.name.split(".")[0]) or "matrix"


def _from_npy(path: Path) -> ExactMatrix:
    import numpy as np

    try:
        array: Any = np.lib.format.read_array(io.BytesIO(read_bytes(path)), allow_pickle=False)
    except FormatError:
        raise
    except Exception as error:  # NumPy raises many kinds for a damaged file
        raise FormatError(f"cannot read {path}: {error}", "is it whole, and of numbers?") from None
    if array.dtype.kind not in "iufc":
        raise FormatError(
            f"{path} has no numeric type but {array.dtype}",
            "store integers, floats or complex numbers",
        )
    return ExactMatrix.from_rows(array, readable_label(path))
