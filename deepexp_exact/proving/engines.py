"""The two engines: statements in sympy decided by its polynomial rings, and exact normal forms.

They word the statements independently and share the registry's IDs alone, so that an error in one
is caught by the other.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from ..solution import Label
from ..theorem import STATEMENTS
from .report import ProveRow

#: The engines by name.
SYMPY, NORMAL_FORMS = ENGINES = ("sympy", "normal-forms")


class Decided(Protocol):
    """The identities of one statement at one size, decided."""

    identities: int
    entries: int
    types: int
    failures: list[str]
    words: list[str]

    @property
    def holds(self) -> bool: ...

    def counterexample(self) -> object | None: ...


def statement_evidence(statement: str, d: int, engine: str) -> Decided:
    """Every identity of one statement at size d, decided by one engine."""
    if engine == SYMPY:
        from ..paths.symbolic.catalogue import STATEMENTS as CHECKS
        from ..paths.symbolic.engine import decide_checks

        return decide_checks(CHECKS[statement], d)
    from ..paths.symbolic import network
    from ..paths.symbolic.algebra.evidence import Identities as Collected
    from ..paths.symbolic.completion import steps as completion
    from ..paths.symbolic.rank_one import steps as rank_one
    from ..paths.symbolic.real import steps as real
    from ..paths.symbolic.shift import steps as shift
    from ..paths.symbolic.split import steps as split

    modules = {"P": shift, "S": completion, "R": real, "Q": split, "T": rank_one}
    function = statement.lower().replace("'", "p")
    check: Callable[[int, Collected], None] = getattr(modules.get(statement[0], network), function)
    evidence = Collected()
    check(d, evidence)
    return evidence


def mutation_evidence(mutation_id: str, engine: str) -> tuple[Decided, str, int]:
    """(identities, words, d) of one mutation."""
    from ..paths.symbolic.catalogue import MUTATIONS

    mutation = next(m for m in MUTATIONS if m.id == mutation_id)
    if engine == SYMPY:
        from ..paths.symbolic.catalogue import MUTATED
        from ..paths.symbolic.engine import decide_checks

        d, check = MUTATED[mutation_id]
        return decide_checks((check,), d), mutation.words, d
    from ..paths.symbolic.algebra.evidence import Identities as Collected

    evidence = Collected()
    mutation.run(mutation.d, evidence)
    return evidence, mutation.words, mutation.d


def mutations_of(statement: str) -> list[str]:
    """The IDs of the mutations of a statement."""
    from ..paths.symbolic.catalogue import MUTATIONS

    return [mutation.id for mutation in MUTATIONS if mutation.statement == statement]


def prove_statement(statement: str, d: int, engine: str = NORMAL_FORMS) -> ProveRow:
    """One statement at size d: PROVED if every identity holds."""
    start = time.perf_counter()
    evidence = statement_evidence(statement, d, engine)
    label = Label.PROVED if evidence.holds else Label.FAILED
    detail = ""
    if evidence.failures:
        found = evidence.counterexample()
        detail = f"{len(evidence.failures)} false: {found or evidence.failures[0]}"
    elif not evidence.holds:
        detail = "nothing was decided"
    words = STATEMENTS[statement].words
    return _row(statement, "", words, d, engine, evidence, label, start, detail)


def refute_mutation(mutation_id: str, engine: str = NORMAL_FORMS) -> ProveRow:
    """REFUTED if exact values make one mutation false, FAILED if none were found."""
    start = time.perf_counter()
    evidence, words, d = mutation_evidence(mutation_id, engine)
    found = None if evidence.holds else evidence.counterexample()
    label = Label.REFUTED if found else Label.FAILED
    detail = str(found) if found else "no counterexample was found"
    statement, _, _ = mutation_id.partition("-")
    return _row(statement, mutation_id, words, d, engine, evidence, label, start, detail)


def _row(
    statement: str,
    mutation: str,
    words: str,
    d: int,
    engine: str,
    evidence: Decided,
    label: Label,
    start: float,
    detail: str,
) -> ProveRow:
    counts = (evidence.types, evidence.identities, evidence.entries)
    seconds = time.perf_counter() - start
    return ProveRow(statement, mutation, words, d, engine, *counts, label, seconds, detail)


def run_row(name: str, d: int, engine: str) -> ProveRow:
    """A statement at size d, or a mutation (d = 0); an exception becomes a FAILED row."""
    start = time.perf_counter()
    try:
        return prove_statement(name, d, engine) if d else refute_mutation(name, engine)
    except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError) as error:
        text = f"{type(error).__name__}: {error}"
        return failed_row(name, d, engine, text, time.perf_counter() - start)


def failed_row(name: str, d: int, engine: str, text: str, seconds: float) -> ProveRow:
    statement, _, _ = name.partition("-")
    words, mutation = (STATEMENTS[statement].words, "") if d else (name, name)
    return ProveRow(statement, mutation, words, d, engine, 0, 0, 0, Label.FAILED, seconds, text)
