"""float64 matrices with a proved radius in the Frobenius norm, for quantities of which a few
digits are enough.

Radii hold because every operation adds a bound of its own rounding: |fl(A·B) − A·B| ≤ γ·|A|·|B|
for every order of summation (Higham, *Accuracy and Stability of Numerical Algorithms*, sections
3.5 and 3.6; complex products and those by three real ones included, section 23.2.4), and every
bound computed here is multiplied by 1 + 2^−24, which covers the rounding of its own evaluation
(Rump, "Verification methods", *Acta Numerica* 2010, section 9).  Nothing here underflows or
overflows unnoticed: an infinity or a NaN stays one in the radius, and TINY covers underflow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import ctx

from . import enclosures as en
from .fixed import Near

#: Covers the rounding of a bound's own evaluation, and underflow (that of squares in a norm too).
_UP, TINY = 1 + 2.0**-24, 1e-140
#: Relative error of one elementary operation on complex numbers, amply.
_UNIT = 2.0**-50


def norm(matrix: Any) -> float:
    """An upper bound of the Frobenius norm of a float64 matrix."""
    return _root(matrix) * _UP + TINY


def _root(matrix: Any) -> float:
    """The Frobenius norm as float64 has it (quicker than ``numpy.linalg.norm``)."""
    return math.sqrt(np.vdot(matrix, matrix).real)


def upper(value: Any) -> float:
    """A float that is at least an ``arb``."""
    with ctx.workprec(en.NORM_BITS):
        return float(value.upper()) * _UP + TINY


@dataclass(frozen=True)
class Numbers:
    """Complex numbers, each within its own ``error`` of ``mid``."""

    mid: Any
    error: Any

    @classmethod
    def of(cls, balls: Sequence[Any]) -> Numbers:
        """float64's midpoints of ``acb``."""
        mid = np.array([complex(z) for z in balls])
        radii = np.array([float(z.real.rad()) + float(z.imag.rad()) for z in balls])
        return cls(mid, (radii * _UP + np.abs(mid) * _UNIT) + TINY)

    @property
    def size(self) -> float:
        return float((np.abs(self.mid) + self.error).max()) * _UP


@dataclass(frozen=True)
class Rough:
    """Every matrix within the Frobenius distance ``radius`` of ``mid``."""

    mid: Any
    radius: float

    @classmethod
    def of_floats(cls, matrix: Any, exponent: int) -> Rough:
        """What :meth:`Fixed.floats` returned of an exact matrix."""
        mid = np.ldexp(matrix.real, exponent) + 1j * np.ldexp(matrix.imag, exponent)
        return cls(mid, norm(mid) * _UNIT * _UP + TINY)

    @classmethod
    def of(cls, near: Near, exponent: int = 0) -> Rough:
        """A matrix in fixed point over 2^exponent."""
        mid, scale = near.mid.floats()
        made = cls.of_floats(mid, scale - exponent)
        with ctx.workprec(en.NORM_BITS):
            return made.widened(upper(near.radius * en.power_of_two(-exponent)))

    @property
    def norm(self) -> float:
        """An upper bound."""
        return (norm(self.mid) + self.radius) * _UP

    @property
    def norm_lower(self) -> float:
        return max(0.0, _root(self.mid) / _UP - self.radius * _UP)

    def __matmul__(self, other: Rough) -> Rough:
        mid = self.mid @ other.mid
        gamma = (len(other.mid) + 8) * _UNIT
        a, b = norm(self.mid), norm(other.mid)
        reach = a * other.radius + self.radius * (b + other.radius) + gamma * a * b
        return Rough(mid, reach * _UP + TINY)

    def __add__(self, other: Rough) -> Rough:
        mid = self.mid + other.mid
        return Rough(mid, (self.radius + other.radius + norm(mid) * _UNIT) * _UP + TINY)

    def __sub__(self, other: Rough) -> Rough:
        return self + Rough(-other.mid, other.radius)

    def over(self, number: int) -> Rough:
        """The matrix divided by a positive integer."""
        divisor = float(number)
        made = self.mid / divisor
        return Rough(made, (self.radius / divisor + norm(made) * _UNIT) * _UP + TINY)

    def widened(self, reach: float) -> Rough:
        return Rough(self.mid, (self.radius + reach) * _UP)

    def _times(self, mid: Any, error: Any, size: float) -> Rough:
        """Entry by entry with numbers ``mid`` up to ``error``, none of them above ``size``."""
        made = self.mid * mid
        reach = self.radius * size + norm(self.mid * error) + norm(made) * _UNIT
        return Rough(made, reach * _UP + TINY)

    def columns_scaled(self, values: Numbers) -> Rough:
        return self._times(values.mid, values.error, values.size)

    def rows_scaled(self, values: Numbers) -> Rough:
        return self._times(values.mid[:, None], values.error[:, None], values.size)

    def times(self, table: Numbers) -> Rough:
        """Entry by entry with a table of numbers."""
        return self._times(table.mid, table.error, table.size)


def divided_exponentials(nodes: Numbers, images: Numbers) -> Numbers:
    """The table of exp[x_i, x_j] = ∫₀¹ exp(x_i + s(x_j − x_i)) ds from x and exp(x).

    With δ = x_j − x_i it is the quotient of differences, or exp(x_i)·(1 + δ/2 + δ²/6 + ρ) with
    |ρ| ≤ |δ|³·e^|δ|/24 < |δ|³/20 where |δ| ≤ 2^−6."""
    x, f, x_error, f_error = nodes.mid, images.mid, nodes.error, images.error
    step = x[None, :] - x[:, None]
    distance = np.abs(step)
    moved = x_error[:, None] + x_error[None, :]
    moved += (np.abs(x)[:, None] + np.abs(x)[None, :]) * _UNIT
    size = np.abs(f)[:, None] + np.abs(f)[None, :]
    near = distance <= 2.0**-6
    safe = np.where(near, 1.0, distance)
    far_value = (f[None, :] - f[:, None]) / np.where(near, 1.0, step)
    far_error = (f_error[:, None] + f_error[None, :] + size * _UNIT) / safe
    # |1/(δ + η) − 1/δ| ≤ 2|η|/|δ|² for |η| ≤ |δ|/2, which TINY errors of x are
    far_error += np.abs(far_value) * (2 * moved / safe + _UNIT)
    far_error = np.where(moved <= safe / 2, far_error, np.inf)
    near_value = f[:, None] * (1 + step / 2 + step * step / 6)
    near_error = np.abs(f)[:, None] * (distance**3 / 20 + moved + 8 * _UNIT) + 2 * f_error[:, None]
    mid = np.where(near, near_value, far_value)
    return Numbers(mid, np.where(near, near_error, far_error) * _UP + TINY)
