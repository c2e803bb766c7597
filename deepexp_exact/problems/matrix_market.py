"""Problems from four MatrixMarket files, their decimals read exactly (a reader of floats would
round them).

The format: Boisvert, Pozo & Remington, *The Matrix Market Exchange Formats* (NISTIR 5935, 1996).
Read as its users mean it: ``unsigned-integer``, Fortran exponents (``1.0D+02``, ``1.0-101``), and
coordinate entries given several times, which are added.  Of a matrix with symmetry one triangle is
stored, and which one is free in a coordinate file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import DeepexpError, FormatError, NumberError, ShapeError
from ..exact import MAX_DIMENSION, ExactMatrix, GaussianRational, clip, gaussian, parse_number
from ..files import read_text
from .problem import MATRICES, Problem, readable

_FIELDS = (
    ("array", "coordinate"),
    ("real", "double", "integer", "unsigned-integer", "complex"),
    ("general", "symmetric", "hermitian", "skew-symmetric"),
)
_LINE_END = re.compile(r"\r\n|\r|\n")
_EMPTY = re.compile(r"(?:[ \t]*+(?:%[^\r\n]*+)?+(?:\r\n|\r|\n))++")
_COUNT = re.compile(r"[0-9]{1,9}")
# 1.0D+02, and 1.0-101, as Fortran writes exponents of three digits
_FORTRAN = re.compile(
    r"([+-]?(?:[0-9]++\.?[0-9]*|\.[0-9]+))[dDqQ]([+-]?[0-9]+)"
    r"|([+-]?(?:[0-9]++\.[0-9]*|\.[0-9]+))([+-][0-9]{3})"
)
#: Most entries of a coordinate file, those at one place counted each.
MAX_ENTRIES = 500_000

Fields = list[str]


def load_matrix_market(path: Path) -> Problem:
    """The problem of a folder with X1.mtx, X2.mtx, Y1.mtx, Y2.mtx, or of any one of these files;
    each may be packed (X1.mtx.gz)."""
    folder = path if path.is_dir() else path.parent
    if folder != path and path.name.split(".")[0] not in MATRICES:
        raise FormatError(
            f"{path} is not one of X1.mtx, X2.mtx, Y1.mtx, Y2.mtx",
            "a MatrixMarket problem is a folder with these four files",
        )
    data: dict[str, Any] = {label: read_matrix(_file(folder, label), label) for label in MATRICES}
    return Problem(**data, name=readable(folder.resolve().name), source="four MatrixMarket files")


def _file(folder: Path, label: str) -> Path:
    plain, packed = folder / f"{label}.mtx", folder / f"{label}.mtx.gz"
    if plain.exists() and packed.exists():
        raise FormatError(f"{folder} holds {plain.name} and {packed.name}", "keep one of the two")
    return packed if packed.exists() else plain


def read_matrix(path: Path, label: str) -> ExactMatrix:
    """The square matrix of one file; ``label`` names it in errors."""
    lines = _data_lines(read_text(path, errors="replace"))
    layout, kind, symmetry = _header(next(lines, (1, []))[1], path)
    d, count = _size(next(lines, (1, []))[1], layout, label, path)
    places = list(_places(d, symmetry))
    wanted = len(places) if count is None else count
    table: dict[tuple[int, int], GaussianRational] = {}
    number = 0
    for number, (line, texts) in enumerate(lines, 1):
        where = f"{path}, line {line}"
        if number > wanted:
            raise FormatError(f"{where}: more than {wanted} entries", "is it two files in one?")
        if count is None:
            place = places[number - 1]
        else:
            place, texts = _indices(texts, d, where), texts[2:]
        try:
            value = _value(texts, kind)
        except DeepexpError as error:
            raise type(error)(f"{label} in {where}: {error.message}", error.remedy) from None
        if symmetry != "general" and (place[1], place[0]) in table and place[0] != place[1]:
            raise FormatError(
                f"{where}: both triangles of a {symmetry} matrix are given",
                "store one triangle, or call the matrix general",
            )
        table[place] = table.get(place, gaussian(0)) + value
    if number < wanted:
        raise FormatError(f"{path}: {number} entries, {wanted} expected", "is the file truncated?")
    return ExactMatrix.from_rows(_completed(table, d, symmetry, path), label)


def _data_lines(text: str) -> Iterator[tuple[int, Fields]]:
    """(number, fields) of the first line and of every line after it that is neither empty nor a
    comment.  A line ends at \\n, \\r\\n or \\r and nowhere else."""
    number, start = 1, 0
    while start < len(text):
        if number > 1 and (empty := _EMPTY.match(text, start)):  # millions of them take no time
            ends = (text.count(mark, start, empty.end()) for mark in ("\n", "\r", "\r\n"))
            number += next(ends) + next(ends) - next(ends)
            start = empty.end()
            continue
        end = _LINE_END.search(text, start)
        line = text[start : end.start() if end else len(text)]
        start = end.end() if end else len(text)
        fields = [field for field in re.split("[ \t]+", line) if field]
        if number == 1 or (fields and fields[0][0] != "%"):
            yield number, fields
        number += 1


def _header(words: Fields, path: Path) -> Fields:
    """Layout, kind and symmetry of the first line."""
    head = [word.lower() for word in words]
    if head[:1] not in (["%%matrixmarket"], ["%matrixmarket"]) or len(head) != 5:
        raise FormatError(
            f"{path}: not a MatrixMarket file",
            "first line: %%MatrixMarket matrix array complex general",
        )
    if head[1] != "matrix":
        raise FormatError(f"{path} holds a {clip(head[1])}, not a matrix", "give a d×d matrix")
    if head[3] == "pattern":
        raise FormatError(
            f"{path} is a pattern: it says where entries are, not what they are",
            "store the values: real, integer or complex",
        )
    for word, known in zip(head[2:], _FIELDS, strict=True):
        if word not in known:
            raise FormatError(
                f"{path}: {clip(word)!r} in the first line is not known", f"use {', '.join(known)}"
            )
    return head[2:]


def _size(texts: Fields, layout: str, label: str, path: Path) -> tuple[int, int | None]:
    """The size d and, of a coordinate file, the number of entries."""
    wanted = 2 if layout == "array" else 3
    if len(texts) != wanted or not all(_COUNT.fullmatch(text) for text in texts):
        raise FormatError(
            f"{path}: the line with the sizes is missing or wrong",
            f"it holds {wanted} whole numbers: rows, columns" + ", entries" * (wanted == 3),
        )
    height, width, *entries = map(int, texts)
    if height != width:
        raise ShapeError(f"{label} in {path} is {height}x{width}, not square", "give d×d")
    if entries and entries[0] > MAX_ENTRIES:
        words = f"{path}: {entries[0]} entries; the limit is {MAX_ENTRIES}"
        raise FormatError(words, "add up those at one place")
    if not 1 <= height <= MAX_DIMENSION:
        raise ShapeError(
            f"{label} in {path} has size {height}", f"sizes run from 1 to {MAX_DIMENSION}"
        )
    return height, entries[0] if entries else None


def _places(d: int, symmetry: str) -> Iterator[tuple[int, int]]:
    """The places of an array file: column by column, with symmetry the lower triangle, of a
    skew-symmetric matrix without the diagonal."""
    skip = {"general": -d, "skew-symmetric": 1}.get(symmetry, 0)
    return ((r, c) for c in range(d) for r in range(d) if r - c >= skip)


def _indices(texts: Fields, d: int, where: str) -> tuple[int, int]:
    if len(texts) < 2 or not all(_COUNT.fullmatch(text) for text in texts[:2]):
        raise FormatError(f"{where}: the indices are not whole numbers", "row, column, value")
    r, c = int(texts[0]), int(texts[1])
    if not (1 <= r <= d and 1 <= c <= d):
        raise FormatError(f"{where}: index ({r}, {c}) out of range", f"indices run from 1 to {d}")
    return r - 1, c - 1


def _value(texts: Fields, kind: str) -> GaussianRational:
    width = 2 if kind == "complex" else 1
    if len(texts) != width:
        raise FormatError(f"{len(texts)} fields, {width} expected", "one entry a line")
    spelled = [_FORTRAN.fullmatch(text) for text in texts]
    parts = [
        parse_number(f"{m[1] or m[3]}e{m[2] or m[4]}" if m else text)
        for m, text in zip(spelled, texts, strict=True)
    ]
    for part, text in zip(parts, texts, strict=True):
        whole = part.re.q == 1 and (part.re >= 0 or kind == "integer")
        if not part.is_real() or (kind.endswith("integer") and not whole):
            raise NumberError(
                f"{clip(text)!r} in a file of {kind} numbers",
                "write the kind of number that the first line of the file names",
            )
    return parts[0] if len(parts) == 1 else GaussianRational(parts[0].re, parts[1].re)


def _completed(
    table: dict[tuple[int, int], GaussianRational], d: int, symmetry: str, path: Path
) -> list[list[Any]]:
    """The whole matrix from the entries that are stored."""
    rows: list[list[Any]] = [[0] * d for _ in range(d)]
    for (r, c), value in table.items():
        rows[r][c] = value
        if symmetry == "general":
            continue
        mirrored = value.conjugate() if symmetry == "hermitian" else value
        mirrored = -value if symmetry == "skew-symmetric" else mirrored
        if r == c and mirrored != value:
            raise FormatError(
                f"{path}: {value} at ({r + 1}, {r + 1}), on the diagonal of a {symmetry} matrix",
                "such a diagonal is " + ("real" if symmetry == "hermitian" else "zero"),
            )
        rows[c][r] = mirrored
    return rows
