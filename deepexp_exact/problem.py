"""Problems: the exact data X1, X2, Y1, Y2, the hypotheses on them, and their files."""

from __future__ import annotations

import io
import os
import re
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from .errors import FormatError, HypothesisError, NumberError, ShapeError
from .exact import MAX_DIMENSION, ExactMatrix, hex_pair, matrix_from_hex, parse_number
from .files import (
    expect_format,
    expect_keys,
    expect_list,
    expect_text,
    parse_json,
    read_json,
    read_text,
    write_json,
)

FORMAT = "deepexp-exact/problem"
VERSION = 1
MATRICES = ("X1", "X2", "Y1", "Y2")


@dataclass(frozen=True)
class Hypothesis:
    """One hypothesis on a problem with its exact evidence: rank(matrix) against the rank needed."""

    id: str
    words: str
    matrix: str
    rank: int
    needed: int
    required: bool

    @property
    def holds(self) -> bool:
        return self.rank == self.needed

    @property
    def evidence(self) -> str:
        return f"rank {self.matrix} = {self.rank}, needed {self.needed} (exact)"


@dataclass(frozen=True)
class Problem:
    """Given X1, X2, Y1, Y2 (exact d×d matrices): find W1, W2, W3 with f(X1) = Y1, f(X2) = Y2.

    Accepts whatever :meth:`ExactMatrix.from_rows` reads: nested lists, NumPy arrays, mpmath and
    sympy matrices.  Raises :class:`ShapeError` for sizes that are unequal or not square,
    :class:`NumberError` for an entry that is not an exact number.
    """

    X1: ExactMatrix
    X2: ExactMatrix
    Y1: ExactMatrix
    Y2: ExactMatrix
    name: str = field(default="unnamed", compare=False)
    title: str = field(default="", compare=False)
    source: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        for label in MATRICES:
            matrix = ExactMatrix.from_rows(getattr(self, label), label)
            object.__setattr__(self, label, matrix)
            if matrix.rows != matrix.cols:
                raise ShapeError(
                    f"{label} is {matrix.rows}x{matrix.cols}, not square", "give d×d matrices"
                )
            if matrix.rows != self.X1.rows:
                raise ShapeError(
                    f"{label} is {matrix.rows}x{matrix.rows}, X1 is {self.X1.rows}x{self.X1.rows}",
                    "give four matrices of one size",
                )

    @property
    def d(self) -> int:
        return self.X1.rows

    @cached_property
    def D(self) -> ExactMatrix:
        """X2 − X1."""
        return self.X2 - self.X1

    @cached_property
    def K(self) -> ExactMatrix:
        """Y1⁻¹·Y2, exactly; :class:`HypothesisError` if Y1 is singular."""
        try:
            return self.Y1.solve(self.Y2)
        except ShapeError:
            raise HypothesisError(
                "Y1 is singular, so K = Y1⁻¹·Y2 does not exist", "the theorem needs Y1 invertible"
            ) from None

    def is_real(self) -> bool:
        return all(getattr(self, label).is_real() for label in MATRICES)

    def hypotheses(self) -> tuple[Hypothesis, ...]:
        """Every hypothesis with exact rank evidence; the paper's extra ones are not required."""
        rows = [
            ("H1", "X2 − X1 is invertible", "D", True),
            ("H2", "Y1 is invertible", "Y1", True),
            ("H3", "Y2 is invertible", "Y2", True),
            (
                "H4",
                "X1 is invertible (the paper assumes it; the proof does not use it)",
                "X1",
                False,
            ),
            (
                "H5",
                "X2 is invertible (the paper assumes it; the proof does not use it)",
                "X2",
                False,
            ),
        ]
        return tuple(
            Hypothesis(id_, words, label, getattr(self, label).rank(), self.d, required)
            for id_, words, label, required in rows
        )

    # -- files

    def to_json(self) -> dict[str, Any]:
        """The problem in format ``deepexp-exact/problem``, exactly."""
        head: dict[str, Any] = {"format": FORMAT, "version": VERSION, "name": self.name}
        if self.title:
            head["title"] = self.title
        if self.source:
            head["source"] = self.source
        return head | {label: getattr(self, label).to_strings() for label in MATRICES}

    @classmethod
    def from_json(cls, table: dict[str, Any], where: str = "problem") -> Problem:
        """Read format ``deepexp-exact/problem`` (a table made by :func:`files.parse_json`)."""
        expect_format(table, FORMAT, VERSION, where)
        expect_keys(
            table, ("format", "version", "name", *MATRICES), where, optional=("title", "source")
        )
        texts: dict[str, Any] = {
            key: expect_text(table.get(key, ""), f"{where}: {key}")
            for key in ("name", "title", "source")
        }
        data: dict[str, Any] = {}
        for label in MATRICES:
            rows = expect_list(table[label], f"{where}: {label}")
            for row in rows:
                for entry in expect_list(row, f"{where}: a row of {label}"):
                    if not isinstance(entry, str):
                        raise FormatError(
                            f"{where}: {label} holds {entry!r}", "write entries as numbers or texts"
                        )
            data[label] = ExactMatrix.from_rows(rows, label)
        return cls(**data, **texts)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the problem file atomically."""
        write_json(path, self.to_json())

    def to_hex(self) -> dict[str, Any]:
        """The problem as certificates hold it: entries are pairs of hexadecimal fractions."""
        head = {"name": self.name, "title": self.title, "source": self.source}
        return head | {
            label: [[hex_pair(z) for z in row] for row in getattr(self, label).to_rows()]
            for label in MATRICES
        }

    @classmethod
    def from_hex(cls, table: dict[str, Any], where: str = "problem") -> Problem:
        """Inverse of :meth:`to_hex`; unknown keys and unequal sizes are errors."""
        expect_keys(table, ("name", "title", "source", *MATRICES), where)
        texts: dict[str, Any] = {
            k: expect_text(table[k], f"{where}: {k}") for k in ("name", "title", "source")
        }
        data: dict[str, Any] = {}
        for label in MATRICES:
            rows = expect_list(table[label], f"{where}: {label}")
            data[label] = matrix_from_hex([expect_list(r, f"{where}: {label}") for r in rows])
        return cls(**data, **texts)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Problem:
        """Read a problem from JSON, from ``.npz`` (four arrays) or from MatrixMarket.

        For MatrixMarket give the folder that holds X1.mtx, X2.mtx, Y1.mtx and Y2.mtx, or any one
        of the four files."""
        target = Path(path)
        if target.suffix == ".npz":
            return _load_npz(target)
        if target.suffix == ".mtx" or target.is_dir():
            return _load_matrix_market(target if target.is_dir() else target.parent)
        return cls.from_json(read_json(target), str(target))

    def __str__(self) -> str:
        parts = [f"{self.name}: {self.title}" if self.title else self.name, f"d = {self.d}"]
        for label in MATRICES:
            parts += [f"{label} =", str(getattr(self, label))]
        return "\n".join(parts)

    def _repr_latex_(self) -> str:
        return (
            "$"
            + r" \quad ".join(
                f"{label[0]}_{label[1]} = {getattr(self, label)._repr_latex_().strip('$')}"
                for label in MATRICES
            )
            + "$"
        )


def shipped() -> list[str]:
    """Names of the problems that come with the package."""
    folder = resources.files("deepexp_exact") / "problems"
    return sorted(
        p.name.removesuffix(".json") for p in folder.iterdir() if p.name.endswith(".json")
    )


def load_problem(name_or_path: str) -> Problem:
    """A problem by path (the text has a separator or an extension) or by shipped name."""
    if os.sep in name_or_path or "/" in name_or_path or Path(name_or_path).suffix:
        return Problem.load(name_or_path)
    if name_or_path not in shipped():
        raise FormatError(
            f"there is no shipped problem named {name_or_path!r}",
            f"shipped: {', '.join(shipped())}; a file needs a path with a separator or extension",
        )
    text = (resources.files("deepexp_exact") / "problems" / f"{name_or_path}.json").read_text(
        "utf-8"
    )
    return Problem.from_json(parse_json(text, name_or_path), name_or_path)


def _load_npz(path: Path) -> Problem:
    import zipfile

    import numpy as np

    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as archive:
            names = set(archive.files)
            if names != set(MATRICES):
                odd = sorted(names ^ set(MATRICES))
                raise FormatError(
                    f"{path}: arrays {', '.join(odd)} missing or unknown",
                    "an .npz problem holds X1, X2, Y1, Y2",
                )
            data = {label: archive[label] for label in MATRICES}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise FormatError(f"cannot read {path}: {error}", "is the file truncated?") from None
    if bad := [label for label in MATRICES if data[label].dtype.kind not in "iufc"]:
        raise FormatError(f"{path}: {bad[0]} has no numeric type but {data[bad[0]].dtype}")
    return Problem(**data, name=path.stem, source=f"read from {path.name}")


def _load_matrix_market(folder: Path) -> Problem:
    data: dict[str, Any] = {label: _read_mtx(folder / f"{label}.mtx", label) for label in MATRICES}
    return Problem(**data, name=folder.resolve().name, source="four MatrixMarket files")


_MTX_HEAD = re.compile(
    r"%%matrixmarket matrix (array|coordinate) (real|integer|complex|pattern) "
    r"(general|symmetric|hermitian|skew-symmetric)"
)


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
    try:
        size = [int(text) for text in body[0][1]]
    except (IndexError, ValueError):
        raise FormatError(f"{path}: the line with the sizes is missing or not numeric") from None
    if len(size) != (2 if layout == "array" else 3) or size[0] != size[1]:
        raise ShapeError(f"{label} in {path} is not square: sizes {size}")
    if not 1 <= size[0] <= MAX_DIMENSION:
        raise ShapeError(f"{label} in {path} has size {size[0]}", "sizes run from 1 to the limit")
    width = 2 if kind == "complex" else 1
    cells = _mtx_cells(size, layout, symmetry, body[1:], width, path)
    d = size[0]
    table: list[list[Any]] = [["0"] * d for _ in range(d)]
    for row, col, line, texts in cells:
        try:
            value = parse_number(texts[0])
            if width == 2:
                value = value + parse_number(texts[1]) * parse_number("i")
        except NumberError as error:
            raise NumberError(
                f"{label} in {path}, line {line}: {error.message}", error.remedy
            ) from None
        table[row][col] = value
        if symmetry != "general" and row != col:
            mirrored = value.conjugate() if symmetry == "hermitian" else value
            table[col][row] = -value if symmetry == "skew-symmetric" else mirrored
    return ExactMatrix.from_rows(table, label)


def _mtx_cells(
    size: list[int],
    layout: str,
    symmetry: str,
    body: list[tuple[int, list[str]]],
    width: int,
    path: Path,
) -> list[tuple[int, int, int, list[str]]]:
    """(row, column, line, texts of the value) of every stored entry."""
    d = size[0]
    if layout == "array":
        skip = 1 if symmetry == "skew-symmetric" else 0
        first = [0] * d if symmetry == "general" else [c + skip for c in range(d)]
        places = [(r, c) for c in range(d) for r in range(first[c], d)]
        expected, lead = len(places), 0
    else:
        places, expected, lead = [], size[2], 2
    if len(body) != expected:
        raise FormatError(f"{path}: {len(body)} entries, {expected} expected", "is it truncated?")
    cells, seen = [], set()
    for index, (line, texts) in enumerate(body):
        if len(texts) != lead + width:
            raise FormatError(f"{path}, line {line}: {len(texts)} fields, {lead + width} expected")
        if lead:
            try:
                place = (int(texts[0]) - 1, int(texts[1]) - 1)
            except ValueError:
                raise FormatError(f"{path}, line {line}: the indices are not integers") from None
            if not (0 <= place[0] < d and 0 <= place[1] < d) or place in seen:
                raise FormatError(f"{path}, line {line}: index out of range or given twice")
            seen.add(place)
        else:
            place = places[index]
        cells.append((*place, line, texts[lead:]))
    return cells
