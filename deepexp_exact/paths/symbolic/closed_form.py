"""Elements of a ring as sympy expressions, for closed forms and their LaTeX."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flint import fmpq

from ...branches import BranchEntry, BranchRecord
from ...exact import GaussianRational
from .algebra.matrices import Matrix
from .algebra.rings import Element


def sympy_rational(value: fmpq) -> Any:
    from sympy import Rational

    return Rational(int(value.p), int(value.q))


def sympy_gaussian(value: GaussianRational) -> Any:
    from sympy import I

    return sympy_rational(value.re) + sympy_rational(value.im) * I


def sympy_root(value: GaussianRational) -> Any:
    """√value, the principal square root."""
    from sympy import sqrt

    return sqrt(sympy_gaussian(value))


def sympy_scale(record: BranchRecord) -> Any:
    """c = Log α + 2πi·turn."""
    from sympy import I, log, pi

    alpha = record.alpha
    if alpha.im == 0 and alpha.re < 0:
        return log(sympy_rational(-alpha.re)) + I * pi * (2 * record.turn + 1)
    return log(sympy_gaussian(alpha)) + 2 * I * pi * record.turn


def sympy_logarithm(value: Any, entry: BranchEntry) -> Any:
    """ℓ = Log λ + 2πi·k; on the negative axis log(−λ) + iπ + 2πi·k."""
    from sympy import I, expand, log, pi

    if entry.on_negative_axis:
        return log(expand(-value)) + I * pi * (2 * entry.k + 1)
    return log(value) + 2 * I * pi * entry.k


def expression(element: Element, values: Mapping[str, Any]) -> Any:
    """Σ p·exp(q) with sympy values (or symbols) for the ring's indeterminates."""
    from sympy import Add, exp

    terms = []
    for exponent, coefficient in element.pairs():
        factor = _polynomial(coefficient, element.ring.names, values)
        terms.append(factor * exp(_polynomial(exponent, element.ring.names, values)))
    return Add(*terms)


def expression_matrix(matrix: Matrix, values: Mapping[str, Any]) -> Any:
    """A sympy matrix; the denominator has to be 1."""
    from sympy import ImmutableMatrix

    if matrix.denominator != matrix.ring.one:
        raise ValueError("a closed form has no common denominator")
    return ImmutableMatrix([[expression(x, values) for x in row] for row in matrix.rows])


def _polynomial(polynomial: Any, names: tuple[str, ...], values: Mapping[str, Any]) -> Any:
    from sympy import Add, Mul

    return Add(
        *(
            Mul(
                sympy_rational(coefficient),
                *(
                    values[name] ** power
                    for name, power in zip(names, monomial, strict=True)
                    if power
                ),
            )
            for monomial, coefficient in polynomial.terms()
        )
    )
