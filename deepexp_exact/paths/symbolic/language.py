"""The language of the statements: matrix expressions of sympy, the exponential, and their explicit
form at one size.

A statement is written once, with matrix symbols of size d.  A :class:`Case` gives explicit matrices
(generic entries, or a Jordan form with symbolic eigenvalues) for some of them; :class:`Model` works
out every other expression entry by entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations_with_replacement, product
from typing import Any

from sympy import (
    BlockMatrix,
    Determinant,
    Equality,
    HadamardProduct,
    Identity,
    Inverse,
    MatAdd,
    MatMul,
    MatPow,
    Matrix,
    MatrixExpr,
    MatrixSymbol,
    Rational,
    Symbol,
    Transpose,
    ZeroMatrix,
    diag,
    exp,
    eye,
    factorial,
    zeros,
)
from sympy.utilities.iterables import partitions

from .deciding import Facts

#: The number of Jordan types (Segre characteristics) of size 1..6, OEIS A001970.
SEGRE_COUNTS = (1, 3, 6, 14, 27, 58)
d = Symbol("d", integer=True, positive=True)
TIME = Symbol("t")


class Exp(MatrixExpr):  # type: ignore[misc]  # sympy has no types
    """exp(M), the matrix exponential of a matrix expression."""

    def __new__(cls, argument: Any) -> Any:
        return super().__new__(cls, argument)

    @property
    def shape(self) -> Any:
        return self.args[0].shape


def equation(left: Any, right: Any) -> Any:
    """left = right as a sympy equation that is not evaluated."""
    return Equality(left, right, evaluate=False)


def square(names: str, size: Any = d) -> list[Any]:
    """Matrix symbols of one size."""
    return [MatrixSymbol(name, size, size) for name in names.split()]


@dataclass(frozen=True)
class Case:
    """Explicit matrices for some symbols, sizes for others, and what is known of the scalars."""

    words: str
    values: Mapping[Any, Any]
    facts: Facts = field(default_factory=Facts)
    sizes: Mapping[Any, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """Equations between matrix expressions, and the cases at which they are decided.

    ``given``: expressions that earlier steps have shown to be others; ``let``: definitions, in
    order; ``nonzero`` and ``exponentials``: the hypotheses on scalars; ``cases(d)``: the finitely
    many cases that stand for every matrix of size d, ``count(d)`` of them where they are Jordan
    types.  With ``opaque`` exp is only known to be a
    function; with ``library`` the exponential of each Jordan form is held against sympy's own."""

    claims: tuple[Any, ...]
    cases: Callable[[int], Iterator[Case]]
    given: Mapping[Any, Any] = field(default_factory=dict)
    let: Mapping[Any, Any] = field(default_factory=dict)
    nonzero: tuple[Any, ...] = ()
    exponentials: Mapping[Any, Any] = field(default_factory=dict)
    opaque: bool = False
    library: bool = False
    count: Callable[[int], int] | None = None

    def lines(self) -> list[str]:
        """The check in sympy's own words."""
        out = [f"given  {a} = {b}" for a, b in self.given.items()]
        out += [f"let    {a} := {b}" for a, b in self.let.items()]
        out += [f"with   exp({a}) = {b}" for a, b in self.exponentials.items()]
        out += [f"with   {a} != 0" for a in self.nonzero]
        return [*out, *(f"claim  {claim}" for claim in self.claims)]


def count_types(size: int) -> int:
    """The number of Jordan types of a size."""
    return (1, *SEGRE_COUNTS)[size]


# -- cases


def explicit(symbol: Any, sizes: Mapping[Any, int], name: str = "") -> Matrix:
    """The matrix of indeterminates of a matrix symbol."""
    rows, columns = (int(n.subs(sizes)) for n in symbol.shape)
    stem = name or symbol.name
    return Matrix(rows, columns, lambda i, j: Symbol(f"{stem}_{i + 1}{j + 1}"))


def generic(*symbols: Any) -> Callable[[int], Iterator[Case]]:
    """One case: every entry an indeterminate."""

    def cases(size: int) -> Iterator[Case]:
        sizes = {d: size}
        yield Case("generic entries", {s: explicit(s, sizes) for s in symbols}, sizes=sizes)

    return cases


def segre_characteristics(size: int) -> list[tuple[tuple[int, ...], ...]]:
    """Every Jordan type: the block sizes of each distinct eigenvalue.

    The multiplicities of the eigenvalues partition the size; eigenvalues of one multiplicity take
    a multiset of its partitions."""

    def blocks(n: int) -> list[tuple[int, ...]]:
        return [
            tuple(part for part, times in sorted(p.items(), reverse=True) for _ in range(times))
            for p in (dict(p) for p in partitions(n))
        ]

    out = []
    for multiplicities in (dict(p) for p in partitions(size)):
        choices = [
            list(combinations_with_replacement(blocks(n), times))
            for n, times in sorted(multiplicities.items(), reverse=True)
        ]
        out += [tuple(b for group in chosen for b in group) for chosen in product(*choices)]
    return out


def toeplitz(series: Sequence[Any]) -> Matrix:
    """a_0 + a_1·N + a_2·N² + ... for the nilpotent shift N."""
    size = len(series)
    return Matrix(size, size, lambda i, j: series[j - i] if j >= i else 0)


def jordan_form(kind: Sequence[Sequence[int]], stem: str) -> Matrix:
    """The Jordan form of a type, eigenvalues stem1, stem2, ..."""
    return diag(
        *(
            toeplitz([Symbol(f"{stem}{j + 1}"), 1, *[0] * (n - 2)][:n])
            for j, part in enumerate(kind)
            for n in part
        )
    )


def diagonal(matrix: Matrix) -> tuple[Any, ...]:
    """The different entries on the diagonal."""
    return tuple(dict.fromkeys(matrix[i, i] for i in range(matrix.rows)))


def jordan(symbol: Any, stem: str, *others: Any) -> Callable[[int], Iterator[Case]]:
    """A case for each Jordan type of one matrix; the other symbols are generic."""

    def cases(size: int) -> Iterator[Case]:
        sizes = {d: size}
        for kind in segre_characteristics(size):
            form = jordan_form(kind, stem)
            values = {symbol: form, **{s: explicit(s, sizes) for s in others}}
            yield Case(f"type {kind}", values, Facts(logarithms=frozenset(diagonal(form))), sizes)

    return cases


# -- explicit matrices


def inverse(matrix: Matrix) -> Matrix:
    """adjugate/determinant of a matrix of polynomials."""
    if not matrix.rows:
        return matrix
    adjugate, determinant = matrix.to_DM().adj_det()
    scalar = determinant_expression(matrix, determinant)
    return adjugate.to_Matrix().applyfunc(lambda x: x / scalar)


def determinant_expression(matrix: Matrix, value: Any = None) -> Any:
    """The determinant of a matrix of polynomials as an expression."""
    if not matrix.rows:
        return Rational(1)
    table = matrix.to_DM()
    return table.domain.to_sympy(table.adj_det()[1] if value is None else value)


def flow(matrix: Matrix) -> Matrix:
    """exp(t·M) for a block diagonal M whose blocks are a + n, n nilpotent and upper triangular:
    e^(t·a)·Σ (t·n)^m/m!."""
    out = []
    for block in matrix.get_diag_blocks() if matrix.rows else ():
        a, size = block[0, 0], block.rows
        nilpotent = block - a * eye(size)
        power, total = eye(size), zeros(size, size)
        for m in range(size):
            total += power / factorial(m) * TIME**m
            power = power * nilpotent
        out.append((exp(TIME * a) * total).applyfunc(lambda x: x))
    return diag(*out) if out else matrix


class Model:
    """Explicit values of every expression of a check in one case.

    ``identities`` collects (words, left, right): the differential equation and the initial value
    of each exponential used, which characterise it."""

    def __init__(self, check: Check, case: Case) -> None:
        self.check, self.case = check, case
        self.values: dict[Any, Matrix] = dict(case.values)
        self.identities: list[tuple[str, Matrix, Matrix]] = []
        self._exponentials: dict[Any, Matrix] = {}
        for symbol, definition in check.let.items():
            self.values[symbol] = self.matrix(definition)
        self.facts = Facts(
            {**check.exponentials, **case.facts.exponentials},
            tuple(self.scalar(e) for e in (*check.nonzero, *case.facts.nonzero)),
            case.facts.logarithms,
        )

    def claims(self) -> Iterator[tuple[str, Matrix, Matrix]]:
        """(words, left, right) of every claim, after what is needed of the exponentials in it."""
        for claim in self.check.claims:
            sides = [self._side(side) for side in claim.args]
            yield from self.identities
            self.identities.clear()
            yield f"{self.case.words}: {claim}", sides[0], sides[1]

    def _side(self, side: Any) -> Matrix:
        if isinstance(side, MatrixExpr):
            return self.matrix(side)
        return Matrix([[self.scalar(side)]])

    def scalar(self, e: Any) -> Any:
        """A scalar with every determinant in it worked out."""
        known = {x: determinant_expression(self.matrix(x.arg)) for x in e.atoms(Determinant)}
        return e.xreplace(known).subs(self.case.sizes)

    def matrix(self, e: Any) -> Matrix:
        """A matrix expression entry by entry."""
        if e in self.values:
            return self.values[e]
        if e in self.check.given:
            return self.matrix(self.check.given[e])
        if isinstance(e, MatMul):
            factor, factors = e.as_coeff_matrices()
            result = self._product(factors)
            return result if factor == 1 else self.scalar(factor) * result
        if isinstance(e, MatAdd):
            first, *others = (self.matrix(a) for a in e.args)
            return sum(others, first)
        return self._leaf(e)

    def _product(self, factors: Sequence[Any]) -> Matrix:
        """The product, where known products of neighbours are taken as they are."""
        parts, start = [], 0
        while start < len(factors):
            for end in range(len(factors), start, -1):
                part = MatMul(*factors[start:end]) if end > start + 1 else factors[start]
                if end == start + 1 or part in self.values or part in self.check.given:
                    parts.append(self.matrix(part))
                    start = end
                    break
        result, *others = parts
        for other in others:
            result = result * other
        return result

    def _leaf(self, e: Any) -> Matrix:
        if isinstance(e, Identity):
            return eye(self._size(e.rows))
        if isinstance(e, ZeroMatrix):
            return zeros(self._size(e.rows), self._size(e.cols))
        if isinstance(e, Inverse):
            return inverse(self.matrix(e.arg))
        if isinstance(e, Transpose):
            return self.matrix(e.arg).T
        if isinstance(e, HadamardProduct):
            left, right = (self.matrix(a) for a in e.args)
            return left.multiply_elementwise(right)
        if isinstance(e, MatPow):
            return self.matrix(e.base) ** int(e.exp)
        if isinstance(e, BlockMatrix):
            rows, columns = e.blockshape
            bands = [
                Matrix.hstack(*(self.matrix(e.blocks[i, j]) for j in range(columns)))
                for i in range(rows)
            ]
            return Matrix.vstack(*bands)
        if isinstance(e, Exp):
            return self._exponential(self.matrix(e.args[0]))
        raise TypeError(f"no explicit form of {e}")

    def _size(self, n: Any) -> int:
        return int(n.subs(self.case.sizes))

    def _exponential(self, argument: Matrix) -> Matrix:
        key = argument.as_immutable()
        if key in self._exponentials:
            return self._exponentials[key]
        if self.check.opaque:
            stem = f"E{len(self._exponentials) + 1}"
            value = Matrix(*argument.shape, lambda i, j: Symbol(f"{stem}_{i + 1}{j + 1}"))
        else:
            E = flow(argument)
            where = f"{self.case.words}: E = exp(t*M), M = {argument.tolist()}"
            self.identities.append((f"{where}: dE/dt = M*E", E.diff(TIME), argument * E))
            self.identities.append((f"{where}: E(0) = I", E.subs(TIME, 0), eye(E.rows)))
            value = E.subs(TIME, 1)
        self._exponentials[key] = value
        return value
