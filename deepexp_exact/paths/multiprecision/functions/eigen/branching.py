"""The logarithms that a branch record prescribes for computed eigenvalues and blocks of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gmpy2
import numpy as np
import numpy.typing as npt
from gmpy2 import mpc, mpfr, mpq

from .....branches import BranchEntry, BranchRecord
from .....exact import fmpq_to_float
from .....spectrum import Box

Reals = npt.NDArray[np.float64]


class Unmatched(ArithmeticError):
    """Eigenvalues and record cannot be brought together; the text says why."""


def logarithms(
    record: BranchRecord, centres: Sequence[Any], sizes: Sequence[int], radii: Sequence[float]
) -> list[Any]:
    """ℓ = Log μ + 2πi·k for the centre μ of each block, at the current precision.

    ``sizes`` are the blocks' numbers of columns and ``radii`` bounds of the distance of their
    eigenvalues to the centre.  The side of the cut is the boxes': log(−μ) ± iπ where Re μ < 0.
    :class:`Unmatched` if a block's eigenvalues are not on one branch."""
    pi = gmpy2.const_pi()
    out = []
    for value, entries in zip(centres, _match(record, centres, sizes, radii), strict=True):
        turns = {2 * entry.k + (_side(entry) if value.real < 0 else 0) for entry in entries}
        if len(turns) > 1:
            raise Unmatched("eigenvalues that float64 cannot tell apart are on different branches")
        out.append(gmpy2.log(-value if value.real < 0 else value) + mpc(0, turns.pop() * pi))
    return out


def _side(entry: BranchEntry) -> int:
    """1 above the cut and on it, −1 below."""
    if entry.on_negative_axis or entry.box.im_lo > 0:
        return 1
    if entry.box.im_hi < 0:
        return -1
    raise Unmatched("a box to the left of 0 meets the real axis")


def _match(
    record: BranchRecord, centres: Sequence[Any], sizes: Sequence[int], radii: Sequence[float]
) -> list[list[BranchEntry]]:
    """The record's entries of each block: every entry belongs to one block, clearly to no other,
    and multiplicities add up to the blocks' sizes.

    Decided in float64 where that tells boxes apart, otherwise at the current precision."""
    boxes = [entry.box for entry in record.entries]
    size = max(float(abs(v)) for v in centres)
    edges = np.array(
        [[fmpq_to_float(e) for e in (b.re_lo, b.re_hi, b.im_lo, b.im_hi)] for b in boxes]
    )
    points = np.array([complex(v) for v in centres])
    re, im = points.real[:, None], points.imag[:, None]
    outside = np.maximum.reduce(
        [edges[:, 0] - re, re - edges[:, 1], edges[:, 2] - im, im - edges[:, 3]]
    )
    reach = np.array(radii)[:, None]
    found = _nearest(outside - reach, 1e-12 * size)
    if found is None:
        tolerance = max(2.0 ** (-gmpy2.get_context().precision / 2), 1e-290) * size
        found = _nearest(_distances(centres, boxes) - reach, tolerance)
    if found is None:
        raise Unmatched("eigenvalues cannot be matched with the boxes of the record")
    out: list[list[BranchEntry]] = [[] for _ in centres]
    for entry, block in zip(record.entries, found, strict=True):
        out[block].append(entry)
    if [sum(entry.multiplicity for entry in entries) for entries in out] != list(sizes):
        raise Unmatched("the multiplicities of the record do not fit the blocks of eigenvalues")
    return out


def _distances(values: Sequence[Any], boxes: Sequence[Box]) -> Reals:
    """How far each value is outside each box (maximum norm, negative inside), differences taken
    at the current precision."""
    edges = [
        [mpfr(mpq(int(e.p), int(e.q))) for e in (b.re_lo, b.re_hi, b.im_lo, b.im_hi)] for b in boxes
    ]
    return np.array(
        [
            [float(max(a - v.real, v.real - b, c - v.imag, v.imag - d)) for a, b, c, d in edges]
            for v in values
        ]
    )


def _nearest(outside: Reals, tolerance: float) -> list[int] | None:
    """For each column the one row within the tolerance, if every other is clearly farther away."""
    found = np.argmin(outside, axis=0)
    best = np.take_along_axis(outside, found[None, :], 0)[0]
    others = outside.copy()
    np.put_along_axis(others, found[None, :], np.inf, 0)
    if (best > tolerance).any() or (others <= 2 * tolerance).any():
        return None
    return [int(j) for j in found]
