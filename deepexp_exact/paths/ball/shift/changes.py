"""Residuals of stored weights from their distances to the exact ones, in float64 with proved radii.

The identities and bounds are those of :func:`perturbation.evaluate_near`; all first-order terms are
linear in the changes, which are handed over times 2^scale, so that nothing leaves float64's range.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from flint import acb, arb

from ....precision import MoreBits
from ..functions import enclosures as en
from ..functions.rough import Numbers, Rough, divided_exponentials

#: 2^−this stands in for smaller factors of second-order terms.
_SMALLEST = 900


class Scalars(Protocol):
    """c, α, and enclosures of the eigenvalues m of W1·X1 and z of Z."""

    @property
    def c(self) -> Any: ...
    @property
    def alpha(self) -> Any: ...
    @property
    def m(self) -> list[Any]: ...
    @property
    def z(self) -> list[Any]: ...


@dataclass(frozen=True)
class Layers:
    """W1·X1 = P·diag(m)·S and Z = Q·diag(z)·T with S = P⁻¹, T = Q⁻¹, and the data."""

    P: Rough
    S: Rough
    Q: Rough
    T: Rough
    D: Rough
    Y1: Rough
    Y2: Rough
    scalars: Scalars

    @property
    def condition(self) -> Any:
        """An upper bound of ‖Q‖·‖Q⁻¹‖."""
        return arb(self.Q.norm * self.T.norm).upper()


@dataclass(frozen=True)
class Bounds:
    """Upper bounds for exact weights near those of a record (exact ``arb``): of the relative
    residuals, of ‖(α − 1)·W2·exp(W1·X1) − L‖, and of the relative residual of the first layer."""

    residuals: tuple[Any, Any]
    logarithm: Any
    layer: Any


def bounds(layers: Layers, changes: tuple[Rough, Rough, Rough], scale: int) -> Bounds:
    """The bounds for weights that differ by ``changes``·2^−scale.

    Raises :class:`MoreBits` where the changes are not small."""
    P, S, Q, T = layers.P, layers.S, layers.Q, layers.T
    E1, E2, E3 = changes
    c, alpha, m, z = (getattr(layers.scalars, name) for name in ("c", "alpha", "m", "z"))
    tiny = 2.0 ** -min(scale, _SMALLEST)
    nodes, exp_m = Numbers.of(m), [value.exp() for value in m]
    base, C = S @ (E1 @ (layers.D @ P)), T @ (E2 @ P)
    mixed, back = S @ Q, T @ P
    fixed = back.rows_scaled(Numbers.of(z)).columns_scaled(Numbers.of([1 / x for x in exp_m]))
    third = E3 @ Q
    fourth = (layers.Y1 @ Q).columns_scaled(Numbers.of([(-x).exp() for x in z]))
    residuals, moved, inner = [], [], []
    for factor, shift, Y in ((acb(1), acb(0), layers.Y1), (alpha, c, layers.Y2)):
        images = Numbers.of([x * factor for x in exp_m])
        phi = base.columns_scaled(Numbers.of([(x + shift) / c for x in m]))
        G = _exponential(divided_exponentials(nodes, images), images, phi, tiny)
        inner.append(G)
        psi = (C.columns_scaled(images) + fixed @ G).widened(C.norm * G.norm * tiny) @ mixed
        moved.append(psi)
        points = [x * factor for x in z]
        outer = Numbers.of([x.exp() for x in points])
        H = _exponential(divided_exponentials(Numbers.of(points), outer), outer, psi, tiny)
        change = third.columns_scaled(outer) + fourth @ H
        change = change.widened(third.norm * H.norm * tiny) @ T
        residuals.append(_ratio(change.norm, Y.norm_lower, scale))
    size = Numbers.of([alpha])
    d = len(m)
    scaled = inner[0].times(Numbers(size.mid.repeat(d), size.error.repeat(d)))
    layer = P @ (inner[1] - scaled) @ S
    A = (
        P.columns_scaled(Numbers.of([x * alpha for x in exp_m])).widened(
            P.norm * scaled.norm * tiny
        )
        @ S
    )
    logarithm = _ratio((Q @ moved[0] @ T).norm, 1.0, scale) * (alpha - 1).abs_upper()
    return Bounds(
        (residuals[0], residuals[1]), logarithm.upper(), _ratio(layer.norm, A.norm_lower, scale)
    )


def _exponential(table: Numbers, images: Numbers, change: Rough, tiny: float) -> Rough:
    """(exp(diag(x) + Φ·t) − exp(diag(x)))/t for every Φ in ``change`` and 0 < t ≤ tiny: the first
    order, and at most max |exp(x)|·t·‖Φ‖²·e^(t‖Φ‖)/2 beyond (:mod:`proving.perturbation`)."""
    size = change.norm
    if not size * tiny < 1:
        raise MoreBits("the weights are too coarse for a perturbation bound")
    return change.times(table).widened(2 * images.size * size * size * tiny)


def _ratio(top: float, bottom: float, scale: int) -> Any:
    """An upper bound of top/bottom·2^−scale."""
    return en.quotient(arb(top), arb(bottom) * en.power_of_two(scale))
