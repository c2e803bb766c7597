"""A branch record as a picture: the eigenvalues ℓ = Log λ + 2πi·k of L in the complex plane.

Horizontal strips of height 2π hold the values of one k each; that of the principal branch
(−π < Im ℓ ≤ π) is shaded.  Filled circles are simple eigenvalues, rings with a number are several
(the number counts them with multiplicity), squares lie on the negative axis, that is on the upper
edge of their strip.  Nothing is told by colour alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..branches import BranchEntry, BranchRecord
from .terminal import blocks_text
from .texts import escape

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


@dataclass(frozen=True)
class _Mark:
    """One mark: its place in pixels and the entries that share it."""

    x: float
    y: float
    entries: tuple[BranchEntry, ...]

    def svg(self) -> str:
        count = sum(entry.multiplicity for entry in self.entries)
        many = count > 1
        style = "many" if many else "dot"
        size = (7.5 if count < 10 else 9.5) if many else 4.0
        if any(entry.on_negative_axis for entry in self.entries):
            side = 2 * size
            shape = (
                f"<rect class='{style}' x='{self.x - size:.1f}' y='{self.y - size:.1f}' "
                f"width='{side:.1f}' height='{side:.1f}'/>"
            )
        else:
            shape = f"<circle class='{style}' cx='{self.x:.1f}' cy='{self.y:.1f}' r='{size}'/>"
        number = f"<text class='count' x='{self.x:.1f}' y='{self.y + 3.4:.1f}'>{count}</text>"
        title = escape("\n".join(map(told, self.entries)))
        return f"<g>{shape}{number if many else ''}<title>{title}</title></g>"


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

    def svg(self) -> list[str]:
        shaded = f"y='{self.y(1):.1f}' height='{self.y(-1) - self.y(1):.1f}'"
        out = [f"<rect class='principal' x='{LEFT}' width='{self.right - LEFT}' {shaded}/>"]
        edges = set()
        for k in self.strips():
            out.append(f"<text x='{self.right + 6}' y='{self.y(2 * k) + 4:.1f}'>k = {k}</text>")
            edges |= {2 * k - 1, 2 * k + 1}
        for edge in sorted(edges):
            y = self.y(edge)
            out.append(f"<path class='edge' d='M{LEFT} {y:.1f}H{self.right}'/>")
            out.append(f"<text x='{LEFT - 5}' y='{y + 4:.1f}' text-anchor='end'>{_pi(edge)}</text>")
        bottom = TOP + self.height
        out.append(f"<path class='axis' d='M{LEFT} {TOP}V{bottom:.1f}H{self.right}'/>")
        for tick in ticks(self.x_lo, self.x_hi):
            x = self.x(tick)
            out.append(f"<path class='axis' d='M{x:.1f} {bottom:.1f}v4'/>")
            out.append(
                f"<text x='{x:.1f}' y='{bottom + 15:.1f}' text-anchor='middle'>{tick:g}</text>"
            )
        if self.x_lo < 0 < self.x_hi:
            out.append(f"<path class='axis' d='M{self.x(0):.1f} {TOP}V{bottom:.1f}'/>")
        out.append(
            f"<text x='{(LEFT + self.right) / 2}' y='{bottom + 30:.1f}' text-anchor='middle'>"
            f"Re ℓ</text><text x='4' y='{TOP + 6}'>Im ℓ</text>"
        )
        return out


def log_plane(record: BranchRecord) -> str:
    """The picture as an ``svg`` element, with its words for those who do not see it."""
    entries = [part for entry in record.entries for part in entry.parts]
    plane = _Plane(entries)
    marks = "".join(mark.svg() for mark in _marks(plane, entries))
    height = plane.height + TOP + BOTTOM
    words = escape("; ".join(map(told, entries[:40])), quote=True)
    return (
        f"<svg class='plane' viewBox='0 0 {WIDTH} {height:.0f}' role='img' "
        f"aria-label='{words}'>{''.join(plane.svg())}{marks}</svg>"
    )


def _marks(plane: _Plane, entries: Sequence[BranchEntry]) -> list[_Mark]:
    """Eigenvalues on one spot share a mark if k and the question of the cut are the same."""
    out: list[_Mark] = []
    for entry in entries:
        x, y = plane.x(entry.re_log), plane.y(entry.im_over_pi)
        for j, mark in enumerate(out):
            first = mark.entries[0]
            alike = (first.k, first.on_negative_axis) == (entry.k, entry.on_negative_axis)
            if alike and math.hypot(mark.x - x, mark.y - y) < TOGETHER:
                out[j] = _Mark(mark.x, mark.y, (*mark.entries, entry))
                break
        else:
            out.append(_Mark(x, y, (entry,)))
    return out


def _pi(odd: int) -> str:
    sign, size = ("−" if odd < 0 else ""), abs(odd)
    return f"{sign}π" if size == 1 else f"{sign}{size}π"


def ticks(low: float, high: float) -> list[float]:
    """Between three and eight round numbers from low to high."""
    step = 10.0 ** math.floor(math.log10((high - low) / 3))
    step *= max((m for m in (1, 2, 5) if m * step <= (high - low) / 3), default=1)
    return [round(j * step, 12) for j in range(math.ceil(low / step), math.floor(high / step) + 1)]
