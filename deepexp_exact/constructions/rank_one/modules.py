"""Rows q for the criterion (R), from the rows under multiplication by K as a module over Q(i)[t].

For each irreducible factor f of χ_K over Q(i) the component of f is a direct sum of cyclic parts
g·Q(i)[K] ≅ Q(i)[t]/fⁿ; f(K) plays the part of the nilpotent matrix of a Jordan block.  The
generators are adapted to p (Ulm's normal form): p is the sum of g·f(K)^h over the parts that it
sees, with strictly decreasing heights h and orders n − h.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from flint import fmpq

from ...exact import ExactMatrix, GaussianRational, gaussian, vstack
from ...spectrum.polynomials import (
    GaussianPoly,
    evaluate_at_matrix,
    factors,
    split_over_gaussian,
)
from .rows import krylov, unit_length

#: Combinations of choices that are drawn at most, and kept in full where there are fewer.
_MOST = 400


@dataclass(frozen=True)
class Part:
    """A cyclic part: its generator, its size n and the height h of p in it (None: p is not seen
    there)."""

    generator: ExactMatrix
    size: int
    height: int | None = None


@dataclass(frozen=True)
class Component:
    """The parts of one irreducible factor f of degree m; ``nilpotent`` is f(K)."""

    poly: GaussianPoly
    nilpotent: ExactMatrix
    parts: tuple[Part, ...]

    @property
    def seen(self) -> bool:
        return any(part.height is not None for part in self.parts)

    def row(self, part: Part, power: int) -> ExactMatrix:
        """g·f(K)^power."""
        out = part.generator
        for _ in range(power):
            out = out @ self.nilpotent
        return out


def components(K: ExactMatrix, p: ExactMatrix) -> list[Component]:
    """The components of K, their generators adapted to p."""
    found = []
    for factor in factors(K):
        for poly in split_over_gaussian(factor.parent) if K.is_real() else [factor.poly]:
            nilpotent = evaluate_at_matrix(poly, K)
            parts = _generators(K, poly, nilpotent, factor.blocks)
            found.append(Component(poly, nilpotent, parts))
    rows = [
        krylov(part.generator, K, part.size * one.poly.degree)
        for one in found
        for part in one.parts
    ]
    basis = rows[0]
    for row in rows[1:]:
        basis = vstack(basis, row)
    coordinates = list(basis.transpose().solve(p.transpose()).entries())
    out, at = [], 0
    for one in found:
        scaled = []
        for part in one.parts:
            length = part.size * one.poly.degree
            scaled.append(_scaled(K, one.poly, part, coordinates[at : at + length]))
            at += length
        out.append(_merged(replace(one, parts=tuple(scaled))))
    return out


def _generators(
    K: ExactMatrix, poly: GaussianPoly, nilpotent: ExactMatrix, blocks: tuple[int, ...]
) -> tuple[Part, ...]:
    """Largest parts first: rows of the left kernel of f(K)^n whose images under f(K)^(n−1) are
    independent, over the field, of those of the rows before."""
    parts: list[Part] = []
    socle: ExactMatrix | None = None
    for size in sorted(set(blocks), reverse=True):
        below = ExactMatrix.identity(K.rows)
        for _ in range(size - 1):
            below = below @ nilpotent
        kernel = (below @ nilpotent).transpose().kernel().transpose()
        wanted = len(parts) + blocks.count(size)
        for r in range(kernel.rows):
            if len(parts) == wanted:
                break
            generator = kernel.part([r], range(K.rows))
            image = krylov(generator @ below, K, poly.degree)
            grown = image if socle is None else vstack(socle, image)
            if grown.rank() == grown.rows:
                socle = grown
                parts.append(Part(generator, size))
    return tuple(parts)


def _scaled(
    K: ExactMatrix, poly: GaussianPoly, part: Part, coordinates: list[GaussianRational]
) -> Part:
    """The part with a generator for which p is g·f(K)^h in it."""
    u = GaussianPoly.from_coefficients(coordinates)
    if u.degree < 0:
        return part
    height = 0
    while True:
        divided, rest = u.divmod(poly)
        if rest.degree >= 0:
            break
        height, u = height + 1, divided
    return Part(part.generator @ evaluate_at_matrix(u, K), part.size, height)


def _merged(component: Component) -> Component:
    """Parts i with h_j ≤ h_i and order_j ≥ order_i for a part j go over to j: p = g_j·f^h_j +
    g_i·f^h_i = (g_j + g_i·f^(h_i − h_j))·f^h_j."""
    parts = list(component.parts)
    for i, j in itertools.permutations(range(len(parts)), 2):
        high, low = parts[i], parts[j]
        if high.height is None or low.height is None or low.height > high.height:
            continue
        if low.size - low.height >= high.size - high.height:
            moved = component.row(high, high.height - low.height)
            parts[j] = replace(low, generator=low.generator + moved)
            parts[i] = replace(high, height=None)
    return replace(component, parts=tuple(parts))


Choice = Callable[[], ExactMatrix]


class Candidates:
    """Rows q in the order in which they are to be tried, seeded."""

    def __init__(self, K: ExactMatrix, p: ExactMatrix, seed: int) -> None:
        self.K, self.p, self.rng = K, p, random.Random(seed)
        self.components = components(K, p)

    def __iter__(self) -> Iterator[ExactMatrix]:
        choices = [list(self._choices(one)) for one in self.components]
        total = 1
        for options in choices:
            total *= len(options)
        if total <= _MOST:
            every = list(itertools.product(*choices))
            head, rest = every[:1], every[1:]
            self.rng.shuffle(rest)
            sequence = (head + rest) * (1 + 60 // total)
        else:
            drawn = [tuple(self.rng.choice(o) for o in choices) for _ in range(_MOST)]
            sequence = [tuple(o[0] for o in choices), *drawn]
        for one in sequence:
            q = ExactMatrix.zero(1, self.K.rows)
            for choice in one:
                q = q + choice()
            if not q.is_zero():
                yield unit_length(q, self.p)

    def _times(self, row: ExactMatrix, degree: int) -> ExactMatrix:
        """The row times a random polynomial of degree below ``degree`` in K."""
        out = ExactMatrix.zero(1, self.K.rows)
        for power in krylov(row, self.K, degree).to_rows():
            factor = gaussian(0)
            while factor.is_zero():
                numbers = (fmpq(self.rng.randint(-96, 96), 64) for _ in range(2))
                factor = gaussian(*numbers)
            out = out + ExactMatrix.from_rows([power]).scale(factor)
        return out

    def _combined(self, one: Component, rows: Sequence[ExactMatrix]) -> ExactMatrix:
        """A random combination of rows, over the field of the component."""
        zero = ExactMatrix.zero(1, self.K.rows)
        return sum((self._times(row, one.poly.degree) for row in rows), zero)

    def _choices(self, one: Component) -> Iterator[Choice]:
        """Generic; where p is seen also p·f^(−a) and generic terms above it, one or two basis rows,
        and these with a multiple of p."""
        every = [(part, k) for part in one.parts for k in range(part.size)]
        rows = [one.row(part, k) for part, k in every]
        yield partial(self._combined, one, rows)
        if not one.seen:
            return
        zero = ExactMatrix.zero(1, self.K.rows)
        seen = [(part, part.height) for part in one.parts if part.height is not None]
        own = sum((one.row(part, h) for part, h in seen), zero)
        most = max(part.size for part in one.parts)
        for a in range(1 - most, most):
            tied = [one.row(part, h - a) for part, h in seen if 0 <= h - a < part.size]
            for above in (1, 2) if tied else ():
                higher = [
                    one.row(part, k)
                    for part, h in seen
                    for k in range(max(0, h - a + above), part.size)
                ]
                yield partial(self._combined, one, [sum(tied, zero), *higher])
        for row in rows:
            yield partial(self._combined, one, [row])
            yield partial(self._combined, one, [row, own])
        for left, right in itertools.combinations(rows, 2):
            yield partial(self._combined, one, [left, right])
            yield partial(self._combined, one, [left, right, own])
