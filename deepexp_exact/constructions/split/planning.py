"""What exact arithmetic decides about a splitting: the reference X_s, and a set of eigenvalues of
F = X_s⁻¹·D that may form the block, for every regular pencil with X1 ≠ X2 (statement Q8).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from flint import fmpq

from ...errors import HypothesisError
from ...exact import PRIMES, ExactMatrix, gaussian, hstack

#: References tried first, and those for an X1 so ill-conditioned that the others see one cluster.
FIRST_REFERENCES = (fmpq(0), fmpq(1), fmpq(1, 2), fmpq(2), fmpq(-1))
NEAR_REFERENCES = (fmpq(1, 10**3), fmpq(1, 10**6), fmpq(1, 10**10))


@dataclass(frozen=True)
class Plan:
    """The block that always exists, beside which the search may borrow eigenvalues.

    ``exchanged``: W1 is computed with X1 and X2 in each other's place and −c.  ``s``: X_s = X1 +
    s·D is invertible.  ``q``: size of the rational block.  ``rank``: of C1 = A1⁻¹·A2 on it if that
    is singular.  ``basis``: an exact basis [block | rest], None if the block is everything."""

    exchanged: bool
    s: fmpq
    q: int
    rank: int | None
    basis: ExactMatrix | None


def reference(X1: ExactMatrix, D: ExactMatrix, s: fmpq) -> ExactMatrix:
    """X_s = X1 + s·D."""
    return X1 + D.scale(gaussian(s))


def normalised(*matrices: ExactMatrix) -> list[ExactMatrix]:
    """The matrices times one power of two that brings their largest entry near 1."""
    parts = [part for M in matrices for z in M.entries() for part in (z.re, z.im) if part != 0]
    sizes = [int(x.p).bit_length() - int(x.q).bit_length() for x in parts]
    top = max(sizes, default=0)
    factor = fmpq(1, 2**top) if top > 0 else fmpq(2**-top)
    return [M.scale(gaussian(factor)) for M in matrices]


def references(d: int) -> Iterator[fmpq]:
    """d + 1 and more values of s: one of them makes X_s invertible if the pencil is regular."""
    yield from FIRST_REFERENCES
    yield from (fmpq(k) for k in range(3, d + 3))


def regular_references(X1: ExactMatrix, D: ExactMatrix) -> list[fmpq]:
    """The first few of :func:`references` with X_s invertible; none says that det(X1 + z·D)
    vanishes identically, being a polynomial of degree at most d."""
    regular = (s for s in references(D.rows) if reference(X1, D, s).is_invertible())
    return list(islice(regular, len(FIRST_REFERENCES)))


def pencil_rank(X1: ExactMatrix, D: ExactMatrix) -> int:
    """The rank of X1 + z·D over the rational functions of z: its largest value at d + 1 places."""
    return max(reference(X1, D, s).rank() for s in references(D.rows))


def require_regular(X1: ExactMatrix, X2: ExactMatrix) -> list[fmpq]:
    """The usable references if the pencil is regular and X1 ≠ X2; else :class:`HypothesisError`."""
    D = X2 - X1
    if D.is_zero():
        raise HypothesisError("X1 = X2", "give two different inputs")
    usable = regular_references(X1, D)
    if not usable:
        raise HypothesisError(
            f"the pencil X1 + z·D is singular: its rank is {pencil_rank(X1, D)}, needed {D.rows}",
            "change X1 or X2 so that X1 + z·(X2 − X1) is invertible for some z",
        )
    return usable


def zeros_of(X1: ExactMatrix, D: ExactMatrix, s: fmpq) -> tuple[int, bool]:
    """The dimension of the generalised kernel of F = X_s⁻¹·D, and whether F is not zero on it; by a
    prime where one serves.

    A prime errs with a probability of about 2^−60; that would cost the search a block, never an
    answer."""
    d = D.rows
    Xs = reference(X1, D, s)
    for p in PRIMES:
        left, right = Xs.modulo(p), D.modulo(p)
        if left is None or right is None or left.rank() < d:
            continue
        F = left.solve(right)
        return d - int((F**d).rank()), bool(F.rank() != (F * F).rank())
    F = Xs.solve(D)
    return d - _power(F, d).rank(), F.rank() != (F @ F).rank()


def rational_blocks(X1: ExactMatrix, X2: ExactMatrix) -> Iterator[Plan]:
    """Blocks that need no algebraic number, for a regular pencil with D singular and not zero
    (statement Q8); :class:`HypothesisError` for a singular pencil or D = 0.

    One is enough where it is small or everything; where X1, X2 and D are all singular, it is all
    but the eigenvalue φ = 1/s, and s is made smaller until that is the largest."""
    s = require_regular(X1, X2)[0]
    D = X2 - X1
    d = D.rows
    F = reference(X1, D, s).solve(D)
    if F.rank() != (F @ F).rank():  # a nilpotent part that is not zero: it is enough
        power = _power(F, d)
        kernel = power.kernel()
        whole = kernel.cols == d
        yield Plan(False, s, kernel.cols, None, None if whole else hstack(kernel, power.range()))
    first, second = X1.is_invertible(), X2.is_invertible()
    if first or second:
        rank = None if first and second else (X2 if first else X1).rank()
        yield Plan(not first, fmpq(0), d, rank, None)
        return
    for s in (fmpq(1, 4**k) for k in range(1, 12)):
        if reference(X1, D, s).is_invertible():
            F = reference(X1, D, s).solve(D)
            power = _power(ExactMatrix.identity(d) - F.scale(gaussian(s)), d)
            block = power.range()
            q = block.cols
            yield Plan(False, s, q, q - (d - X2.rank()), hstack(block, power.kernel()))


def _power(matrix: ExactMatrix, least: int) -> ExactMatrix:
    """A power of the matrix with an exponent of at least ``least``: from the d-th on all have the
    same kernel and range."""
    out, exponent = matrix, 1
    while exponent < least:
        out, exponent = out @ out, 2 * exponent
    return out
