"""Exact normal forms: polynomials with exponentials, modulo relations.

An element of a :class:`Ring` is a finite sum Σ p_q·e^q with p_q and q polynomials over Q in the
ring's indeterminates.  Two kinds of relations are built in and nothing else is:

* algebraic: a polynomial that is zero (i² + 1 = 0, s² − Δ = 0, λ·λ⁻¹ − 1 = 0).  Their leading
  monomials are pairwise coprime, so they are a Gröbner basis (Buchberger's first criterion) and
  division leaves the unique normal form;
* exponential: e^(s·m) = v for a monomial m, a positive integer s and a unit v
  (e^c = α, e^ℓ = λ, e^(2πi·k) = 1 for an integer k), besides e^p·e^q = e^(p+q).

Every relation is true of the numbers the indeterminates stand for, so a normal form of zero proves
the identity for all of them.  No floating-point number and no numerical test occurs here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flint import fmpq, fmpq_mpoly_ctx

from ....exact import GaussianRational, gaussian

Key = frozenset[tuple[tuple[int, ...], Any]]

#: Largest power of a value v that a relation e^(s·m) = v may bring in.
MAX_POWER = 20_000


def _key(polynomial: Any) -> Key:
    return frozenset(polynomial.to_dict().items())


@dataclass(frozen=True)
class _ExponentialRelation:
    """e^(step·monomial) = value, with the inverse of the value; a value of None stands for 1."""

    monomial: tuple[int, ...]
    step: int
    value: Any
    inverse: Any


class Ring:
    """Polynomials with exponentials in named indeterminates, lexicographic order as given.

    By e^(s·m) = v, exponents that differ by integers times s·m stand for proportional
    exponentials.  One of them is kept: the one with coefficients in [0, s), or with ``keep_first``
    the one that was met first (0 where it is possible), which spares large powers of v.
    """

    def __init__(self, names: Sequence[str], keep_first: bool = False) -> None:
        self.names = tuple(names)
        self.context = fmpq_mpoly_ctx.get(list(self.names), "lex")
        self._generators = dict(zip(self.names, self.context.gens(), strict=True))
        self._relations: list[Any] = []
        self._exponentials: list[_ExponentialRelation] = []
        self._keep_first = keep_first
        self._first_seen: dict[Key, tuple[int, ...]] = {frozenset(): ()}
        #: What the indeterminates stand for, where that matters to a counterexample.
        self.inverses: dict[str, Any] = {}
        self.logarithms: dict[str, Any] = {}
        self.integers: set[str] = set()
        self.arguments: set[str] = set()
        self.half_turns: set[str] = set()
        self.conjugates: dict[str, str] = {}
        self.nonzero: list[Any] = []
        self.zero = Element(self, {})
        self.one = self.constant(1)

    # -- elements

    def constant(self, value: Any) -> Element:
        """A rational number as an element."""
        return self.from_polynomial(self.context.constant(fmpq(value)))

    def generator(self, name: str) -> Element:
        return self.from_polynomial(self._generators[name])

    def generators(self, names: Iterable[str]) -> list[Element]:
        return [self.generator(name) for name in names]

    def from_polynomial(self, polynomial: Any) -> Element:
        return self.unreduced(self.reduce(polynomial))

    def unreduced(self, polynomial: Any) -> Element:
        """A polynomial known to be in normal form (or only to be evaluated) as an element."""
        if polynomial.is_zero():
            return Element(self, {})
        return Element(self, {frozenset(): (self.context.constant(0), polynomial)})

    def exponential(self, argument: Element) -> Element:
        """e^q for an element q without exponentials."""
        exponent, factor = self._normal_exponent(argument.polynomial())
        return Element(self, {_key(exponent): (exponent, factor)})

    # -- relations

    def add_relation(self, polynomial: Element) -> None:
        """Declare a polynomial to be zero; its leading monomial must be coprime to the others'."""
        new = polynomial.polynomial()
        lead = new.monoms()[0]
        for old in self._relations:
            if any(a and b for a, b in zip(lead, old.monoms()[0], strict=True)):
                raise ValueError(f"leading monomials of {new} and {old} are not coprime")
        self._relations.append(new)

    def add_inverse(self, name: str, of: Element) -> None:
        """Declare the indeterminate ``name`` to be the inverse of ``of``, which is not 0."""
        self.inverses[name] = of.polynomial()
        self.nonzero.append(of.polynomial())
        self.add_relation(of * self.generator(name) - self.one)

    def add_logarithm(self, name: str, value: Element, inverse: Element | None = None) -> None:
        """Declare the indeterminate ``name`` to be a logarithm of ``value``: e^name = value."""
        monomial = tuple(int(other == name) for other in self.names)
        self.logarithms[name] = value.polynomial()
        below = None if inverse is None else inverse.polynomial()
        self._exponentials.append(_ExponentialRelation(monomial, 1, value.polynomial(), below))

    def add_integer(self, name: str, pi_i: str) -> None:
        """Declare the indeterminate ``name`` to be an integer: e^(2·name·pi_i) = 1."""
        monomial = tuple(int(other in (name, pi_i)) for other in self.names)
        self.integers.add(name)
        self.half_turns.add(pi_i)
        self._exponentials.append(_ExponentialRelation(monomial, 2, None, None))

    def assume_nonzero(self, value: Element) -> None:
        """Record a hypothesis, for counterexamples: they have to satisfy it."""
        self.nonzero.append(value.polynomial())

    # -- normal forms

    def reduce(self, polynomial: Any) -> Any:
        """The normal form modulo the algebraic relations."""
        while True:
            before = polynomial
            for relation in self._relations:
                polynomial = divmod(polynomial, relation)[1]
            # Division by one relation may bring in the leading monomial of another.
            if len(self._relations) < 2 or polynomial == before:
                return polynomial

    def _normal_exponent(self, exponent: Any) -> tuple[Any, Any]:
        """(reduced exponent, polynomial factor) of e^exponent."""
        factor = self.context.constant(1)
        if exponent.is_zero():
            return exponent, factor
        exponent = self.reduce(exponent)
        times = self._whole_steps(exponent)
        if not any(times):
            return exponent, factor
        for relation, count in zip(self._exponentials, times, strict=True):
            if not count:
                continue
            exponent -= self.context.from_dict({relation.monomial: fmpq(count * relation.step)})
            if relation.value is None:
                continue
            base = relation.value if count > 0 else relation.inverse
            if base is None:
                raise ValueError("a negative power of a value without a declared inverse")
            if abs(count) > MAX_POWER:
                raise OverflowError(f"the power {count} of {base} is beyond {MAX_POWER}")
            factor = self._power(factor, base, abs(count))
        return exponent, factor

    def _whole_steps(self, exponent: Any) -> tuple[int, ...]:
        """How many times each exponential relation is to be used on an exponent."""
        if not self._exponentials:
            return ()
        coefficients = {tuple(monomial): value for monomial, value in exponent.terms()}
        values = [coefficients.get(r.monomial, fmpq(0)) / r.step for r in self._exponentials]
        floors = tuple(int(value.floor()) for value in values)
        if not self._keep_first:
            return floors
        rest = self.context.from_dict(
            {
                relation.monomial: fmpq(floor * relation.step)
                for relation, floor in zip(self._exponentials, floors, strict=True)
                if floor
            }
        )
        first = self._first_seen.setdefault(_key(exponent - rest), floors)
        return tuple(a - b for a, b in zip(floors, first or (0,) * len(floors), strict=True))

    def _power(self, factor: Any, base: Any, exponent: int) -> Any:
        """factor·base^exponent in normal form, by repeated squaring."""
        while exponent:
            if exponent & 1:
                factor = self.reduce(factor * base)
            exponent >>= 1
            if exponent:
                base = self.reduce(base * base)
        return factor

    def normal_sum(self, pairs: Iterable[tuple[Any, Any]]) -> Element:
        """Σ p·e^q of the (q, p) given, in normal form."""
        table: dict[Key, tuple[Any, Any]] = {}
        for exponent, coefficient in pairs:
            exponent, factor = self._normal_exponent(exponent)
            coefficient = self.reduce(coefficient * factor)
            key = _key(exponent)
            if key in table:
                coefficient = table[key][1] + coefficient
            table[key] = (exponent, coefficient)
        return Element(self, {k: v for k, v in table.items() if not v[1].is_zero()})


class Element:
    """A sum Σ p_q·e^q in normal form: a table from q to (q, p_q) without zero coefficients."""

    __slots__ = ("ring", "terms")

    def __init__(self, ring: Ring, terms: dict[Key, tuple[Any, Any]]) -> None:
        self.ring, self.terms = ring, terms

    def is_zero(self) -> bool:
        return not self.terms

    def polynomial(self) -> Any:
        """The element as a polynomial; ValueError if it has an exponential."""
        if not self.terms:
            return self.ring.context.constant(0)
        if len(self.terms) > 1 or frozenset() not in self.terms:
            raise ValueError("the element has an exponential")
        return self.terms[frozenset()][1]

    def normal_form(self) -> frozenset[tuple[Key, Key]]:
        """A hashable form that equal elements, and only they, share."""
        return frozenset((key, _key(p)) for key, (_, p) in self.terms.items())

    def pairs(self) -> list[tuple[Any, Any]]:
        """(q, p_q) for every exponential."""
        return list(self.terms.values())

    def __add__(self, other: Element) -> Element:
        if not self.terms:
            return other
        table = dict(self.terms)
        for key, (exponent, coefficient) in other.terms.items():
            if key in table:
                coefficient = table[key][1] + coefficient
            if coefficient.is_zero():
                table.pop(key, None)
            else:
                table[key] = (exponent, coefficient)
        return Element(self.ring, table)

    def __neg__(self) -> Element:
        return Element(self.ring, {k: (q, -p) for k, (q, p) in self.terms.items()})

    def __sub__(self, other: Element) -> Element:
        return self + (-other)

    def __mul__(self, other: Element) -> Element:
        if not self.terms or not other.terms:
            return self.ring.zero
        if len(self.terms) == len(other.terms) == 1 and frozenset() in self.terms:
            left = self.terms[frozenset()][1]
            ((key, (exponent, right)),) = other.terms.items()
            product = self.ring.reduce(left * right)
            if product.is_zero():
                return self.ring.zero
            return Element(self.ring, {key: (exponent, product)})
        return self.ring.normal_sum(
            (q1 + q2, p1 * p2) for q1, p1 in self.terms.values() for q2, p2 in other.terms.values()
        )

    def __pow__(self, power: int) -> Element:
        result = self.ring.one
        for _ in range(power):
            result = result * self
        return result

    def times(self, number: Any) -> Element:
        """The product with a rational number."""
        return self * self.ring.constant(number)

    def derivative(self, name: str) -> Element:
        """d/dx for the indeterminate x of that name: (p·e^q)' = (p' + p·q')·e^q."""
        return self.ring.normal_sum(
            (q, p.derivative(name) + p * q.derivative(name)) for q, p in self.terms.values()
        )

    def substitute(self, name: str, value: Any) -> Element:
        """The element with a rational number put for one indeterminate, here and in exponents."""
        number = {name: fmpq(value)}
        return self.ring.normal_sum(
            (q.subs(number), p.subs(number)) for q, p in self.terms.values()
        )

    def map_polynomials(self, function: Callable[[Any], Any]) -> list[tuple[Any, Any]]:
        """(function(q), function(p_q)) for every exponential."""
        return [(function(q), function(p)) for q, p in self.terms.values()]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Element):
            return NotImplemented
        return (self - other).is_zero()

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        parts = [f"({p})·exp({q})" if not q.is_zero() else f"{p}" for q, p in self.pairs()]
        return " + ".join(parts) or "0"


def evaluate(
    element: Element, numbers: Mapping[str, Any], logarithms: Mapping[str, Any]
) -> Any | None:
    """The exact value of an element at Gaussian rational numbers, or None if it has none.

    ``numbers`` gives the values; ``logarithms`` says that an indeterminate is log q for a
    positive rational q, or πi (written q = −1); those may occur in exponents with integer
    coefficients only: e^(n·log q) = qⁿ, e^(n·πi) = (−1)ⁿ.  A real value is an ``fmpq``.
    """
    total = gaussian(0)
    names = element.ring.names
    rationals = {name: value for name, value in numbers.items() if isinstance(value, fmpq)}
    for exponent, coefficient in element.map_polynomials(lambda p: p.subs(rationals)):
        factor = fmpq(1)
        value = _at(names, coefficient, numbers)
        if value is None:
            return None
        if value.is_zero():
            continue
        for monomial, times in exponent.terms():
            places = [j for j, power in enumerate(monomial) if power]
            if len(places) != 1 or monomial[places[0]] != 1 or times.q != 1:
                return None
            factor *= fmpq(logarithms[names[places[0]]]) ** int(times.p)
        total += value * gaussian(factor)
    return total.re if total.is_real() else total


def _at(
    names: Sequence[str], polynomial: Any, numbers: Mapping[str, Any]
) -> GaussianRational | None:
    """A polynomial at complex numbers, term by term; None if an indeterminate has no value."""
    total = gaussian(0)
    for monomial, coefficient in polynomial.terms():
        term = gaussian(coefficient)
        for name, power in zip(names, monomial, strict=True):
            if power and name not in numbers:
                return None
            for _ in range(power):
                term *= numbers[name]
        total += term
    return total
