"""A study as data: the TOML file, its validation, and the runs it plans.

    format = "deepexp-exact/study"
    version = 1
    name = "s1"
    title = "..."
    [limits]
    seconds = 60        # for one run
    memory_mb = 4096    # for one worker process
    [[grid]]
    measure = "accuracy"
    family = ["gaussian-complex"]
    d = [2, 4, 8]
    seed = {count = 5}
    problem = ["mine.json"] # files of your own, besides the families or instead of them
    expect_undecided = true # these runs look for the ceiling: to reach it is a result
    [grid.quick]        # replaces values when the study is run with --quick
    seed = {count = 1}

A run is a measure with one value for each of its axes.  Its key is a hash of just these, so that
it does not depend on the order of the plan, nor on what is expected of it.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import FormatError
from ..files import read_text
from .axes import AXES, read_values
from .measures import MEASURES, Measure
from .problems import PARAMETRIC, is_shipped

FORMAT, VERSION = "deepexp-exact/study", 1
#: Most runs of one study.
MAX_RUNS = 1_000_000
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


@dataclass(frozen=True)
class Run:
    """One measurement to make: a measure and a value for each of its axes."""

    measure: str
    params: Mapping[str, Any] = field(hash=False)

    @property
    def text(self) -> str:
        """The canonical JSON of measure and parameters."""
        return canonical({"measure": self.measure, "params": dict(self.params)})

    @property
    def key(self) -> str:
        """20 hexadecimal digits of the SHA-256 of :attr:`text`."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:20]

    def __str__(self) -> str:
        shown = (f"{k}={v}" for k, v in self.params.items() if (v,) != AXES[k].default)
        return f"{self.measure} {' '.join(shown)}"


@dataclass(frozen=True)
class Limits:
    """What one run may take: seconds of wall time, and megabytes of its worker process."""

    seconds: float = 60.0
    memory_mb: int = 4096


@dataclass(frozen=True)
class Study:
    """A validated plan: its runs without repetition, in the order of the file."""

    name: str
    title: str
    limits: Limits
    runs: tuple[Run, ...]
    text: str
    quick: bool
    #: Keys of the runs that may stay undecided.
    may_stay_undecided: frozenset[str] = frozenset()

    @property
    def sha256(self) -> str:
        """Of the study file's text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def plan_sha256(self) -> str:
        """Of the keys of the runs: two files with the same digest plan the same measurements."""
        return hashlib.sha256("".join(sorted(run.key for run in self.runs)).encode()).hexdigest()

    def estimate(self, workers: int = 1, runs: Sequence[Run] | None = None) -> float:
        """Roughly how many seconds all runs (or these) take, timed ones one after the other; each
        is bounded by the time limit."""
        total = 0.0
        for run in self.runs if runs is None else runs:
            measure = MEASURES[run.measure]
            seconds = min(measure.estimate(run.params), self.limits.seconds)
            total += seconds if measure.alone else seconds / max(workers, 1)
        return total


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def load_study(path: str | os.PathLike[str], quick: bool = False) -> Study:
    """Read and validate a study file; :class:`FormatError` names the line's key."""
    return parse_study(read_text(path), str(path), quick)


def parse_study(text: str, where: str = "study", quick: bool = False) -> Study:
    """:func:`load_study` of a text."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FormatError(f"{where} is not TOML: {error}", "correct the file") from None
    reader = _Reader(table, where, _key_lines(text), quick)
    return reader.study(text)


def run_of(grid: Mapping[str, Any]) -> Run:
    """The run of a grid with one value an axis, validated like any grid of a file."""
    (run,) = _Reader({}, "run", {}, False).grid("grid", dict(grid))
    return run


def _key_lines(text: str) -> dict[tuple[str, str], int]:
    """The line of each (section, key), and of each section's beginning as (section, "").

    The sections of grids are "grid 1", "grid 1 quick", ..."""
    lines: dict[tuple[str, str], int] = {}
    section, grids = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        if header := re.match(r"\s*\[\[?\s*([\w.-]+)\s*\]", line):
            grids += header[1] == "grid"
            words = header[1].split(".")
            section = " ".join(["grid", str(grids), *words[1:]] if words[0] == "grid" else words)
            lines.setdefault((section, ""), number)
        elif key := re.match(r"""\s*(["']?)([\w-]+)\1\s*(?:\.\s*([\w-]+)\s*)?=""", line):
            inner = " ".join([section, key[2]] if section else [key[2]])
            found = (inner, key[3]) if key[3] else (section, key[2])
            lines.setdefault(found, number)
            lines.setdefault((inner, ""), number)
    return lines


class _Reader:
    """The validation of one file; every error names section, key and, where known, line."""

    def __init__(
        self, table: dict[str, Any], where: str, lines: dict[tuple[str, str], int], quick: bool
    ) -> None:
        self.table, self.where, self.lines, self.quick = table, where, lines, quick

    def at(self, section: str, key: str) -> str:
        outer = (section, section.removesuffix(" quick"), re.sub(" .*", "", section))
        found = ((section, key), *((name, "") for name in outer if section))
        line = next((self.lines[place] for place in found if place in self.lines), None)
        place = f"{section}, {key}" if section else key
        return f"{self.where}{f', line {line}' if line else ''}: {place}"

    def study(self, text: str) -> Study:
        self.keys("", self.table, {"format", "version", "name", "title", "limits", "grid"})
        for key, wanted in (("format", FORMAT), ("version", VERSION)):
            if self.table.get(key) != wanted:
                raise FormatError(f"{self.at('', key)} is not {wanted!r}", f"write {wanted!r}")
        name, title = self.table.get("name"), self.table.get("title", "")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise FormatError(
                f"{self.at('', 'name')}: {name!r} is not a name", "use a-z, 0-9 and hyphens"
            )
        if not isinstance(title, str):
            raise FormatError(f"{self.at('', 'title')} is not text")
        grids = self.table.get("grid")
        if not isinstance(grids, list) or not grids:
            raise FormatError(f"{self.where}: there is no [[grid]]", "add one")
        runs: dict[str, Run] = {}
        undecided: set[str] = set()
        for number, grid in enumerate(grids, 1):
            planned = self.grid(f"grid {number}", grid)
            for run in planned:
                runs.setdefault(run.key, run)
                if len(runs) > MAX_RUNS:
                    raise FormatError(f"{self.where} plans more than {MAX_RUNS} runs")
            if grid.get("expect_undecided"):
                undecided |= {run.key for run in planned}
        every = tuple(runs.values())
        return Study(name, title, self.limits(), every, text, self.quick, frozenset(undecided))

    def keys(self, section: str, table: Any, allowed: set[str]) -> None:
        if not isinstance(table, dict):
            raise FormatError(f"{self.where}: {section} is not a table")
        for key in table:
            if key not in allowed:
                raise FormatError(
                    f"{self.at(section, key)} is not known", f"keys: {', '.join(sorted(allowed))}"
                )

    def limits(self) -> Limits:
        table = self.table.get("limits", {})
        self.keys("limits", table, {"seconds", "memory_mb"})
        seconds = table.get("seconds", Limits.seconds)
        if (
            isinstance(seconds, bool)
            or not isinstance(seconds, int | float)
            or not 0 < seconds < 1e7
        ):
            raise FormatError(
                f"{self.at('limits', 'seconds')}: {seconds!r} is not a positive time below 1e7 s"
            )
        memory = table.get("memory_mb", Limits.memory_mb)
        if type(memory) is not int or memory < 256:
            raise FormatError(
                f"{self.at('limits', 'memory_mb')}: {memory!r} is not an integer of at least 256"
            )
        return Limits(float(seconds), memory)

    def grid(self, section: str, table: Any) -> list[Run]:
        if not isinstance(table, dict):
            raise FormatError(f"{self.where}: {section} is not a table")
        measure = MEASURES.get(str(table.get("measure")))
        if measure is None:
            raise FormatError(
                f"{self.at(section, 'measure')}: {table.get('measure')!r} is no measure",
                f"measures: {', '.join(MEASURES)}",
            )
        table = self.with_files(measure, table)
        self.keys(section, table, {"measure", "quick", "expect_undecided", *measure.axes})
        if not isinstance(table.get("expect_undecided", False), bool):
            raise FormatError(
                f"{self.at(section, 'expect_undecided')}: {table['expect_undecided']!r} is neither "
                "true nor false"
            )
        values = self.axes(section, table, measure, {})
        quick = self.with_files(measure, table.get("quick", {}))
        self.keys(f"{section} quick", quick, set(measure.axes))
        replaced = self.axes(f"{section} quick", quick, measure, values)
        return self.expand(section, measure, replaced if self.quick else values)

    @staticmethod
    def with_files(measure: Measure, table: Any) -> Any:
        """``problem = ["mine.json"]`` as values of the axis ``family``."""
        if not isinstance(table, dict) or "problem" not in table or "family" not in measure.axes:
            return table
        both = [table[key] for key in ("family", "problem") if key in table]
        values = [x for part in both for x in (part if isinstance(part, list) else [part])]
        return {key: v for key, v in table.items() if key != "problem"} | {"family": values}

    def axes(
        self, section: str, table: dict[str, Any], measure: Measure, given: dict[str, Any]
    ) -> dict[str, tuple[Any, ...]]:
        out: dict[str, tuple[Any, ...]] = {}
        for name in measure.axes:
            if name in table:
                out[name] = read_values(name, table[name], self.at(section, name))
            elif name in given:
                out[name] = given[name]
            else:
                default = AXES[name].default
                if default is None:
                    raise FormatError(
                        f"{self.at(section, name)} is missing", f"{name}: {AXES[name].words}"
                    )
                out[name] = default
        return out

    def expand(
        self, section: str, measure: Measure, values: dict[str, tuple[Any, ...]]
    ) -> list[Run]:
        count = 1
        for axis in values.values():
            count *= len(axis)
        if count > MAX_RUNS:
            raise FormatError(f"{self.where}: {section} plans {count} runs, more than {MAX_RUNS}")
        runs = []
        for combination in itertools.product(*values.values()):
            params = self.normal(section, dict(zip(values, combination, strict=True)))
            runs.append(Run(measure.name, params))
        return runs

    def normal(self, section: str, params: dict[str, Any]) -> dict[str, Any]:
        """A shipped problem has no size, seed or exponent to choose; other families have."""
        family = params.get("family")
        if family is None:
            return params
        if is_shipped(family):
            return params | {k: 0 for k in ("d", "seed", "exponent") if k in params}
        if params.get("d") == 0:
            raise FormatError(
                f"{self.at(section, 'd')} is missing", f"the family {family} needs sizes"
            )
        if family not in PARAMETRIC and "exponent" in params:
            params = params | {"exponent": 0}
        if family == "near-cut" and params["d"] < 2:
            raise FormatError(f"{self.at(section, 'd')}: near-cut needs d of at least 2")
        return params


def default_store(path: str | os.PathLike[str], quick: bool = False) -> Path:
    """Where the results of a study file go unless told otherwise: out/studies/NAME.sqlite."""
    stem = Path(path).stem
    return Path("out/studies") / f"{stem}{'-quick' if quick else ''}.sqlite"
