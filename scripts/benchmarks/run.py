"""One run of the benchmark: cells, start-up, memory, ledger; written as they come."""

from __future__ import annotations

import json
import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepexp_exact.errors import NotApplicableError
from deepexp_exact.files import write_text
from deepexp_exact.report.figures import write_figure
from deepexp_exact.report.tables import Table

from . import tables
from .extras import extras
from .figures import METHODS, figures
from .grids import Cell, planned_seconds
from .ledger import ledger
from .limits import Limits
from .measuring import Effort, measure, warm_up
from .processes import peak_memory, start_up
from .targets import targets

FORMAT = "deepexp-exact/benchmark"
#: Seconds within which a method is repeated in one cell.
_QUICK_SECONDS, _FULL_SECONDS = 1.0, 20.0
#: Seconds for one problem of the ledger.
_LEDGER_LIMIT = 60.0
_START_REPEATS = 5


@dataclass(frozen=True)
class Plan:
    """What to run: cells, and for whole grids start-up, memory and the ledger too."""

    cells: tuple[Cell, ...]
    whole: bool
    quick: bool
    repeats: int
    seed: int
    threads: int
    limit: float  # seconds of one run of a method
    limit_a: float  # the same for (a)
    ledger: int  # problems
    deadline: float  # of time.monotonic(), after which nothing is begun

    def settings(self) -> dict[str, Any]:
        """What results have to share to be continued."""
        return {
            "repeats": self.repeats,
            "seed": self.seed,
            "threads": self.threads,
            "quick": self.quick,
            "limits": [self.limit, self.limit_a],
        }


class Run:
    """Measures what the plan holds and the folder does not; every step rewrites the JSON file."""

    def __init__(self, plan: Plan, facts: dict[str, Any], folder: Path, resume: bool) -> None:
        self.plan, self.folder = plan, folder
        self.again = _QUICK_SECONDS if plan.quick else _FULL_SECONDS
        self.path = folder / "benchmark.json"
        self.state: dict[str, Any] = {
            "format": FORMAT,
            "version": 1,
            "about": facts,
            "settings": plan.settings(),
            "rows": {},
            "start_up": {},
            "memory": None,
            "extras": {},
            "ledger": [],
            "not_run": [],
        }
        folder.mkdir(parents=True, exist_ok=True)
        if resume and self.path.is_file():
            self._continue()

    def _continue(self) -> None:
        """The results of an earlier run, if it was made with the same settings."""
        stored = _numbers(json.loads(self.path.read_text("utf-8")))
        if stored.get("format") != FORMAT or stored.get("settings") != self.plan.settings():
            raise SystemExit(f"{self.path} was made with other settings; choose another --out")
        stored["rows"] = {Cell(r["family"], r["d"], r["digits"]).key: r for r in stored["rows"]}
        self.state |= stored | {"about": self.state["about"], "not_run": []}

    # -- measuring

    def go(self) -> None:
        """Measure everything, then write tables and figures."""
        plan = self.plan
        todo = [cell for cell in plan.cells if cell.key not in self.state["rows"]]
        limits = Limits(plan.limit, {"a": plan.limit_a})
        minutes = planned_seconds(tuple(todo), plan.repeats, limits, self.again) / 60
        _say(f"{len(todo)} cells, about {math.ceil(minutes)} minutes; {self._head()}")
        if todo:
            warm_up()
        self._cells(todo, limits)
        if plan.whole and not self.state["start_up"] and self._in_time("start-up"):
            _say("start-up of the command line")
            self.state["start_up"] = start_up(_START_REPEATS, plan.threads)
        if plan.whole and self.state["memory"] is None and self._in_time("memory"):
            _say("memory of (c) at d = 64, 1000 digits")
            self.state["memory"] = peak_memory(
                "gaussian-complex", 64, plan.seed, 1000, "auto", "multiprecision", plan.threads, 600
            )
        if plan.whole and not self.state["extras"] and self._in_time("checker, rates, threads"):
            _say("standard-library checker, problems a second, threads, 10 000 digits")
            self.state["extras"] = extras(plan.seed, plan.threads)
        self._ledger()
        self.write()

    def _cells(self, todo: list[Cell], limits: Limits) -> None:
        plan = self.plan
        for row in self.state["rows"].values():
            for method, spent in row["seconds"].items():
                limits.note(method, row["family"], row["d"], row["digits"], spent)
        effort = Effort(plan.repeats, self.again, plan.seed, plan.threads, plan.quick)
        for number, cell in enumerate(todo, 1):
            if not self._in_time(cell.key):
                continue
            started = time.perf_counter()
            self.state["rows"][cell.key] = measure(cell, effort, limits)
            self._save()
            spent = time.perf_counter() - started
            _say(
                f"[{number}/{len(todo)}] {cell.family}, d = {cell.d}, {cell.digits} digits: "
                f"{spent:.1f} s"
            )

    def _in_time(self, what: str) -> bool:
        if time.monotonic() < self.plan.deadline:
            return True
        self.state["not_run"].append(what)
        return False

    def _ledger(self) -> None:
        plan = self.plan
        if len(self.state["ledger"]) == plan.ledger or not self._in_time("ledger"):
            return
        _say(f"ledger: {plan.ledger} random problems")
        self.state["ledger"] = []
        largest = 6 if plan.quick else 12
        for entry in ledger(plan.ledger, plan.seed, largest, ball=True, limit=_LEDGER_LIMIT):
            self.state["ledger"].append(entry)
            if not self._in_time("the rest of the ledger"):
                break

    # -- results

    def _head(self) -> str:
        plan = self.plan
        return (
            f"least processor time of at most {plan.repeats} runs in turn, {plan.threads} BLAS "
            f"thread(s), seed {plan.seed}, a method is skipped above {plan.limit:g} s a run, (a) "
            f"above {plan.limit_a:g} s"
        )

    def _rows(self) -> list[dict[str, Any]]:
        return list(self.state["rows"].values())

    def _tables(self) -> list[Table]:
        rows = self._rows()
        names = ", ".join(f"({k}) {v}" for k, v in METHODS.items())
        head = f"Processor time of one solve, {self._head()}; lower is better; {names}"
        made = [tables.times_table(rows, head), tables.accuracy_table(rows)]
        if self.state["ledger"]:
            made.append(tables.ledger_table(self.state["ledger"]))
        return [*made, tables.targets_table(self._targets())]

    def _targets(self) -> list[Any]:
        state = self.state
        beside = (state["start_up"], state["memory"], state["ledger"], state["extras"])
        return targets(self._rows(), *beside)

    def _save(self) -> None:
        """The JSON file, whole or not at all."""
        table = self.state | {
            "rows": self._rows(),
            "targets": [target.to_json() for target in self._targets()],
        }
        write_text(self.path, json.dumps(_plain(table), indent=1, allow_nan=False) + "\n")

    def write(self) -> None:
        """JSON, every table as LaTeX, Markdown and CSV, every figure."""
        self._save()
        for table in self._tables():
            write_text(self.folder / f"{table.id}.tex", table.to_latex())
            write_text(self.folder / f"{table.id}.md", table.to_markdown())
            write_text(self.folder / f"{table.id}.csv", table.to_csv())
        try:
            for figure in figures(self._rows(), self.state["ledger"]):
                write_figure(figure, self.folder)
        except NotApplicableError as error:
            _say(f"no figures: {error}")

    def show(self) -> None:
        """Every table on the terminal, targets last."""
        for table in self._tables():
            tables.show(table)
            print()
        if self.state["not_run"]:
            print(f"not run within the time given: {', '.join(self.state['not_run'])}")
        print(f"written to {self.folder}: benchmark.json, tables (.md, .tex, .csv), figures")


def _plain(value: Any) -> Any:
    """The value with infinite numbers (an error that is nothing or everything) as texts."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _numbers(value: Any) -> Any:
    """The inverse of :func:`_plain`."""
    if isinstance(value, dict):
        return {key: _numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    return float(value) if value in ("inf", "-inf", "nan") else value


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)
