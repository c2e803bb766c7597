"""Characteristic polynomials over Q(i) from images modulo primes.

A prime p ≡ 1 (mod 4) has two homomorphisms Z[i] → F_p, i ↦ ±√−1; the two images of a coefficient
a + bi give a and b modulo p, and the Chinese remainder theorem gives the integers once the product
of the primes exceeds twice their bound (von zur Gathen & Gerhard, *Modern Computer Algebra*,
chapter 5).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from flint import fmpq, fmpz, fmpz_mat, nmod, nmod_mat

from ..exact import PRIMES, ExactMatrix, GaussianRational, sqrt_minus_one


def characteristic_coefficients(K: ExactMatrix) -> list[GaussianRational]:
    """The coefficients of det(x·I − K), lowest degree first, exactly.

    With A = q·K integral, |coefficient of χ_A| ≤ max over |x| = 1 of |det(x·I − A)|, which
    Hadamard's inequality bounds by the product of 1 + (Euclidean norm of each row of A)."""
    d = K.rows
    (re, q_re), (im, q_im) = K.real_part.numer_denom(), K.imag_part.numer_denom()
    q = int(fmpz(q_re).lcm(fmpz(q_im)))
    re, im = re * (q // int(q_re)), im * (q // int(q_im))
    bound = 1
    for a, b in zip(re.tolist(), im.tolist(), strict=True):
        bound *= 2 + int(fmpz(sum(x * x for x in a) + sum(x * x for x in b)).isqrt())
    parts = _from_images(re, im, 2 * bound + 1)
    return [
        GaussianRational(fmpq(a, q ** (d - k)), fmpq(b, q ** (d - k)))
        for k, (a, b) in enumerate(parts)
    ]


def _from_images(re: fmpz_mat, im: fmpz_mat, modulus: int) -> list[tuple[int, int]]:
    """The coefficients of χ_{re + i·im}, real and imaginary parts, each below modulus/2."""
    values = [0] * (2 * (re.nrows() + 1))
    product = 1
    for p in _primes():
        found = _image(re, im, p)
        inverse = pow(product, -1, p)
        values = [v + product * ((x - v) * inverse % p) for v, x in zip(values, found, strict=True)]
        product *= p
        if product > modulus:
            break
    values = [v - product if 2 * v > product else v for v in values]
    half = len(values) // 2
    return list(zip(values[:half], values[half:], strict=True))


def _image(re: fmpz_mat, im: fmpz_mat, p: int) -> list[int]:
    """Real parts, then imaginary parts, of the coefficients modulo p."""
    unit = sqrt_minus_one(p)
    a, b = nmod_mat(re, p), nmod_mat(im, p) * nmod(unit, p)
    plus = [int(c) for c in (a + b).charpoly().coeffs()]
    minus = [int(c) for c in (a - b).charpoly().coeffs()]
    half, share = pow(2, -1, p), pow(2 * unit, -1, p)
    return [(x + y) * half % p for x, y in zip(plus, minus, strict=True)] + [
        (x - y) * share % p for x, y in zip(plus, minus, strict=True)
    ]


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
