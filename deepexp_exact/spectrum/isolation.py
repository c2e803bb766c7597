"""Three methods for the eigenvalues: a prime that proves them simple, balls, exact polynomials."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cmp_to_key, lru_cache
from typing import Any

from flint import acb, acb_mat, acb_poly, arb, ctx, fmpq, fmpq_poly

from ..errors import PrecisionCeilingError
from ..exact import PRIMES, ExactMatrix, GaussianRational, Quotient
from .boxes import Box, Eigenvalue
from .charpoly import coefficient_bits
from .polynomials import (
    Factor,
    GaussianPoly,
    characteristic_polynomial,
    factors,
    rational_poly,
)
from .real_parts import equal_sums, mirror_line, on_line
from .roots import MAX_BITS, isolated_roots

#: Ceiling, in bits, for telling two real parts apart.
MAX_ORDER_BITS = 2_000_000
#: Bits of coefficients of a characteristic polynomial that take a second or two.
_SHORT = 16_000
#: Bits from which on real parts that still overlap are compared as sums of roots.
SUMS_FROM_BITS = 1024


# -------------------------------------------------------------------------- a prime


def squarefree_modulo_a_prime(Y1: ExactMatrix, Y2: ExactMatrix) -> int | None:
    """A prime modulo which χ_K is squarefree of full degree with χ_K(0) ≠ 0, or None.

    Such a prime proves that Y1 and Y2 are invertible and all eigenvalues of K are simple: the
    discriminant of χ_K, a p-integral number, is non-zero modulo p."""
    for p in PRIMES:
        left, right = Y1.modulo(p), Y2.modulo(p)
        if left is None or right is None:
            continue
        try:
            chi = left.solve(right).charpoly()
        except ZeroDivisionError:
            continue
        if chi[0] != 0 and chi.gcd(chi.derivative()).degree() == 0:
            return p
    return None


# -------------------------------------------------------------------------- balls


def ball_matrix(matrix: ExactMatrix) -> Any:
    """An ``acb_mat`` enclosure at the current precision, from exact rationals."""
    entries = [acb(arb(z.re), arb(z.im)) for z in matrix.entries()]
    return acb_mat(matrix.rows, matrix.cols, entries)


def _endpoint(value: Any) -> fmpq:
    mantissa, exponent = value.man_exp()
    m, e = int(mantissa), int(exponent)
    return fmpq(m << e) if e >= 0 else fmpq(m, 1 << -e)


def ball_box(z: Any) -> Box:
    """The exact box of a finite ``acb``."""
    sides = []
    for part in (z.real, z.imag):
        mid, rad = _endpoint(part.mid()), _endpoint(part.rad())
        sides += [mid - rad, mid + rad]
    return Box(*sides)


def by_balls(Y1: ExactMatrix, Y2: ExactMatrix, bits: int) -> tuple[list[Box], list[bool]] | None:
    """Tight boxes in order and on-axis flags of simple eigenvalues, or None if ``bits`` are too
    few to isolate them, to order their real parts or to tell them from the cut."""
    with ctx.workprec(bits):
        try:
            K = ball_matrix(Y1).solve(ball_matrix(Y2), algorithm="precond")
            values = K.eig(algorithm="rump")
        except (ValueError, ZeroDivisionError):
            return None
        if not all(z.is_finite() for z in values):
            return None
        boxes = [ball_box(z) for z in values]
    real = Y1.is_real() and Y2.is_real()
    if real:
        boxes = _symmetric(boxes)
    if len(boxes) != Y1.rows or not _disjoint(boxes):
        return None
    boxes.sort(key=lambda b: (b.re_lo, b.im_lo))
    for a, b in itertools.pairwise(boxes):
        if not a.re_hi < b.re_lo and not (real and a == b.mirror()):
            return None
    flags = []
    for box in boxes:
        if box.meets_cut() and (not real or box.contains_zero()):
            return None
        flags.append(box.meets_cut())
    return boxes, flags


def _disjoint(boxes: list[Box]) -> bool:
    return not any(a.overlaps(b) for j, a in enumerate(boxes) for b in boxes[:j])


def _symmetric(boxes: list[Box]) -> list[Box]:
    """Boxes of a real K: those that cross the real axis made symmetric, the others in pairs."""
    out = []
    for box in boxes:
        if box.im_lo > 0:
            out += [box, box.mirror()]
        elif box.im_hi >= 0:
            reach = max(-box.im_lo, box.im_hi)
            out.append(Box(box.re_lo, box.re_hi, -reach, reach))
    return out


# -------------------------------------------------------------------------- exact polynomials


@dataclass
class Root:
    """A root of a factor with its current enclosure."""

    box: Box
    factor: Factor
    real: bool

    @property
    def on_negative_axis(self) -> bool:
        return bool(self.real and self.box.re_hi < 0)


def by_polynomials(
    K: ExactMatrix, quotient: tuple[ExactMatrix, ExactMatrix] | None = None
) -> list[Root]:
    """All distinct eigenvalues of K with exact structure, ordered by (Re, Im); ``quotient``, if
    given, is (A, B) with K = A⁻¹·B."""
    parts = factors(K, quotient)
    bits = 128
    while True:
        roots = _roots(parts, bits)
        if roots is not None:
            try:
                return sorted(roots, key=cmp_to_key(_comparison(bits)))
            except _Undecided:
                pass
        bits *= 2
        if bits > MAX_ORDER_BITS:
            raise PrecisionCeilingError(
                f"two eigenvalues of K were not told apart with {MAX_ORDER_BITS} bits",
                "round the entries to fewer digits: long ones put eigenvalues this close together",
            )


def _roots(parts: list[Factor], bits: int) -> list[Root] | None:
    """Isolated roots with boxes off zero and (unless real) off the cut; None: more bits needed."""
    out = []
    for part in parts:
        for z in _roots_of(part.parent, bits):
            belongs = _is_root(part, z, bits)
            if belongs is None:
                return None
            if not belongs:
                continue
            real = bool(z.imag == 0)
            box = ball_box(z)
            if box.contains_zero() or (box.meets_cut() and not real):
                return None
            out.append(Root(box, part, real))
    return out if _disjoint([r.box for r in out]) else None


def _roots_of(q: fmpq_poly, bits: int) -> list[Any]:
    """Isolated roots of a q irreducible over Q; real ones have an exactly zero imaginary part."""
    return isolated_roots(q, bits)


def _is_root(part: Factor, z: Any, bits: int) -> bool | None:
    """Whether a root z of the parent is one of the factor; None if ``bits`` do not decide.

    The parent is the factor times a cofactor and squarefree, so exactly one vanishes at z."""
    cofactor = rational_poly(part.parent).divmod(part.poly)[0]
    if cofactor.degree == 0:
        return True
    with ctx.workprec(bits):
        if not evaluate_at_ball(part.poly, z).contains(0):
            return False
        return None if evaluate_at_ball(cofactor, z).contains(0) else True


def evaluate_at_ball(poly: GaussianPoly, z: Any) -> Any:
    """p(z) by Horner's rule in balls at the current precision."""
    out = acb(0)
    for c in reversed(poly.coefficients()):
        out = out * z + acb(arb(c.re), arb(c.im))
    return out


def refined_cheaply(eigenvalues: Sequence[Eigenvalue], K: Quotient) -> bool:
    """Whether :func:`eigenvalue_ball` has what it needs, or soon: the characteristic polynomial of
    long unrelated rationals takes a minute."""
    known = all(e.factor for e in eigenvalues)
    return known or coefficient_bits(K.left, K.right) <= _SHORT


def eigenvalue_ball(eigenvalue: Eigenvalue, K: Quotient, bits: int) -> Any:
    """The ball of an eigenvalue of K, to ``bits`` bits relative to it, however close to others.

    Raises ``ValueError`` if it is not isolated."""
    coefficients = eigenvalue.factor or _characteristic(K)
    found = _polished_root(coefficients, eigenvalue, bits)
    if found is not None:
        return found
    poly = GaussianPoly.from_coefficients(list(coefficients))
    norm = (poly * poly.conjugate()).re
    parent = norm if poly.im else poly.re
    with ctx.workprec(bits):
        squarefree = parent // parent.gcd(parent.derivative())
        hits = [z for z in _roots_of(squarefree, bits) if ball_box(z).overlaps(eigenvalue.box)]
    if len(hits) != 1:
        raise ValueError("the root is not isolated")
    return hits[0]


@lru_cache(maxsize=8)
def _characteristic(K: Quotient) -> tuple[GaussianRational, ...]:
    return characteristic_polynomial(K.matrix, (K.left, K.right)).coefficients()


def _polished_root(
    coefficients: Sequence[GaussianRational], eigenvalue: Eigenvalue, bits: int
) -> Any | None:
    """By Newton's method from the centre of the enclosure: some root lies within n·|q(z)/q'(z)| of
    z, and in the isolating box it is the one.  None where that is not seen."""
    n, real = len(coefficients) - 1, all(c.is_real() for c in coefficients)
    start, work = eigenvalue.enclosure.center, bits + 32
    if n == 1:
        with ctx.workprec(bits):
            return -acb(arb(coefficients[0].re), arb(coefficients[0].im))
    while work <= 8 * bits + MAX_BITS:
        with ctx.workprec(work):
            poly = acb_poly([acb(arb(c.re), arb(c.im)) for c in coefficients])
            slope, z = poly.derivative(), acb(arb(start.re), arb(start.im)).mid()
            for _ in range(work.bit_length() + 8):
                step = poly(z) / slope(z)
                radius = (n * abs(step)).upper()
                if not step.is_finite():
                    break
                if radius <= abs(z).lower() * arb(2) ** -bits:
                    # a disc that is its own mirror image holds a real root
                    imag = arb(z.imag.mid(), arb(0) if real and z.imag == 0 else radius)
                    ball = acb(arb(z.real.mid(), radius), imag)
                    return ball if eigenvalue.box.contains_box(ball_box(ball)) else None
                z = (z - step).mid()
        work *= 2
    return None


class _Undecided(Exception):
    """A comparison that needs more bits."""


def _comparison(bits: int) -> Callable[[Root, Root], int]:
    def compare(a: Root, b: Root) -> int:
        if a is b:
            return 0
        if a.box.re_hi < b.box.re_lo:
            return -1
        if b.box.re_hi < a.box.re_lo:
            return 1
        if not _same_real_part(a, b, bits):
            raise _Undecided
        if a.box.im_hi < b.box.im_lo:
            return -1
        if b.box.im_hi < a.box.im_lo:
            return 1
        raise _Undecided

    return compare


def _same_real_part(a: Root, b: Root, bits: int) -> bool:
    """Whether overlapping real parts are certainly equal; False may also mean too few bits."""
    p, q = a.factor.parent, b.factor.parent
    boxes_p, boxes_q = (
        [ball_box(z) for z in _roots_of(poly, bits)] if poly.degree() > 1 else [root.box]
        for poly, root in ((p, a), (q, b))
    )
    image = b.box.mirror()
    if p == q and [box for box in boxes_p if box.overlaps(image)] == [a.box]:
        return True  # conjugates: the mirror image of b's root is a root of the same polynomial
    line = mirror_line(p)
    if line is not None and line == mirror_line(q):
        mirrored = on_line(a.box, line, boxes_p) and on_line(b.box, line, boxes_q)
        if mirrored:
            return True
    return bits >= SUMS_FROM_BITS and equal_sums(p, q, a.box, b.box, bits)
