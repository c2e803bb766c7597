"""First layers of rank one for a problem: row ℓ, then A and w, then the shift."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
from flint import acb, acb_mat, arb, ctx, fmpz

from ...errors import UndecidedError
from ...exact import ExactMatrix, GaussianRational
from ...exact.binary import from_mpf
from ...problems import Problem
from ..base import LayerChoice
from ..completion import complete
from ..split import pencil_rank
from .family import Family, Modular, family
from .modules import Candidates
from .parameters import RankOneParameters
from .rows import Row, reach, rows
from .sealing import Sealed, seal
from .shifting import Shifter
from .tracking import FloatFamily, track

#: Rows ℓ that are tried, seeds, rows q looked at and kept for one of them, and paths.
_ROWS, _SEEDS, _LOOK, _KEEP, _PATHS = 3, 2, 120, 5, 40
_SPREADS = (1.5, 2.5, 4.0, 6.0, 9.0)
#: Shifts of one solution that are offered.
_SHIFTS = 2
#: Bits in which the poles are placed; the angle by which a cut is turned away.
_BITS, _TURN = 256, 0.3125


@dataclass
class Tried:
    """What a search has tried, for the words of an undecided answer."""

    rows: int = 0
    looked: int = 0
    kept: int = 0
    paths: int = 0
    nullities: set[tuple[int, int]] = field(default_factory=set)

    def __str__(self) -> str:
        pairs = ", ".join(f"{a} and {b}" for a, b in sorted(self.nullities)) or "none"
        return (
            f"{self.rows} rows ℓ, {self.looked} rows q of which {self.kept} have rank 2d (nullity "
            f"over Q(i) and modulo the prime: {pairs}), {self.paths} paths"
        )


def search(
    problem: Problem, L: Any, alphas: Sequence[GaussianRational] | None, turn: int
) -> Iterator[LayerChoice]:
    """Parameters in the order in which they are to be tried; no argument but the problem matters.

    Raises :class:`UndecidedError` with what was tried where there are none."""
    K = complete(problem).quotient(problem).matrix
    tried, found = Tried(), 0
    for seed in range(_SEEDS):
        for row in rows(problem, K)[:_ROWS]:
            tried.rows += 1
            for made, sealed, nullity in _solutions(K, row, seed, tried):
                shifter = Shifter(problem, row, sealed.A, sealed.w)
                for one in islice(shifter.choices(), _SHIFTS):
                    found += 1
                    parameters = RankOneParameters(
                        row.ell, made.q, sealed.centre, sealed.free, sealed.radius, one.shift,
                        one.integers, nullity,
                    )  # fmt: skip
                    yield LayerChoice(None, parameters, one.loss)
    if not found:
        raise UndecidedError(
            f"undecided: the search for a first layer of rank one ended without one; {tried}",
            "give other outputs with the same inputs, or a larger problem that contains this one",
            pencil_rank(problem.X1, problem.D),
        )


def _solutions(
    K: ExactMatrix, row: Row, seed: int, tried: Tried
) -> Iterator[tuple[Family, Sealed, tuple[int, int]]]:
    """Spaces with a solution of their equations: by placing poles where p sees all of K, then by
    homotopy."""
    modular, p = Modular(K, row.p), row.p
    if reach(p, K) == K.rows and seed == 0:
        q = p @ K
        made = family(K, p, q)
        placed = place(K, p)
        if placed is not None:
            sealed = seal(made, *placed)
            if sealed is not None:
                yield made, sealed, (made.dimension, modular.rank(q, 1)[0])
    kept = []
    for q in islice(Candidates(K, p, seed), _LOOK):
        tried.looked += 1
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


def _paths(
    K: ExactMatrix, kept: list[tuple[Family, FloatFamily, int]], seed: int, tried: Tried
) -> Iterator[tuple[Family, Sealed, tuple[int, int]]]:
    """Ends of paths, the freest space first, with wider and wider spectra."""
    rng = np.random.default_rng(seed)
    apart = not K.shift(-1).is_invertible()
    order = sorted(kept, key=lambda item: -max(item[1].freedom(rng) for _ in range(3)))
    for t in range(_PATHS if order else 0):
        made, floats, nullity = order[t % len(order)]
        spread = _SPREADS[(t // len(order)) % len(_SPREADS)] + K.rows / 2 * (2 if apart else 1)
        tried.paths += 1
        theta = track(floats, rng, spread, apart)
        if theta is None:
            continue
        flat, d = theta @ floats.basis, K.rows
        sealed = seal(made, flat[: d * d], flat[d * d : d * d + d], flat[d * d + d :])
        if sealed is not None:
            yield made, sealed, (made.dimension, nullity)


def place(K: ExactMatrix, p: ExactMatrix) -> tuple[Any, Any, Any] | None:
    """A = L − w·p with eigenvalues 2πi·a_j, distinct, for L = log K, as (A, x, y) of the space of
    q = p·K: then exp(A) = I (Ackermann's formula; Kautsky, Nichols & Van Dooren 1985).

    None where float64's range or the logarithm of a defective K does not allow it."""
    d = K.rows
    L = _logarithm(K)
    if L is None:
        return None
    with ctx.workprec(_BITS):
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
        parts = [[complex(z) for z in M.entries()] for M in (A, x, -w)]
    if not all(np.isfinite(part).all() for part in parts):
        return None
    return parts[0], parts[1], parts[2]


def _integers(L: Any, without_zero: bool) -> list[int]:
    """d distinct integers, small ones first, and without 0 where L has the eigenvalue 0."""
    d = L.nrows()
    order = sorted(range(-d - 1, d + 2), key=lambda n: (abs(n), -n))
    return [n for n in order if n or not without_zero][:d]


def _logarithm(K: ExactMatrix) -> Any:
    """A primary logarithm to more digits than float64's, 0 at an eigenvalue 1, for a start."""
    with ctx.workprec(_BITS):
        matrix = K.to_acb_mat()
        try:
            values, vectors = matrix.eig(right=True, algorithm="approx")
            logs = [z.mid().log().mid() for z in values]
            d = K.rows
            diagonal = acb_mat(d, d, [logs[r] if r == c else 0 for r in range(d) for c in range(d)])
            vectors = vectors.mid()
            L = (vectors * diagonal * vectors.inv()).mid()
            if all(z.is_finite() for z in L.entries()):
                defect = (L.exp() - matrix).entries()
                size = max(float(abs(z).upper()) for z in matrix.entries())
                if max(float(abs(z).upper()) for z in defect) < 1e-20 * size:
                    return L
        except (ValueError, ZeroDivisionError):
            pass
    from mpmath import mp

    with mp.workdps(60):
        # turned, so that no negative eigenvalue is on the cut of mpmath's square roots
        turn = mp.mpc(0, _TURN)
        try:
            found = mp.logm(K.to_mpmath() * mp.exp(-turn)) + mp.eye(K.rows) * turn
        except (ValueError, ArithmeticError, TypeError):  # TypeError: a pivot that is no number
            return None
        rows_ = [[_acb(z) for z in row] for row in found.tolist()]
    return acb_mat(rows_)


def _acb(z: Any) -> Any:
    from mpmath import mpc

    def part(x: Any) -> Any:
        mantissa, exponent = from_mpf(x)
        return arb((fmpz(mantissa), fmpz(exponent)))

    z = mpc(z)
    return acb(part(z.real), part(z.imag))


def _one(d: int) -> Any:
    return acb_mat(d, d, [int(r == c) for r in range(d) for c in range(d)])
