"""Records of a splitting are the same exactly where they differ in nothing that W1 depends on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flint import fmpq

from deepexp_exact.branches import BranchRecord
from deepexp_exact.constructions import CONSTRUCTIONS
from deepexp_exact.constructions.split.parameters import Root, SplitParameters
from deepexp_exact.exact import ExactMatrix, gaussian
from deepexp_exact.problems import Problem
from deepexp_exact.solving import records, solve

DIGITS = 25
#: 2π to 40 decimals.
TWO_PI = fmpq(62831853071795864769252867665590057683943, 10**40)


def problem() -> Problem:
    """D of rank 2 at d = 3."""
    X1, D, Y1, Y2 = map(
        ExactMatrix.from_rows,
        (
            [[2, 1, 0], [0, 3, 1], [1, 0, 1]],
            [[0, 1, 0], [0, 1, 2], [0, 0, 3]],
            [[1, 1, 0], [0, 1, 1], [0, 0, 1]],
            [[3, 2, 0], [0, 2, 1], [1, 0, 4]],
        ),
    )
    return Problem(X1, X1 + D, Y1, Y2)


def record_with(q: int) -> BranchRecord:
    """A splitting with a block of this size."""
    for record, _ in records(problem(), CONSTRUCTIONS["split"], "auto", 0, "principal"):
        given: Any = record.first_layer.parameters
        if given.q == q:
            return record
    raise AssertionError("no splitting of that size")


def changed(record: BranchRecord, **fields: Any) -> BranchRecord:
    given: Any = record.first_layer.parameters
    layer = replace(record.first_layer, parameters=replace(given, **fields))
    return replace(record, first_layer=layer)


def columns(basis: ExactMatrix, change: Any) -> ExactMatrix:
    return ExactMatrix.from_rows([change(list(row)) for row in basis.to_rows()])


def turned(given: SplitParameters, k: int) -> dict[str, Any]:
    """Integers + k and m − 2πi·k, in a square a little wider."""
    assert given.root is not None
    centre = given.root.centre - gaussian(0, k * TWO_PI)
    return {
        "integers": tuple(a + k for a in given.integers),
        "root": Root(centre, given.root.radius * fmpq(5, 4)),
    }


CHANGES: dict[str, tuple[Any, bool, tuple[int, ...]]] = {
    "s": (lambda g: {"s": g.s + fmpq(1, 3)}, True, (3,)),
    "scaled": (lambda g: {"basis": g.basis.scale(gaussian(fmpq(3, 2), -1))}, True, (2, 3)),
    "first column": (
        lambda g: {"basis": columns(g.basis, lambda row: [row[0] * 2 + row[1], *row[1:]])},
        True,
        (2,),
    ),
    "integers": (lambda g: turned(g, 1), True, (2, 3)),
    "other first column": (
        lambda g: {"basis": columns(g.basis, lambda row: [row[0] * 2 + row[1], *row[1:]])},
        False,
        (3,),
    ),
    "last column": (
        lambda g: {"basis": columns(g.basis, lambda row: [*row[:-1], row[-1] * 2 + row[0]])},
        False,
        (2, 3),
    ),
    "integers alone": (lambda g: {"integers": tuple(a + 1 for a in g.integers)}, False, (2, 3)),
}
CASES = [(name, q) for name, (_, _, sizes) in CHANGES.items() for q in sizes]


@pytest.mark.parametrize(("name", "q"), CASES)
def test_records_are_the_same_if_and_only_if_the_first_layers_are(name: str, q: int) -> None:
    change, same, _ = CHANGES[name]
    record = record_with(q)
    other = changed(record, **change(record.first_layer.parameters))
    assert other != record
    assert (record.same_branch(other) == []) is same is (other.same_branch(record) == [])
    if name == "integers alone":  # its square holds no root then
        return
    one, two = (solve(problem(), branch=r, digits=DIGITS, path="mpmath") for r in (record, other))
    apart = max(abs(x - y) for x, y in zip(one.W1, two.W1, strict=True))
    assert (apart < 10 ** (5 - DIGITS) * max(map(abs, one.W1))) is same


def test_a_reference_of_a_smaller_block_is_told_with_its_doubt() -> None:
    record = record_with(2)
    given: Any = record.first_layer.parameters
    told = record.same_branch(changed(record, s=given.s + fmpq(1, 3)))
    assert [text.startswith("s: ") and "may be the same" in text for text in told] == [True]
