"""Identities of sympy expressions decided by sympy's polynomial rings.

Entries are sums, products, integer powers and exponentials of symbols.  e^q is a product of
powers of generators, one for each monomial of q, modulo the relations a statement gives
(e^c = α, e^(2πi·k) = 1); fractions are kept over a common denominator and no common factor is ever
looked for.  A numerator of zero in the polynomial ring over Q proves the identity, since every
relation used is true and only what the statement assumes to be nonzero is divided by.  A false
identity is refuted by exact values; nothing is simplified and nothing is tested numerically.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import lcm
from typing import Any

from sympy import QQ, Dummy, I, Integer, Matrix, Rational, Symbol, conjugate, exp, log, pi
from sympy.core.traversal import preorder_traversal
from sympy.polys.rings import PolyRing

#: Samples tried before a false identity is reported without a counterexample.
MAX_SAMPLES = 400
_ADJOINT = re.compile(r"(\w+)_adj_([0-9])([0-9])")


@dataclass(frozen=True)
class Facts:
    """What a statement assumes of its scalars.

    ``exponentials``: e^key = value.  ``nonzero``: what may be divided by.  ``logarithms``: symbols
    that a counterexample takes as logarithms of rational numbers."""

    exponentials: Mapping[Any, Any] = field(default_factory=dict)
    nonzero: tuple[Any, ...] = ()
    logarithms: frozenset[Any] = frozenset()


@dataclass
class Fraction:
    """numerator / Π base^power in a polynomial ring, bases not cancelled."""

    numerator: Any
    denominator: Counter[Any]


class UnstatedDivision(ArithmeticError):
    """A division by something the statement does not assume to be nonzero."""


class Decision:
    """The polynomial ring of some expressions, and conversion into it."""

    def __init__(self, expressions: Iterable[Any], facts: Facts) -> None:
        self.facts = facts
        nodes = {node for e in (*expressions, *facts.nonzero) for node in preorder_traversal(e)}
        self._terms = {
            node: node.args[0].expand().as_coefficients_dict()
            for node in nodes
            if isinstance(node, exp)
        }
        self._relations = dict(self._relation(*pair) for pair in facts.exponentials.items())
        used: dict[Any, list[int]] = {}
        for terms in self._terms.values():
            for term, coefficient in terms.items():
                if self._power(term, coefficient) is None:
                    used.setdefault(term, []).append(int(Rational(coefficient).q))
        #: term → (N, symbol of e^(term/N))
        self._roots = {term: (lcm(*qs), Dummy(f"exp({term})")) for term, qs in used.items()}
        symbols = {n for n in nodes if isinstance(n, Symbol) or n in (I, pi)}
        for _, value in self._relations.values():
            symbols |= value.free_symbols
        ordered = [*sorted(symbols, key=str), *(s for _, s in self._roots.values())]
        self.ring = PolyRing([Dummy(str(s)) for s in ordered] or [Dummy("one")], QQ)
        self._generators = dict(zip(ordered, self.ring.gens, strict=False))
        self._known: dict[Any, Fraction] = {}
        self._allowed = {self._generators[s] for _, s in self._roots.values()}
        for value in facts.nonzero:
            self._allowed.add(self.fraction(value).numerator.monic())

    @staticmethod
    def _relation(key: Any, value: Any) -> tuple[Any, tuple[Any, Any]]:
        """(term, (step, value)) of e^(step·term) = value."""
        ((term, step),) = key.expand().as_coefficients_dict().items()
        return term, (step, value)

    def _power(self, term: Any, coefficient: Any) -> tuple[int, Any] | None:
        """(n, v) if e^(coefficient·term) = vⁿ by a relation."""
        if term not in self._relations:
            return None
        step, value = self._relations[term]
        ratio = Rational(coefficient) / step
        return (int(ratio), value) if ratio.q == 1 else None

    def fraction(self, e: Any) -> Fraction:
        """An expression as a fraction; :class:`UnstatedDivision`, TypeError for anything else."""
        if e not in self._known:
            self._known[e] = self._convert(e)
        return self._known[e]

    def _convert(self, e: Any) -> Fraction:
        ring = self.ring
        if isinstance(e, Rational):
            return Fraction(ring(QQ(int(e.p), int(e.q))), Counter())
        if e in self._generators:
            return Fraction(self._generators[e], Counter())
        if e.is_Add:
            return self._sum([self.fraction(a) for a in e.args])
        if e.is_Mul:
            return self._product([self.fraction(a) for a in e.args])
        if isinstance(e, exp):
            return self._product(list(self._exponential(e)))
        if e.is_Pow and isinstance(e.exp, Integer):
            return self._integer_power(self.fraction(e.base), int(e.exp))
        raise TypeError(f"not a polynomial, fraction or exponential: {e}")

    def _exponential(self, e: Any) -> Iterator[Fraction]:
        for term, coefficient in self._terms[e].items():
            known = self._power(term, coefficient)
            if known is not None:
                yield self._integer_power(self.fraction(known[1]), known[0])
            else:
                root, symbol = self._roots[term]
                base = Fraction(self._generators[symbol], Counter())
                yield self._integer_power(base, int(coefficient * root))

    def _sum(self, parts: Sequence[Fraction]) -> Fraction:
        common: Counter[Any] = Counter()
        for part in parts:
            common |= part.denominator
        total = self.ring.zero
        for part in parts:
            total += part.numerator * self._expand(common - part.denominator)
        return Fraction(total, common)

    def _product(self, parts: Sequence[Fraction]) -> Fraction:
        numerator, denominator = self.ring.one, Counter[Any]()
        for part in parts:
            numerator = numerator * part.numerator
            denominator = denominator + part.denominator
        return Fraction(numerator, denominator)

    def _integer_power(self, base: Fraction, n: int) -> Fraction:
        if n >= 0:
            powers = Counter({b: k * n for b, k in base.denominator.items()})
            return Fraction(base.numerator**n, powers)
        numerator = base.numerator
        if not numerator or not (numerator.is_ground or self._may_divide(numerator.monic())):
            raise UnstatedDivision(f"{numerator.as_expr()} is not assumed to be nonzero")
        lead = numerator.LC
        top = self._expand(Counter({b: -k * n for b, k in base.denominator.items()}))
        below = Counter() if numerator.is_ground else Counter({numerator.monic(): -n})
        return Fraction(top * (1 / lead) ** -n, below)

    def _may_divide(self, base: Any) -> bool:
        """Whether it is, or divides, something that is assumed to be nonzero."""
        return base in self._allowed or any(not whole.rem(base) for whole in self._allowed)

    def _expand(self, powers: Counter[Any]) -> Any:
        result = self.ring.one
        for base, power in powers.items():
            result *= base**power
        return result

    def is_zero(self, e: Any) -> bool:
        return not self.fraction(e).numerator


def equal(left: Matrix, right: Matrix, facts: Facts) -> bool:
    """Whether two matrices of expressions are equal, by polynomial identities."""
    if left.shape != right.shape:
        return False
    entries = list(left - right)
    decision = Decision(entries, facts)
    return all(decision.is_zero(e) for e in entries)


def counterexample(
    left: Matrix, right: Matrix, facts: Facts
) -> tuple[dict[Any, Any], tuple[int, int], Any, Any] | None:
    """(values, place, left entry, right entry): exact values that satisfy the statement's
    hypotheses and at which the two sides are different numbers of Q(i); None if none was found."""
    symbols = sorted(left.free_symbols | right.free_symbols | _symbols(facts), key=str)
    for seed in range(MAX_SAMPLES):
        sample = _sample(symbols, facts, random.Random(seed), 1 + seed // 20, seed % 4 == 3)
        nonzero = [_value(value.xreplace(sample)) for value in facts.nonzero]
        if any(value in (None, 0) for value in nonzero):
            continue
        for r in range(left.rows):
            for c in range(left.cols):
                a, b = (_value(side[r, c].xreplace(sample)) for side in (left, right))
                if None not in (a, b) and a != b:
                    used = left[r, c].free_symbols | right[r, c].free_symbols
                    return {s: v for s, v in sample.items() if s in used}, (r + 1, c + 1), a, b
    return None


def _value(e: Any) -> Any:
    """The number of Q(i) that an expression is, as re + im·I; None if it is none."""
    if isinstance(e, Rational):
        return e
    if not e.is_number or not e.has(I):
        return None
    re, im = e.as_real_imag()
    return re + im * I if isinstance(re, Rational) and isinstance(im, Rational) else None


def _symbols(facts: Facts) -> set[Any]:
    out: set[Any] = set()
    for e in (*facts.nonzero, *facts.exponentials, *facts.exponentials.values()):
        out |= e.free_symbols
    return out


def _sample(
    symbols: Sequence[Any], facts: Facts, rng: random.Random, size: int, complex_too: bool
) -> dict[Any, Any]:
    """Random exact values: rational or Gaussian numbers, logarithms of positive ones where they are
    needed, and conjugates of each other for the entries of a matrix and of its adjoint."""
    defined = {key: value for key, value in facts.exponentials.items() if key.is_Symbol}
    values: dict[Any, Any] = {}
    for s in symbols:
        if s in facts.logarithms:
            values[s] = log(Integer(rng.choice((1, 2, 2, 3))))
        elif s in defined.values():
            values[s] = Integer(rng.choice((1, 2, 3)))
        elif s not in defined:
            values[s] = Integer(rng.randint(0, size) * rng.choice((1, 1, -1)))
            if complex_too:
                values[s] += rng.randint(-size, size) * I
    by_name = {s.name: s for s in symbols}
    for name, s in by_name.items():
        if found := _ADJOINT.fullmatch(name):
            of = by_name.get(f"{found[1]}_{found[3]}{found[2]}")
            values[s] = values[s] if of is None else conjugate(values[of])
    for key, value in defined.items():
        number = value.xreplace(values)
        if isinstance(number, Rational) and number > 0:
            values[key] = log(number)
    return values
