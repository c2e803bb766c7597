"""A problem: the exact data X1, X2, Y1, Y2, the hypotheses on them, and its JSON form."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ..errors import FormatError, ShapeError, printable
from ..exact import ExactMatrix, Quotient, clip, hex_pair, matrix_from_hex
from ..files import checked_path, expect_format, expect_keys, expect_list, expect_text, write_json

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


_NOT_USED = "(the paper assumes it; the proof does not use it)"
#: Words, matrix, and whether the theorem requires it, of each hypothesis.
_HYPOTHESES = {
    "H1": ("X2 − X1 is invertible", "D", True),
    "H2": ("Y1 is invertible", "Y1", True),
    "H3": ("Y2 is invertible", "Y2", True),
    "H4": (f"X1 is invertible {_NOT_USED}", "X1", False),
    "H5": (f"X2 is invertible {_NOT_USED}", "X2", False),
}


@dataclass(frozen=True)
class Problem:
    """Given X1, X2, Y1, Y2 (exact d×d matrices): find W1, W2, W3 with f(X1) = Y1, f(X2) = Y2.

    Accepts whatever :meth:`ExactMatrix.from_rows` reads: nested lists, NumPy arrays, sparse
    matrices, data frames, mpmath and sympy matrices.  Raises :class:`ShapeError` for sizes that are
    unequal or not square, :class:`NumberError` for an entry that is not an exact number or too long
    to be written, :class:`FormatError` for a name, title or source that is not a text.
    """

    X1: ExactMatrix
    X2: ExactMatrix
    Y1: ExactMatrix
    Y2: ExactMatrix
    name: str = field(default="unnamed", compare=False)
    title: str = field(default="", compare=False)
    source: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        for key in ("name", "title", "source"):
            expect_text(getattr(self, key), key)
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

    @property
    def K(self) -> ExactMatrix:
        """Y1⁻¹·Y2, exactly; :class:`HypothesisError` if Y1 is singular."""
        return self.quotient.matrix

    @cached_property
    def quotient(self) -> Quotient:
        """K = Y1⁻¹·Y2 without forming it."""
        return Quotient(self.Y1, self.Y2)

    def is_real(self) -> bool:
        return all(getattr(self, label).is_real() for label in MATRICES)

    def hypothesis(self, id_: str) -> Hypothesis:
        """One hypothesis, H1 to H5, with exact rank evidence."""
        words, label, required = _HYPOTHESES[id_]
        return Hypothesis(id_, words, label, getattr(self, label).rank(), self.d, required)

    def hypotheses(self) -> tuple[Hypothesis, ...]:
        """Every hypothesis of the theorem; the paper's extra ones are not required."""
        return tuple(map(self.hypothesis, _HYPOTHESES))

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
        of the four files; each may be packed (X1.mtx.gz)."""
        from .reading import load

        return load(Path(checked_path(path)))

    def __str__(self) -> str:
        title = f"{self.name}: {self.title}" if self.title else self.name
        parts = [printable(title), f"d = {self.d}"]
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


def readable(name: str) -> str:
    """The name of a file as a problem's name: bytes that are not UTF-8 become question marks."""
    return name.encode("utf-8", "replace").decode()[:200]
