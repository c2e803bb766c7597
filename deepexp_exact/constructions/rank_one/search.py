"""First layers of rank one for a problem: row ℓ, then A and w, then the shift."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, count, islice, repeat
from typing import Any

import numpy as np
from flint import acb, acb_mat, arb, ctx

from ...errors import PrecisionCeilingError, UndecidedError
from ...exact import ExactMatrix, GaussianRational, vstack
from ...problems import Problem
from ...spectrum.isolation import by_polynomials
from ..base import LayerChoice
from ..completion import complete, others
from ..split import pencil_rank
from .family import Family, Modular, family
from .modules import Candidates
from .parameters import RankOneParameters
from .rows import Row, reach, rows
from .sealing import Sealed, seal
from .shifting import Shifter
from .tracking import FloatFamily, track

#: The work of a search, in evaluations of the equations of a path, at d ≤ 4; (d/4)² times that
#: beyond.  What else is done counts by its time: a solution sealed, a row q looked at.
WORK = 30_000
_SEAL, _LOOK = 300, 4
#: Rows ℓ, and completions beside the usual one; rows q looked at and kept for one row and seed.
_ROWS, _COMPLETIONS, _LOOKED, _KEEP = 3, 2, 120, 5
#: Paths for one seed, and in one turn of a row ℓ before the next has its turn.
_PATHS, _TURN = 40, 8
_SPREADS = (1.5, 2.5, 4.0, 6.0, 9.0)
#: Shifts of one solution that are offered; the loss, in digits, of those that wait until a quarter
#: of the work is done.
_SHIFTS, _GREAT = 2, 16.0
#: Bits in which the poles are placed.
_BITS = 256


@dataclass
class Tried:
    """What a search has tried, for the words of an undecided answer, and the work it took."""

    rows: int = 0
    looked: int = 0
    kept: int = 0
    paths: int = 0
    work: float = 0.0
    nullities: set[tuple[int, int]] = field(default_factory=set)

    def __str__(self) -> str:
        pairs = ", ".join(f"{a} and {b}" for a, b in sorted(self.nullities)) or "none"
        return (
            f"{self.rows} rows ℓ, {self.looked} rows q of which {self.kept} have rank 2d (nullity "
            f"over Q(i) and modulo the prime: {pairs}), {self.paths} paths, work {self.work:.0f}"
        )


Found = tuple[Family, Sealed, int]


def search(
    problem: Problem, L: Any, alphas: Sequence[GaussianRational] | None, turn: int
) -> Iterator[LayerChoice]:
    """Parameters in the order in which they are to be tried; no argument but the problem matters.

    Every row ℓ of every completion has a first try, then turns of a few paths each, until
    :data:`WORK` is done.  Raises :class:`UndecidedError` with what was tried where nothing was
    found."""
    tried, offered, limit = Tried(), 0, WORK * max(1.0, problem.d / 4) ** 2
    waiting: list[LayerChoice] = []
    for choice in _choices(problem, tried, limit):
        if choice is not None and choice.loss is not None and choice.loss > _GREAT:
            waiting.append(choice)
        elif choice is not None:
            offered += 1
            yield choice
        if tried.work > limit / 4:
            offered += len(waiting)
            yield from waiting
            waiting.clear()
    yield from waiting
    if not offered + len(waiting):
        raise UndecidedError(
            f"undecided: the search for a first layer of rank one ended without one; {tried}",
            "give other outputs with the same inputs, or a larger problem that contains this one",
            pencil_rank(problem.X1, problem.D),
        )


def _choices(problem: Problem, tried: Tried, limit: float) -> Iterator[LayerChoice | None]:
    """Attempts, None those that failed, until the work is done."""
    sources = []
    for completion in (complete(problem), *others(problem, _COMPLETIONS)):
        K = completion.quotient(problem).matrix
        for row in _apart(rows(problem, K)):
            sources.append((completion, row, _attempts(K, row, tried)))
    tried.rows = len(sources)
    for length in chain((1,), repeat(_TURN)):
        for completion, row, attempts in sources:
            for found in islice(attempts, length):
                if tried.work >= limit:
                    return
                if found is None:
                    yield None
                    continue
                made, sealed, nullity = found
                for one in islice(Shifter(problem, row, sealed.A, sealed.w).choices(), _SHIFTS):
                    parameters = RankOneParameters(
                        row.ell, made.q, sealed.centre, sealed.free, sealed.radius, one.shift,
                        one.integers, (made.dimension, nullity),
                    )  # fmt: skip
                    yield LayerChoice(None, parameters, one.loss, completion)


def _apart(offered: Sequence[Row]) -> list[Row]:
    """The first rows, of each case one for each direction of p."""
    kept: list[Row] = []
    for row in offered:
        if len(kept) < _ROWS and not any(
            row.case == one.case and vstack(row.p, one.p).rank() == 1 for one in kept
        ):
            kept.append(row)
    return kept


def _attempts(K: ExactMatrix, row: Row, tried: Tried) -> Iterator[Found | None]:
    """Spaces with a solution of their equations, without end: by placing poles where p sees all of
    K, then by homotopy."""
    modular, p = Modular(K, row.p), row.p
    if reach(p, K) == K.rows:
        q = p @ K
        made, placed = family(K, p, q), place(K, p)
        sealed = None if placed is None else _sealed(made, *placed, tried)
        yield None if sealed is None else (made, sealed, modular.rank(q, 1)[0])
    for seed in count():
        kept = []
        for q in islice(Candidates(K, p, seed), _LOOKED):
            tried.looked += 1
            tried.work += _LOOK
            nullity, rank = modular.rank(q, seed + 1)
            if rank < 2 * K.rows:
                continue
            made = family(K, p, q)
            tried.nullities.add((made.dimension, nullity))
            if made.dimension == nullity:
                tried.kept += 1
                kept.append((made, FloatFamily(made), nullity))
            if len(kept) == _KEEP:
                break
        yield from _paths(K, kept, seed, tried)
        if not kept:
            tried.work += _LOOK
            yield None


def _paths(
    K: ExactMatrix, kept: list[tuple[Family, FloatFamily, int]], seed: int, tried: Tried
) -> Iterator[Found | None]:
    """Ends of paths, the freest space first, with wider and wider spectra."""
    rng = np.random.default_rng(seed)
    apart = not K.shift(-1).is_invertible()
    order = sorted(kept, key=lambda item: -max(item[1].freedom(rng) for _ in range(3)))
    for t in range(_PATHS if order else 0):
        made, floats, nullity = order[t % len(order)]
        spread = _SPREADS[(t // len(order)) % len(_SPREADS)] + K.rows / 2 * (2 if apart else 1)
        tried.paths += 1
        before, d = floats.evaluations, K.rows
        theta = track(floats, rng, spread, apart)
        tried.work += 1 + floats.evaluations - before
        sealed = None
        if theta is not None:
            flat = (theta @ floats.basis).tolist()
            parts = flat[: d * d], flat[d * d : d * d + d], flat[d * d + d :]
            sealed = _sealed(made, *parts, tried)
        yield None if sealed is None else (made, sealed, nullity)


def _sealed(made: Family, A: Any, x: Any, y: Any, tried: Tried) -> Sealed | None:
    tried.work += _SEAL * max(1.0, made.d / 4) ** 2
    return seal(made, A, x, y)


def place(K: ExactMatrix, p: ExactMatrix) -> tuple[Any, Any, Any] | None:
    """A = L − w·p with eigenvalues 2πi·a_j, distinct, for L = log K, as (A, x, y) of the space of
    q = p·K: then exp(A) = I (Ackermann's formula; Kautsky, Nichols & Van Dooren 1985).

    None where float64's range does not allow it."""
    d = K.rows
    with ctx.workprec(_BITS):
        L = _logarithm(K)
        if L is None:
            return None
        row, matrix = p.to_acb_mat(), K.to_acb_mat()
        krylov_rows, now = [], row
        for _ in range(d):
            krylov_rows.append(now.entries())
            now = now * L
        values = _integers(L, not K.shift(-1).is_invertible())
        product = _one(d)
        for n in values:
            product = product * (L - _one(d) * (acb(0, 2 * n) * acb.pi()))
        try:
            w = product * acb_mat(krylov_rows).solve(acb_mat(d, 1, [0] * (d - 1) + [1]))
        except ZeroDivisionError:
            return None
        A, x = L - w * row, matrix * w
        parts = [[z.mid() for z in M.entries()] for M in (A, x, -w)]
    if not all(np.isfinite(complex(z)) for part in parts for z in part):
        return None
    return parts[0], parts[1], parts[2]


def _integers(L: Any, without_zero: bool) -> list[int]:
    """d distinct integers, small ones first, and without 0 where L has the eigenvalue 0."""
    d = L.nrows()
    order = sorted(range(-d - 1, d + 2), key=lambda n: (abs(n), -n))
    return [n for n in order if n or not without_zero][:d]


def _logarithm(K: ExactMatrix) -> Any:
    """A primary logarithm, 0 at an eigenvalue 1, for a start: Hermite interpolation at the
    eigenvalues, each as often as its largest block is long (Higham, *Functions of Matrices*, 2008,
    section 1.2.2), in Newton's form."""
    try:
        roots = by_polynomials(K)
    except PrecisionCeilingError:
        return None
    nodes = [root for root in roots for _ in range(max(root.factor.blocks))]
    boxes = [root.box for root in nodes]
    z = [acb(arb((b.re_lo + b.re_hi) / 2), arb((b.im_lo + b.im_hi) / 2)) for b in boxes]
    z = [x.mid() for x in z]
    column = [x.log() for x in z]
    coefficients = [column[0]]
    for k in range(1, len(z)):
        column = [
            (-1) ** (k - 1) / (k * z[j] ** k)
            if nodes[j] is nodes[j + k]
            else (column[j + 1] - column[j]) / (z[j + k] - z[j])
            for j in range(len(z) - k)
        ]
        coefficients.append(column[0])
    matrix, L = K.to_acb_mat(), acb_mat(K.rows, K.rows)
    for c, x in zip(reversed(coefficients), reversed(z), strict=True):
        L = L * (matrix - _one(K.rows) * x) + _one(K.rows) * c
    return L.mid() if all(x.is_finite() for x in L.entries()) else None


def _one(d: int) -> Any:
    return acb_mat(d, d, [int(r == c) for r in range(d) for c in range(d)])
