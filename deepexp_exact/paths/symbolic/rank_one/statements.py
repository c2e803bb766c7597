"""T1, T2a and T2b in sympy, and wrong variants of them (proofs/theorem.md)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import Determinant, Identity, MatrixSymbol, Symbol, ZeroMatrix

from ..language import Check, d, equation, generic, square
from ..mutated import claim, let
from ..statements import A, K, one

B, P, Q, M = square("B P Q M")
p, q, r = (MatrixSymbol(name, 1, d) for name in ("p", "q", "r"))
v, w, x, y, z, w2 = (MatrixSymbol(name, d, 1) for name in ("v", "w", "x", "y", "z", "w2"))
e, k, sigma = Symbol("e"), Symbol("k"), Symbol("sigma")
#: s = r·z; e stands for e^s and k for another power of it.
s, rv = Determinant(r * z), Determinant(r * v)


def rank_one_exponential(power: Any, scalar: Any = s) -> Any:
    """exp(t·z·r) = I + ((power − 1)/s)·z·r, where power = e^(t·s)."""
    return one + (power - 1) / scalar * z * r


# T1, pair from a row.  exp(t·z·r) solves its differential equation: (z·r)·E(t) = e^(t·s)·z·r.
T1_EXPONENTIAL = Check(
    nonzero=(s,),
    claims=(equation(z * r * rank_one_exponential(e), e * z * r),),
    cases=generic(z, r),
)
# r1 = 0: W2 = A, and r2 = 0: W2 = B.
T1_ONE_ROW = Check(
    let={w: A * v, B: A + A * v * p},
    claims=(equation(A * (one + v * p), A + w * p),),
    cases=generic(A, v, p),
)
T1_OTHER_ROW = Check(
    let={w: B * v, A: B - B * v * p},
    claims=(equation(B * (one - v * p), B - w * p), equation(B * (one - v * p) + w * p, B)),
    cases=generic(B, v, p),
)
# r2 = ρ·r1: exp(−z·r1)·exp(ρ·z·r1) = exp((ρ − 1)·z·r1); e = e^s, k = e^(ρ·s).
T1_PARALLEL = Check(
    nonzero=(s, e),
    claims=(
        equation(
            rank_one_exponential(1 / e) * rank_one_exponential(k), rank_one_exponential(k / e)
        ),
    ),
    cases=generic(z, r),
)
# independent rows: e^(r1·z) = 1, and with z = σ·v, e^(r2·z) = 1 + r2·v: exp(z·r2) = I + v·r2.
T1_INDEPENDENT = Check(
    let={z: sigma * v},
    nonzero=(rv, sigma),
    claims=(equation(rank_one_exponential(1 + rv, sigma * rv), one + v * r),),
    cases=generic(v, r),
)

# T2a, pencil.  A·K = K·A + x·p + y·q, w = K⁻¹·x, w2 = −K⁻¹·y, B = A + w·p.
T2A_SIMILAR = Check(
    given={A * K: K * A + x * p + y * q},
    let={w: K**-1 * x, w2: -(K**-1) * y, B: A + w * p},
    nonzero=(Determinant(K),),
    claims=(equation(K**-1 * (A * K), A + w * p - w2 * q), equation(K**-1 * (A * K), B - w2 * q)),
    cases=generic(A, K, x, y, p, q),
)
# det(I + u·p) = 1 + p·u, which makes both characteristic polynomials of s − B those quotients.
T2A_DETERMINANT = Check(
    claims=(equation(Determinant(one + v * p), 1 + Determinant(p * v)),),
    cases=generic(v, p),
)
# Q commutes with B, p·Q = q, w = Q·w2: Q carries B − w2·q to B − w·p = A.
T2A_CARRIED = Check(
    given={Q * B: B * Q},
    let={q: p * Q, w: Q * w2},
    claims=(equation(Q * B - Q * w2 * q, (B - w * p) * Q),),
    cases=generic(B, Q, p, w2),
)

# T2b, 2d equations.  A row p that is cyclic for B tells the matrices that commute with B apart.
T2B_CYCLIC = Check(
    given={p * M: ZeroMatrix(1, d)},
    claims=(equation(p * M * B, ZeroMatrix(1, d)),),
    cases=generic(B, M, p),
)
T2B_COMMUTING = Check(
    given={B * M: M * B},
    claims=(equation(p * B * M, p * M * B),),
    cases=generic(B, M, p),
)
# P := Q·K⁻¹ is exp(A) and Q is exp(B): exp(−A)·exp(B) = P⁻¹·Q = K.
T2B_QUOTIENT = Check(
    let={P: Q * K**-1},
    nonzero=(Determinant(K), Determinant(Q)),
    claims=(equation(P * K, Q), equation(P * K * Q**-1, Identity(d))),
    cases=generic(Q, K),
)

STATEMENTS: dict[str, tuple[Check, ...]] = {
    "T1": (T1_EXPONENTIAL, T1_ONE_ROW, T1_OTHER_ROW, T1_PARALLEL, T1_INDEPENDENT),
    "T2a": (T2A_SIMILAR, T2A_DETERMINANT, T2A_CARRIED),
    "T2b": (T2B_QUOTIENT, T2B_COMMUTING, T2B_CYCLIC),
}

MUTATIONS: dict[str, tuple[int, Check]] = {
    "T1-growth": (1, claim(T1_EXPONENTIAL, z * r * rank_one_exponential(e), z * r)),
    "T1-sign": (1, claim(T1_OTHER_ROW, B * (one + v * p), B - w * p)),
    "T1-ratio": (
        1,
        claim(
            T1_PARALLEL,
            rank_one_exponential(1 / e) * rank_one_exponential(k),
            rank_one_exponential(k),
        ),
    ),
    "T1-turn": (
        1,
        replace(
            T1_INDEPENDENT,
            claims=(equation(rank_one_exponential(e, sigma * rv), one + v * r),),
        ),
    ),
    "T2a-left": (1, let(T2A_SIMILAR, w=x)),
    "T2a-determinant": (
        1,
        replace(
            T2A_DETERMINANT,
            claims=(equation(Determinant(one + v * p), 1 - Determinant(p * v)),),
        ),
    ),
    "T2a-order": (1, let(T2A_CARRIED, w=w2)),
    "T2b-order": (2, let(T2B_QUOTIENT, P=K**-1 * Q)),
    "T2b-cyclic": (
        1,
        replace(
            T2B_CYCLIC,
            given={},
            claims=(equation(p * M, ZeroMatrix(1, d)),),
        ),
    ),
}
