"""The first layer of a splitting by itself: projector, root, pivots, and both exponentials."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import gmpy2
import numpy as np
import pytest
from flint import acb_mat, ctx, fmpq
from gmpy2 import mpc

from deepexp_exact.constructions.split.parameters import Root
from deepexp_exact.errors import PrecisionCeilingError
from deepexp_exact.exact import ExactMatrix, gaussian, to_gaussian
from deepexp_exact.exact.binary import exact_balls
from deepexp_exact.paths.multiprecision.functions.arrays import (
    log2_frobenius,
    number,
    precision,
    to_mpmath,
)
from deepexp_exact.paths.multiprecision.network.residuals import enclosure
from deepexp_exact.paths.multiprecision.split import first_layer
from deepexp_exact.paths.multiprecision.split.layer import prescribed_pivots, projector, root
from deepexp_exact.precision import MoreBits
from deepexp_exact.problems import Problem
from deepexp_exact.problems.families import jordan
from deepexp_exact.solving import choose_record


def integers(rng: random.Random, d: int) -> ExactMatrix:
    while True:
        found = ExactMatrix.from_rows([[rng.randint(-5, 5) for _ in range(d)] for _ in range(d)])
        if found.is_invertible():
            return found


@pytest.mark.parametrize(
    ("blocks", "q", "rho"),
    [
        ([(0, 2), (5, 1)], 2, fmpq(1)),  # a defective eigenvalue inside
        ([(0, 1), (1, 2), (3, 3)], 3, fmpq(2)),  # and outside
        ([(0, 1), ("-1", 1), ("99/100", 1), ("101/100", 1), ("-2", 1)], 3, fmpq(2001, 2000)),
        ([(0, 1), ("i", 1), (10**6, 2)], 2, fmpq(1000)),
    ],
)
@pytest.mark.parametrize("bits", [200, 1000])
def test_the_projector_commutes_and_is_the_exact_one(
    blocks: Any, q: int, rho: fmpq, bits: int
) -> None:
    J = jordan([(to_gaussian(str(value)), size) for value, size in blocks])
    d = J.rows
    P = integers(random.Random(f"{blocks}"), d)
    first = ExactMatrix.from_rows([[int(i == j < q) for j in range(d)] for i in range(d)])
    F, expected = P.solve(J @ P), P.solve(first @ P)
    with ctx.workprec(bits):
        found = projector(enclosure(F).mid(), q, rho)
        off = found - enclosure(expected)
        assert all(abs(z) < fmpq(1, 2 ** (bits - 90)) for z in off.entries())


def test_a_circle_with_another_number_of_eigenvalues_is_seen() -> None:
    F = acb_mat([[0, 1, 0], [0, 0, 0], [0, 0, 3]])
    with ctx.workprec(200):
        for q, rho in ((1, fmpq(1)), (2, fmpq(4)), (2, fmpq(3))):
            with pytest.raises((MoreBits, ZeroDivisionError)):
                projector(F, q, rho)


@pytest.mark.parametrize(("q", "seed"), [(2, 1), (3, 2), (6, 3)])
def test_pivots_are_those_prescribed(q: int, seed: int) -> None:
    rng = random.Random(seed)

    def entry() -> Any:
        return mpc(rng.uniform(-1, 1), rng.uniform(-1, 1))

    with precision(300):
        E = np.array([[entry() for _ in range(q)] for _ in range(q)], dtype=object)
        gamma = [entry() for _ in range(q)]
        before = E.copy()
        Lam, H = prescribed_pivots(E, gamma)
        assert all(a == b for a, b in zip(E.flat, before.flat, strict=True))
        C = E + np.eye(q)
        # U = H⁻¹·C·Λ is upper triangular with the pivots on its diagonal
        U = C.dot(Lam)
        for j in range(q):
            for i in range(j + 1, q):
                U[i] = U[i] - H[i, j] * U[j]
        for i in range(q):
            assert all(abs(z) < 1e-80 for z in U[i, :i])
        for j in range(q - 1):
            assert abs(U[j, j] - 1 - gamma[j]) < 1e-80


def test_a_vanishing_row_is_seen() -> None:
    with precision(100):
        E = np.array([[mpc(1), mpc(0)], [mpc(0), mpc(2)]], dtype=object)
        with pytest.raises(MoreBits, match="row 1"):
            prescribed_pivots(E, [mpc(3), mpc(4)])


def test_the_root_is_the_one_in_its_square() -> None:
    with precision(400):
        c, pi = gmpy2.log(mpc(3)), gmpy2.const_pi()
        turns = [mpc(0, 2 * a * pi) for a in (-1, 0, 1)]
        m = mpc("0.7") + mpc(0, 1) / 3
        det = mpc(1)
        for turn in turns:
            det = det * (m + turn + c) / (m + turn)
        centre = gaussian(fmpq(7, 10), fmpq(1, 3)) + gaussian(fmpq(1, 1000))
        assert abs(root(Root(centre, fmpq(1, 100)), turns, c, det) - m) < gmpy2.exp2(-380)
        with pytest.raises(MoreBits, match="square"):
            root(Root(centre, fmpq(1, 10000)), turns, c, det)
        with pytest.raises(MoreBits, match="no root"):
            root(None, turns, c, det)


@pytest.mark.parametrize("exchange", [False, True])
@pytest.mark.parametrize("bits", [150, 700])
def test_both_exponentials_are_those_of_W1(exchange: bool, bits: int) -> None:
    """A·A⁻¹ = I, exp(W1·X2) = α·A and exp(W1·X1) = A to the bits asked."""
    rng = random.Random("exponentials")
    d = 4
    P, Q = integers(rng, d), integers(rng, d)
    parts = ([1, 2, 3, 4], [1, 0, 5, 7])  # X2 singular, D singular
    one, two = (
        P
        @ ExactMatrix.from_rows([[v if i == j else 0 for j in range(d)] for i, v in enumerate(p)])
        @ Q
        for p in parts
    )
    X1, X2 = (two, one) if exchange else (one, two)
    problem = Problem(X1, X2, integers(rng, d), integers(rng, d))
    record, _ = choose_record(problem)
    found = first_layer(problem, record, bits, 100_000)
    assert max(found.errors) <= -bits + 1
    with precision(bits + 8), ctx.workprec(3 * bits + 300):
        A = balls(found.A(bits + 8))
        W1 = balls(found.W1)
        alpha = balls(np.array([[mpc(number(record.alpha))]], dtype=object))[0, 0]
        size = norm(A)
        for X, factor in ((X1, 1), (X2, alpha)):
            off = (W1 * enclosure(X)).exp() - A * factor
            assert norm(off) < size * fmpq(1, 2 ** (bits - 60))
        off = A * balls(found.inverse_A) - acb_mat(np.eye(d, dtype=int).tolist())
        assert norm(off) < size * fmpq(1, 2 ** (bits - 60))
    assert abs(found.log2_A() - log2_frobenius(found.A(64))) < 0.01


def test_parameters_that_do_not_fit_end_with_a_reason() -> None:
    rng = random.Random("unfit")
    X1 = integers(rng, 3)
    D = integers(rng, 3) @ ExactMatrix.from_rows([[1, 0, 0], [0, 1, 0], [0, 0, 0]])
    problem = Problem(X1, X1 + D, integers(rng, 3), integers(rng, 3))
    record, _ = choose_record(problem)
    parameters: Any = record.first_layer.parameters
    wrong = replace(parameters, root=None, rank=parameters.q - 1)
    layer = replace(record.first_layer, parameters=wrong)
    with pytest.raises(PrecisionCeilingError, match="rank on the block"):
        first_layer(problem, replace(record, first_layer=layer), 100, 1000)


def balls(A: Any) -> Any:
    return exact_balls(to_mpmath(A))


def norm(M: Any) -> Any:
    return sum((abs(z) ** 2 for z in M.entries()), start=abs(M[0, 0]) * 0).sqrt()
