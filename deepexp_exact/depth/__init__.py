"""Depth: what one, two and three layers can do with the same data, proved or certified."""

from .comparison import compare_depths
from .solving import through_points

__all__ = ["compare_depths", "through_points"]
