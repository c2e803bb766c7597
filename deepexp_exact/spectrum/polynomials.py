"""Exact polynomials over Q(i): characteristic polynomial, factors, Jordan block sizes.

Only needed for repeated eigenvalues and where a box cannot be separated from the negative axis or
from another real part.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from flint import fmpq_poly

from ..exact import PRIMES, ExactMatrix, GaussianRational, gaussian
from .charpoly import characteristic_coefficients


@dataclass(frozen=True)
class GaussianPoly:
    """A polynomial over Q(i) as real and imaginary ``fmpq_poly``."""

    re: fmpq_poly
    im: fmpq_poly

    @classmethod
    def from_coefficients(cls, coefficients: list[GaussianRational]) -> GaussianPoly:
        return cls(fmpq_poly([c.re for c in coefficients]), fmpq_poly([c.im for c in coefficients]))

    @property
    def degree(self) -> int:
        """−1 for the zero polynomial."""
        return max(int(self.re.degree()), int(self.im.degree()))

    def coefficient(self, power: int) -> GaussianRational:
        return GaussianRational(self.re[power], self.im[power])

    def coefficients(self) -> tuple[GaussianRational, ...]:
        return tuple(self.coefficient(j) for j in range(self.degree + 1))

    def __add__(self, other: GaussianPoly) -> GaussianPoly:
        return GaussianPoly(self.re + other.re, self.im + other.im)

    def __sub__(self, other: GaussianPoly) -> GaussianPoly:
        return GaussianPoly(self.re - other.re, self.im - other.im)

    def __mul__(self, other: GaussianPoly) -> GaussianPoly:
        return GaussianPoly(
            self.re * other.re - self.im * other.im, self.re * other.im + self.im * other.re
        )

    def conjugate(self) -> GaussianPoly:
        return GaussianPoly(self.re, -self.im)

    def monic(self) -> GaussianPoly:
        lead = gaussian(1) / self.coefficient(self.degree)
        return self * GaussianPoly(fmpq_poly([lead.re]), fmpq_poly([lead.im]))

    def divmod(self, divisor: GaussianPoly) -> tuple[GaussianPoly, GaussianPoly]:
        """Quotient and remainder; the divisor is made monic through its real norm when complex."""
        quotient, rest = GaussianPoly(fmpq_poly(), fmpq_poly()), self
        lead, degree = divisor.coefficient(divisor.degree), divisor.degree
        while rest.degree >= degree:
            ratio = rest.coefficient(rest.degree) / lead
            shift = fmpq_poly([0] * (rest.degree - degree) + [1])
            term = GaussianPoly(shift * ratio.re, shift * ratio.im)
            quotient, rest = quotient + term, rest - term * divisor
        return quotient, rest

    def gcd(self, other: GaussianPoly) -> GaussianPoly:
        """The monic greatest common divisor (Euclid, made monic at every step)."""
        a, b = self, other
        while b.degree >= 0:
            a, b = b.monic(), a.divmod(b.monic())[1]
        return a.monic()

    def taylor_shift(self, amount: GaussianRational) -> GaussianPoly:
        """p(x + amount)."""
        step = GaussianPoly(fmpq_poly([amount.re, 1]), fmpq_poly([amount.im]))
        out = GaussianPoly(fmpq_poly(), fmpq_poly())
        for coefficient in reversed(self.coefficients()):
            constant = GaussianPoly(fmpq_poly([coefficient.re]), fmpq_poly([coefficient.im]))
            out = out * step + constant
        return out


def rational_poly(poly: fmpq_poly) -> GaussianPoly:
    return GaussianPoly(poly, fmpq_poly())


def characteristic_polynomial(
    K: ExactMatrix, quotient: tuple[ExactMatrix, ExactMatrix] | None = None
) -> GaussianPoly:
    """det(x·I − K), monic: ``fmpq_mat.charpoly`` for real K, else from images modulo primes, fewer
    where (A, B) with K = A⁻¹·B of smaller integers is given."""
    if K.is_real():
        return rational_poly(K.real_part.charpoly())
    A, B = quotient or (ExactMatrix.identity(K.rows), K)
    return GaussianPoly.from_coefficients(characteristic_coefficients(A, B))


def evaluate_at_matrix(poly: GaussianPoly, K: ExactMatrix) -> ExactMatrix:
    """p(K) by Horner's rule, exactly."""
    *lower, leading = poly.coefficients()
    out = ExactMatrix.identity(K.rows).scale(leading)
    for j, coefficient in enumerate(reversed(lower)):
        out = (out @ K if j else K.scale(leading)).shift(coefficient)
    return out


def split_over_gaussian(q: fmpq_poly) -> list[GaussianPoly]:
    """Factors over Q(i) of a q irreducible over Q (Trager 1976: factor the norm of q(x − s·i))."""
    base = rational_poly(q).monic()
    if base.degree == 1:
        return [base]
    for s in range(1, 200):
        moved = base.taylor_shift(gaussian(0, -s))
        norm = (moved * moved.conjugate()).re
        if norm.gcd(norm.derivative()).degree() > 0:
            continue
        factors = [poly for poly, _ in norm.factor()[1]]
        if len(factors) == 1:
            return [base]
        back = [rational_poly(f).taylor_shift(gaussian(0, s)) for f in factors]
        return [base.gcd(f) for f in back]
    raise ArithmeticError("no shift makes the norm squarefree")  # only finitely many fail


@dataclass(frozen=True)
class Factor:
    """An irreducible factor of χ_K: ``poly`` over Q(i) (over Q for real K), its parent over Q,
    the multiplicity and the Jordan block sizes of each of its roots."""

    poly: GaussianPoly
    parent: fmpq_poly
    multiplicity: int
    blocks: tuple[int, ...]


def factors(
    K: ExactMatrix, quotient: tuple[ExactMatrix, ExactMatrix] | None = None
) -> list[Factor]:
    """The irreducible factors of χ_K with multiplicities and block sizes, all exact;
    ``quotient`` as in :func:`characteristic_polynomial`."""
    chi = characteristic_polynomial(K, quotient)
    if K.is_real():
        return [_with_blocks(K, rational_poly(q).monic(), q, int(e)) for q, e in chi.re.factor()[1]]
    out = []
    rational_factors = (chi * chi.conjugate()).re.factor()[1]
    if [int(e) for _, e in rational_factors] == [1]:
        # χ·χ̄ irreducible over Q: so is χ over Q(i), and its roots are simple.
        return [Factor(chi, rational_factors[0][0], 1, (1,))]
    for q, _ in rational_factors:
        for part in split_over_gaussian(q):
            exponent, rest = 0, chi
            while True:
                divided, remainder = rest.divmod(part)
                if remainder.degree >= 0:
                    break
                exponent, rest = exponent + 1, divided
            if exponent:
                out.append(_with_blocks(K, part, q, exponent))
    return out


def _with_blocks(K: ExactMatrix, poly: GaussianPoly, q: fmpq_poly, exponent: int) -> Factor:
    """Blocks of size ≥ j number (rank g(K)^(j−1) − rank g(K)^j)/deg g."""
    if exponent == 1:
        return Factor(poly, q, 1, (1,))
    G = evaluate_at_matrix(poly, K)
    image = G.modulo(PRIMES[0])
    if image is not None and image.rank() == K.rows - poly.degree:
        # modulo a prime the rank is not larger than it is, and an eigenvalue leaves it no more
        return Factor(poly, q, exponent, (exponent,))
    power = G
    ranks = [K.rows, G.rank()]
    while ranks[-1] > K.rows - exponent * poly.degree:
        power = power @ G
        ranks.append(power.rank())
    at_least = [(a - b) // poly.degree for a, b in itertools.pairwise(ranks)] + [0]
    blocks: list[int] = []
    for size, (now, after) in enumerate(itertools.pairwise(at_least), 1):
        blocks = [size] * (now - after) + blocks
    return Factor(poly, q, exponent, tuple(blocks))
