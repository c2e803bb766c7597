"""The split construction in enclosures: projector, root, factorisation, first layer."""

from __future__ import annotations

import math
from typing import cast

from ....branches import BranchRecord
from ....constructions.split.parameters import SplitParameters
from ....problems import Problem
from ..functions import enclosures as en
from ..functions.eigen import Eigenvectors
from ..network.construction import EnclosedFirstLayer, log_scale
from ..network.planning import Plan
from ..network.weights import solve as solve_split
from .layer import enclosed_layer

__all__ = ["first_layer", "plan", "solve_split"]


def first_layer(
    problem: Problem, record: BranchRecord, start: Eigenvectors | None
) -> EnclosedFirstLayer:
    """W1, A and A⁻¹ of the recorded splitting; ``start`` is not used."""
    parameters = cast("SplitParameters", record.first_layer.parameters)
    alpha, c = en.from_rational(record.alpha), log_scale(record.alpha, record.turn)
    return enclosed_layer(problem.X1, problem.X2, parameters, alpha, c)


def plan(problem: Problem, record: BranchRecord) -> Plan:
    """The radii grow by about 15 + 1.2·q + 0.5·d digits, rounding the weights by a few (measured on
    families of every rank, d = 3 to 32); what is measured then decides."""
    parameters = cast("SplitParameters", record.first_layer.parameters)
    loss = 15 + 1.2 * parameters.q + 0.5 * problem.d
    return Plan(loss * math.log2(10), 4 * math.log2(10))
