"""A basis in which a matrix whose entries are far larger than its eigenvalues becomes small.

Osborne's balancing (J. ACM 7, 1960) alternates with the unitary similarity Q*·A·Q, A·Π = Q·R with
column pivoting, which shows it the grading: the numerically nilpotent part of A then lies in a few
rows, as in the staircase algorithm (Golub & Wilkinson, SIAM Review 18, 1976).  Only midpoints are
used; whoever uses the basis V encloses V⁻¹·A·V himself, so that a poor V costs time or precision,
never the truth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from flint import acb, acb_mat, arb, ctx, fmpz

#: log2 of a largest entry that needs no smaller one, and of one that a diagonal V has to do for.
_SMALL, _LARGE = 8.0, 64.0
#: log2 of sizes that are never too large, and of a radius that leaves exp no correct bit.
_BEYOND = 64.0
#: Most unitary steps.
_STEPS = 24


def _log2(z: Any) -> float:
    """log2 |z| of a midpoint, −∞ for zero and ∞ for what is no finite number."""
    value = abs(z).mid()
    if not value.is_finite():
        return math.inf
    mantissa, exponent = (int(part) for part in value.man_exp())
    if not mantissa or abs(exponent) > 2**60:
        return math.inf if mantissa and exponent > 0 else -math.inf
    return math.log2(mantissa) + exponent


def _osborne(logs: list[list[float]]) -> list[int]:
    """Integers e for which every logs_ij − e_i + e_j is small; rows and columns below 0 are left
    alone."""
    d = len(logs)
    e = [0] * d
    for _ in range(40 * d):
        moved = 0
        for i in range(d):
            others = [j for j in range(d) if j != i]
            row = max(0.0, *(logs[i][j] + e[j] - e[i] for j in others))
            column = max(0.0, *(logs[j][i] + e[i] - e[j] for j in others))
            step = round((row - column) / 2)
            e[i] += step
            moved = max(moved, abs(step))
        if moved <= 1:
            break
    return e


def reducing_basis(A: acb_mat) -> acb_mat | None:
    """An exact invertible V with V⁻¹·A·V much smaller than A, as the current precision shows it;
    None where A is small or no such V was found."""
    d = A.nrows()
    mean = sum((A[i, i] for i in range(d)), acb(0)) / d  # a scalar would hide what is nilpotent
    B = (A - acb_mat(d, d, [mean if k % (d + 1) == 0 else 0 for k in range(d * d)])).mid()
    before = best = _largest(B)
    if d == 1 or not _SMALL < before < math.inf:
        return None
    V, kept = acb_mat(d, d, [int(i == j) for i in range(d) for j in range(d)]), None
    idle = 0
    for _ in range(_STEPS):
        flat = [_log2(z) for z in B.entries()]
        e = _osborne([flat[i * d : (i + 1) * d] for i in range(d)])
        B = _entrywise(B, lambda i, j, e=e: e[j] - e[i])  # type: ignore[misc]
        V = _entrywise(V, lambda _, j, e=e: e[j])  # type: ignore[misc]
        size = _largest(B)
        if size < best - 4:
            best, kept, idle = size, V, 0
        elif (idle := idle + 1) > d:  # a row of what is nilpotent may show in every step alone
            break
        if size < _LARGE:
            break
        Q = _unitary(B)
        B, V = (Q.conjugate().transpose() * B * Q).mid(), (V * Q).mid()
    return kept if best < before - _SMALL else None


def _largest(matrix: acb_mat) -> float:
    return max(_log2(z) for z in matrix.entries())


def _entrywise(matrix: acb_mat, exponent: Callable[[int, int], int]) -> acb_mat:
    """matrix_ij·2^exponent(i, j), exactly."""
    d, one = matrix.nrows(), fmpz(1)
    entries = [
        z * arb((one, fmpz(exponent(k // d, k % d)))) for k, z in enumerate(matrix.entries())
    ]
    return acb_mat(d, d, entries)


def _unitary(matrix: acb_mat) -> acb_mat:
    """Q of a QR factorisation with column pivoting, nearly unitary: Gram and Schmidt's method,
    twice (Giraud, Langou & Rozložník 2005).  Beyond the rank, unit vectors take the columns'
    place."""
    d, flat = matrix.nrows(), matrix.entries()
    left = [acb_mat(d, 1, flat[j::d]) for j in range(d)]
    floor = max(_square(column) for column in left) * arb(2) ** (-ctx.prec)
    found: list[acb_mat] = []
    while len(found) < d:
        sizes = [_square(column) for column in left]
        at = max(range(len(left)), key=sizes.__getitem__)
        if not sizes[at] > floor:
            left, floor = [acb_mat(d, 1, [int(i == j) for i in range(d)]) for j in range(d)], arb(0)
            left = [_orthogonal(column, found) for column in left]
            continue
        column = _orthogonal(left.pop(at), found)
        q = (column * acb(1 / _square(column).sqrt())).mid()
        found.append(q)
        left = [_orthogonal(other, [q]) for other in left]
    columns = [q.entries() for q in found]
    return acb_mat(d, d, [columns[k % d][k // d] for k in range(d * d)])


def _orthogonal(column: acb_mat, found: list[acb_mat]) -> acb_mat:
    """The column less its parts along orthonormal vectors."""
    for _ in range(2):
        for q in found:
            column = (column - q * (q.conjugate().transpose() * column)[0, 0].mid()).mid()
    return column


def _square(column: acb_mat) -> arb:
    return (column.conjugate().transpose() * column)[0, 0].real.mid()


def converging_steps(d: int) -> int:
    """Steps of FLINT's QR algorithm in which clusters, where it converges linearly, have converged
    too.  With its default number, bits/10, it ends before, and does not say so."""
    return 30 * d + ctx.prec


def inverse_iteration(A: acb_mat, values: Sequence[acb]) -> acb_mat | None:
    """Approximate eigenvectors of an exact A for approximate simple eigenvalues, as columns with a
    largest entry of 1: one system each, for a start that no eigenvector is known to be orthogonal
    to (Ipsen, SIAM Review 39, 1997); None where one has no solution."""
    d = A.nrows()
    start = acb_mat(d, 1, [acb(arb(3 + j).sqrt().mid(), arb(2 + j).log().mid()) for j in range(d)])
    columns = [_near_null(A, value.mid(), start) for value in values]
    if not all(columns):
        return None
    return acb_mat(d, d, [columns[k % d][k // d] for k in range(d * d)])


def _near_null(A: acb_mat, value: acb, start: acb_mat) -> list[acb]:
    """(A − λ')⁻¹·start over its largest entry, λ' off λ by a few last bits of it, or of A where the
    pivots are lost in these; empty where there is none."""
    d, tiny = A.nrows(), arb(2) ** (16 - ctx.prec)
    largest = max((abs(z).mid() for z in A.entries()), key=lambda size: size)
    for off in (value * tiny, acb(largest * tiny), value * tiny.sqrt()):
        shift = (value + off).mid()
        shifted = acb_mat(
            d, d, [z - shift if k % (d + 1) == 0 else z for k, z in enumerate(A.entries())]
        )
        try:
            x = shifted.mid().solve(start, algorithm="approx").mid().entries()
        except ZeroDivisionError:
            continue
        top = max((abs(z).mid() for z in x), key=lambda size: size)
        if top.is_finite() and top > 0:
            return [(z / top).mid() for z in x]
    return []


def in_basis(A: acb_mat, V: acb_mat) -> tuple[acb_mat, acb_mat] | None:
    """Enclosures of V⁻¹·A·V and of V⁻¹; None where the precision does not hold them."""
    d = V.nrows()
    one = acb_mat(d, d, [int(i == j) for i in range(d) for j in range(d)])
    try:
        inverse = V.solve(one, algorithm="precond")
    except ZeroDivisionError:
        return None
    B = inverse * A * V
    return (B, inverse) if all(z.is_finite() for z in B.entries()) else None


def reduced(A: acb_mat) -> tuple[acb_mat, tuple[acb_mat, acb_mat] | None]:
    """B = V⁻¹·A·V and (V, V⁻¹) in enclosures where B is much smaller than A; A and None
    otherwise."""
    V = reducing_basis(A)
    found = None if V is None else in_basis(A, V)
    if V is None or found is None or not _upper(found[0]) < _upper(A) - 4:
        return A, None
    return found[0], (V, found[1])


def beyond_exponential(B: acb_mat, most: float = math.inf) -> bool:
    """Whether exp of the enclosure would have no correct bit, or of none in it the right one: every
    squaring that its size takes could cost four bits, its radius is beyond 2^64, or the spectral
    radius of all in it beyond 2^most, which it ought not to exceed."""
    size = _upper(B)
    if size <= _BEYOND or size == math.inf:
        return False
    if size > max(ctx.prec / 4, _BEYOND) or _upper(B - B.mid()) > _BEYOND:
        return True
    return most < math.inf and spectral_growth(B) > most


def spectral_growth(A: acb_mat) -> float:
    """log2 of a lower bound |tr A^k|/d ≤ ρ(A)^k, k ≤ d, of the spectral radius of every matrix in
    the enclosure, seen in a basis where they are small; −∞ where nothing is known."""
    B = reduced(A)[0]
    d, power, best = B.nrows(), B, -math.inf
    for k in range(1, d + 1):
        trace = sum((power[i, i] for i in range(d)), acb(0))
        low = trace.abs_lower() / d if trace.is_finite() else arb(0)
        best = max(best, _log2(low) / k)
        power = power * B
    return best


def _upper(matrix: acb_mat) -> float:
    """log2 of an upper bound of the largest modulus of an entry."""
    return max(_log2(z.abs_upper()) for z in matrix.entries())
