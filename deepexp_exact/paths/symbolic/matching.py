"""Which eigenvalue of K an entry of the branch record is about.

An exact Gaussian eigenvalue is looked up in the boxes; for one in radicals an enclosure is
narrowed until it is disjoint from every box but one.  Every answer is a proof, none a guess.
"""

from __future__ import annotations

from flint import acb, arb

from ...branches import BranchEntry, BranchRecord
from ...errors import BranchError
from ...exact import GaussianRational, gaussian
from ...precision import MoreBits, raise_until
from .algebra.radicals import Root, Surds
from .evaluation import with_precision

#: Highest precision, in bits, for telling two eigenvalues apart.
MAX_MATCH_BITS = 1 << 14
_REMEDY = "use the path ball or multiprecision"


def root_ball(root: Root, surds: Surds) -> acb:
    """An enclosure of an eigenvalue at the ball precision set; s is the principal root."""
    value = _ball(root.rational_part)
    if root.surd is not None:
        value += _ball(root.factor) * _ball(surds.radicands[root.surd]).sqrt()
    return value


def _ball(z: GaussianRational) -> acb:
    return acb(arb(z.re), arb(z.im))


def match_entries(roots: list[Root], surds: Surds, record: BranchRecord) -> list[BranchEntry]:
    """The record's entry of each eigenvalue: the one box it is not disjoint from.

    :class:`BranchError` if the record does not fit: a box without its eigenvalue, another
    multiplicity, or the wrong side of the cut."""
    misfit = BranchError("the branch record is of another problem", "make a record for this one")
    if len(roots) != len(record.entries):
        raise misfit
    found = []
    for root in roots:
        entry = _entry_of(root, surds, record)
        if entry is None or entry in found or entry.multiplicity != root.multiplicity:
            raise misfit
        if entry.on_negative_axis != on_negative_axis(root, surds):
            raise misfit
        found.append(entry)
    return found


def _entry_of(root: Root, surds: Surds, record: BranchRecord) -> BranchEntry | None:
    if root.surd is None:
        inside = [e for e in record.entries if e.box.contains(root.rational_part)]
        return inside[0] if len(inside) == 1 else None

    def attempt(bits: int) -> BranchEntry | None:
        value = with_precision(bits, lambda: root_ball(root, surds))
        near = [e for e in record.entries if not _disjoint(value, e)]
        if len(near) > 1:
            raise MoreBits("an eigenvalue meets two of them", bits)
        return near[0] if near else None

    words = "telling two boxes of the branch record apart needs"
    return raise_until(attempt, 64, MAX_MATCH_BITS, words, _REMEDY)


def _disjoint(value: acb, entry: BranchEntry) -> bool:
    box = entry.box
    return bool(
        value.real < arb(box.re_lo)
        or value.real > arb(box.re_hi)
        or value.imag < arb(box.im_lo)
        or value.imag > arb(box.im_hi)
    )


def on_negative_axis(root: Root, surds: Surds) -> bool:
    """Whether an eigenvalue is real and negative, decided exactly.

    A root of an irreducible quadratic over Q(i) is real only if the quadratic is (it shares the
    root with its conjugate), so the rational part, the factor and the radicand decide."""
    if root.surd is None:
        return bool(root.rational_part.is_real() and root.rational_part.re < 0)
    square = root.factor * root.factor * surds.radicands[root.surd]
    if not (root.rational_part.is_real() and square.is_real() and square.re > 0):
        return False
    # r + f·√m < 0 for real r and f·√m of known sign, by squares.
    positive = _positive_part(root, surds)
    r, s2 = root.rational_part.re, square.re
    if positive:
        return bool(r < 0 and r * r > s2)
    return bool(r < 0 or r * r < s2)


def _positive_part(root: Root, surds: Surds) -> bool:
    """The sign of factor·√radicand, a nonzero real number with the principal square root."""
    if root.surd is None:
        return False
    part = Root(gaussian(0), root.factor, root.surd, 1)

    def attempt(bits: int) -> bool:
        value = with_precision(bits, lambda: root_ball(part, surds)).real
        if not (value > 0 or value < 0):
            raise MoreBits("it is not told from 0", bits)
        return bool(value > 0)

    words = f"the sign of a multiple of √({surds.radicands[root.surd]}) needs"
    return raise_until(attempt, 64, MAX_MATCH_BITS, words, _REMEDY)
