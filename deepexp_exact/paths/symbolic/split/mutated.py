"""Wrong variants of N3, S1 to S3 and Q0 to Q7' in sympy, by the IDs of the other engine's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sympy import BlockMatrix, Determinant, I, Integer, Matrix, Symbol, diag, pi

from ..completion import statements as completion
from ..completion.statements import S2_PRODUCT, S3
from ..language import Case, Check, Exp, d, equation, explicit
from ..mutated import claim, explicit_case, let
from ..statements import (
    E1,
    E2,
    G11,
    I11,
    I22,
    N3_BLOCK,
    Q22,
    W1,
    X1,
    X2,
    Z12,
    Z21,
    T,
    U,
    c,
    one,
)
from . import statements as split
from .statements import PI, Q0, Q1, Q2, Q3, Q4, Q5P, Q7_BLOCK, F, H, epsilon, g

_NU = {Symbol("nu"): epsilon}


def _scalar_exponential(form: Matrix) -> Check:
    """exp(T) = ε·I for a T that is not as Q7 requires."""
    turns: dict[Any, Any] = {2 * pi * I * split.integer: Integer(1)}
    cases = explicit_case(lambda n: {T: form}, exponentials={**_NU, **turns}, nonzero=(epsilon,))
    return Check((equation(Exp(T), epsilon * one),), cases)


_ALONE = explicit_case(lambda n: {T: explicit(T, {d: n}), X1: diag(1, 0), X2: diag(0, 1)})
_PLUS = explicit_case(
    lambda n: {U: explicit(U, {d: n}), F: diag(-1, Symbol("phi")), PI: diag(1, 0)}
)
_ADJOINT = explicit_case(lambda n: {completion.C2: Matrix([[0, 1]]), completion.S: Matrix([1, 0])})
_NILPOTENT = explicit_case(lambda n: {T: Matrix([[0, 1], [0, 0]])})


def _reversed_pivots(size: int) -> Iterator[Case]:
    """Q4 with the pivots in the reverse order, wrong from size 2 on."""
    for case in split.triangular(size):
        pivots = [Symbol(f"g{size - j}") for j in range(size)]
        yield Case(case.words, {**case.values, split.PIVOTS: diag(*pivots)}, sizes=case.sizes)


_NO_SCHUR = equation(
    BlockMatrix([[g * split.ONE, split.k], [split.h, split.SCHUR]]),
    split.eliminated(split.h, split.k, split.SCHUR),
)

MUTATIONS: dict[str, tuple[int, Check]] = {
    "N3-sign": (
        1,
        claim(
            N3_BLOCK,
            BlockMatrix([[I11, Z12]]) * E1 * E2 * BlockMatrix([[I11], [Z21]]),
            -G11,
        ),
    ),
    "N3-corner": (
        2,
        claim(
            N3_BLOCK,
            BlockMatrix([[Z21, I22]]) * E1 * E2 * BlockMatrix([[Z12], [I22]]),
            Q22,
        ),
    ),
    "S1-always": (1, claim(completion.S1, completion.BELOW, completion.NOTHING)),
    "S1-ranks": (2, Check((equation(X1 * T, X2),), _ALONE)),
    "S2-sign": (
        1,
        claim(
            S2_PRODUCT, completion.C1 - completion.C1 * completion.S * completion.R, completion.C2
        ),
    ),
    "S2-factor": (1, let(S2_PRODUCT, R=completion.C2 - completion.C1)),
    "S3-columns": (
        2,
        replace(
            S3,
            claims=(equation(completion.C1 * completion.E, completion.C_J),),
            cases=completion.first_columns,
        ),
    ),
    "S3-adjoint": (
        2,
        Check(
            (equation(Symbol("u") * Determinant(completion.C2 * completion.S), Integer(1)),),
            _ADJOINT,
        ),
    ),
    "Q0-sign": (1, claim(Q0, X2, split.Xs * (one - (1 - split.s) * F))),
    "Q1-plus": (2, Check((equation((F + PI) * U, one),), _PLUS)),
    "Q1-projector": (1, let(Q1, V=split.B * split.M1 * split.Y + c * H**-1)),
    "Q2-projector": (
        1,
        claim(
            Q2,
            Exp(split.B * split.T1 * split.Y + split.N),
            split.B * Exp(split.T1) * split.Y + Exp(split.N),
        ),
    ),
    "Q3-factor": (1, claim(Q3, Exp(W1 * X2), Exp(W1 * X1))),
    "Q4-order": (2, replace(Q4, claims=(Q4.claims[-1],), cases=_reversed_pivots)),
    "Q5-stage": (2, let(split.Q5_STAGE, V=split.basis(split.S * split.x))),
    "Q5-schur": (2, replace(split.Q5_ELIMINATION, claims=(_NO_SCHUR,))),
    "Q5'-schur": (2, replace(Q5P, claims=(split.factored(split.SCHUR),))),
    "Q7-order": (2, let(Q7_BLOCK, C1=split.B2 * split.B1**-1)),
    "Q7-equal": (2, _scalar_exponential(Matrix([[split.nu, 1], [0, split.nu]]))),
    "Q7-integer": (2, _scalar_exponential(diag(split.nu, split.nu + pi * I * split.integer))),
    "Q7'-sign": (2, replace(split.Q7P_SIMILAR, claims=(split.similar(split.T11**-1 * split.T12),))),
    "Q7'-zero": (2, Check((equation(Exp(T), one),), _NILPOTENT)),
}
