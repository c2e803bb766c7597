"""Problems: the exact data X1, X2, Y1, Y2, the hypotheses on them, and their files."""

from __future__ import annotations

import io
import os
import re
import zipfile
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from .errors import FormatError, HypothesisError, NumberError, ShapeError
from .exact import (
    MAX_DIMENSION,
    ExactMatrix,
    GaussianRational,
    clip,
    hex_pair,
    matrix_from_hex,
    parse_number,
)
from .files import (
    expect_format,
    expect_keys,
    expect_list,
    expect_text,
    parse_json,
    read_bytes,
    read_json,
    read_text,
    write_json,
)

FORMAT = "deepexp-exact/problem"
VERSION = 1
MATRICES = ("X1", "X2", "Y1", "Y2")
#: Most bytes of one array of an ``.npz`` file: complex long doubles and a header.
_MAX_ARRAY_BYTES = 32 * MAX_DIMENSION**2 + 65536


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
    :class:`NumberError` for an entry that is not an exact number or too long to be written.
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
            matrix.require_bounded(label)

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
            for r, row in enumerate(rows, 1):
                for c, entry in enumerate(expect_list(row, f"{where}: {label}, row {r}"), 1):
                    if not isinstance(entry, str):
                        raise FormatError(
                            f"{where}: {label}, row {r}, column {c}: {clip(str(entry))} is not a "
                            "number",
                            "write entries as numbers or texts",
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
            data[label] = matrix_from_hex(
                [expect_list(row, f"{where}: {label}, row {r}") for r, row in enumerate(rows, 1)],
                f"{where}: {label}",
            )
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
            return _load_matrix_market(target)
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
    import numpy as np

    data: dict[str, Any] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(read_bytes(path))) as archive:
            members = sorted(archive.infolist(), key=lambda member: member.filename)
            names = [member.filename.removesuffix(".npy") for member in members]
            if names != list(MATRICES):
                raise FormatError(
                    f"{path} holds {clip(', '.join(names)) or 'nothing'}",
                    "an .npz problem holds exactly the arrays X1, X2, Y1, Y2",
                )
            for label, member in zip(MATRICES, members, strict=True):
                if member.file_size > _MAX_ARRAY_BYTES:
                    raise FormatError(
                        f"{path}: {label} has {member.file_size} bytes",
                        f"the limit is d = {MAX_DIMENSION}",
                    )
                stream = io.BytesIO(archive.read(member))
                data[label] = np.lib.format.read_array(stream, allow_pickle=False)
    except FormatError:
        raise
    except Exception as error:  # zipfile, zlib and NumPy raise many kinds for a damaged archive
        raise FormatError(f"cannot read {path}: {error}", "is the file truncated?") from None
    if bad := [label for label in MATRICES if data[label].dtype.kind not in "iufc"]:
        raise FormatError(
            f"{path}: {bad[0]} has no numeric type but {data[bad[0]].dtype}",
            "store integers, floats or complex numbers",
        )
    return Problem(**data, name=path.stem, source=f"read from {path.name}")


def _load_matrix_market(path: Path) -> Problem:
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
