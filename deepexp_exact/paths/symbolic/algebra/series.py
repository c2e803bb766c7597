"""The power series the algebra is built on, written once; a mutation gets one of them wrong."""

from __future__ import annotations

from math import factorial

from flint import fmpq


class Series:
    """exp and log of 1 + N for a nilpotent N."""

    def exponential_coefficient(self, power: int) -> fmpq:
        """1/m!, the coefficient of N^m in exp(N) for a nilpotent N."""
        return fmpq(1, factorial(power))

    def logarithm_coefficient(self, power: int) -> fmpq:
        """(−1)^(m−1)/m, the coefficient of N^m in log(1 + N) for a nilpotent N, m ≥ 1."""
        return fmpq((-1) ** (power - 1), power)
