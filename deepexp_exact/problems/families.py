"""Families of problems, each seeded, each with its purpose; every entry is exact.

A family that is about K chooses Y1 at random and Y2 := Y1·K exactly, one about W1·X1 chooses
D at random and X1 := D·M, so that D⁻¹·X1 = M.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flint import fmpq

from ..errors import FormatError, UsageError
from ..exact import MAX_DIMENSION, ExactMatrix, shown
from . import extreme, reals, singular
from .pieces import (
    al_mohy_higham as al_mohy_higham,
)
from .pieces import (
    direct_sum as direct_sum,
)
from .pieces import (
    discrete_fourier as discrete_fourier,
)
from .pieces import (
    frank as frank,
)
from .pieces import (
    hadamard as hadamard,
)
from .pieces import (
    hilbert as hilbert,
)
from .pieces import (
    integer_matrix as integer_matrix,
)
from .pieces import (
    jordan as jordan,
)
from .pieces import (
    normal_matrix as normal_matrix,
)
from .pieces import (
    rotation as rotation,
)
from .pieces import (
    similar as similar,
)
from .pieces import (
    unimodular as unimodular,
)
from .pieces import (
    with_first_layer as with_first_layer,
)
from .pieces import (
    with_K as with_K,
)
from .problem import Problem
from .reading import load_problem


@dataclass(frozen=True)
class Family:
    """A generator of problems: ``build(d, seed)`` is the same problem every time."""

    name: str
    purpose: str
    builder: Callable[[int, random.Random], Problem]
    sizes: tuple[int, ...]
    full_sizes: tuple[int, ...]
    #: Whether real weights are asked for.
    real: bool = False

    def build(self, d: int, seed: int) -> Problem:
        problem = self.builder(d, random.Random(f"{self.name}/{d}/{seed}"))
        return Problem(
            problem.X1,
            problem.X2,
            problem.Y1,
            problem.Y2,
            name=f"{self.name}-d{d}-s{seed}",
            title=self.purpose,
            source=f"family {self.name}, d = {d}, seed {seed}",
        )


# ---------------------------------------------------------------------------- builders


def _nearly_singular(d: int, rng: random.Random, exponent: int) -> Problem:
    """D = P·diag(1, ..., 1, 10^−exponent)·Q with unimodular P, Q."""
    D = unimodular(d, rng) @ ExactMatrix.diagonal([1] * (d - 1) + [fmpq(1, 10**exponent)])
    D = D @ unimodular(d, rng)
    X1 = normal_matrix(d, rng, real=True)
    return Problem(X1, X1 + D, normal_matrix(d, rng, True), normal_matrix(d, rng, True))


def _graded(d: int, rng: random.Random) -> Problem:
    scale = ExactMatrix.diagonal([fmpq(10 ** (j), 10 ** (d // 2)) for j in range(d)])
    Y1, Y2 = normal_matrix(d, rng) @ scale, normal_matrix(d, rng)
    return Problem(normal_matrix(d, rng) @ scale, normal_matrix(d, rng), Y1, Y2)


def _rotations(d: int, rng: random.Random) -> Problem:
    """Blocks near 0.9π, 0.98π, 0.999π: tan(θ/2) = 1/tan of what is missing to π."""
    steepness = [(19, 3), (95, 3), (1909, 3)]
    parts = [rotation(*steepness[j % 3]) for j in range(d // 2)]
    if d % 2:
        parts.append(ExactMatrix.identity(1))
    return with_K(direct_sum(*parts), rng)


def _equal_outputs(d: int, rng: random.Random) -> Problem:
    Y = normal_matrix(d, rng)
    return Problem(normal_matrix(d, rng), normal_matrix(d, rng), Y, Y)


def _derogatory(d: int, rng: random.Random) -> Problem:
    blocks = [(-1, 1)] * (d // 2) + [(2, 1)] * (d - d // 2)
    return with_K(similar(jordan(blocks), rng), rng)


def _defective(d: int, rng: random.Random) -> Problem:
    first = (d + 1) // 2
    blocks = [("1/2", first)] + ([("-3", d - first)] if d > first else [])
    return with_K(similar(jordan(blocks), rng), rng)


def _negative_axis(d: int, rng: random.Random) -> Problem:
    values = [fmpq(-rng.randint(1, 40), rng.randint(1, 9)) for _ in range(d - 1)] + [fmpq(3)]
    return with_K(similar(ExactMatrix.diagonal(values[:d]), rng), rng)


def _clustered(d: int, rng: random.Random) -> Problem:
    gap = fmpq(1, 10**20)
    values = [2 + gap * j if j < (d + 1) // 2 else fmpq(-1, j) for j in range(d)]
    return with_K(similar(ExactMatrix.diagonal(values), rng), rng)


def _nearly_defective(d: int, rng: random.Random) -> Problem:
    gap = fmpq(1, 10**20)
    J = jordan([(1, d)]) + ExactMatrix.diagonal([gap * j for j in range(d)])
    return with_K(similar(J, rng), rng)


def _gaussian(real: bool) -> Callable[[int, random.Random], Problem]:
    def build(d: int, rng: random.Random) -> Problem:
        X1, X2, Y1, Y2 = (normal_matrix(d, rng, real) for _ in range(4))
        return Problem(X1, X2, Y1, Y2)

    return build


def _integer(d: int, rng: random.Random) -> Problem:
    while True:
        X1, X2 = integer_matrix(d, rng), integer_matrix(d, rng)
        if (X2 - X1).is_invertible():
            return Problem(X1, X2, integer_matrix(d, rng), integer_matrix(d, rng))


def _matrix_as_K(make: Callable[[int], ExactMatrix]) -> Callable[[int, random.Random], Problem]:
    return lambda d, rng: with_K(make(d), rng)


def _matrix_as_layer(make: Callable[[int], ExactMatrix]) -> Callable[[int, random.Random], Problem]:
    return lambda d, rng: with_first_layer(make(d), rng)


def _nearly(exponent: int) -> Callable[[int, random.Random], Problem]:
    return lambda d, rng: _nearly_singular(d, rng, exponent)


_ALL = (
    Family("gaussian-complex", "generic complex data", _gaussian(False), (2, 4, 8), (12, 16)),
    Family(
        "gaussian-real", "generic real data, conjugate pairs", _gaussian(True), (3, 6), (12, 16)
    ),
    Family("integer", "small integers, exact by hand", _integer, (2, 3), (8,)),
    Family("negative-axis", "K has simple eigenvalues on the cut", _negative_axis, (3,), (8,)),
    Family("defective", "K has two Jordan blocks", _defective, (4,), (8, 12)),
    Family("derogatory", "K = P diag(−1.., 2..) P⁻¹, repeated on the cut", _derogatory, (4,), (8,)),
    Family("equal-outputs", "Y1 = Y2, so K = I and W2 = 0", _equal_outputs, (3,), (8,)),
    Family("near-singular-1e-12", "D nearly singular", _nearly(12), (3,), (8,)),
    Family("near-singular-1e-30", "D singular to float64", _nearly(30), (3,), (8,)),
    Family("graded", "columns of very different sizes", _graded, (6,), (12,)),
    Family("hilbert-K", "K ill-conditioned", _matrix_as_K(hilbert), (4,), (8,)),
    Family("frank-K", "K with sensitive eigenvalues", _matrix_as_K(frank), (5,), (10,)),
    Family("al-mohy-higham-K", "K highly non-normal", _matrix_as_K(al_mohy_higham), (3,), (5,)),
    Family(
        "al-mohy-higham-layer",
        "first layer highly non-normal",
        _matrix_as_layer(al_mohy_higham),
        (3,),
        (5,),
    ),
    Family("rotations", "K turns by nearly π", _rotations, (2, 6), (12,)),
    Family("hadamard-K", "K = Hadamard matrix, repeated ±√d", _matrix_as_K(hadamard), (8,), (16,)),
    Family(
        "dft-K",
        "K = DFT matrix, eigenvalues on a cross",
        _matrix_as_K(discrete_fourier),
        (4, 8),
        (12,),
    ),
    Family("clustered", "eigenvalues of K 1e-20 apart", _clustered, (4,), (8,)),
    Family("nearly-defective", "a Jordan block split by 1e-20", _nearly_defective, (3,), (5,)),
)

#: Hard and huge data, kind by kind (:mod:`.extreme`).
_EXTREME = (
    Family("jordan-corner", "a Jordan block with a tiny corner", extreme.jordan_corner, (3,), (5,)),
    Family("far-from-normal", "K triangular, far from normal", extreme.far_from_normal, (4,), (6,)),
    Family("huge-outputs", "Y1 and Y2 of sizes 1e±300", extreme.huge_outputs, (3,), (8,)),
    Family("huge-eigenvalues", "K of sizes 1e±500, 1e±5000", extreme.huge_eigenvalues, (2,), (4,)),
    Family("tiny-gap", "eigenvalues of K 1e-100 to 1e-1000 apart", extreme.tiny_gap, (2,), (4,)),
    Family("huge-inputs", "X1 and D of sizes 1e-200 to 1e200", extreme.huge_inputs, (3,), (6,)),
    Family("near-cut", "K 1e-20 to 1e-300 from the cut", extreme.near_cut, (2,), (5,)),
    Family("second-order", "rounding acts beyond first order", extreme.second_order, (2,), (5,)),
    Family("long-rationals", "unrelated long denominators", extreme.long_rationals, (3,), (6,)),
)

#: Families whose data leave float64 or what it can resolve.
HARD = {family.name: family for family in _EXTREME}

#: The families that meet the theorem's hypotheses.
FAMILIES = {family.name: family for family in _ALL}


def _contains(first: Any, *more: Any) -> Callable[[int, random.Random], Problem]:
    """A regular pencil with these ratios of X2 to X1, and 2, 3, … up to d."""
    return singular.pencil(lambda d: [first, *more, *range(2, d)][:d])


#: Beyond the theorem's hypotheses (:mod:`.singular`): what else is solved, what has no solution.
_BEYOND = (
    *(
        Family(f"D-rank-{name}", f"D of rank {words}", singular.difference_of_rank(words), s, f)
        for name, words, s, f in (
            ("one-less", "d-1", (2, 4), (8, 16)),
            ("half", "d/2", (4,), (8,)),
            ("one", "1", (3,), (8,)),
        )
    ),
    Family("identity-X1", "X1 = I, D of rank d-1", singular.identity_input, (3,), (8,)),
    Family("unipotent-C", "X1⁻¹·X2 has the eigenvalue 1 alone", singular.unipotent, (3,), (6,)),
    Family("nearly-scalar-C", "X1⁻¹·X2 = I + 1e-10·R", singular.nearly_scalar, (2,), (6,)),
    Family("X1-X2-singular", "X1 and X2 singular, D not", _contains(0, None, -1), (3,), (6,)),
    Family("X1-D-singular", "X1 and D singular", _contains(None, 1, -1), (3,), (6,)),
    Family("X2-D-singular", "X2 and D singular", _contains(0, 1, -1), (3,), (6,)),
    Family("all-singular", "X1, X2 and D singular", _contains(1, 0, None), (3, 4), (6,)),
    *(
        Family(f"Y-rank-{name}", f"outputs of rank {words}", singular.outputs_of_rank(words), s, f)
        for name, words, s, f in (
            ("zero", "0", (2,), (6,)),
            ("one", "1", (3,), (8,)),
            ("half", "d/2", (4,), (8,)),
            ("one-less", "d-1", (3,), (8,)),
        )
    ),
    Family("other-columns", "no solution (N1)", singular.unequal_column_spaces, (2, 3), (8,)),
    Family("equal-inputs", "no solution (N2)", singular.equal_inputs, (2,), (8,)),
    Family(
        "equal-everything", "X1 = X2, Y1 = Y2: f constant", singular.equal_everything, (3,), (8,)
    ),
    *(
        Family(f"near-singular-1e-{e}", "D nearly singular", _nearly(e), (3,), (8,))
        for e in (2, 4, 7, 20)
    ),
    *(
        Family(name, "every X1 + z·D singular", singular.singular_pencil(name), (s,), (4,))
        for name, s in zip(singular.SINGULAR_PENCILS, (2, 2, 2, 3, 2, 3, 3), strict=True)
    ),
)
BEYOND = {family.name: family for family in _BEYOND}

#: Real weights for real data (:mod:`.reals`).
_REALS = (
    Family("real-minus-identity", "real: K = −I", reals.minus_identity, (2,), (6,), True),
    Family("real-paired", "real: two equal negative blocks", reals.paired_blocks, (4,), (8,), True),
    Family(
        "real-unpaired", "real: eigenvalues −1, −3", reals.unpaired_eigenvalues, (3,), (8, 12), True
    ),
    Family("real-unpaired-block", "real: one block at −1", reals.unpaired_block, (2,), (6,), True),
    Family("real-rotations", "real: rotations near π", reals.rotated, (4,), (8,), True),
    Family("real-negative", "no real solution (R6)", reals.negative_determinant, (3,), (8,), True),
)
REALS = {family.name: family for family in _REALS}

#: Every family by name.
EVERY = FAMILIES | HARD | BEYOND | REALS


_SETTING = re.compile(r"(.+),(d|seed|digits)=([0-9]{1,9})")


@dataclass(frozen=True)
class Case:
    """One problem of a run: a family with d and seed, or a shipped problem's name or a file.

    Its text is ``FAMILY,d=4,seed=0,digits=50``, or ``NAME,digits=50``; :meth:`parse` reads it."""

    family: str
    d: int
    seed: int
    digits: int

    def build(self) -> Problem:
        if self.family in EVERY:
            return EVERY[self.family].build(self.d, self.seed)
        return load_problem(self.family)

    def __str__(self) -> str:
        size = f"d={self.d},seed={self.seed}," if self.family in EVERY else ""
        return f"{self.family},{size}digits={self.digits}"

    @classmethod
    def parse(cls, text: str) -> Case:
        """The case of a text; d, seed and digits default to the family's first size, 0 and 50.

        Raises :class:`FormatError` for a value out of range, or a d where there is no family."""
        if not isinstance(text, str):
            raise UsageError(f"{shown(text)} is not a case", "write FAMILY,d=4,seed=0,digits=50")
        family, values, given = text, {"d": 0, "seed": 0, "digits": 50}, set()
        while found := _SETTING.fullmatch(family):
            if found[2] in given:
                raise FormatError(f"{shown(text)} gives {found[2]} twice", "give it once")
            given.add(found[2])
            family, values[found[2]] = found[1], int(found[3])
        known = EVERY.get(family)
        if known and values["d"] == 0:
            values["d"] = known.sizes[0]
        if not known and (values["d"] or values["seed"]):
            raise FormatError(
                f"{text!r}: {family} is no family, so it has no d and no seed to choose",
                f"families: {', '.join(EVERY)}",
            )
        if values["d"] > MAX_DIMENSION or not 1 <= values["digits"] <= 100_000:
            raise FormatError(
                f"{text!r} is out of range", f"d up to {MAX_DIMENSION}, digits 1 to 100000"
            )
        return cls(family, values["d"], values["seed"], values["digits"])
