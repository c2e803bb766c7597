"""The report of ``prove``: rows, labels by statement, text, JSON, LaTeX.

The statements and their words come from the registry (:mod:`deepexp_exact.theorem`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..solution import Label
from ..theorem import PROVED_BY_HAND, STATEMENTS, formal_names, formal_theorems

FORMAT = "deepexp-exact/prove"
VERSION = 2

#: What the checks rest on besides exact arithmetic; each is also named in proofs/theorem.md.
CITED = (
    "every complex matrix is similar to a Jordan form (P2, P3, P4, P6, P7, N1, N3, Q2, Q3)",
    "every projector is similar to diag(I, 0) (Q1, Q2, Q3)",
    "the power series E(t) of exp(t·M) solves E' = M·E, E(0) = I",
    "the linear differential equation E' = M·E, E(0) = I has one solution",
    "e^(x+y) = e^x·e^y for complex numbers, and every nonzero complex number is some e^x",
    "every logarithm of K is U·L·U⁻¹, U·K = K·U, L a block logarithm as checked (Gantmacher)",
    "every X is G⁻¹·[I 0; 0 0]·H⁻¹, and invertible factors do not change a rank (B1, S1, Q5')",
    "det(A·B) = det A·det B, and a triangular determinant is the product of its diagonal (S2, Q5)",
)


@dataclass(frozen=True)
class ProveRow:
    """One statement at one size (``mutation`` empty), or one mutation, by one engine."""

    statement: str
    mutation: str
    words: str
    d: int
    engine: str
    types: int
    identities: int
    entries: int
    label: Label
    seconds: float
    detail: str

    @property
    def id(self) -> str:
        return self.mutation or self.statement

    def to_json(self) -> dict[str, Any]:
        return {
            "statement": self.statement,
            "mutation": self.mutation,
            "words": self.words,
            "d": self.d,
            "engine": self.engine,
            "types": self.types,
            "identities": self.identities,
            "entries": self.entries,
            "label": str(self.label),
            "seconds": round(self.seconds, 3),
            "detail": self.detail,
        }


@dataclass(frozen=True)
class ProveReport:
    """Every row of a run, in the order of the registry: proofs by size, then mutations."""

    max_d: int
    engine: str
    rows: tuple[ProveRow, ...]
    seconds: float

    @property
    def proofs(self) -> tuple[ProveRow, ...]:
        return tuple(row for row in self.rows if not row.mutation)

    @property
    def mutations(self) -> tuple[ProveRow, ...]:
        return tuple(row for row in self.rows if row.mutation)

    def statements(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.statement for row in self.rows))

    def label(self, statement: str) -> Label:
        """PROVED if every size is PROVED and every mutation REFUTED by every engine asked, FAILED
        otherwise."""
        rows = [row for row in self.rows if row.statement == statement]
        good = all(row.label is (Label.REFUTED if row.mutation else Label.PROVED) for row in rows)
        return Label.PROVED if good and any(not row.mutation for row in rows) else Label.FAILED

    def by_hand(self) -> dict[str, str]:
        """What of the statements (and of those that are not decided at all) rests on the written
        proof."""
        shown = self.statements()
        alone = PROVED_BY_HAND if any(s.startswith("Q") for s in shown) else ()
        texts = {s: STATEMENTS[s].by_hand for s in (*shown, *alone)}
        return {s: text for s, text in texts.items() if text}

    def disagreements(self) -> list[str]:
        """The rows on which one engine says something else than the other, in words."""
        found: dict[tuple[str, int], dict[str, Label]] = {}
        for row in self.rows:
            found.setdefault((row.id, row.d), {})[row.engine] = row.label
        return [
            f"{name}, d = {d}: the engines disagree: "
            + ", ".join(f"{engine} {label}" for engine, label in labels.items())
            for (name, d), labels in found.items()
            if len(set(labels.values())) > 1
        ]

    @property
    def exit_status(self) -> int:
        """0 if every statement is PROVED and every mutation REFUTED, 1 otherwise."""
        labels = [self.label(statement) for statement in self.statements()]
        return 0 if labels and all(label is Label.PROVED for label in labels) else 1

    def to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "version": VERSION,
            "max_d": self.max_d,
            "engine": self.engine,
            "exit_status": self.exit_status,
            "seconds": round(self.seconds, 3),
            "labels": {statement: str(self.label(statement)) for statement in self.statements()},
            "formal": formal_names((*self.statements(), *self.by_hand())),
            "by_hand": self.by_hand(),
            "disagreements": self.disagreements(),
            "rows": [row.to_json() for row in self.rows],
            "cited": list(CITED),
        }

    def to_text(self) -> str:
        """The table of proofs, the mutations with their counterexamples, and what is cited."""
        titles = ("step", "d", "engine", "types", "identities", "entries", "label", "seconds")
        lines = [_TEXT.format(*titles)]
        for row in self.proofs:
            types = str(row.types) if row.types else "generic"
            lines.append(
                _TEXT.format(
                    row.id,
                    row.d,
                    row.engine,
                    types,
                    row.identities,
                    row.entries,
                    row.label,
                    f"{row.seconds:.2f}",
                )
            )
            if row.detail:
                lines.append(f"      {row.detail}")
        lines += ["", "mutations (each has to be REFUTED)"]
        for row in self.mutations:
            words = f"{row.words} ({row.engine})"
            lines += [f"{row.id:<13} {row.label:<8} {words}", f"{'':13} {row.detail}"]
        lines += ["", *self.disagreements()] if self.disagreements() else []
        coq = {s: f"Coq {name}" for s, name in formal_theorems().items()}
        lines += ["", "cited, not checked", *(f"- {text}" for text in CITED), ""]
        lines += [
            f"{s}: {self.label(s)}, {STATEMENTS[s].title}: {STATEMENTS[s].words} "
            f"[every d: {coq.get(s, 'not in Coq')}]"
            for s in self.statements()
        ]
        if self.by_hand():
            lines += ["", "proved by hand (proofs/theorem.md), not decided here"]
            lines += [
                f"- {s}: {text} [every d: {coq.get(s, 'not in Coq')}]"
                for s, text in self.by_hand().items()
            ]
        whole = {s: name for s, name in coq.items() if s not in STATEMENTS}
        lines += ["", "proved for every d in Coq (proofs/formal)"]
        lines += [f"- {s}: {name}" for s, name in whole.items()]
        sizes = sorted({row.d for row in self.proofs})
        lines.append(f"d = {', '.join(map(str, sizes))}; {self.seconds:.1f} s")
        return "\n".join(lines)

    def to_latex(self) -> str:
        """A table of step, size, Jordan types, identities, label and time (needs no package)."""
        lines = [r"\begin{tabular}{llrlrrll}", r"\hline"]
        lines.append(r"step & & $d$ & engine & types & identities & label & seconds \\ \hline")
        for row in self.proofs:
            types = str(row.types) if row.types else "--"
            lines.append(
                f"{row.id} & {STATEMENTS[row.statement].title} & {row.d} & {row.engine} & "
                f"{types} & {row.identities} & {row.label} & {row.seconds:.2f} \\\\"
            )
        lines.append(r"\hline")
        for statement in self.statements():
            rows = [row for row in self.mutations if row.statement == statement]
            refuted = sum(row.label is Label.REFUTED for row in rows)
            lines.append(
                rf"{statement} & mutations & & & & {len(rows)} & {refuted} REFUTED & "
                rf"{sum(row.seconds for row in rows):.2f} \\"
            )
        return "\n".join([*lines, r"\hline", r"\end{tabular}", ""])


_TEXT = "{:<5} {:>2}  {:<12} {:>8} {:>11} {:>8}  {:<8} {:>8}"
