"""A branch record as a picture: the eigenvalues ℓ = Log λ + 2πi·k of L in the complex plane.

Horizontal strips of height 2π hold the values of one k each; that of the principal branch
(−π < Im ℓ ≤ π) is shaded.  Filled circles are simple eigenvalues, rings with a number are several
(the number counts them with multiplicity), squares lie on the negative axis, that is on the upper
edge of their strip.  Nothing is told by colour alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..branches import BranchEntry, BranchRecord
from .pages import fragment
from .terminal import blocks_text

if TYPE_CHECKING:
    from markupsafe import Markup

#: Pixels: the whole picture's width, and the margins of the plane in it.
WIDTH, LEFT, RIGHT, TOP, BOTTOM = 400, 46, 48, 12, 34
#: Height of one strip, and most pixels of all of them together.
STRIP, TALLEST = 96, 420
#: At most so many strips are named.
NAMED = 12
#: Eigenvalues closer than this on paper share one mark.
TOGETHER = 3.0
CAPTION = (
    "ℓ = Log λ + 2πi·k in the complex plane, one strip for each k, the principal one (k = 0) "
    "shaded. Filled circle: simple eigenvalue; ring with a number: so many, counted with "
    "multiplicity; square: λ on the negative axis, hence on the upper edge of its strip."
)


def told(entry: BranchEntry) -> str:
    """One eigenvalue in words."""
    side = ", on the negative axis" if entry.on_negative_axis else ""
    return (
        f"λ = {entry.box}{side}, k = {entry.k}, blocks {blocks_text(entry.blocks)}, "
        f"ℓ = {entry.re_log:.6g} {'+' if entry.im_over_pi >= 0 else '−'} "
        f"{abs(entry.im_over_pi):.6g}πi"
    )


class _Plane:
    """The axes: from ℓ to pixels."""

    def __init__(self, entries: Sequence[BranchEntry]) -> None:
        xs = [entry.re_log for entry in entries]
        middle, half = (min(xs) + max(xs)) / 2, (max(xs) - min(xs)) / 2
        half = max(1.15 * half, 1.0)
        self.x_lo, self.x_hi = middle - half, middle + half
        ks = [*(entry.k for entry in entries), 0]
        self.k_lo, self.k_hi = min(ks), max(ks)
        # In units of π; a part of the neighbouring strips is seen too.
        self.y_lo, self.y_hi = 2 * self.k_lo - 1.5, 2 * self.k_hi + 1.5
        strips = (self.y_hi - self.y_lo) / 2
        self.height = min(strips * STRIP, TALLEST)
        self.right = WIDTH - RIGHT

    def x(self, re: float) -> float:
        return LEFT + (re - self.x_lo) / (self.x_hi - self.x_lo) * (self.right - LEFT)

    def y(self, im_over_pi: float) -> float:
        return TOP + (self.y_hi - im_over_pi) / (self.y_hi - self.y_lo) * self.height

    def strips(self) -> Iterable[int]:
        """The k of the strips that are named."""
        step = math.ceil((self.k_hi - self.k_lo + 1) / NAMED)
        return (k for k in range(self.k_lo, self.k_hi + 1) if k % step == 0)

    @property
    def principal(self) -> tuple[float, float]:
        """Top and height of the principal strip."""
        return _round(self.y(1)), _round(self.y(-1) - self.y(1))


def log_plane(record: BranchRecord) -> Markup:
    """The picture as an ``svg`` element, with its words for those who do not see it."""
    entries = [part for entry in record.entries for part in entry.parts]
    plane = _Plane(entries)
    edges = sorted({2 * k + side for k in plane.strips() for side in (-1, 1)})
    bottom = _round(TOP + plane.height)
    return fragment(
        "plane.svg",
        **{"width": WIDTH, "height": round(bottom + BOTTOM), "top": TOP, "bottom": bottom},
        **{"left": LEFT, "right": plane.right, "principal": plane.principal},
        words="; ".join(map(told, entries[:40])),
        strips=[(k, _round(plane.y(2 * k))) for k in plane.strips()],
        edges=[(_pi(edge), _round(plane.y(edge))) for edge in edges],
        ticks=[(f"{tick:g}", _round(plane.x(tick))) for tick in ticks(plane.x_lo, plane.x_hi)],
        zero=_round(plane.x(0)) if plane.x_lo < 0 < plane.x_hi else None,
        marks=[_mark(*found) for found in _places(plane, entries)],
    )


def _round(x: float) -> float:
    return round(x, 1)


def _mark(x: float, y: float, entries: Sequence[BranchEntry]) -> dict[str, Any]:
    """One mark: its place in pixels, its shape, and the entries that share it in words."""
    count = sum(entry.multiplicity for entry in entries)
    return {
        **{"x": _round(x), "y": _round(y), "count": count},
        "style": "many" if count > 1 else "dot",
        "size": 4.0 if count == 1 else 7.5 if count < 10 else 9.5,
        "square": any(entry.on_negative_axis for entry in entries),
        "title": "\n".join(map(told, entries)),
    }


def _places(
    plane: _Plane, entries: Sequence[BranchEntry]
) -> list[tuple[float, float, list[BranchEntry]]]:
    """Eigenvalues on one spot share a mark if k and the question of the cut are the same."""
    out: list[tuple[float, float, list[BranchEntry]]] = []
    for entry in entries:
        x, y = plane.x(entry.re_log), plane.y(entry.im_over_pi)
        for x0, y0, found in out:
            alike = (found[0].k, found[0].on_negative_axis) == (entry.k, entry.on_negative_axis)
            if alike and math.hypot(x0 - x, y0 - y) < TOGETHER:
                found.append(entry)
                break
        else:
            out.append((x, y, [entry]))
    return out


def _pi(odd: int) -> str:
    sign, size = ("−" if odd < 0 else ""), abs(odd)
    return f"{sign}π" if size == 1 else f"{sign}{size}π"


def ticks(low: float, high: float) -> list[float]:
    """Between three and eight round numbers from low to high."""
    step = 10.0 ** math.floor(math.log10((high - low) / 3))
    step *= max((m for m in (1, 2, 5) if m * step <= (high - low) / 3), default=1)
    return [round(j * step, 12) for j in range(math.ceil(low / step), math.floor(high / step) + 1)]
