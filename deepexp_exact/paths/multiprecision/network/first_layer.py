"""What the first layer of a construction hands to the second: W1 and A⁻¹ = exp(−W1·X1).

How a construction makes them is its own module's affair, which is named as the construction is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import gmpy2
from gmpy2 import mpc

from ....branches import BranchRecord
from ....exact import GaussianRational
from ....problems import Problem
from ..functions.arrays import Array, number


@dataclass(frozen=True)
class MeasuredFirstLayer:
    """W1, M = W1·X1 and A⁻¹ = exp(−M) with log2 of the relative errors of W1 and of A⁻¹.

    ``A`` gives A = exp(M) to so many bits, ``log2_A`` log2 of its norm; ``D_inverse`` is D⁻¹ where
    W1 is made from it."""

    W1: Array
    M: Array
    inverse_A: Array
    errors: tuple[float, float]
    A: Callable[[int], Array]
    log2_A: Callable[[], float]
    D_inverse: Any = None


def log_scale(alpha: GaussianRational, turn: int) -> Any:
    """c = Log α + 2πi·turn at the current precision, Log closed at +π."""
    pi = gmpy2.const_pi()
    value = number(alpha)
    if alpha.is_real():
        if alpha.re > 0:
            c = gmpy2.log(value)
        else:
            c = mpc(gmpy2.log(-value), pi)
    else:
        c = gmpy2.log(value)
    return c + mpc(0, 2 * turn * pi) if turn else c


def first_layer(
    problem: Problem, record: BranchRecord, bits: int, ceiling: int
) -> MeasuredFirstLayer:
    """W1 of the record and exp(−W1·X1), to about ``bits`` bits; ``ceiling`` in bits."""
    module = import_module(f"..{record.module}", __package__)
    made: MeasuredFirstLayer = module.first_layer(problem, record, bits, ceiling)
    return made
