"""Isolated complex roots of squarefree rational polynomials, however close together.

A quadratic has a formula.  Otherwise FLINT's simultaneous iteration, with a limit on its work; on
clusters it converges only linearly, and there the roots are eigenvalues of the companion matrix,
or, where QR too takes many steps of many bits, resolved one cluster within the other
(:mod:`clusters`), at a precision that is doubled until the discs |x − z| ≤ n·|q(z)/q'(z)|, each of
which holds a root, are disjoint (Henrici, *Applied and Computational Complex Analysis* I, section
6.4).  It ends: the roots are apart by at least √(3·|disc q|)·n^−(n+2)/2·‖q‖₂^(1−n) (Mahler 1964).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from flint import acb, acb_mat, acb_poly, arb, ctx, fmpq_poly

from ..errors import PrecisionCeilingError
from .clusters import clustered_roots
from .similarity import converging_steps

#: Ceiling, in bits, of the precision at which clusters are resolved.
MAX_BITS = 200_000
#: Bits below which FLINT's simultaneous iteration comes first.
_ITERATED = 256
#: Bits from which on linear convergence costs QR more than clusters within clusters.
_LINEAR = 4096


def isolated_roots(q: fmpq_poly, bits: int) -> list[Any]:
    """Disjoint balls (``acb``) of about ``bits`` bits, one about each root of a squarefree q; real
    roots have an exactly zero imaginary part.

    Raises :class:`PrecisionCeilingError` if :data:`MAX_BITS` bits do not isolate them."""
    if q[0] == 0 and q.degree() > 1:
        return [acb(0), *isolated_roots(q // fmpq_poly([0, 1]), bits)]
    with ctx.workprec(bits):
        if q.degree() == 1:
            return [acb(arb(-q[0] / q[1]))]
        if q.degree() == 2:
            return _quadratic(q, bits)
    return list(_isolated(tuple(q.coeffs()), bits))


def forget() -> None:
    """Forget the roots that are kept."""
    _isolated.cache_clear()


@lru_cache(maxsize=64)  # eigenvalues are compared two by two
def _isolated(coefficients: tuple[Any, ...], bits: int) -> tuple[Any, ...]:
    q = fmpq_poly(list(coefficients))
    found = None
    if bits < _ITERATED:
        found = _polished(q, bits, _iterated)
    else:  # Newton's method from what half the bits have isolated
        known = list(_isolated(coefficients, bits // 2))
        for work in _doubled(2 * bits):
            found = found or _polished(q, work, lambda _: known, bits)
    for work in _doubled(max(2 * bits, 256)):
        ways = (_companion, _clustered) if work < _LINEAR else (_clustered, _companion)
        for approximate in ways[: 1 + (work >= _LINEAR // 4)]:
            found = found or _polished(q, work, approximate, bits)
    if found is None:
        raise PrecisionCeilingError(
            f"two roots of a polynomial were not told apart with {MAX_BITS} bits",
            "round the entries to fewer digits: long ones put eigenvalues this close together",
        )
    return tuple(found)


def _doubled(start: int) -> Iterator[int]:
    """Precisions from ``start`` to the ceiling."""
    while start <= MAX_BITS:
        yield start
        start *= 2


def _quadratic(q: fmpq_poly, bits: int) -> list[Any]:
    """−b/2 ± √(b²/4 − c) at the precision that leaves ``bits`` bits in both roots."""
    half, product = -q[1] / (2 * q[2]), q[0] / q[2]
    square = half * half - product
    with ctx.workprec(bits + 32):
        root = arb(abs(square)).sqrt()
        if square < 0:
            return [acb(arb(half), -root), acb(arb(half), root)]
        large = arb(half) + root if half >= 0 else arb(half) - root
        if large.contains(0):  # half = 0 and both roots are ±√square
            return [acb(-root), acb(root)]
        small = arb(product) / large
        if not large.overlaps(small):
            return [acb(large), acb(small)]
    return _quadratic(q, 2 * bits + 32)


def _iterated(q: fmpq_poly) -> list[Any]:
    return list(acb_poly(q.numer()).roots(maxprec=ctx.prec))


def _clustered(q: fmpq_poly) -> list[Any]:
    return clustered_roots(acb_poly(q))


def _companion(q: fmpq_poly) -> list[Any]:
    """Eigenvalues of the companion matrix, balanced by a scale x = ρ·y that makes the product of
    its roots about 1."""
    n = int(q.degree())
    size = abs(arb(q[0] / q[n]))
    scale = arb(2) ** (size.log() / (n * arb(2).log())).mid().floor() if size > 0 else arb(1)
    entries = [arb(0)] * (n * n)
    for k in range(n):
        entries[k * n + n - 1] = arb(-q[k] / q[n]) / scale ** (n - k)
        if k:
            entries[k * n + k - 1] = arb(1)
    companion, steps = acb_mat(n, n, entries), converging_steps(n)
    return [z * scale for z in companion.eig(algorithm="approx", maxiter=steps)]


def _polished(
    q: fmpq_poly, work: int, approximate: Callable[[fmpq_poly], list[Any]], bits: int = 0
) -> list[Any] | None:
    """The approximate roots, refined by Newton's method, as balls proved to hold one root each."""
    bits = bits or work
    with ctx.workprec(work):
        try:
            roots = [z.mid() for z in approximate(q)]
        except (ValueError, ZeroDivisionError):
            return None
        n, poly = int(q.degree()), acb_poly(q)
        if len(roots) != n:
            return None
        slope = poly.derivative()
        balls = []
        for z in roots:
            radius = None
            for _ in range(work.bit_length() + 4):
                step = poly(z) / slope(z)
                if not step.is_finite():
                    return None
                radius = (n * abs(step)).upper()
                if radius <= abs(z).upper() * arb(2) ** -bits:
                    break
                z = (z - step).mid()
            balls.append(acb(arb(z.real.mid(), radius), arb(z.imag.mid(), radius)))
        if any(a.overlaps(b) for j, a in enumerate(balls) for b in balls[:j]):
            return None
        out = []
        for ball in balls:
            mirrored = [other for other in balls if other.overlaps(ball.conjugate())]
            if len(mirrored) != 1:
                return None  # a mirror image is a root too: which one is not seen yet
            # A ball that only meets its own mirror image holds a root that is its own.
            out.append(acb(ball.real) if mirrored[0] is ball else ball)
        return out
