"""Other people's matrices as nested lists of scalars, which are not read here."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Set
from typing import Any, cast

from ..errors import ShapeError
from .numbers import to_gaussian

#: Largest dimension d of a problem.
MAX_DIMENSION = 128


def check_size(height: int, width: int, name: str) -> None:
    """:class:`ShapeError` for a matrix larger than the limit."""
    if max(height, width) > MAX_DIMENSION:
        raise ShapeError(
            f"{name} is {height}x{width}; the limit is d = {MAX_DIMENSION}",
            "give a problem of a smaller size",
        )


def libraries(value: Any) -> set[str]:
    """The libraries that a value's type and its bases come from."""
    return {kind.__module__.split(".")[0] for kind in type(value).__mro__}


def as_table(rows: Any, name: str) -> list[list[Any]]:
    """Nested lists of scalars from whatever looks like a matrix; scalars are not read here."""
    if libraries(rows) & {"mpmath", "sympy", "flint"} and hasattr(rows, "tolist"):
        return cast("list[list[Any]]", rows.tolist())
    if type(rows).__module__.startswith("scipy.sparse"):
        return _dense(rows, name)
    if hasattr(rows, "columns"):  # a table of columns would be read as its transpose
        if not hasattr(rows, "iloc"):
            raise ShapeError(f"{name} is a {type(rows).__name__}", "convert it to a NumPy array")
        check_size(rows.shape[0], rows.shape[1], name)
        columns = [list(rows.iloc[:, c]) for c in range(rows.shape[1])]
        return [list(row) for row in zip(*columns, strict=True)]
    numpy = sys.modules.get("numpy")
    if isinstance(rows, memoryview):
        rows = rows.tolist()
    if numpy is not None and isinstance(rows, numpy.ndarray):
        if rows.ndim != 2:
            raise ShapeError(f"{name} has {rows.ndim} dimensions", "give a two-dimensional array")
        check_size(rows.shape[0], rows.shape[1], name)
        return [[rows[r, c] for c in range(rows.shape[1])] for r in range(rows.shape[0])]
    if not _is_list_like(rows):
        raise ShapeError(
            f"{name} is not a matrix but {type(rows).__name__}", "give a list of equally long rows"
        )
    table = []
    for number, row in enumerate(rows, 1):
        if not _is_list_like(row):
            raise ShapeError(
                f"{name}: row {number} is not a list of entries", "give a list of lists"
            )
        table.append(list(row))
    return table


def _dense(matrix: Any, name: str) -> list[list[Any]]:
    """The entries of a sparse matrix, those at one place added without rounding."""
    if len(matrix.shape) != 2:
        raise ShapeError(f"{name} has {len(matrix.shape)} dimensions", "give a d×d matrix")
    height, width = matrix.shape
    check_size(height, width, name)
    table: list[list[Any]] = [[0] * width for _ in range(height)]
    seen = set()
    stored = matrix.tocoo()
    for r, c, value in zip(stored.row.tolist(), stored.col.tolist(), stored.data, strict=True):
        again = (r, c) in seen
        table[r][c] = to_gaussian(table[r][c]) + to_gaussian(value) if again else value
        seen.add((r, c))
    return table


def _is_list_like(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping | Set)
