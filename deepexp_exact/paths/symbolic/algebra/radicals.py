"""Eigenvalues in radicals: Q(i) with square roots, as a ring with exact arithmetic.

The roots of a monic quadratic x² + p·x + q over Q(i) are (−p ± √Δ)/2 with Δ = p² − 4q.  Each square
root needed is a formal s with s² = Δ; either complex square root makes the relation true, so an
identity of normal forms holds in C.  Square roots that differ by a factor in Q(i) share one s, and
a real radicand is used where there is one, so that √−2 is i·√2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flint import fmpq, fmpz

from ....errors import NotApplicableError
from ....exact import ExactMatrix, GaussianRational, gaussian
from .matrices import Matrix
from .rings import Element, Ring

#: The name of the imaginary unit in the rings of this path.
IMAGINARY = "i"
_SMALL_SQUARES = tuple(p * p for p in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47))


@dataclass(frozen=True)
class Root:
    """re-scaled form of an eigenvalue: rational_part + factor·s with s² = radicand.

    ``surd`` is the number of s (None for a rational or Gaussian eigenvalue)."""

    rational_part: GaussianRational
    factor: GaussianRational
    surd: int | None
    multiplicity: int


def rational_sqrt(value: fmpq) -> fmpq | None:
    """The square root of a rational number if it is rational."""
    if value < 0:
        return None
    top, bottom = fmpz(value.p), fmpz(value.q)
    roots = top.isqrt(), bottom.isqrt()
    if roots[0] ** 2 != top or roots[1] ** 2 != bottom:
        return None
    return fmpq(roots[0], roots[1])


def gaussian_sqrt(z: GaussianRational) -> GaussianRational | None:
    """A square root of z in Q(i), or None."""
    modulus = rational_sqrt(z.norm())
    if modulus is None:
        return None
    if (x := rational_sqrt((modulus + z.re) / 2)) is None:
        return None
    if x != 0:
        return GaussianRational(x, z.im / (2 * x))
    y = rational_sqrt(modulus)
    return None if y is None else GaussianRational(fmpq(0), y)


def split_square(z: GaussianRational) -> tuple[GaussianRational, GaussianRational]:
    """(r, m) with z = r²·m, m a positive integer if |z| is rational, else small in Z[i]."""
    modulus = rational_sqrt(z.norm())
    if modulus is None:
        scale = fmpq(z.re.q) * z.im.q
        return GaussianRational(1 / scale, fmpq(0)), z * gaussian(scale * scale)
    if z.re + modulus == 0:  # z < 0
        factor, value = gaussian(0, 1), -z.re
    elif z.im == 0:
        factor, value = gaussian(1), z.re
    else:  # (z + |z|)² = z·2(Re z + |z|)
        value = 1 / (2 * (z.re + modulus))
        factor = GaussianRational(z.re + modulus, z.im)
    top, bottom = int(value.p), int(value.q)
    factor, number = factor / gaussian(bottom), top * bottom
    for square in _SMALL_SQUARES:
        while number % square == 0:
            number //= square
            factor = factor * gaussian(fmpz(square).isqrt())
    return factor, gaussian(number)


class Surds:
    """The square roots in use; :meth:`root_of` adds one if it has to."""

    def __init__(self) -> None:
        self.radicands: list[GaussianRational] = []

    def root_of(self, z: GaussianRational) -> tuple[GaussianRational, int | None]:
        """(r, n) with (r·s_n)² = z, or (r, None) with r² = z."""
        exact = gaussian_sqrt(z)
        if exact is not None:
            return exact, None
        factor, radicand = split_square(z)
        for number, known in enumerate(self.radicands):
            ratio = gaussian_sqrt(radicand / known)
            if ratio is not None:
                return factor * ratio, number
        self.radicands.append(radicand)
        return factor, len(self.radicands) - 1


def eigenvalues(matrix: ExactMatrix, name: str, surds: Surds) -> list[Root]:
    """The distinct eigenvalues of a matrix over Q(i), if all have degree at most 2 over Q(i).

    :class:`NotApplicableError` names the degree otherwise (sympy factors the polynomial)."""
    roots = []
    for coefficients, multiplicity in _factors(matrix):
        degree = len(coefficients) - 1
        if degree > 2:
            raise NotApplicableError(
                f"{name} has an eigenvalue of degree {degree} over Q(i)",
                "the symbolic path needs rational, Gaussian or quadratic ones; use another path",
            )
        half = gaussian(fmpq(1, 2))
        if degree == 1:
            roots.append(Root(-coefficients[1], gaussian(0), None, multiplicity))
            continue
        p, q = coefficients[1], coefficients[2]
        factor, surd = surds.root_of(p * p - gaussian(4) * q)
        for sign in (half, -half):
            shift = factor * sign
            middle = -p * half
            if surd is None:
                roots.append(Root(middle + shift, gaussian(0), None, multiplicity))
            else:
                roots.append(Root(middle, shift, surd, multiplicity))
    return roots


def _factors(matrix: ExactMatrix) -> list[tuple[list[GaussianRational], int]]:
    """Monic irreducible factors over Q(i), highest coefficient first, with multiplicities."""
    from sympy import QQ_I, Dummy, Poly
    from sympy.polys.matrices import DomainMatrix

    def convert(z: GaussianRational) -> Any:
        base = QQ_I.dom
        return QQ_I(
            base(int(z.re.p), int(z.re.q)),
            base(int(z.im.p), int(z.im.q)),
        )

    def back(z: Any) -> GaussianRational:
        return GaussianRational(
            fmpq(int(z.x.numerator), int(z.x.denominator)),
            fmpq(int(z.y.numerator), int(z.y.denominator)),
        )

    rows = [[convert(z) for z in row] for row in matrix.to_rows()]
    polynomial = Poly(
        DomainMatrix(rows, (matrix.rows, matrix.rows), QQ_I).charpoly(), Dummy("x"), domain=QQ_I
    )
    try:
        factors = polynomial.factor_list()[1]
    except ValueError as error:  # sympy writes integers as text, which CPython limits
        raise NotApplicableError(
            f"the characteristic polynomial has coefficients too long for sympy: {error}",
            "use another path",
        ) from None
    out = []
    for factor, multiplicity in factors:
        coefficients = [back(QQ_I.convert(z)) for z in factor.rep.to_list()]
        out.append(([z / coefficients[0] for z in coefficients], int(multiplicity)))
    return out


def gaussian_element(ring: Ring, z: GaussianRational) -> Element:
    """z as an element of a ring with the imaginary unit."""
    return ring.constant(z.re) + ring.generator(IMAGINARY).times(z.im)


def root_element(ring: Ring, root: Root, names: list[str]) -> Element:
    """An eigenvalue as an element; ``names`` are those of the square roots."""
    value = gaussian_element(ring, root.rational_part)
    if root.surd is None:
        return value
    return value + gaussian_element(ring, root.factor) * ring.generator(names[root.surd])


def exact_matrix(ring: Ring, matrix: ExactMatrix) -> Matrix:
    """A matrix of Gaussian rationals over the ring."""
    return Matrix(ring, [[gaussian_element(ring, z) for z in row] for row in matrix.to_rows()])


def invert(ring: Ring, value: Element, names: list[str]) -> Element:
    """1/value for an element of Q(i) with square roots, by its conjugates.

    ArithmeticError if the formal norm is 0; for a difference of roots of coprime polynomials,
    and for a nonzero eigenvalue, the norm is a resultant or a constant term, not 0."""
    numerator, norm = ring.one, value
    for name in [*names, IMAGINARY]:
        conjugate = _conjugate(ring, norm, name)
        numerator, norm = numerator * conjugate, norm * conjugate
    rational = norm.polynomial()
    if rational.is_zero() or not rational.is_constant():
        raise ArithmeticError("the element has no inverse by conjugates")
    return numerator.times(1 / rational.leading_coefficient())


def _conjugate(ring: Ring, value: Element, name: str) -> Element:
    place = ring.names.index(name)
    table = {
        monomial: -number if monomial[place] % 2 else number
        for monomial, number in value.polynomial().to_dict().items()
    }
    return ring.from_polynomial(ring.context.from_dict(table))
