"""Normal forms: ring axioms on random elements, relations, evaluation, matrices."""

import re

import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from deepexp_exact.exact import ExactMatrix, gaussian
from deepexp_exact.paths.symbolic.algebra.evidence import Identities, find_counterexample
from deepexp_exact.paths.symbolic.algebra.matrices import Matrix, difference, entry_names, stack
from deepexp_exact.paths.symbolic.algebra.rings import Element, Ring, evaluate
from deepexp_exact.paths.symbolic.shift.mutations import MUTATIONS


def ring_with_relations() -> Ring:
    ring = Ring(["lam", "rec", "s", "c", "alpha", "x", "k", "pi_i", "i"])
    i, s = ring.generator("i"), ring.generator("s")
    ring.add_inverse("rec", ring.generator("lam"))
    ring.add_relation(s * s - ring.constant(3) - i)
    ring.add_relation(i * i + ring.one)
    ring.add_logarithm("c", ring.generator("alpha"))
    ring.add_integer("k", "pi_i")
    return ring


RING = ring_with_relations()
monomials = st.tuples(
    *[st.integers(0, 2)] * 3,
    st.just(0),
    *[st.integers(0, 1)] * 2,
    *[st.just(0)] * 2,
    st.integers(0, 2),
)
polynomials = st.dictionaries(monomials, st.integers(-4, 4), max_size=3).map(
    lambda t: RING.from_polynomial(RING.context.from_dict({m: fmpq(v) for m, v in t.items()}))
)
exponents = st.tuples(st.integers(0, 3), st.integers(-3, 3)).map(
    lambda t: RING.exponential(
        RING.generator("c").times(t[0]) + RING.generator("x").times(fmpq(t[1], 2))
    )
)
elements = st.lists(st.tuples(polynomials, exponents), max_size=2).map(
    lambda pairs: sum((p * e for p, e in pairs), RING.zero)
)


@given(elements, elements, elements)
def test_the_ring_axioms_hold_for_normal_forms(a, b, c):
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a * b == b * a
    assert (a * b) * c == a * (b * c)
    assert a * (b + c) == a * b + a * c
    assert (a - a).is_zero()
    assert a * RING.one == a


@given(elements, elements)
def test_the_derivative_is_linear_and_obeys_the_product_rule(a, b):
    da, db = a.derivative("x"), b.derivative("x")
    assert (a + b).derivative("x") == da + db
    assert (a * b).derivative("x") == da * b + a * db


@given(elements, elements)
def test_equal_elements_and_only_they_share_a_normal_form(a, b):
    assert (a.normal_form() == b.normal_form()) == (a == b)
    assert ((a + b) - b).normal_form() == a.normal_form()


def test_relations_are_used_to_the_end():
    i, s = RING.generator("i"), RING.generator("s")
    assert s**4 == RING.constant(8) + i.times(6)
    assert (RING.generator("lam") * RING.generator("rec")) == RING.one
    assert (RING.generator("lam") ** 3) * (RING.generator("rec") ** 2) == RING.generator("lam")


def test_exponentials_use_their_relations():
    c, k, turn = (RING.generator(n) for n in ("c", "k", "pi_i"))
    assert RING.exponential(c.times(2)) == RING.generator("alpha") ** 2
    assert RING.exponential((turn * k).times(2)) == RING.one
    assert RING.exponential(turn * k) != RING.one
    assert RING.exponential((turn * k).times(-5)) == RING.exponential(turn * k)
    with pytest.raises(ValueError, match="inverse"):
        RING.exponential(-c)


def test_relations_with_a_common_variable_in_front_are_refused():
    ring = Ring(["x", "y"])
    x, y = ring.generators(("x", "y"))
    ring.add_relation(x * y - ring.one)
    with pytest.raises(ValueError, match="coprime"):
        ring.add_relation(x * x - ring.one)


def test_keep_first_spares_powers_and_decides_the_same():
    ring = Ring(["c"], keep_first=True)
    c = ring.generator("c")
    ring.add_logarithm("c", ring.constant(2), ring.constant(fmpq(1, 2)))
    big = c.times(fmpq(10**6, 3))
    assert str(ring.exponential(big)).count("exp") == 1
    assert ring.exponential(big + c) == ring.exponential(big).times(2)
    assert ring.exponential(big) * ring.exponential(-big) == ring.one
    assert ring.exponential(c.times(3)) == ring.constant(8)
    with pytest.raises(OverflowError, match="beyond"):
        ring.exponential(c.times(10**6))


def test_evaluate_gives_exact_numbers_or_nothing():
    ring = Ring(["x", "l"])
    x, log = ring.generators(("x", "l"))
    element = x * x + ring.exponential(log * x)
    assert evaluate(element, {"x": fmpq(3)}, {"l": fmpq(2)}) == 17
    assert evaluate(element, {"x": fmpq(1, 2)}, {"l": fmpq(2)}) is None
    assert evaluate(element + log, {"x": fmpq(3)}, {"l": fmpq(2)}) is None
    assert evaluate(ring.zero, {}, {}) == 0
    turned = {"x": gaussian(1, 2)}
    assert evaluate(x * x, turned, {}) == gaussian(-3, 4)
    assert evaluate(x * x + x.times(-2), turned, {}) == -5
    assert evaluate(x * log, turned, {}) is None


def _exact(values: str, letter: str) -> ExactMatrix:
    """The matrix that a counterexample names by a letter."""
    table = re.search(rf"\b{letter} = \[\[(.*?)\]\]", values)[1]
    return ExactMatrix.from_rows([row.split(", ") for row in table.split("], [")])


@pytest.mark.parametrize("d", [2, 3])
def test_a_weight_that_is_right_for_real_matrices_only_is_refuted_by_complex_ones(d):
    evidence = Identities()
    next(m for m in MUTATIONS if m.id == "B1-transpose").run(d, evidence)
    found = evidence.counterexample()
    R, y = (_exact(found.values, letter) for letter in ("R", "y"))
    assert _exact(found.values, "Rbar") == R.conjugate_transpose().transpose()
    assert not R.is_real()
    adjoint = R.conjugate_transpose()
    inverse = (R @ adjoint).inverse()
    good, bad = (y - y @ adjoint @ factor @ R for factor in (inverse, inverse.transpose()))
    assert (good @ adjoint).is_zero()  # the control: the formula itself, at the same values
    assert not (bad @ adjoint).is_zero()


def test_a_conjugate_is_told_from_its_number_and_nothing_true_is_refuted():
    ring = Ring(["z_11", "zbar_11"])
    ring.conjugates["zbar_11"] = "z_11"
    z, z_bar = (Matrix.generic(ring, letter, 1) for letter in ("z", "zbar"))
    assert find_counterexample("z = z*", z, z_bar) is not None
    assert find_counterexample("z·z* = z*·z", z @ z_bar, z_bar @ z) is None


@pytest.mark.parametrize("d", [1, 2, 3, 4])
def test_generic_inverse_and_its_wrong_sign(d):
    ring = Ring(entry_names("M", d))
    M = Matrix.generic(ring, "M", d)
    identity = Matrix.identity(ring, d)
    assert difference(M @ M.inverse(), identity).is_zero()
    assert not difference(M @ -M.inverse(), identity).is_zero()
    assert difference(M.inverse().inverse(), M).is_zero()
    assert difference(M.transpose().transpose(), M).is_zero()


def test_stacked_blocks_and_sizes():
    ring = Ring(entry_names("M", 2))
    M = Matrix.generic(ring, "M", 2)
    both = stack([[M, Matrix.zero(ring, 2, 1)], [M, Matrix.zero(ring, 2, 1)]])
    assert (both.height, both.width) == (4, 3)
    with pytest.raises(ValueError, match="widths"):
        M @ both
    assert isinstance(both.rows[0][0], Element)
