"""Exact decision whether two eigenvalues have the same real part.

An eigenvalue λ is a root of an irreducible rational polynomial q.  If Re λ = a is rational, q is
symmetric under x ↦ 2a − x, for λ̄ = 2a − λ is a common root of q(x) and q(2a − x); conversely a
root of such a q lies on the line Re x = a as soon as its box holds its own mirror image.  An
irrational 2·Re λ = λ + λ̄ is a root of the polynomial of all sums of two roots; two such numbers
in an interval on which the squarefree product of their polynomials is monotonic are equal.
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import Any

from flint import arb, ctx, fmpq, fmpq_poly

from .boxes import Box


def mirror_line(q: fmpq_poly) -> fmpq | None:
    """The rational a with q(2a − x) = ±q(x), or None."""
    degree = int(q.degree())
    centre = -q[degree - 1] / (degree * q[degree])
    moved = q(fmpq_poly([centre, 1]))
    odd = [moved[k] for k in range(degree - 1, -1, -2)]
    return centre if all(c == 0 for c in odd) else None


def on_line(box: Box, line: fmpq, siblings: list[Box]) -> bool:
    """Whether the root in ``box`` of a polynomial symmetric about Re x = line lies on that line.

    ``siblings`` are disjoint boxes of all its roots, ``box`` among them.  The mirror image of the
    root is a root too; if only ``box`` itself meets the mirrored box, it is the root itself."""
    image = Box(2 * line - box.re_hi, 2 * line - box.re_lo, box.im_lo, box.im_hi)
    return [other for other in siblings if other.overlaps(image)] == [box]


@lru_cache(maxsize=64)
def pair_sums(coefficients: tuple[fmpq, ...]) -> fmpq_poly:
    """The squarefree polynomial with the roots α_i + α_j (i ≤ j) of a polynomial's roots α.

    By Newton's identities; the sums' k-th power sum is ½(Σ_m C(k, m)·p_m·p_(k−m) + 2^k·p_k) with
    p_m the power sums of the α's."""
    degree = len(coefficients) - 1
    monic = [c / coefficients[-1] for c in reversed(coefficients)]
    count = degree * (degree + 1) // 2
    powers = [fmpq(degree)]
    for k in range(1, count + 1):
        rest = sum((monic[m] * powers[k - m] for m in range(1, min(k - 1, degree) + 1)), fmpq(0))
        powers.append(-rest - (k * monic[k] if k <= degree else 0))
    sums, binomials = [fmpq(count)], [1]
    for k in range(1, count + 1):
        binomials = [1, *map(sum, itertools.pairwise(binomials)), 1]
        ordered = sum((c * powers[m] * powers[k - m] for m, c in enumerate(binomials)), fmpq(0))
        sums.append((ordered + 2**k * powers[k]) / 2)
    out = [fmpq(1)]
    for k in range(1, count + 1):
        out.append(-sum((sums[m] * out[k - m] for m in range(1, k + 1)), fmpq(0)) / k)
    poly = fmpq_poly(out[::-1])
    return poly // poly.gcd(poly.derivative())


def equal_sums(p: fmpq_poly, q: fmpq_poly, a: Box, b: Box, bits: int) -> bool:
    """Whether 2·Re λ_a = 2·Re λ_b is certain for roots λ_a of p and λ_b of q in these boxes."""
    first, second = (pair_sums(tuple(poly.coeffs())) for poly in (p, q))
    joint = first * (second // first.gcd(second))
    lo, hi = 2 * min(a.re_lo, b.re_lo), 2 * max(a.re_hi, b.re_hi)
    with ctx.workprec(bits):
        return not evaluate(joint.derivative(), arb(lo).union(arb(hi))).contains(0)


def evaluate(poly: fmpq_poly, x: Any) -> Any:
    """p(x) for a real ball x at the current precision."""
    out = arb(0)
    for c in reversed(poly.coeffs()):
        out = out * x + arb(c)
    return out
