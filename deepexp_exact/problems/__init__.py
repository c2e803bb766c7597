"""Problems: exact data and hypotheses, files (JSON, NPZ, MatrixMarket), families, hard matrices."""

from .problem import FORMAT, MATRICES, VERSION, Hypothesis, Problem
from .reading import as_problem, load_problem, shipped

__all__ = [
    "FORMAT",
    "MATRICES",
    "VERSION",
    "Hypothesis",
    "Problem",
    "as_problem",
    "load_problem",
    "shipped",
]
