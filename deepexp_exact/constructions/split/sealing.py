"""From a candidate in float64 to exact parameters: dyadic basis, circle, square of the root."""

from __future__ import annotations

import math

from flint import acb, arb, ctx

from ...exact import ExactMatrix
from .parameters import Root, SplitParameters, dyadic, dyadic_complex
from .search import Candidate

#: Bits of the radius of the circle, where the eigenvalues leave room and where they do not.
_RADIUS_BITS, _NARROW_BITS, _NARROW = 9, 41, 1.05
#: Exponents k tried for the half side 2^−k·|m| of the square.
_EXPONENTS = range(10, 46, 4)


def seal(candidate: Candidate) -> SplitParameters | None:
    """Exact parameters for a candidate, or None where its root cannot be isolated in float64."""
    root = None
    if candidate.q and candidate.rank is None:
        root = isolate(candidate.m, candidate.integers, candidate.c, candidate.log_det)
        if root is None:
            return None
    bits = _RADIUS_BITS if candidate.gap > _NARROW else _NARROW_BITS
    rows = [[dyadic_complex(complex(z)) for z in row] for row in candidate.basis]
    return SplitParameters(
        exchanged=candidate.exchanged,
        s=candidate.s,
        q=candidate.q,
        rho=None if candidate.rho is None else dyadic(candidate.rho, bits),
        basis=ExactMatrix.from_rows(rows) if candidate.q else ExactMatrix.zero(len(rows), 0),
        integers=candidate.integers,
        root=root,
        rank=candidate.rank,
    )


def isolate(m: complex, integers: tuple[int, ...], c: complex, log_det: complex) -> Root | None:
    """A square about m in which interval Newton finds one root of Π τ_j/μ_j = det C1, μ_j = m +
    2πi·a_j, τ_j = μ_j + c, allowing for float64's errors in c and log det C1.

    The largest of a few sizes that works: a path has to find it again with its own arithmetic."""
    size = abs(m) if m else 1.0
    centre = acb(m.real, m.imag)
    blur = 1e-8 * abs(log_det) + 1e-15
    target = acb(log_det.real, log_det.imag) + acb(arb(0, blur), arb(0, blur))
    scale = acb(c.real, c.imag)
    with ctx.workprec(128):
        for k in _EXPONENTS:
            radius = math.ldexp(size, -k)
            if _newton_stays(centre, radius, integers, scale, target):
                return Root(dyadic_complex(m), dyadic(radius))
    return None


def _newton_stays(
    centre: acb, radius: float, integers: tuple[int, ...], c: acb, log_det: acb
) -> bool:
    """Whether N(box) = m − g(m)/g'(box) lies in the interior of the box, for
    g(m) = Σ log(1 + c/μ_j) − log det C1 up to a multiple of 2πi, as exp(g) − 1."""
    box = centre + acb(arb(0, radius), arb(0, radius))
    value, _ = _equation(centre, integers, c)
    defect = value * (-log_det).exp() - 1
    product, slope = _equation(box, integers, c)
    derivative = product * (-log_det).exp() * slope
    if not abs(derivative) > 0:
        return False
    return bool(box.contains_interior(centre - defect / derivative))


def _equation(m: acb, integers: tuple[int, ...], c: acb) -> tuple[acb, acb]:
    """Π τ_j/μ_j and its logarithmic derivative."""
    product, slope = acb(1), acb(0)
    for a in integers:
        mu = m + acb(0, 2 * a) * acb.pi()
        product, slope = product * (mu + c) / mu, slope - c / (mu * (mu + c))
    return product, slope
