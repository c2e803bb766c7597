"""Isolated roots: discs hold one root each, real ones are seen to be real, clusters end."""

from __future__ import annotations

import random

import pytest
from flint import acb, acb_poly, arb, ctx, fmpq, fmpq_poly

from deepexp_exact.spectrum.roots import isolated_roots


def product(roots: list[fmpq]) -> fmpq_poly:
    q = fmpq_poly([1])
    for root in roots:
        q *= fmpq_poly([-root, 1])
    return q


@pytest.mark.parametrize("gap", [3, 40, 400, 1000])
@pytest.mark.parametrize("degree", [2, 3, 6])
def test_close_rational_roots_are_told_apart(degree: int, gap: int) -> None:
    roots = [fmpq(k + 1, 7) for k in range(degree - 1)]
    roots.append(roots[-1] + fmpq(1, 10**gap))
    found = isolated_roots(product(roots), 128)
    assert len(found) == degree
    for root in roots:
        assert sum(bool(z.contains(acb(arb(root)))) for z in found) <= 1
        with ctx.workprec(8 * gap + 256):
            assert sum(bool(z.overlaps(acb(arb(root)))) for z in found) == 1
    assert all(z.imag == 0 for z in found)


@pytest.mark.parametrize("gap", [1, 40, 400])
def test_close_conjugates_are_not_taken_for_real(gap: int) -> None:
    small = fmpq(1, 10**gap)
    pair = fmpq_poly([1 + small * small, -2, 1])
    for q in (pair, pair * fmpq_poly([-3, 1]), pair * fmpq_poly([2, 0, 1])):
        found = isolated_roots(q, 200)
        assert sum(z.imag == 0 for z in found) == (1 if q.degree() == 3 else 0)
        with ctx.workprec(300):
            near = [z for z in found if abs(z - 1) < arb("0.5")]
            assert all(abs(abs(z.imag) / arb(small) - 1) < arb("1e-20") for z in near)


def test_roots_of_very_different_sizes_keep_their_relative_accuracy() -> None:
    q = fmpq_poly([1, -fmpq(10**1500), 3, 1])
    found = isolated_roots(q, 160)
    assert len(found) == 3
    assert all(z.rel_accuracy_bits() >= 100 for z in map(abs, found))
    with ctx.workprec(20_000):
        assert all(acb_poly(q)(z).contains(0) for z in found)


def test_random_polynomials_have_as_many_roots_as_their_degree() -> None:
    draw = random.Random(5)
    for degree in (1, 2, 3, 5, 9, 20):
        q = fmpq_poly([draw.randint(-50, 50) or 1 for _ in range(degree)] + [7])
        found = isolated_roots(q, 150)
        assert len(found) == degree
        assert not any(a.overlaps(b) for j, a in enumerate(found) for b in found[:j])
        real = [z for z in found if z.imag == 0]
        assert (len(found) - len(real)) % 2 == 0


def test_a_root_at_zero_is_exact() -> None:
    found = isolated_roots(product([fmpq(0), fmpq(1, 3), fmpq(5)]), 90)
    assert sum(z == 0 for z in found) == 1
