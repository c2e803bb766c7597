"""The engine that decides the sympy statements, and refutes wrong variants of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .deciding import Facts, counterexample, equal
from .language import TIME, Case, Check, Model, flow
from .statements import SIMILARITY

_False = tuple[str, Any, Any, Facts]


@dataclass
class Proof:
    """The identities of one statement at one size, decided by sympy's polynomial rings.

    ``identities`` counts equations between matrices, ``entries`` their scalar equations, ``types``
    the Jordan types gone through."""

    identities: int = 0
    entries: int = 0
    types: int = 0
    failures: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    _false: list[_False] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return self.identities > 0 and not self.failures

    def decide(self, words: str, left: Any, right: Any, facts: Facts) -> None:
        """Decide left = right; a division that no hypothesis allows counts as a failure."""
        self.identities += 1
        self.entries += left.rows * left.cols
        self.words.append(words)
        try:
            if equal(left, right, facts):
                return
        except ArithmeticError as error:
            words = f"{words} ({error})"
        self.failures.append(words)
        self._false.append((words, left, right, facts))

    def record(self, words: str, condition: bool) -> None:
        self.identities += 1
        self.entries += 1
        self.words.append(words)
        if not condition:
            self.failures.append(words)

    def counterexample(self) -> str | None:
        """Exact values at which one of the false identities is false, or None."""
        for words, left, right, facts in self._false:
            if left.shape != right.shape:
                continue
            found = counterexample(left, right, facts)
            if found is not None:
                values, (row, column), *sides = found
                a, b = (str(side).replace(" ", "") for side in sides)
                texts = (f"{s} = {str(v).replace(' ', '')}" for s, v in values.items())
                listed = ", ".join(texts) or "all values"
                return f"{words}: {a} ≠ {b} at entry ({row},{column}) for {listed}"
        return None


def decide_checks(checks: Sequence[Check], d: int) -> Proof:
    """Every claim of the checks in every case of size d, the exponentials used in them included."""
    proof = Proof()
    for check in checks:
        cases = list(check.cases(d))
        _decide_cases(check, cases, proof)
        if check.count is not None:
            proof.types = len(cases)
            distinct = len({case.words for case in cases})
            proof.record("the cases are distinct", distinct == len(cases))
            proof.record("there are as many as Jordan types", len(cases) == check.count(d))
    if proof.types:
        _decide_cases(SIMILARITY, SIMILARITY.cases(d), proof)
    return proof


def _decide_cases(check: Check, cases: Iterable[Case], proof: Proof) -> None:
    for case in cases:
        model = Model(check, case)
        for words, left, right in model.claims():
            proof.decide(words, left, right, model.facts)
        if check.library:
            form = next(iter(case.values.values()))
            E = flow(form).subs(TIME, 1)
            proof.decide(f"{case.words}: exp(J) is sympy's Matrix.exp", E, form.exp(), Facts())
