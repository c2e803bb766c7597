"""Roots in clusters within clusters are all found, each in a ball of its own."""

from __future__ import annotations

import random
from typing import Any

import pytest
from flint import acb, arb, ctx, fmpq, fmpq_poly

from deepexp_exact import solve
from deepexp_exact.exact import ExactMatrix, gaussian
from deepexp_exact.problems.pieces import integer_matrix, jordan, similar, with_K
from deepexp_exact.solution import Label
from deepexp_exact.spectrum.roots import isolated_roots


def tiny(exponent: int) -> fmpq:
    return fmpq(1, 10**exponent)


NESTED: dict[str, list[fmpq]] = {
    "gap of three": [fmpq(1), 1 + tiny(400), 1 - tiny(400), fmpq(-2)],
    "within each other": [fmpq(3), 3 + tiny(50), 3 + tiny(50) + tiny(300), 3 - tiny(1000)],
    "two clusters": [*(1 + k * tiny(200) for k in range(4)), *(-1 + k * tiny(90) for k in (1, 2))],
    "about 0": [tiny(300), 2 * tiny(300), -tiny(700), fmpq(5), 5 + tiny(600)],
    "sizes": [fmpq(10**300), 10**300 + fmpq(1), fmpq(1), 1 + tiny(300), tiny(300)],
}


@pytest.mark.parametrize("name", NESTED)
def test_each_root_has_a_ball_of_its_own(name: str) -> None:
    q = fmpq_poly([1])
    for root in NESTED[name]:
        q *= fmpq_poly([-root, 1])
    balls = isolated_roots(q, 64)
    with ctx.workprec(8000):
        held = [[j for j, ball in enumerate(balls) if ball.contains(acb(arb(root)))]
                for root in NESTED[name]]  # fmt: skip
    assert sorted(held) == [[j] for j in range(len(NESTED[name]))]


def perturbed(d: int, exponent: int, shape: list[tuple[Any, int]]) -> ExactMatrix:
    rng = random.Random(f"{d}/{exponent}")
    small = integer_matrix(d, rng).scale(gaussian(tiny(exponent)))
    return similar(jordan(shape), rng) + small


@pytest.mark.parametrize(
    ("exponent", "shape"),
    [(400, [(1, 2), (-2, 1)]), (1000, [(gaussian(0, 1), 2), (1, 1)]), (300, [(-1, 2), (-1, 2)])],
)
def test_a_tiny_full_perturbation_of_a_jordan_form(
    exponent: int, shape: list[tuple[Any, int]]
) -> None:
    K = perturbed(sum(size for _, size in shape), exponent, shape)
    assert solve(with_K(K, random.Random(3))).label is Label.CERTIFIED
