"""Proved eigenvectors of a matrix whose eigenvalues are known, entry by entry.

Eigenvectors come from inverse iteration with the known eigenvalues (Ipsen, *Computing an
eigenvector with inverse iteration*, SIAM Review 39, 1997): one system for each, where QR takes ten
times as much and loses what eigenvalues 10^±5000 leave of the precision.  The proof bounds entries
rather than norms, so that columns of very different sizes and gaps do not spoil each other
(M-matrix bounds as in Rump & Zemke, *On eigenvector bounds*, BIT 43, 2003).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import acb, acb_mat, arb, arb_mat, ctx

from ....spectrum.similarity import inverse_iteration
from . import enclosures as en
from .eigen import EnclosedEigenvectors

#: Attempts to find bounds, and −log2 of what makes each of them positive.
_ATTEMPTS, _FLOOR = 6, 2_000_000


def decompose_known(K: Any, values: list[Any]) -> EnclosedEigenvectors | None:
    """P·diag(λ)·P⁻¹ of the one matrix in the ball matrix K (d×d) whose eigenvalues, all simple,
    are those in ``values``, one in each; None where the precision does not show it.

    R, approximate eigenvectors, and S ≈ R⁻¹ are exact; T = S·K·R, G = I − S·R.  If S and R are
    invertible, x = R·(e_j + y) with y_j = 0 is an eigenvector for λ_j whenever, for i ≠ j,

        M_ii·y_i = −M_ij − Σ_{k≠i,j} M_ik·y_k,   M = S·(K − λ_j)·R = T − λ_j·(I − G),

    and this has one solution where the system without row and column j is non-singular: M is
    singular, and v_j ≠ 0 in its null vector v, since the rest of v would solve that system.  Any
    u > 0 with |M_ij| + Σ |M_ik|·u_k < |M_ii|·u_i shows both that it is (diagonally dominant in the
    scale u) and that |y| ≤ u (Brouwer).

    So S·(K − λ_j)·P·e_j = 0 for P = R·(I + Y), |Y| ≤ u.  S·P = (I − G)·(I + Y) = I − U, and any
    W > |U|·(I + W) shows that I − U is non-singular, hence S and R, and that P⁻¹ = (I − U)⁻¹·S lies
    in (I ± W)·S."""
    d = len(values)
    R = inverse_iteration(K.mid(), values)
    if R is None:
        return None
    try:
        S = R.solve(en.identity(d), algorithm="approx").mid()
    except ZeroDivisionError:
        return None
    if not en.all_finite(S):
        return None
    G = en.identity(d) - S * R
    T = S * (K * R)
    Y = _moved(T, G, values)
    W = None if Y is None else _unsettled(G, Y)
    if Y is None or W is None:
        return None
    P = R + R * _balls(Y)
    return EnclosedEigenvectors(tuple(values), P, S + _balls(W) * S)


def _moved(T: Any, G: Any, values: list[Any]) -> Any | None:
    """u, column j for λ_j, with |M_ik| ≤ |T_ik| + |λ_j|·|G_ik| for k ≠ j; None without bounds."""
    d, t, g = len(values), T.entries(), G.entries()
    off = [i != j for i in range(d) for j in range(d)]
    lams = [values[k % d] for k in range(d * d)]
    one = arb(1)
    near, gaps = [], []
    for k, apart in enumerate(off):
        diagonal = t[k // d * (d + 1)] - lams[k] * (1 - g[k // d * (d + 1)])
        near.append((t[k] + lams[k] * g[k]).abs_upper() if apart else arb(0))
        gaps.append(diagonal.abs_lower() if apart else one)
    if not all(gap > 0 for gap in gaps):
        return None
    with ctx.workprec(en.NORM_BITS):
        M = arb_mat(d, d, [z.abs_upper() if o else arb(0) for z, o in zip(t, off, strict=True)])
        N = arb_mat(d, d, [z.abs_upper() if o else arb(0) for z, o in zip(g, off, strict=True)])
        sizes = [z.abs_upper() for z in lams]

        def step(u: Any) -> list[Any]:
            rows = zip(near, (M * u).entries(), sizes, (N * u).entries(), gaps, off, strict=True)
            return [(f + m + s * n) / gap * int(o) for f, m, s, n, gap, o in rows]

        return _fixed(step, d, off)


def _unsettled(G: Any, Y: Any) -> Any | None:
    """W ≥ |U|·(I + W) for U = G − Y + G·Y, Y any matrix of these sizes; None without bounds."""
    d = G.nrows()
    with ctx.workprec(en.NORM_BITS):
        g = arb_mat(d, d, [z.abs_upper() for z in G.entries()])
        U = g + Y + g * Y
        return _fixed(lambda W: (U + U * W).entries(), d, [True] * (d * d))


def _fixed(step: Callable[[Any], list[Any]], d: int, places: list[bool]) -> Any | None:
    """An exact u > 0 in these places, 0 elsewhere, with step(u) < u there; None where four
    attempts find none."""
    floor = en.power_of_two(-_FLOOR)
    u = arb_mat(d, d)
    for _ in range(_ATTEMPTS):
        found = step(u)
        if not all(z.is_finite() for z in found):
            return None
        if all(not p or z < x for z, x, p in zip(found, u.entries(), places, strict=True)):
            return u
        u = arb_mat(
            d,
            d,
            [(2 * z + floor).upper() if p else arb(0) for z, p in zip(found, places, strict=True)],
        )
    return None


def _balls(bounds: Any) -> Any:
    """The matrices with entries of at most these sizes."""
    d = bounds.nrows()
    return acb_mat(d, d, [acb(arb(0, r), arb(0, r)) for r in bounds.entries()])
