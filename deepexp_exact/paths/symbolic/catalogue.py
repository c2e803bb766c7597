"""Every statement the sympy engine decides, and every mutation the engines refute, by ID."""

from __future__ import annotations

from . import mutated, statements
from .completion import statements as completion
from .language import Check
from .rank_one import statements as rank_one
from .rank_one import steps as rank_one_steps
from .real import mutated as real_mutated
from .real import mutations as real_mutations
from .real import statements as real
from .shift import mutations as shift
from .split import mutated as split_mutated
from .split import mutations as split_mutations
from .split import statements as split

STATEMENTS: dict[str, tuple[Check, ...]] = {
    **statements.STATEMENTS,
    **completion.STATEMENTS,
    **split.STATEMENTS,
    **real.STATEMENTS,
    **rank_one.STATEMENTS,
}
#: The mutations of the sympy engine: ID → (size, check).
MUTATED: dict[str, tuple[int, Check]] = {
    **mutated.MUTATIONS,
    **split_mutated.MUTATIONS,
    **real_mutated.MUTATIONS,
    **rank_one.MUTATIONS,
}
#: The mutations of the normal forms.
MUTATIONS: tuple[shift.Mutation, ...] = (
    *shift.MUTATIONS,
    *split_mutations.MUTATIONS,
    *real_mutations.MUTATIONS,
    *rank_one_steps.MUTATIONS,
)
