"""Problems by name and by path: the shipped ones, and the files of every format."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path
from typing import Any

from ..errors import FormatError, UsageError
from ..exact import shown
from ..files import parse_json, read_json
from .problem import Problem


def load(path: Path) -> Problem:
    """The problem of a JSON file, an ``.npz`` archive or a folder of MatrixMarket files."""
    name = path.name.lower()
    if name.endswith(".npz"):
        from .npz import load_npz

        return load_npz(path)
    if name.endswith((".mtx", ".mtx.gz")) or path.is_dir():
        from .matrix_market import load_matrix_market

        return load_matrix_market(path)
    return Problem.from_json(read_json(path), str(path))


def shipped() -> list[str]:
    """Names of the problems that come with the package."""
    folder = resources.files(__package__)
    return sorted(
        p.name.removesuffix(".json") for p in folder.iterdir() if p.name.endswith(".json")
    )


def as_problem(*given: Any) -> Problem:
    """The problem meant by one argument (a :class:`Problem`, a shipped name or a path) or by the
    four matrices X1, X2, Y1, Y2; :class:`UsageError` for anything else."""
    if len(given) == 4:
        return Problem(*given)
    if len(given) == 1 and isinstance(given[0], Problem):
        return given[0]
    if len(given) == 1 and isinstance(given[0], str | os.PathLike):
        return load_problem(given[0])
    words = shown(given[0]) if len(given) == 1 else f"{len(given)} arguments"
    raise UsageError(
        f"{words}: not a problem", "give a Problem, a shipped name, a path or X1, X2, Y1, Y2"
    )


def load_problem(name_or_path: str | os.PathLike[str]) -> Problem:
    """A problem by path (the text has a separator or an extension) or by shipped name."""
    if not isinstance(name_or_path, str):
        return Problem.load(name_or_path)
    if os.sep in name_or_path or "/" in name_or_path or Path(name_or_path).suffix:
        return Problem.load(name_or_path)
    if name_or_path not in shipped():
        raise FormatError(
            f"there is no shipped problem named {name_or_path!r}",
            f"shipped: {', '.join(shipped())}; a file needs a path with a separator or extension",
        )
    text = (resources.files(__package__) / f"{name_or_path}.json").read_text("utf-8")
    return Problem.from_json(parse_json(text, name_or_path), name_or_path)
