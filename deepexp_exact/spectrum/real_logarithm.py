"""Whether a real matrix has a real logarithm, decided exactly, and the rational J that makes it.

Culver (*On the existence and uniqueness of the real logarithm of a matrix*, 1966): an invertible
real K has one exactly where every negative eigenvalue has an even number of Jordan blocks of each
size.  Pairing equal blocks, u ↦ v ↦ −u, gives a rational J that commutes with K, with J² = −I on
the components of the negative eigenvalues, and

    L = ½(L₊ + L₋) + π·J·Π,   L± with Log λ = log|λ| ± πi at negative λ,   Π = (L₊ − L₋)/(2πi),

is real: where Π projects onto the negative eigenvalues and L± are logarithms of K.
"""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

from flint import fmpq, fmpq_mat, fmpq_poly

from ..errors import BranchError, HypothesisError, clip
from ..exact import ExactMatrix
from . import spectrum
from .polynomials import Factor, factors

Vector = list[Any]


def real_structure(K: ExactMatrix) -> ExactMatrix | None:
    """J for a real K, d×d rational; None where no eigenvalue is negative and none is needed.

    Raises :class:`HypothesisError` where K is not real, or has no real logarithm, with the blocks
    that stand in its way."""
    if not K.is_real():
        raise HypothesisError("K is not real", "ask for a real logarithm of a real matrix")
    if not K.is_invertible():
        raise HypothesisError(
            f"K is singular: its rank is {K.rank()}, needed {K.rows}", "give an invertible matrix"
        )
    if not any(e.on_negative_axis for e in spectrum(K).eigenvalues):
        return None
    found = factors(K)
    negative = [f for f in found if negative_roots(f.parent)]
    for factor in negative:
        for size, count in sorted(Counter(factor.blocks).items()):
            if count % 2:
                root, plural = clip(str(factor.parent)), "s" * (count > 1)
                raise HypothesisError(
                    "no real logarithm exists (Culver): each negative eigenvalue that is a root of "
                    f"{root} has {count} Jordan block{plural} of size {size}, an odd number",
                    "ask for the principal logarithm, which is complex",
                )
    return _paired(K, found)


def require_structure(K: ExactMatrix, J: ExactMatrix | None) -> None:
    """Raise :class:`BranchError` unless J is what :func:`real_structure` may give: rational,
    J·K = K·J, J² = −I on the components of the negative eigenvalues and J = 0 on the others; None
    just where no eigenvalue is negative.

    With g the product of the powers of the irreducible factors that have negative roots, this is
    J³ = −J, g(K)·J = 0 and rank J = dim ker g(K): then the range of J is ker g(K), and its kernel,
    of the complementary dimension and mapped to itself by K, is the sum of the other components.
    Eigenspaces of J for ±i are conjugate, so that Jordan blocks of each size are even in number."""
    remedy = "make the record again from the problem"
    if not K.is_real():
        raise BranchError("a real logarithm of a K that is not real", remedy)
    if (J is not None) != any(e.on_negative_axis for e in spectrum(K).eigenvalues):
        raise BranchError("J goes with negative eigenvalues of K, and with no others", remedy)
    if J is None:
        return
    if not J.is_real() or J.rows != K.rows:
        raise BranchError("J is not a real matrix of K's size", remedy)
    if J @ K != K @ J:
        raise BranchError("J does not commute with K", remedy)
    rational = K.real_part
    g = _power(rational, 0)
    for factor in factors(K):
        if negative_roots(factor.parent):
            g = g * _power(_at(factor.parent, rational), factor.multiplicity)
    own = J.real_part
    square = own * own
    zero = fmpq_mat(K.rows, K.rows)
    if square * own + own != zero or g * own != zero or own.rank() != K.rows - g.rank():
        raise BranchError("J² is not −I where K has its negative eigenvalues, 0 elsewhere", remedy)


def negative_roots(p: fmpq_poly) -> int:
    """The number of distinct roots of p in (−∞, 0), by Sturm's theorem; p(0) ≠ 0."""
    chain = [p, p.derivative()]
    while chain[-1].degree() > 0:
        remainder = -(chain[-2] % chain[-1])
        if not remainder:
            break
        chain.append(remainder)

    def changes(values: list[Any]) -> int:
        signs = [v for v in values if v != 0]
        return sum((a < 0) != (b < 0) for a, b in itertools.pairwise(signs))

    far = [q.coeffs()[-1] * (-1) ** q.degree() for q in chain]
    return changes(far) - changes([q.coeffs()[0] for q in chain])


def _paired(K: ExactMatrix, found: list[Factor]) -> ExactMatrix:
    """J: pairs of generators of Q[K]-cyclic parts of equal size, mapped to each other."""
    d = K.rows
    A = K.real_part
    basis: list[Vector] = []
    images: list[Vector] = []
    for factor in found:
        if not negative_roots(factor.parent):
            power = _power(_at(factor.parent, A), factor.multiplicity)
            for v in _kernel(power):
                basis.append(v)
                images.append([fmpq(0)] * d)
            continue
        for u, v, size in _generators(A, factor):
            length = factor.parent.degree() * size
            for a, b in zip(_krylov(A, u, length), _krylov(A, v, length), strict=True):
                basis += [a, b]
                images += [b, [-x for x in a]]
    B, target = fmpq_mat(basis).transpose(), fmpq_mat(images).transpose()
    J = target * B.inv()
    return ExactMatrix.from_rows([[J[r, c] for c in range(d)] for r in range(d)])


def _generators(A: Any, factor: Factor) -> list[tuple[Vector, Vector, int]]:
    """Pairs of generators of the cyclic parts of one component, largest parts first: vectors of
    ker f^j whose images under f^(j−1) are independent of those chosen before."""
    f, degree = _at(factor.parent, A), factor.parent.degree()
    socle: list[Vector] = []
    pairs = []
    for size, count in sorted(Counter(factor.blocks).items(), reverse=True):
        below = _power(f, size - 1)
        chosen: list[Vector] = []
        for v in _kernel(below * f):
            if len(chosen) == count:
                break
            reach = _krylov(A, _apply(below, v), degree)
            if fmpq_mat(socle + reach).rank() == len(socle) + degree:
                socle += reach
                chosen.append(v)
        pairs += [(u, v, size) for u, v in zip(chosen[::2], chosen[1::2], strict=True)]
    return pairs


def _at(p: fmpq_poly, A: Any) -> Any:
    """p(A)."""
    d = A.nrows()
    out = fmpq_mat(d, d)
    for c in reversed(p.coeffs()):
        out = out * A
        for j in range(d):
            out[j, j] += c
    return out


def _power(A: Any, exponent: int) -> Any:
    d = A.nrows()
    out = fmpq_mat(d, d, [fmpq(int(r == c)) for r in range(d) for c in range(d)])
    for _ in range(exponent):
        out = out * A
    return out


def _apply(A: Any, v: Vector) -> Vector:
    return list((A * fmpq_mat(len(v), 1, v)).entries())


def _krylov(A: Any, v: Vector, length: int) -> list[Vector]:
    """v, A·v, A²·v, ..."""
    out = [v]
    while len(out) < length:
        out.append(_apply(A, out[-1]))
    return out


def _kernel(A: Any) -> list[Vector]:
    kernel = ExactMatrix.from_rows([list(row) for row in A.tolist()]).kernel()
    return [[kernel[r, c].re for r in range(kernel.rows)] for c in range(kernel.cols)]
