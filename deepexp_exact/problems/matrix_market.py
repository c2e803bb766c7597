"""Problems from four MatrixMarket files, their decimals read exactly."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ..errors import FormatError, NumberError, ShapeError
from ..exact import MAX_DIMENSION, ExactMatrix, GaussianRational, clip, parse_number
from ..files import read_text
from .problem import MATRICES, Problem


def load_matrix_market(path: Path) -> Problem:
    folder = path if path.is_dir() else path.parent
    if folder != path and path.stem not in MATRICES:
        raise FormatError(
            f"{path} is not one of X1.mtx, X2.mtx, Y1.mtx, Y2.mtx",
            "a MatrixMarket problem is a folder with these four files",
        )
    data: dict[str, Any] = {label: _read_mtx(folder / f"{label}.mtx", label) for label in MATRICES}
    return Problem(**data, name=folder.resolve().name, source="four MatrixMarket files")


_MTX_HEAD = re.compile(
    r"%%matrixmarket matrix (array|coordinate) (real|integer|complex|pattern) "
    r"(general|symmetric|hermitian|skew-symmetric)"
)
_COUNT = re.compile(r"[0-9]{1,9}")


def _read_mtx(path: Path, label: str) -> ExactMatrix:
    """A MatrixMarket file, its decimals read exactly (``scipy.io.mmread`` would round them)."""
    lines = read_text(path).splitlines()
    head = _MTX_HEAD.fullmatch(" ".join(lines[0].lower().split())) if lines else None
    if head is None or head[2] == "pattern":
        raise FormatError(
            f"{path}: not a MatrixMarket matrix with values",
            "first line: %%MatrixMarket matrix array complex general",
        )
    layout, kind, symmetry = head.groups()
    body = [(n, t.split()) for n, t in enumerate(lines[1:], 2) if t.strip() and t[0] != "%"]
    d, body = _mtx_size(body, layout, label, path)
    table: list[list[Any]] = [["0"] * d for _ in range(d)]
    width = 2 if kind == "complex" else 1
    for row, col, line, texts in _mtx_cells(d, layout, symmetry, body, width, path):
        try:
            value = _mtx_value(texts, kind)
        except NumberError as error:
            raise NumberError(
                f"{label} in {path}, line {line}: {error.message}", error.remedy
            ) from None
        table[row][col] = value
        if symmetry == "hermitian" and row == col and not value.is_real():
            raise FormatError(
                f"{path}, line {line}: {value} on the diagonal of a hermitian matrix",
                "the diagonal is real, or the matrix is general",
            )
        if symmetry != "general" and row != col:
            mirrored = value.conjugate() if symmetry == "hermitian" else value
            table[col][row] = -value if symmetry == "skew-symmetric" else mirrored
    return ExactMatrix.from_rows(table, label)


def _mtx_size(
    body: list[tuple[int, list[str]]], layout: str, label: str, path: Path
) -> tuple[int, list[tuple[int, list[str]]]]:
    """The size d, and the lines after the one with the sizes."""
    texts = body[0][1] if body else []
    wanted = 2 if layout == "array" else 3
    if len(texts) != wanted or not all(_COUNT.fullmatch(text) for text in texts):
        raise FormatError(
            f"{path}: the line with the sizes is missing or wrong",
            f"it holds {wanted} whole numbers: rows, columns" + ", entries" * (wanted == 3),
        )
    size = [int(text) for text in texts]
    if size[0] != size[1]:
        raise ShapeError(f"{label} in {path} is {size[0]}x{size[1]}, not square", "give d×d")
    if not 1 <= size[0] <= MAX_DIMENSION:
        raise ShapeError(
            f"{label} in {path} has size {size[0]}", f"sizes run from 1 to {MAX_DIMENSION}"
        )
    if wanted == 3 and len(body) - 1 != size[2]:
        raise FormatError(
            f"{path}: {len(body) - 1} entries, {size[2]} expected", "is the file truncated?"
        )
    return size[0], body[1:]


def _mtx_value(texts: list[str], kind: str) -> GaussianRational:
    parts = [parse_number(text) for text in texts]
    for part, text in zip(parts, texts, strict=True):
        if not part.is_real() or (kind == "integer" and part.re.q != 1):
            raise NumberError(
                f"{clip(text)!r} in a file of {kind} numbers",
                "write the kind of number that the first line of the file names",
            )
    return parts[0] if len(parts) == 1 else GaussianRational(parts[0].re, parts[1].re)


def _mtx_cells(
    d: int,
    layout: str,
    symmetry: str,
    body: list[tuple[int, list[str]]],
    width: int,
    path: Path,
) -> list[tuple[int, int, int, list[str]]]:
    """(row, column, line, texts of the value) of every stored entry.

    Of a matrix with symmetry the lower triangle is stored, of a skew-symmetric one without the
    diagonal; an array is stored column by column."""
    skip = {"general": -d, "skew-symmetric": 1}.get(symmetry, 0)
    places = [(r, c) for c in range(d) for r in range(d) if r - c >= skip]
    lead = 0 if layout == "array" else 2
    if not lead and len(body) != len(places):
        raise FormatError(
            f"{path}: {len(body)} entries, {len(places)} expected", "is the file truncated?"
        )
    cells, free = [], set(places)
    for index, (line, texts) in enumerate(body):
        where = f"{path}, line {line}"
        if len(texts) != lead + width:
            raise FormatError(
                f"{where}: {len(texts)} fields, {lead + width} expected", "one entry a line"
            )
        if lead and not all(_COUNT.fullmatch(text) for text in texts[:2]):
            raise FormatError(f"{where}: the indices are not whole numbers", "row, column, value")
        place = (int(texts[0]) - 1, int(texts[1]) - 1) if lead else places[index]
        if place not in free:
            raise FormatError(
                f"{where}: index out of range or given twice",
                f"indices run from 1 to {d}"
                + ("" if symmetry == "general" else f", {symmetry}: the lower triangle only"),
            )
        free.remove(place)
        cells.append((*place, line, texts[lead:]))
    return cells
