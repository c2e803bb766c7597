"""Evidence for a statement: the identities that were decided, and counterexamples to false ones.

An identity holds if the normal form of its difference is zero.  A false one is refuted by exact
values of the indeterminates (logarithms by what they are the logarithm of) that satisfy the
recorded hypotheses and give two different numbers; a nonzero normal form alone refutes nothing.
Values are rational, and Gaussian rational where a complex conjugate occurs: elsewhere an identity
of rational functions that holds for real values holds for complex ones.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Any

from flint import fmpq

from ....exact import gaussian, to_gaussian
from .matrices import Matrix, difference
from .rings import Element, Ring, evaluate

#: Samples tried before a nonzero normal form is reported without a counterexample.
MAX_SAMPLES = 400


@dataclass(frozen=True)
class Counterexample:
    """Exact values at which the two sides of an identity differ."""

    identity: str
    values: str
    place: str
    left: str
    right: str

    def __str__(self) -> str:
        where = f" at {self.place}" if self.place else ""
        return f"{self.identity}: {self.left} ≠ {self.right}{where} for {self.values}"


@dataclass
class Identities:
    """Collects the identities of one statement at one size.

    ``identities`` counts equations between matrices (or numbers), ``entries`` the scalar
    equations they consist of, ``types`` the Jordan types that were gone through."""

    identities: int = 0
    entries: int = 0
    types: int = 0
    failures: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    _false: list[tuple[str, Matrix, Matrix]] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return self.identities > 0 and not self.failures

    def equal(self, words: str, left: Matrix, right: Matrix) -> None:
        """Decide left = right by the normal form of the difference."""
        self.identities += 1
        self.entries += left.height * left.width
        self.words.append(words)
        if (left.height, left.width) != (right.height, right.width):
            self.failures.append(f"{words}: sizes differ")
        elif not difference(left, right).is_zero():
            self.failures.append(words)
            self._false.append((words, left, right))

    def true(self, words: str, condition: bool) -> None:
        """Record a decided condition that is not an equation between matrices."""
        self.identities += 1
        self.entries += 1
        self.words.append(words)
        if not condition:
            self.failures.append(words)

    def counterexample(self) -> Counterexample | None:
        """Exact values that make one of the false identities false, or None if none was found."""
        for words, left, right in self._false:
            found = find_counterexample(words, left, right)
            if found is not None:
                return found
        return None


def find_counterexample(words: str, left: Matrix, right: Matrix) -> Counterexample | None:
    """Search small exact values that satisfy the hypotheses and tell the two sides apart."""
    ring = left.ring
    gap = difference(left, right)
    places = [
        (r, c) for r, row in enumerate(gap.rows) for c, x in enumerate(row) if not x.is_zero()
    ]
    for seed in range(MAX_SAMPLES):
        sample = _sample(ring, random.Random(seed), 1 + seed // 20)
        if sample is None:
            continue
        numbers, logarithms = sample
        for r, c in places:
            sides = [_fraction(m, r, c, numbers, logarithms) for m in (left, right)]
            if None not in sides and sides[0] != sides[1]:
                parts = [left.rows[r][c], right.rows[r][c], left.denominator, right.denominator]
                return Counterexample(
                    words,
                    _describe(ring, numbers, logarithms, _used(ring, parts)),
                    f"entry ({r + 1},{c + 1})",
                    str(sides[0]),
                    str(sides[1]),
                )
    return None


def _sample(
    ring: Ring, rng: random.Random, size: int
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Values of every indeterminate of the ring, or None if a hypothesis fails for them."""
    numbers: dict[str, Any] = {}
    logarithms: dict[str, Any] = {}
    for name in ring.names:
        if name in ring.inverses or name in ring.logarithms:
            continue
        if name in ring.arguments:
            logarithms[name] = fmpq(rng.choice((1, 2, 2, 3)))
        elif name in ring.half_turns:
            logarithms[name] = fmpq(-1)
        elif name in ring.conjugates:
            numbers[name] = numbers[ring.conjugates[name]].conjugate()
        elif ring.conjugates:
            numbers[name] = gaussian(rng.randint(-size, size), rng.randint(-size, size))
        else:
            numbers[name] = fmpq(rng.randint(0, size) * rng.choice((1, 1, -1)))

    def value(polynomial: Any) -> Any | None:
        return evaluate(ring.unreduced(polynomial), numbers, {})

    for name, polynomial in ring.inverses.items():
        number = value(polynomial)
        if number is None or number == 0:
            return None
        inverse = gaussian(1) / to_gaussian(number)
        numbers[name] = inverse.re if inverse.is_real() else inverse
    if any(value(polynomial) in (None, 0) for polynomial in ring.nonzero):
        return None
    for name, polynomial in ring.logarithms.items():
        number = value(polynomial)
        if number is None or number <= 0:
            return None
        logarithms[name] = number
    return numbers, logarithms


def _fraction(
    matrix: Matrix, row: int, column: int, numbers: dict[str, Any], logarithms: dict[str, Any]
) -> Any | None:
    top = evaluate(matrix.rows[row][column], numbers, logarithms)
    bottom = evaluate(matrix.denominator, numbers, logarithms)
    if top is None or bottom is None or bottom == 0:
        return None
    return to_gaussian(top) / to_gaussian(bottom)


def _used(ring: Ring, elements: list[Element]) -> set[str]:
    """The indeterminates that occur, and those a logarithm or inverse of them is taken of."""
    used: set[str] = set()
    pending = [p for element in elements for pair in element.pairs() for p in pair]
    while pending:
        degrees = pending.pop().degrees()
        for name, degree in zip(ring.names, degrees, strict=True):
            if degree > 0 and name not in used:
                used.add(name)
                pending += [t[name] for t in (ring.inverses, ring.logarithms) if name in t]
    return used


def _describe(
    ring: Ring, numbers: dict[str, Any], logarithms: dict[str, Any], used: set[str]
) -> str:
    """``X1 = [[1, 0], [2, 1]], c = log 2``: matrices whole, other names only where they occur."""
    tables: dict[str, list[list[str]]] = {}
    singles: dict[str, str] = {}
    letters = {m[1] for name in used if (m := _ENTRY.fullmatch(name))}
    for name in ring.names:
        match = _ENTRY.fullmatch(name)
        if match:
            if match[1] in letters:
                rows = tables.setdefault(match[1], [])
                if int(match[2]) > len(rows):
                    rows.append([])
                rows[-1].append(str(numbers[name]))
        elif name in used and name not in ring.half_turns and name not in ring.inverses:
            log = logarithms.get(name)
            singles[name] = str(numbers[name]) if log is None else f"log {log}" if log != 1 else "0"
    parts = [
        f"{k} = [{', '.join('[' + ', '.join(row) + ']' for row in v)}]" for k, v in tables.items()
    ]
    return ", ".join(parts + [f"{k} = {v}" for k, v in singles.items()]) or "all values"


_ENTRY = re.compile(r"([A-Za-z]+[0-9]*)_([0-9])([0-9]+)")
