"""Characteristic polynomials over Q(i) from images modulo primes.

A prime p ≡ 1 (mod 4) has two homomorphisms Z[i] → F_p, i ↦ ±√−1; the two images of a coefficient
a + bi give a and b modulo p, and the Chinese remainder theorem gives the integers once the product
of the primes exceeds twice their bound (von zur Gathen & Gerhard, *Modern Computer Algebra*,
chapter 5).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache

from flint import fmpq, fmpz, fmpz_mat, nmod, nmod_mat

from ..exact import PRIMES, ExactMatrix, GaussianRational, sqrt_minus_one

#: Real and imaginary part of a matrix of Gaussian integers.
Parts = tuple[fmpz_mat, fmpz_mat]


def characteristic_coefficients(A: ExactMatrix, B: ExactMatrix) -> list[GaussianRational]:
    """The coefficients of det(x·I − A⁻¹·B), lowest degree first, exactly; A invertible.

    They are those of P(x) = det(x·q·A − q·B) divided by the leading one, with q·A and q·B integral.
    |coefficient of P| ≤ max over |x| = 1 of |P(x)|, which Hadamard's inequality bounds by the
    product over the rows of the sum of their Euclidean norms in q·A and q·B."""
    parts = _numerators(A, B)
    q = math.lcm(*(int(bottom) for _, bottom in parts))
    a, b, c, d = (top * (q // int(bottom)) for top, bottom in parts)
    bound = 1
    for rows in zip(a.tolist(), b.tolist(), c.tolist(), d.tolist(), strict=True):
        first, second = (
            math.isqrt(sum(int(x) ** 2 for x in (*rows[k], *rows[k + 1]))) + 1 for k in (0, 2)
        )
        bound *= first + second
    found = _from_images((a, b), (c, d), 2 * bound + 1)
    leading = GaussianRational(fmpq(found[-1][0]), fmpq(found[-1][1]))
    return [GaussianRational(fmpq(x), fmpq(y)) / leading for x, y in found]


def _numerators(A: ExactMatrix, B: ExactMatrix) -> list[tuple[fmpz_mat, fmpz]]:
    """Integers and their common denominator: Re A, Im A, Re B, Im B."""
    return [part.numer_denom() for X in (A, B) for part in (X.real_part, X.imag_part)]


def coefficient_bits(A: ExactMatrix, B: ExactMatrix) -> int:
    """About log2 of that bound."""
    parts = _numerators(A, B)
    common = math.lcm(*(int(bottom) for _, bottom in parts)).bit_length()
    largest = max(
        common - int(bottom).bit_length() + max(abs(int(z)) for z in top.entries()).bit_length()
        for top, bottom in parts
    )
    return A.rows * (largest + A.rows.bit_length() + 1)


def _from_images(A: Parts, B: Parts, modulus: int) -> list[tuple[int, int]]:
    """The coefficients of det(x·A − B), real and imaginary parts, each below modulus/2."""
    values = [0] * (2 * (A[0].nrows() + 1))
    product = 1
    for p in _primes():
        found = _image(A, B, p)
        if found is None:
            continue
        inverse = pow(product, -1, p)
        values = [v + product * ((x - v) * inverse % p) for v, x in zip(values, found, strict=True)]
        product *= p
        if product > modulus:
            break
    values = [v - product if 2 * v > product else v for v in values]
    half = len(values) // 2
    return list(zip(values[:half], values[half:], strict=True))


def _image(A: Parts, B: Parts, p: int) -> list[int] | None:
    """Real parts, then imaginary parts, of the coefficients modulo p; None if A is singular under
    one of the two homomorphisms."""
    unit = sqrt_minus_one(p)
    polynomials = []
    for sign in (unit, p - unit):
        left, right = (nmod_mat(re, p) + nmod_mat(im, p) * nmod(sign, p) for re, im in (A, B))
        determinant = left.det()
        if not int(determinant):
            return None
        chi = left.solve(right).charpoly() * determinant
        polynomials.append([int(c) for c in chi.coeffs()])
    half, share = pow(2, -1, p), pow(2 * unit, -1, p)
    pairs = list(zip(*polynomials, strict=True))
    return [(x + y) * half % p for x, y in pairs] + [(x - y) * share % p for x, y in pairs]


def _primes() -> Iterator[int]:
    """Primes p ≡ 1 (mod 4) below 2^62, the largest first."""
    p = PRIMES[0]
    while True:
        yield p
        p = _previous(p)


@cache
def _previous(p: int) -> int:
    p -= 4
    while not fmpz(p).is_prime():
        p -= 4
    return p
