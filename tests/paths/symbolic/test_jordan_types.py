"""Jordan types and their functions."""

import pytest

from deepexp_exact.paths.symbolic.algebra import functions
from deepexp_exact.paths.symbolic.algebra.evidence import Identities
from deepexp_exact.paths.symbolic.algebra.jordan import (
    TYPE_COUNTS,
    JordanType,
    Toeplitz,
    count_jordan_types,
    jordan_types,
    partitions,
)
from deepexp_exact.paths.symbolic.algebra.matrices import Matrix, difference
from deepexp_exact.paths.symbolic.algebra.rings import Ring


@pytest.mark.parametrize("d", range(1, 7))
def test_the_types_are_counted_1_3_6_14_27_58(d):
    found = jordan_types(d)
    assert len(set(found)) == len(found) == TYPE_COUNTS[d - 1] == count_jordan_types(d)
    assert all(kind.d == d for kind in found)


def test_partition_numbers():
    assert [len(list(partitions(n))) for n in range(8)] == [1, 1, 2, 3, 5, 7, 11, 15]


def test_a_missing_or_doubled_type_is_noticed(monkeypatch):
    for wrong in (jordan_types(3)[:-1], jordan_types(3) + jordan_types(3)[:1]):
        monkeypatch.setattr(functions, "jordan_types", lambda d, wrong=wrong: wrong)
        evidence = Identities()
        functions.all_types(3, evidence)
        assert not evidence.holds


@pytest.mark.parametrize("kind", jordan_types(4), ids=str)
def test_a_jordan_form_has_the_ranks_of_its_type(kind):
    """rank (J − λ)^j counts the blocks of each size; eigenvalues 1, 2, 3, ... made distinct."""
    from deepexp_exact.exact import ExactMatrix, gaussian

    ring = Ring(["x"])
    values = [ring.constant(j + 1) for j in range(len(kind.partitions))]
    rows = Toeplitz.jordan(ring, kind, values).matrix().rows
    J = ExactMatrix.from_rows(
        [[gaussian(x.polynomial().to_dict().get((0,), 0)) for x in row] for row in rows]
    )
    for j, blocks in enumerate(kind.partitions):
        shifted = J.shift(gaussian(-j - 1))
        power = shifted
        for exponent in range(1, 5):
            assert 4 - power.rank() == sum(min(exponent, size) for size in blocks)
            power = power @ shifted


def test_blocks_sharing_an_eigenvalue_are_told_from_blocks_that_do_not():
    assert JordanType(((1, 1),)) != JordanType(((1,), (1,)))
    assert JordanType(((1, 1),)).blocks == ((0, 1), (0, 1))
    assert JordanType(((1,), (1,))).blocks == ((0, 1), (1, 1))


def test_toeplitz_arithmetic_is_matrix_arithmetic():
    ring = Ring(["a", "b"])
    a, b = ring.generators(("a", "b"))
    block = Toeplitz(ring, [[a, b, ring.one], [b]])
    full = block.matrix()
    identity = Matrix.identity(ring, 4)
    assert difference(block.scale(a).matrix(), full.scale(a)).is_zero()
    assert difference((-block).matrix(), -full).is_zero()
    assert difference(block.shift(b).matrix(), full + identity.scale(b)).is_zero()
