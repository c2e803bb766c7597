"""Matrices for the steps at sizes where mpmath's take minutes: FLINT's, with midpoints only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import acb, acb_mat, arb, ctx
from mpmath import MPContext

from ..exact import ExactMatrix
from ..exact.binary import exact_balls, to_mpc
from ..precision import MoreBits, raise_until

#: Bits beyond 64 times those asked for up to which a quotient is tried.
MAX_BITS = 1 << 20


class FlintMatrix:
    """A d×d matrix of floating-point numbers (balls of radius 0) in the precision of ``mp``.

    What FLINT computes is rounded to its midpoints (Johansson 2017): like mpmath's results these
    are approximations, measured by the residuals they are used in."""

    def __init__(self, mp: MPContext, value: Any) -> None:
        self.mp, self.value = mp, value.mid()

    @classmethod
    def of(cls, mp: MPContext, matrix: Any) -> FlintMatrix:
        """An exact matrix, rounded, or one of mpmath's."""
        if not isinstance(matrix, ExactMatrix):
            return cls(mp, exact_balls(matrix))
        with ctx.workprec(mp.prec):
            return cls(mp, _enclosed(matrix))

    @classmethod
    def quotient(cls, mp: MPContext, A: ExactMatrix, B: ExactMatrix) -> FlintMatrix:
        """A⁻¹·B for an invertible A, from an enclosure as narrow as the precision."""

        def attempt(bits: int) -> FlintMatrix:
            with ctx.workprec(bits):
                found = _enclosed(A).solve(_enclosed(B), algorithm="precond", nonstop=True)
                width = sum((z.real.rad() + z.imag.rad() for z in found.entries()), arb(0))
                if not width * arb(2) ** mp.prec < _norm(found.mid()):
                    raise MoreBits("its enclosure is too wide", bits)
                return cls(mp, found)

        return raise_until(attempt, mp.prec + 32, 64 * mp.prec + MAX_BITS, "A⁻¹·B needs")

    def _made(self, work: Callable[[], Any]) -> FlintMatrix:
        with ctx.workprec(self.mp.prec):
            return FlintMatrix(self.mp, work())

    def __mul__(self, other: FlintMatrix) -> FlintMatrix:
        return self._made(lambda: self.value * other.value)

    def __rmul__(self, factor: Any) -> FlintMatrix:
        """Times a number of mpmath or Python."""
        exact = exact_balls(self.mp.matrix([[factor]]))[0, 0]
        return self._made(lambda: self.value * exact)

    def __sub__(self, other: FlintMatrix) -> FlintMatrix:
        return self._made(lambda: self.value - other.value)

    def __neg__(self) -> FlintMatrix:
        return self._made(lambda: -self.value)

    def expm(self) -> FlintMatrix:
        """The matrix exponential."""
        return self._made(self.value.exp)

    def frobenius(self) -> Any:
        """‖M‖_F as an ``mpf``."""
        with ctx.workprec(self.mp.prec):
            return self._number(acb(_norm(self.value)))

    def eigenvalues(self) -> list[Any]:
        """Approximate eigenvalues (QR algorithm), with multiplicity."""
        with ctx.workprec(self.mp.prec):
            return [self._number(z) for z in self.value.eig(algorithm="approx")]

    def _number(self, z: Any) -> Any:
        re, im = (part.mid().man_exp() for part in (z.real, z.imag))
        return self.mp.mpmathify(to_mpc((int(re[0]), int(re[1])), (int(im[0]), int(im[1]))))


def _norm(matrix: Any) -> Any:
    flat = [part for z in matrix.entries() for part in (z.real, z.imag)]
    return sum((x * x for x in flat), arb(0)).sqrt()


def _enclosed(matrix: ExactMatrix) -> Any:
    """The exact matrix in balls of the current precision."""
    re, im = matrix.real_part.entries(), matrix.imag_part.entries()
    entries = [acb(arb(x), arb(y)) for x, y in zip(re, im, strict=True)]
    return acb_mat(matrix.rows, matrix.cols, entries)
