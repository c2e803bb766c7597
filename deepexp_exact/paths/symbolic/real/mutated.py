"""Wrong variants of R1 to R3, R6 and R8 in sympy, by the IDs of the other engine's."""

from __future__ import annotations

from dataclasses import replace

from sympy import Integer, Matrix

from ..language import Check, Exp, equation
from ..mutated import claim, explicit_case, let
from ..statements import W1, W2, X1, X2, A, D, J, K, M, W, one
from .statements import PI, R1, R2, R3, R6_ROOT, R8, SKEW, B, E, a

MUTATIONS: dict[str, tuple[int, Check]] = {
    "R1-shift": (1, claim(R1, Exp(-SKEW) * Exp(B), K)),
    "R1-sign": (1, claim(R1, Exp(SKEW - a * one) * Exp(B), K)),
    "R2-order": (2, replace(let(R2, W2=E**-1 * A), claims=(equation(W2 * Exp(W1 * X1), A),))),
    "R3-order": (2, claim(R3, (one - W * X1) * (one + W * X2), one + D * W - W * X1 * W * X2)),
    "R6-root": (1, claim(R6_ROOT, Exp(M), Exp(M) * Exp(M))),
    "R8-sign": (2, claim(R8, J * J * PI, PI)),
    "R8-odd": (
        1,
        Check((equation(J * J, -one),), explicit_case(lambda n: {J: Matrix([[Integer(2)]])})),
    ),
}
