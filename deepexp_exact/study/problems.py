"""Problems with a distance in them: a matrix at 10^−e from singular, an eigenvalue from the cut.

These join the families of :mod:`deepexp_exact.problems.families` as points of a study's grid.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Callable
from functools import lru_cache

from flint import fmpq

from ..errors import FormatError
from ..exact import ExactMatrix, gaussian
from ..problems import MATRICES, Problem, load_problem, shipped
from ..problems.families import FAMILIES
from ..problems.pieces import normal_matrix, unimodular


def _near_singular(d: int, rng: random.Random, exponent: int) -> ExactMatrix:
    """P·diag(1, ..., 1, 10^−exponent)·Q with unimodular P and Q."""
    middle = ExactMatrix.diagonal([1] * (d - 1) + [fmpq(1, 10**exponent)])
    return unimodular(d, rng) @ middle @ unimodular(d, rng)


def near_singular_difference(d: int, rng: random.Random, exponent: int) -> Problem:
    """D = X2 − X1 at distance about 10^−exponent from singular, the rest Gaussian."""
    D = _near_singular(d, rng, exponent)
    X1 = normal_matrix(d, rng)
    return Problem(X1, X1 + D, normal_matrix(d, rng), normal_matrix(d, rng))


def near_singular_output(d: int, rng: random.Random, exponent: int) -> Problem:
    """Y1 at distance about 10^−exponent from singular, the rest Gaussian."""
    Y1 = _near_singular(d, rng, exponent)
    return Problem(normal_matrix(d, rng), normal_matrix(d, rng), Y1, normal_matrix(d, rng))


def near_cut(d: int, rng: random.Random, exponent: int) -> Problem:
    """K upper triangular with 5 above the diagonal, eigenvalues e^(±i(π − 10^−exponent)), and
    further eigenvalues 2, 3, ...; the angle is that of a rational point of the circle."""
    t = 2 * fmpq(10**exponent)
    z = gaussian((1 - t * t) / (1 + t * t), 2 * t / (1 + t * t))
    values = [z, z.conjugate(), *(gaussian(j) for j in range(2, d))]
    rows = [
        [values[r] if r == c else gaussian(5 if c == r + 1 else 0) for c in range(d)]
        for r in range(d)
    ]
    Y1 = normal_matrix(d, rng)
    return Problem(
        normal_matrix(d, rng), normal_matrix(d, rng), Y1, Y1 @ ExactMatrix.from_rows(rows)
    )


#: Families that take an exponent as well as d and seed.
PARAMETRIC: dict[str, Callable[[int, random.Random, int], Problem]] = {
    "near-singular-D": near_singular_difference,
    "near-singular-Y1": near_singular_output,
    "near-cut": near_cut,
}


def known_families() -> list[str]:
    """Every name the axis ``family`` accepts."""
    return [*FAMILIES, *PARAMETRIC, *shipped()]


def named_file(text: str) -> str:
    """``PATH@DIGEST`` of a problem's file (any format), from its path or from this very text.

    The digest is of the exact data, so that the key of a run changes with them.
    :class:`FormatError` if the file cannot be read, or holds other data than the digest says."""
    path, mark, told = text.rpartition("@")
    path = path if mark and re.fullmatch("[0-9a-f]{12}", told) else text
    matrices = {key: rows for key, rows in load_problem(path).to_hex().items() if key in MATRICES}
    digest = hashlib.sha256(json.dumps(matrices, sort_keys=True).encode()).hexdigest()[:12]
    if path != text and digest != told:
        raise FormatError(f"{path} is not the problem it was ({digest}, not {told})", "plan anew")
    return f"{path}@{digest}"


def is_file_name(name: str) -> bool:
    """Whether a text names a problem's file: it has a separator, an extension or a digest."""
    return name not in known_families() and any(sign in name for sign in "/.@")


def is_shipped(name: str) -> bool:
    """Whether a name is a shipped problem or a file, which has no size and no seed to choose."""
    return name not in FAMILIES and name not in PARAMETRIC


@lru_cache(maxsize=8)
def build(family: str, d: int, seed: int, exponent: int = 0) -> Problem:
    """The problem of a grid point; the same problem every time."""
    if family in FAMILIES:
        return FAMILIES[family].build(d, seed)
    if family in PARAMETRIC:
        rng = random.Random(f"{family}/{d}/{seed}")
        problem = PARAMETRIC[family](d, rng, exponent)
        name = f"{family}-1e-{exponent}-d{d}-s{seed}"
        return Problem(problem.X1, problem.X2, problem.Y1, problem.Y2, name=name)
    if is_file_name(family):
        return load_problem(named_file(family).rpartition("@")[0])
    return load_problem(family)
