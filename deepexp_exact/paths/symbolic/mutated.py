"""Wrong variants of the sympy statements, by the IDs of the other engine's mutations.

Each gets one formula wrong or drops one hypothesis and has to be refuted by exact values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from sympy import Determinant, I, Integer, Matrix, Symbol, diag, eye, pi, zeros

from .deciding import Facts
from .language import Case, Check, Exp, d, equation, explicit, generic
from .statements import (
    B1_NORMAL_EQUATIONS,
    B1_RANK,
    BEST,
    E1,
    E2,
    N1,
    P1,
    P2,
    P3,
    P4_INVERTIBLE,
    P4_LOGARITHM,
    P5,
    P6,
    P7,
    W1,
    W2,
    W3,
    WIDE,
    X1,
    X2,
    X_OVER_RIGHT,
    X_OVER_Y,
    Y1,
    Y2,
    A,
    D,
    K,
    L,
    T,
    U,
    W,
    Y_right,
    Z,
    alpha,
    c,
    cross,
    elimination,
    f,
    gram,
    logarithms,
    one,
    w,
    zero,
)


def let(check: Check, **changed: Any) -> Check:
    """The check with other definitions of some symbols."""
    new = {s: changed.get(s.name, definition) for s, definition in check.let.items()}
    return replace(check, let=new)


def claim(check: Check, left: Any, right: Any) -> Check:
    return replace(check, claims=(equation(left, right),))


def explicit_case(
    values: Callable[[int], dict[Any, Matrix]], logs: str = "", **facts: Any
) -> Callable[[int], Iterator[Case]]:
    """One case of explicit matrices; the symbols ``logs`` stand for logarithms."""

    def cases(size: int) -> Iterator[Case]:
        known = Facts(logarithms=frozenset(map(Symbol, logs.split())), **facts)
        yield Case("explicit matrices", values(size), known, {d: size})

    return cases


def _scalar(name: str, size: int) -> Matrix:
    return Symbol(name) * eye(size)


def _generic(symbol: Any, size: int) -> Matrix:
    return explicit(symbol, {d: size})


_s = Symbol("s")
_SINGULAR = explicit_case(lambda n: {W: _generic(W, n), D: diag(*([1] * (n - 1)), 0)}, nonzero=(c,))
_NO_ALPHA = explicit_case(lambda n: {Z: _generic(Z, n), L: _generic(L, n)})
_EQUAL_EXPONENTIALS = explicit_case(lambda n: {Z: _scalar("z", n), L: _scalar("l", n)}, "z l")
_RANKS = explicit_case(
    lambda n: {
        W: _generic(W, n),
        X1: eye(n).row_join(zeros(n, n)),
        Y1: zeros(n, n).row_join(eye(n)),
    }
)
_ROWS = explicit_case(
    lambda n: {
        W1: eye(2), W2: Matrix([[0, 1], [0, 0]]), W3: diag(1, 0), X1: zeros(2, 2), X2: diag(0, _s),
        U: Matrix([[0, 0], [1, 0]]),
    },
    "s",
)  # fmt: skip
_LINEAR = explicit_case(
    lambda n: {W1: eye(n), W2: eye(n), W3: eye(n), X1: zeros(n, n), X2: eye(n), T: _generic(T, n)}
)
_HERMITIAN = explicit_case(
    lambda n: {gram: Matrix([[2, I], [-I, 2]]), cross: Matrix([[Symbol("y1"), Symbol("y2")]])}
)
_INNER = {Exp(W1 * X1): A, Exp(W1 * X2): T}
_DROPPED = explicit_case(
    lambda n: {
        W2: _scalar("w", n),
        W3: eye(n),
        A: _scalar("a1", n),
        T: _scalar("a2", n),
    },
    "w",
    nonzero=(Symbol("a1"), Symbol("a2")),
)

#: Mutation ID → (size, checks of which one has to be false).
MUTATIONS: dict[str, tuple[int, Check]] = {
    "P1-sign": (1, let(P1, W1=-c * D**-1)),
    "P1-factor": (1, let(P1, W1=c * Determinant(D) * D**-1)),
    "P1-singular": (2, Check((equation(W * D, c * one),), _SINGULAR)),
    "P2-factor": (1, claim(P2, Exp(W1 * X2), Exp(W1 * X1))),
    "P2-sign": (1, claim(P2, Exp(W1 * X2), -alpha * Exp(W1 * X1))),
    "P2-unrelated": (1, replace(P2, exponentials={})),
    "P3-sign": (1, claim(P3, Exp(W1 * X1) * A, one)),
    "P4-sign": (3, replace(P4_LOGARITHM, cases=logarithms(sign=1))),
    "P4-turn": (1, replace(P4_LOGARITHM, cases=logarithms(turn=pi * I))),
    "P4-order": (2, let(P4_INVERTIBLE, K=Y2 * Y1**-1)),
    "P4-singular": (
        1,
        Check((equation(Exp(L), zero),), explicit_case(lambda n: {L: _scalar("l", n)}, "l")),
    ),
    "P5-sign": (1, let(P5, Z=L / (1 - alpha))),
    "P5-factor": (1, let(P5, Z=L)),
    "P5-order": (2, let(P5, W2=A**-1 * Z)),
    "P5-alpha": (1, Check((equation((alpha - alpha) * Z, L),), _NO_ALPHA)),
    "P6-factor": (1, claim(P6, Exp(alpha * Z), K)),
    "P6-square": (1, claim(P6, Exp(alpha * Z), Exp(Z) * Exp(Z) * K)),
    "P6-alpha": (1, Check((equation(Exp(Z), Exp(Z) * Exp(L)),), _EQUAL_EXPONENTIALS)),
    "P7-sign": (1, let(P7, W3=-Y1 * Exp(-Z))),
    "P7-factor": (1, let(P7, W3=Y1)),
    "P7-order": (2, let(P7, W3=Exp(-Z) * Y1)),
    "B1-sign": (
        1,
        claim(B1_RANK, elimination(-BEST) * X_OVER_Y, X_OVER_RIGHT),
    ),
    "B1-always": (1, claim(B1_RANK, Y_right, WIDE)),
    "B1-weight": (1, let(B1_NORMAL_EQUATIONS, w=cross)),
    "B1-transpose": (
        2,
        replace(B1_NORMAL_EQUATIONS, let={w: cross * (gram**-1).T}, cases=_HERMITIAN),
    ),
    "B1-ranks": (1, Check((equation(W * X1, Y1),), _RANKS)),
    "N1-order": (2, let(N1, T=E2 * E1**-1)),
    "N1-rows": (2, Check((equation(Determinant(f(X1) + U * f(X2)), Integer(0)),), _ROWS)),
    "N1-linear": (1, Check((equation(W3 * W2 * W1 * X1 * T, W3 * W2 * W1 * X2),), _LINEAR)),
    "N2-dropped": (
        1,
        Check((equation(f(X1), f(X2)),), _DROPPED, _INNER),
    ),
    "N2-converse": (1, Check((equation(X1, X2),), generic(X1, X2))),
}
