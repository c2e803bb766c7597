"""Approximate roots of a polynomial, however tight their clusters, by Newton polygons.

The edges of the upper convex hull of (k, log2 |c_k|) tell how many roots have which modulus (Bini,
Numer. Algorithms 13, 1996); scaled, each edge is a polynomial of its own whose roots are told apart
or meet in new clusters.  About the centre of one of m roots, where the derivative of order m − 1
vanishes, the polynomial is expanded anew, and its m smallest roots are found in the same way.
Nothing is proved here."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from flint import acb, acb_mat, acb_poly, arb, ctx, fmpz

#: Bits in which the polynomial of an edge is solved, and log2 of the relative distance within which
#: its roots are taken for one cluster.
_BITS, _NEAR = 256, -10.0
#: log2 of the quotient of moduli, over the degree, from which on edges are solved apart.
_APART = 12
#: Deepest clusters within clusters.
_DEPTH = 8


def clustered_roots(poly: Any) -> list[Any]:
    """Approximations at the current precision of all roots of an ``acb_poly``; ``ValueError`` where
    that does not resolve them."""
    return _smallest(poly, int(poly.degree()), _DEPTH)


def _log2(z: Any) -> float:
    """log2 |z| of a midpoint, −∞ for zero."""
    value = abs(z).mid()
    mantissa, exponent = (int(part) for part in value.man_exp())
    return math.log2(mantissa) + exponent if mantissa else -math.inf


def _edges(logs: list[float]) -> list[tuple[int, int]]:
    """The edges of the upper convex hull of (k, logs_k), those of nearly equal slopes joined."""
    hull: list[int] = []
    for k, size in enumerate(logs):
        if size == -math.inf:
            continue
        while len(hull) > 1 and (logs[hull[-1]] - logs[hull[-2]]) * (k - hull[-2]) <= (
            size - logs[hull[-2]]
        ) * (hull[-1] - hull[-2]):
            hull.pop()
        hull.append(k)
    out: list[tuple[int, int]] = []
    apart, before = _APART * (len(logs) - 1), math.inf
    for low, high in pairwise(hull):
        slope = (logs[low] - logs[high]) / (high - low)
        if out and slope - before < apart:
            low = out.pop()[0]
        out.append((low, high))
        before = slope
    return out


def _smallest(poly: Any, count: int, depth: int) -> list[Any]:
    """The ``count`` roots nearest to 0."""
    coefficients = [acb(0) if z.contains(0) else z.mid() for z in poly.coeffs()]
    logs = [_log2(z) for z in coefficients]
    first = next((k for k, size in enumerate(logs) if size > -math.inf), count)
    found: list[Any] = [acb(0)] * min(first, count)
    for low, high in _edges(logs):
        if len(found) >= count:
            break
        slope = (logs[low] - logs[high]) / (high - low)
        scale = arb((fmpz(1), fmpz(round(slope))))
        unit = arb((fmpz(1), fmpz(-round(logs[low]))))
        edge = [z * scale**k * unit for k, z in enumerate(coefficients[low : high + 1])]
        for centre, m in _groups(_companion(edge)):
            found += _near(poly, centre * scale, m, depth)
    return found[:count]


def _companion(c: list[Any]) -> list[Any]:
    """Eigenvalues of the companion matrix of Σ c_k·x^k."""
    n = len(c) - 1
    bits = _BITS + _APART * n * n
    with ctx.workprec(bits):
        rows = [[acb(int(i == j + 1)) for j in range(n)] for i in range(n)]
        for i in range(n):
            rows[i][n - 1] = -c[i] / c[n]
        return [z.mid() for z in acb_mat(rows).mid().eig(algorithm="approx", maxiter=30 * n + bits)]


def _groups(roots: list[Any]) -> list[tuple[Any, int]]:
    """Centres and sizes of clusters of roots of moduli about 1."""
    left, out = list(roots), []
    while left:
        group = [left.pop()]
        for z in group:
            close = [w for w in left if _log2(z - w) < _NEAR + max(_log2(z), -60.0)]
            left = [w for w in left if not any(w is c for c in close)]
            group += close
        out.append((sum(group, acb(0)) / len(group), len(group)))
    return out


def _near(poly: Any, start: Any, m: int, depth: int) -> list[Any]:
    """The m roots of the cluster about an approximate centre."""
    derived = poly
    for _ in range(m - 1):
        derived = derived.derivative()
    slope, z = derived.derivative(), start.mid()
    for _ in range(ctx.prec.bit_length() + 6):
        step = derived(z) / slope(z)
        if not step.is_finite():
            raise ZeroDivisionError
        z = (z - step.mid()).mid()
        if _log2(step.mid()) < _log2(z) - ctx.prec + 8:
            break
    if m == 1:
        return [z]
    if depth == 0:
        raise ValueError("the precision does not resolve a cluster")
    about = poly(acb_poly([z, 1]))
    return [(z + x).mid() for x in _smallest(about, m, depth - 1)]
