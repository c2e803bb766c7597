"""The construction `shift` on the symbolic path."""

from .closed_form import solve_shift as solve_shift
