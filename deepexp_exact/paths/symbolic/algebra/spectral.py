"""Exact functions of one matrix by its spectral projectors.

M is split as Σ (a_j + n_j)·P_j with scalars a_j and nilpotent n_j that commute with the projectors
P_j = p_j(M).  exp(t·M) = Σ e^(t·a_j)·Σ_k t^k·n_j^k/k!·P_j is not believed: for the matrix at hand
E' = M·E and E(0) = I are decided exactly, with a symbolic t, and these characterise exp(t·M).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

from .evidence import Identities
from .functions import TIME
from .jordan import inverse_power, product
from .matrices import Matrix
from .radicals import invert
from .rings import Element
from .series import Series


@dataclass(frozen=True)
class Part:
    """(scalar + nilpotent) on the range of the projector; nilpotent^length·projector = 0."""

    scalar: Element
    nilpotent: Matrix
    projector: Matrix
    length: int


class Splitting:
    """M = Σ (a_j + n_j)·P_j."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = tuple(parts)

    def matrix(self) -> Matrix:
        return _total(
            (Matrix.scalar(p.scalar.ring, p.projector.height, p.scalar) + p.nilpotent) @ p.projector
            for p in self.parts
        )

    def scale(self, factor: Element) -> Splitting:
        return Splitting(
            [
                Part(factor * p.scalar, p.nilpotent.scale(factor), p.projector, p.length)
                for p in self.parts
            ]
        )

    def shift(self, amount: Element) -> Splitting:
        return Splitting(
            [Part(p.scalar + amount, p.nilpotent, p.projector, p.length) for p in self.parts]
        )

    def exponential(self, formulas: Series) -> Matrix:
        """Σ e^(a_j)·Σ_k n_j^k/k!·P_j."""
        out = []
        for part in self.parts:
            term, total = part.projector, part.projector
            for k in range(1, part.length):
                term = part.nilpotent @ term
                weight = part.scalar.ring.constant(formulas.exponential_coefficient(k))
                total = total + term.scale(weight)
            out.append(total.scale(part.scalar.ring.exponential(part.scalar)))
        return _total(out)

    def proved_exponential(
        self, argument: Matrix, evidence: Identities, words: str, formulas: Series
    ) -> Matrix:
        """exp(argument), after deciding E' = argument·E and E(0) = I for the flow E(t)."""
        ring = argument.ring
        flow = self.scale(ring.generator(TIME)).exponential(formulas)
        evidence.equal(
            f"d/dt exp(t·{words}) = {words}·exp(t·{words})",
            flow.map(lambda x: x.derivative(TIME)),
            argument @ flow,
        )
        evidence.equal(
            f"exp(0·{words}) = I",
            flow.map(lambda x: x.substitute(TIME, 0)),
            Matrix.identity(ring, argument.height),
        )
        return flow.map(lambda x: x.substitute(TIME, 1))


def split(
    matrix: Matrix, values: Sequence[Element], multiplicities: Sequence[int], surds: list[str]
) -> Splitting:
    """The splitting of a matrix with the given distinct eigenvalues (n_j = M − a_j).

    P_j = Π_{i≠j} (M − a_i)^(m_i) · p_j(M − a_j), p_j the series of the reciprocal of the product,
    cut at m_j: the Hermite interpolant of the function that is 1 near a_j and 0 near the others."""
    ring, d = matrix.ring, matrix.height
    shifted = [matrix - Matrix.scalar(ring, d, value) for value in values]
    powers = [_power(m, count) for m, count in zip(shifted, multiplicities, strict=True)]
    parts = []
    for j, length in enumerate(multiplicities):
        others = [i for i in range(len(values)) if i != j]
        series = [ring.one, *[ring.zero] * (length - 1)]
        for i in others:
            gap = invert(ring, values[j] - values[i], surds)
            series = product(ring, series, inverse_power(ring, gap, multiplicities[i], length))
        projector = Matrix.zero(ring, d, d)
        step = Matrix.identity(ring, d)
        for coefficient in series:
            projector = projector + step.scale(coefficient)
            step = step @ shifted[j]
        for i in others:
            projector = projector @ powers[i]
        parts.append(Part(values[j], shifted[j], projector, length))
    return Splitting(parts)


def logarithm(
    splitting: Splitting, logs: Sequence[Element], surds: list[str], formulas: Series
) -> Splitting:
    """Σ (ℓ_j + Σ_m (−1)^(m−1)/m·(n_j/λ_j)^m)·P_j for a splitting of K and given ℓ_j."""
    parts = []
    for part, log in zip(splitting.parts, logs, strict=True):
        ring = log.ring
        ratio = part.nilpotent.scale(invert(ring, part.scalar, surds))
        total = Matrix.zero(ring, ratio.height, ratio.height)
        power = Matrix.identity(ring, ratio.height)
        for m in range(1, part.length):
            power = power @ ratio
            coefficient = ring.constant(formulas.logarithm_coefficient(m))
            total = total + power.scale(coefficient)
        parts.append(Part(log, total, part.projector, part.length))
    return Splitting(parts)


def _power(matrix: Matrix, exponent: int) -> Matrix:
    result = Matrix.identity(matrix.ring, matrix.height)
    for _ in range(exponent):
        result = result @ matrix
    return result


def _total(matrices: Iterable[Matrix]) -> Matrix:
    return reduce(Matrix.__add__, matrices)
