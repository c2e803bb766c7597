"""Spectra against Jordan structures that are known exactly."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from flint import fmpq, fmpq_poly
from helpers import (
    assert_holds_roots,
    assert_isolating,
    assert_sound_boxes,
    companion,
    conjugated_jordan,
    gaussians,
    jordan_of_companion,
    problem_with,
    rationals,
    spectrum_of,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deepexp_exact.errors import BranchError, HypothesisError, PrecisionCeilingError
from deepexp_exact.exact import (
    PRIMES,
    ExactMatrix,
    GaussianRational,
    fmpq_to_float,
    gaussian,
    to_gaussian,
)
from deepexp_exact.problems import Problem, load_problem
from deepexp_exact.problems.families import (
    FAMILIES,
    direct_sum,
    frank,
    hadamard,
    jordan,
    rotation,
)
from deepexp_exact.spectrum import Box, match_boxes, spectrum
from deepexp_exact.spectrum.floats import float_boxes
from deepexp_exact.spectrum.isolation import by_balls, by_polynomials, squarefree_modulo_a_prime
from deepexp_exact.spectrum.polynomials import (
    characteristic_polynomial,
    rational_poly,
    split_over_gaussian,
)
from deepexp_exact.spectrum.real_parts import mirror_line, pair_sums

FLOATS, BALLS, EXACT = "float64 discs", "balls of", "exact polynomials"


def structure(blocks: list[tuple[Any, int]]) -> dict[GaussianRational, tuple[int, ...]]:
    """{eigenvalue: block sizes, descending} of a list of Jordan blocks."""
    table: dict[GaussianRational, list[int]] = {}
    for value, size in blocks:
        table.setdefault(to_gaussian(value), []).append(size)
    return {z: tuple(sorted(sizes, reverse=True)) for z, sizes in table.items()}


def blocks_of(
    values: st.SearchStrategy[Any], most: int = 4
) -> st.SearchStrategy[list[tuple[Any, int]]]:
    sizes = st.integers(1, 3)
    few = st.lists(values, min_size=1, max_size=3, unique_by=str)
    return few.flatmap(
        lambda chosen: st.lists(
            st.tuples(st.sampled_from(chosen), sizes), min_size=1, max_size=most
        )
    )


nonzero_rationals = rationals(9, 4).filter(lambda x: x != 0).map(gaussian)
nonzero_gaussians = gaussians(4, 2).filter(lambda z: not z.is_zero())


# ------------------------------------------------------------------------------ known structures


@given(blocks_of(nonzero_rationals), st.integers(0, 5))
def test_rational_jordan_structures(blocks: list[tuple[Any, int]], seed: int) -> None:
    assert_isolating(spectrum_of(conjugated_jordan(blocks, seed)), structure(blocks))


@given(blocks_of(nonzero_gaussians, 3), st.integers(0, 5))
@settings(max_examples=40)
def test_gaussian_jordan_structures(blocks: list[tuple[Any, int]], seed: int) -> None:
    assert_isolating(spectrum_of(conjugated_jordan(blocks, seed)), structure(blocks))


@given(st.lists(nonzero_gaussians, min_size=1, max_size=5, unique_by=str), st.integers(0, 5))
def test_every_method_gives_the_same_eigenvalues(values: list[Any], seed: int) -> None:
    K = conjugated_jordan([(z, 1) for z in values], seed)
    identity = ExactMatrix.identity(K.rows)
    order = sorted(values, key=lambda z: (z.re, z.im))
    for root, z in zip(by_polynomials(K), order, strict=True):
        assert root.box.contains(z)
        assert root.on_negative_axis == (z.is_real() and z.re < 0)
    for found in (float_boxes(identity, K), by_balls(identity, K, 128)):
        if found is None:
            continue
        tight, flags = (
            (found[0], found[1])
            if isinstance(found, tuple)
            else (found.enclosures, found.on_negative_axis)
        )
        assert [[box.contains(z) for box in tight] for z in order] == np.eye(len(order)).tolist()
        assert flags == [z.is_real() and z.re < 0 for z in order]


@pytest.mark.parametrize(
    ("coefficients", "size"),
    [
        ([-2, 0], 2),  # ±√2
        ([1, 1], 2),  # primitive cube roots of unity
        ([-2, 0, 0], 2),  # one real and two complex cube roots
        ([1, 0, 0, 0], 2),  # primitive eighth roots of unity: splits over Q(i)
        ([3, -3], 3),
        ([-5, 7, 0], 1),
    ],
)
@pytest.mark.parametrize("copies", [1, 2])
def test_irrational_jordan_structures(coefficients: list[int], size: int, copies: int) -> None:
    parts = [jordan_of_companion(coefficients, size)]
    parts += [companion(coefficients)] * (copies - 1)
    found = spectrum_of(direct_sum(*parts))
    expected = (size,) + (1,) * (copies - 1)
    assert [e.blocks for e in found.eigenvalues] == [expected] * len(coefficients)
    assert_sound_boxes(found)
    assert_holds_roots(found, [*coefficients, 1])


def test_a_factor_and_its_conjugate_with_different_multiplicities() -> None:
    """x⁴ + 1 = (x² − i)(x² + i) over Q(i): blocks 2, 2 + 1 on one factor and 1 on the other."""
    h, conjugate = [gaussian(0, -1), 0], [gaussian(0, 1), 0]
    K = direct_sum(jordan_of_companion(h, 2), companion(h), companion(conjugate))
    found = spectrum_of(K)
    # Order by (Re, Im): e^{5iπ/4}, e^{3iπ/4}, e^{7iπ/4}, e^{iπ/4}; the roots of h are 1st and 4th.
    assert [e.blocks for e in found.eigenvalues] == [(2, 1), (1,), (1,), (2, 1)]
    assert [len(e.factor or ()) for e in found.eigenvalues] == [3] * 4
    assert_sound_boxes(found)
    assert_holds_roots(found, [1, 0, 0, 0, 1])


def test_a_factor_and_its_conjugate_with_equal_multiplicities_but_other_blocks() -> None:
    h, conjugate = [gaussian(0, -1), 0], [gaussian(0, 1), 0]
    K = direct_sum(jordan_of_companion(h, 2), companion(conjugate), companion(conjugate))
    assert [e.blocks for e in spectrum_of(K).eigenvalues] == [(2,), (1, 1), (1, 1), (2,)]


@given(st.lists(gaussians(6, 3), min_size=2, max_size=4))
@settings(max_examples=30)
def test_companion_matrices_of_any_polynomial(coefficients: list[GaussianRational]) -> None:
    assume(not coefficients[0].is_zero())
    K = companion(coefficients)
    chi = characteristic_polynomial(K)
    assert list(chi.coefficients()) == [*coefficients, gaussian(1)]
    found = spectrum_of(K)
    assert all(len(e.blocks) == 1 for e in found.eigenvalues)  # a companion is not derogatory
    assert_sound_boxes(found)
    if found.is_simple:
        assert_holds_roots(found, [*coefficients, 1])


@pytest.mark.parametrize("name", FAMILIES)
def test_families_have_sound_spectra(name: str) -> None:
    family = FAMILIES[name]
    for d in family.sizes:
        problem = family.build(d, 1)
        found = spectrum(problem.quotient)
        assert found.d == d
        assert_sound_boxes(found)
        match_boxes([e.box for e in found.eigenvalues], problem.quotient)


def test_matrices_with_known_spectra() -> None:
    found = spectrum_of(hadamard(8))
    assert [(e.blocks, e.on_negative_axis) for e in found.eigenvalues] == [
        ((1,) * 4, True), ((1,) * 4, False),
    ]  # fmt: skip
    assert_holds_roots(found, [-8, 0, 1])
    assert_isolating(
        spectrum_of(ExactMatrix.identity(5).scale(gaussian(-1))), structure([(-1, 1)] * 5)
    )
    assert_isolating(spectrum_of([["-1/3"]]), structure([("-1/3", 1)]))
    F = spectrum_of(frank(6))
    assert F.is_simple
    assert not any(e.on_negative_axis for e in F.eigenvalues)
    assert [len(e.blocks) for e in spectrum(load_problem("quantum-gates").quotient).eigenvalues]


def test_singular_outputs_fail_a_named_hypothesis() -> None:
    singular, fine = ExactMatrix.from_rows([[1, 2], [2, 4]]), ExactMatrix.identity(2)
    for label, Y1, Y2 in (("Y1", singular, fine), ("Y2", fine, singular)):
        with pytest.raises(HypothesisError, match=f"{label} is singular: its rank is 1, needed 2"):
            spectrum(Problem(fine, singular, Y1, Y2).quotient)


# ------------------------------------------------------------------------------ order and the cut


def test_equal_real_parts_are_ordered_by_the_imaginary_part() -> None:
    values = ["-1-2i", "-1+i", "-1+2i", "2-3i", "2", "2+1/3i"]
    found = spectrum_of(conjugated_jordan([(z, 1) for z in reversed(values)]))
    assert EXACT in found.evidence
    assert_isolating(found, structure([(z, 1) for z in values]))


@pytest.mark.parametrize("d", [4, 6, 8])
def test_purely_imaginary_spectra_of_floats(d: int) -> None:
    """Real skew-symmetric and i·symmetric K: every real part is exactly the same."""
    A = np.random.default_rng(d).standard_normal((d, d))
    for K in (A - A.T, 1j * (A + A.T) + np.eye(d) / 4):
        found = spectrum_of(K)
        assert_sound_boxes(found)
        truth = np.sort(np.linalg.eigvals(K).imag)
        middles = [complex(e.box.center).imag for e in found.eigenvalues]
        assert np.allclose(middles, truth, atol=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_equal_irrational_real_parts(seed: int) -> None:
    """A ⊕ (A + i·I): λ and λ + i share their real part, on no common line with the others."""
    rng = np.random.default_rng(seed)
    A = ExactMatrix.from_rows(rng.integers(-9, 10, (3, 3)) + np.diag([0.5, 0, 0]))
    K = direct_sum(A, A.shift(gaussian(0, 1)))
    assert K.is_invertible()
    found = spectrum_of(K)
    assert_sound_boxes(found)
    values = np.linalg.eigvals(A.to_numpy())
    truth = sorted((round(z.real, 9), z.imag) for z in [*values, *(values + 1j)])
    middles = [complex(e.box.center) for e in found.eigenvalues]
    assert np.allclose([z.real for z in middles], [x for x, _ in truth], atol=1e-4)
    assert np.allclose([z.imag for z in middles], [y for _, y in truth], atol=1e-4)


def test_the_same_line_does_not_make_equal_real_parts() -> None:
    """Two factors symmetric about one line, with roots off it that tie pairwise."""
    A = companion([-2, -1])  # 2 and −1
    B = companion([-3, -1])  # (1 ± √13)/2
    K = direct_sum(A, B, B.shift(gaussian(0, 2)))
    found = spectrum_of(K)
    assert len(found.eigenvalues) == 6
    assert_sound_boxes(found)
    assert [round(complex(e.box.center).imag) for e in found.eigenvalues] == [0, 2, 0, 0, 0, 2]


@given(st.lists(rationals(5, 3), min_size=2, max_size=4, unique_by=str))
def test_the_polynomial_of_pair_sums(roots: list[fmpq]) -> None:
    q = fmpq_poly([1])
    for root in roots:
        q *= fmpq_poly([-root, 1])
    sums = {str(a + b): a + b for a in roots for b in roots}.values()
    expected = fmpq_poly([1])
    for total in sums:
        expected *= fmpq_poly([-total, 1])
    found = pair_sums(tuple(q.coeffs()))
    assert found / found[int(found.degree())] == expected


def test_mirror_lines() -> None:
    assert mirror_line(fmpq_poly([5, -2, 1])) == 1  # 1 ± 2i
    assert mirror_line(fmpq_poly([-3, 1])) == 3
    assert mirror_line(fmpq_poly([2, 0, 3, 0, 1])) == 0
    assert mirror_line(fmpq_poly([1, 1, 0, 1])) is None


@pytest.mark.parametrize("exponent", [20, 40, 100])
def test_eigenvalues_close_to_the_cut_are_not_on_it(exponent: int) -> None:
    tiny = fmpq(1, 10**exponent)
    values = [gaussian(-1, tiny), gaussian(-2, -tiny), gaussian(-3), gaussian(tiny, 1)]
    found = spectrum_of(conjugated_jordan([(z, 1) for z in values]))
    assert_isolating(found, structure([(z, 1) for z in values]))


@pytest.mark.parametrize("exponent", [20, 40, 100])
def test_a_real_matrix_with_a_pair_close_to_the_cut(exponent: int) -> None:
    tiny = fmpq(1, 10**exponent)
    found = spectrum_of(ExactMatrix.from_rows([[-1, gaussian(-tiny)], [gaussian(tiny), -1]]))
    assert_isolating(found, structure([(gaussian(-1, s * tiny), 1) for s in (1, -1)]))


@pytest.mark.parametrize("exponent", [8, 14, 16, 20, 40, 100])
def test_eigenvalues_close_to_each_other(exponent: int) -> None:
    tiny = fmpq(1, 10**exponent)
    values = [gaussian(2), gaussian(2 + tiny), gaussian(2, tiny), gaussian(2 + 2 * tiny)]
    found = spectrum_of(conjugated_jordan([(z, 1) for z in values]))
    assert_isolating(found, structure([(z, 1) for z in values]))
    split = jordan([(1, 3)]) + ExactMatrix.diagonal([0, gaussian(tiny), gaussian(2 * tiny)])
    assert_isolating(spectrum_of(split), structure([(gaussian(1 + k * tiny), 1) for k in range(3)]))


@pytest.mark.parametrize("exponent", [-200, -60, -30, 30, 60, 200, 400])
def test_scaled_matrices(exponent: int) -> None:
    scale = fmpq(10) ** exponent
    values = [gaussian(x * scale) for x in (fmpq(-3), fmpq(1, 7), fmpq(2))]
    values.append(gaussian(scale, scale))
    found = spectrum_of(conjugated_jordan([(z, 1) for z in values]))
    assert_isolating(found, structure([(z, 1) for z in values]))
    repeated = conjugated_jordan([(gaussian(-scale), 2), (gaussian(scale), 1)])
    assert_isolating(
        spectrum_of(repeated), structure([(gaussian(-scale), 2), (gaussian(scale), 1)])
    )


@pytest.mark.parametrize(
    ("numerator", "denominator"), [(19, 3), (32, 1), (95, 3), (1909, 3), (10**30, 1)]
)
def test_rational_rotations_near_pi(numerator: int, denominator: int) -> None:
    """0.9π, 0.98π, 0.98π, 0.999π and closer: cos θ ± i·sin θ, off the cut."""
    R = rotation(numerator, denominator)
    values = [gaussian(R[0, 0].re, s * R[1, 0].re) for s in (-1, 1)]
    found = spectrum_of(R)
    assert_isolating(found, structure([(z, 1) for z in values]))
    assert abs(found.eigenvalues[1].box.angle_over_pi()) <= 1


# ------------------------------------------------------------------------------ methods


def test_which_road_is_taken() -> None:
    rng = np.random.default_rng(0)
    assert FLOATS in spectrum_of(rng.standard_normal((8, 8))).evidence
    near = ExactMatrix.diagonal([1, gaussian(1 + fmpq(1, 10**20))])
    assert BALLS in spectrum_of(near).evidence
    assert EXACT in spectrum_of(ExactMatrix.identity(2)).evidence


@pytest.mark.parametrize("real", [True, False])
def test_32_by_32_floats_take_the_cheap_method(real: bool) -> None:
    rng = np.random.default_rng(7)
    data = [
        rng.standard_normal((32, 32)) + (0 if real else 1j) * rng.standard_normal((32, 32))
        for _ in range(2)
    ]
    problem = Problem(np.zeros((32, 32)), np.eye(32), *data)
    started = time.perf_counter()
    found = spectrum(problem.quotient)
    print(f"32x32 record: {time.perf_counter() - started:.3f} s")
    assert FLOATS in found.evidence
    assert_sound_boxes(found)
    truth = np.linalg.eigvals(np.linalg.solve(*data))
    for e in found.eigenvalues:
        middle, width = complex(e.enclosure.center), fmpq_to_float(e.enclosure.half_width)
        assert np.sum(np.abs(truth - middle) <= 2 * width) == 1


def test_a_prime_that_divides_a_denominator_or_a_determinant_is_passed_over() -> None:
    p, q, _ = PRIMES
    identity = ExactMatrix.identity(2)
    K = ExactMatrix.from_rows([[1, 2], [3, 4]])
    assert squarefree_modulo_a_prime(identity, K) == p
    assert squarefree_modulo_a_prime(identity, K.scale(gaussian(fmpq(1, p)))) == q
    assert squarefree_modulo_a_prime(K, K.scale(gaussian(0, fmpq(1, p)))) is None  # K = i/p·I
    assert squarefree_modulo_a_prime(identity.scale(gaussian(p)), K) == q
    assert squarefree_modulo_a_prime(identity, K.scale(gaussian(p))) == q
    everywhere = fmpq(1, PRIMES[0] * PRIMES[1] * PRIMES[2])
    hard = K.scale(gaussian(everywhere))
    assert squarefree_modulo_a_prime(identity, hard) is None
    assert spectrum_of(hard).is_simple
    twins = ExactMatrix.diagonal([1, 1 + p])  # equal modulo p only
    assert squarefree_modulo_a_prime(identity, twins) == q


@given(st.integers(2, 6), st.integers(0, 10**6), st.booleans())
@settings(max_examples=40)
def test_float_boxes_hold_the_exact_eigenvalues(d: int, seed: int, real: bool) -> None:
    """Against exact eigenvalues of graded, ill-conditioned conjugations of a known diagonal."""
    rng = np.random.default_rng(seed)
    values = [to_gaussian(complex(x, 0 if real else y)) for x, y in rng.standard_normal((d, 2))]
    grade = [to_gaussian(float(x)) for x in 10.0 ** rng.integers(-6, 7, d)]
    S = ExactMatrix.from_rows(rng.integers(-4, 5, (d, d)) + np.eye(d)) @ ExactMatrix.diagonal(grade)
    assume(S.is_invertible())
    left = S.inverse()
    boxes = float_boxes(left, ExactMatrix.diagonal(values) @ left)  # K = S·diag·S⁻¹
    if boxes is None:
        return
    order = sorted(values, key=lambda z: (z.re, z.im))
    for j, box in enumerate(boxes.enclosures):
        assert [box.contains(z) for z in order] == [i == j for i in range(d)]


@pytest.mark.parametrize("real", [True, False])
def test_float_boxes_survive_underflow(real: bool) -> None:
    """Chains of huge off-diagonal entries: components of eigenvectors underflow."""
    unit = gaussian(1) if real else gaussian(0, 1)
    for n, size in ((4, 59), (6, 59), (8, 50), (12, 30)):
        rows = [[0] * n for _ in range(n)]
        K = ExactMatrix.from_rows(rows) + ExactMatrix.diagonal([(j + 1) for j in range(n)])
        K = K + jordan([(0, n)]).scale(gaussian(fmpq(10) ** size) * unit)
        K = K + ExactMatrix.diagonal([0] * (n - 1) + [gaussian(fmpq(1, 10**59))])
        boxes = float_boxes(ExactMatrix.identity(n), K)
        truth = [K[j, j] for j in range(n)]
        for j, box in enumerate(boxes.enclosures if boxes else []):
            assert [box.contains(z) for z in truth] == [i == j for i in range(n)]
        assert_isolating(spectrum_of(K), dict.fromkeys(truth, (1,)))


def test_entries_that_vanish_as_floats_are_still_seen() -> None:
    K = ExactMatrix.diagonal([1, 2, gaussian(fmpq(1, 10**400))])
    assert_isolating(spectrum_of(K), structure([(K[j, j], 1) for j in range(3)]))
    K = ExactMatrix.from_rows([[1, gaussian(fmpq(1, 10**400))], [gaussian(fmpq(10) ** 400), 5]])
    found = spectrum_of(K)
    assert_holds_roots(found, [4, -6, 1])


def test_split_over_the_gaussian_field() -> None:
    for coefficients, degrees in (
        ([1, 0, 1], [1, 1]),
        ([1, 0, 0, 0, 1], [2, 2]),
        ([-2, 0, 1], [2]),
        ([2, 1, 1, 1], [3]),
        ([-7, 1], [1]),
    ):
        q = fmpq_poly(coefficients)
        parts = split_over_gaussian(q)
        product = rational_poly(fmpq_poly([1]))
        for part in parts:
            product = product * part
        assert product == rational_poly(q).monic()
        assert sorted(p.degree for p in parts) == degrees


def test_a_ceiling_is_a_typed_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from deepexp_exact.spectrum import isolation

    monkeypatch.setattr(isolation, "MAX_ORDER_BITS", 200)
    K = ExactMatrix.diagonal([1, 1, gaussian(1 + fmpq(1, 10**200), 1)])
    with pytest.raises(PrecisionCeilingError, match="not told apart with 200 bits"):
        by_polynomials(K)


# ------------------------------------------------------------------------------ boxes handed back


def test_boxes_of_another_width_fit_the_same_eigenvalues() -> None:
    values = [gaussian(-2), gaussian(1, 1), gaussian(3)]
    problem = problem_with(conjugated_jordan([(z, 1) for z in values]))
    found = spectrum(problem.quotient)
    match_boxes([e.box for e in found.eigenvalues], problem.quotient)
    match_boxes([e.enclosure for e in found.eigenvalues], problem.quotient)
    for width in (fmpq(1, 4), fmpq(1, 10**30), fmpq(1, 10**300)):
        around = [Box(z.re, z.re, z.im, z.im).inflate(width) for z in values]
        match_boxes(around, problem.quotient)


def test_boxes_that_do_not_fit_are_refused() -> None:
    values = [gaussian(-2), gaussian(1, 1), gaussian(3)]
    problem = problem_with(conjugated_jordan([(z, 1) for z in values]))
    points = [Box(z.re, z.re, z.im, z.im).inflate(fmpq(1, 10)) for z in values]
    shifted = points[1].inflate(fmpq(0))
    shifted = Box(shifted.re_lo + 1, shifted.re_hi + 1, shifted.im_lo, shifted.im_hi)
    for boxes, words in (
        (points[:2], "2 eigenvalues, K has 3"),
        ([points[1], points[0], points[2]], "meets the branch cut|does not hold"),
        ([points[0], shifted, points[2]], "box 2 of the record does not hold eigenvalue 2"),
        ([points[0], points[1].inflate(fmpq(5)), points[2]], "meets the branch cut"),
        ([points[0], points[1], points[2].inflate(fmpq(5, 2))], "not clear of eigenvalue 2"),
        ([points[0].inflate(fmpq(3)), points[1], points[2]], "zero"),
    ):
        with pytest.raises(BranchError, match=words) as caught:
            match_boxes(boxes, problem.quotient)
        assert caught.value.remedy


@given(st.integers(0, 10**6))
@settings(max_examples=20)
def test_box_geometry(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = (
        Box(*(fmpq(int(x)) for x in (*sorted(row[:2]), *sorted(row[2:]))))
        for row in rng.integers(-6, 7, (2, 4))
    )
    assert a.overlaps(b) == b.overlaps(a) == (a.gap(b) <= 0)
    assert a.contains_box(b) <= a.overlaps(b)
    assert a.mirror().mirror() == a
    assert a.contains(a.center)
    assert a.meets_cut() == (a.cut_gap() <= 0)
    assert a.contains_zero() == a.contains(gaussian(0))
    assert Box.from_json(a.to_json(), "box") == a
