"""One derivation for each problem of a study, made again where the study did not keep it.

A study keeps figures, not matrices.  A report shows for every problem the steps and the branch
record of one of its runs: the one that lost the most digits of those that passed, otherwise the
first.  That run's problem and branch are solved again to at most :data:`DIGITS` digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from ..solution import Label
from .execution import local
from .outcome import Outcome
from .plan import Limits, Run
from .results import Results, value
from .single import parse_run, words_of
from .store import Row

#: Decimal digits of a derivation at most.
DIGITS = 50
#: A problem of a study: family, d, seed, exponent.
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Subject:
    """A problem of a study with its rows, the row it is shown by, and the derivation's run
    (None: no row tells its branch)."""

    key: Key
    rows: Results
    shown: Row
    run: Run | None

    @property
    def name(self) -> str:
        """Family, d, seed and exponent; a shipped problem has its name alone."""
        family, d, seed, exponent = self.key
        size = f" d={d} seed={seed}" if d else ""
        return f"{family}{size}{f' exponent={exponent}' if exponent else ''}"


def subjects(results: Results) -> list[Subject]:
    """Every problem of the results, in the order of the plan."""
    table: dict[Key, list[Row]] = {}
    for row in results:
        params = row.run.params
        if "family" in params:
            key = (params["family"], *(params.get(name, 0) for name in ("d", "seed", "exponent")))
            table.setdefault(key, []).append(row)
    out = []
    for key, rows in table.items():
        shown = _shown(rows)
        out.append(Subject(key, Results(rows, results.facts), shown, _derivation_of(shown)))
    return out


def _lost(row: Row) -> float:
    lost = value(row, "lost")
    return lost if isinstance(lost, float) and math.isfinite(lost) else -math.inf


def _passed(row: Row) -> bool:
    return row.outcome is not None and row.outcome.label.passes and bool(row.outcome.measured)


def _shown(rows: list[Row]) -> Row:
    kept = [row for row in rows if row.run.measure == "derivation" and row.outcome]
    passed = kept or [row for row in rows if _passed(row)]
    return max(passed, key=_lost) if passed else rows[0]


def _derivation_of(row: Row) -> Run | None:
    """The derivation of a row's problem, α, turn and branch."""
    params = row.run.params
    found = {name: params[name] for name in ("family", "d", "seed", "exponent") if name in params}
    for name in ("alpha", "turn", "branch", "construction"):
        if name in params:
            found[name] = params[name]
    found["digits"] = min(params.get("digits", DIGITS), DIGITS)
    if "re_c" in params:
        from .measures.scale import FARTHEST, exact_alpha

        if abs(params["re_c"]) > FARTHEST:
            return None
        found["alpha"] = str(exact_alpha(params["re_c"], params["im_c"]))
        if found["alpha"] == "1":
            return None
    if "k" in params:
        kept = value(row, "ks")
        if not kept:
            return None
        found["branch"] = [int(k) for k in kept.split(",")]
    return parse_run(words_of(Run("derivation", found)))


def worst_first(found: list[Subject]) -> list[Subject]:
    """Problems with a run that did not pass, then those that lost more digits, first."""
    return sorted(found, key=lambda s: (not s.rows.not_passed(), -_lost(s.shown)))


def derive(
    results: Results,
    most: int = 40,
    seconds: float = 60.0,
    workers: int | None = None,
    shown: Callable[[Run, Outcome, int, int], None] | None = None,
) -> dict[str, Outcome]:
    """Outcomes of derivations by the key of their run: those the results hold, and up to ``most``
    made now, worst problems first, each within ``seconds``."""
    out = stored(results)
    todo = [s.run for s in worst_first(subjects(results)) if s.run and s.run.key not in out]
    todo = list({run.key: run for run in todo}.values())[:most]
    if not todo:
        return out
    with closing(local(todo, Limits(seconds), workers)) as stream:
        for done, (run, outcome) in enumerate(stream, 1):
            out[run.key] = outcome
            if shown is not None:
                shown(run, outcome, done, len(todo))
    return out


def stored(results: Results) -> dict[str, Outcome]:
    """The derivations that the results themselves hold."""
    rows = results.where("derivation")
    return {row.run.key: row.outcome for row in rows if row.outcome is not None}


def case_of(outcome: Outcome) -> Mapping[str, Any] | None:
    """The case that a derivation gave, or None if it did not end."""
    case = outcome.measured.get("case")
    return case if isinstance(case, Mapping) and outcome.label is not Label.UNDECIDED else None
