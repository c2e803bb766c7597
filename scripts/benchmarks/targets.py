"""The targets of the project, each beside what one run measured.  Nothing is met by not being
measured."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .families import FAR, STRUCTURED
from .figures import cost_points, exponent
from .ledger import Entry, at_most_once, within

Row = dict[str, Any]
#: Families whose time is held against the simple case at the same d and digits.
HARD = ("defective", "cluster-1e-12", "cluster-1e-20")
#: Half an order of magnitude: what "no worse" allows for the rounding of two different methods.
_NO_WORSE = 0.5
#: Digits that count as "a few".
FEW = 5.0


@dataclass(frozen=True)
class Target:
    """What was asked and what was measured; ``met`` is None where it was not measured."""

    text: str
    asked: str
    measured: str
    met: bool | None

    @property
    def verdict(self) -> str:
        return {True: "yes", False: "NO", None: "not measured"}[self.met]

    def to_json(self) -> Row:
        return {
            "target": self.text,
            "asked": self.asked,
            "measured": self.measured,
            "met": self.met,
        }


def targets(
    rows: Sequence[Row],
    start: dict[str, float],
    memory: Row | None,
    entries: Sequence[Entry],
    extras: Row,
) -> list[Target]:
    """Every target of speed and accuracy, in the order of the issue and the design."""
    cells = {(row["family"], row["d"], row["digits"]): row for row in rows}
    return [
        *_ratios(cells),
        *_as_accurate(cells),
        *_hard_spectra(cells),
        _growth(rows),
        *_second_round(cells),
        *_beside(extras),
        *_start(start),
        *_errors(rows),
        *_planning(list(entries)),
        _memory(memory),
    ]


def _ratios(cells: dict[tuple[str, int, int], Row]) -> Iterator[Target]:
    asked = [("a", "c", d, 50, least) for d, least in ((16, 150.0), (24, 300.0))]
    asked += [("b", "c", d, 50, least) for d, least in ((16, 1.0), (24, 2.0), (32, 3.0), (48, 5.0))]
    asked += [("b", "c", 16, 1000, 5.0)]
    for slow, quick, d, digits, least in asked:
        text = f"({quick}) against ({slow}), d = {d}, {digits} digits: times faster"
        ratio, why = _ratio(cells, d, digits, slow, quick)
        met = None if ratio is None else ratio >= least
        yield Target(text, f"at least {least:g}", _times(ratio, why), met)
    second = [("c", d, x) for d, x in ((2, 0.3), (4, 0.5), (8, 1.0), (16, 4.0), (32, 14.0))]
    second += [("c", 48, 25.0), ("c", 64, 40.0)]
    second += [("s", d, x) for d, x in ((8, 1.5), (16, 2.5), (32, 4.0), (48, 6.0))]
    for quick, d, least in second:
        ratio, why = _ratio(cells, d, 50, "b", quick)
        met = None if ratio is None else ratio >= least
        text = f"({quick}) against (b), d = {d}, 50 digits, second round: times faster"
        yield Target(text, f"at least {least:g}", _times(ratio, why), met)
    for d, most in ((8, 2.0), (16, 1.0), (24, 1.0), (32, 1.0)):
        text = f"(d) against (b), d = {d}, 50 digits: share of its time"
        ratio, why = _ratio(cells, d, 50, "d", "b")
        met = None if ratio is None else ratio <= most
        yield Target(text, f"at most {most:g}", _times(ratio, why), met)


def _as_accurate(cells: dict[tuple[str, int, int], Row]) -> Iterator[Target]:
    for d in (16, 24, 32):
        ratio, why = _ratio(cells, d, 50, "b", "c as b")
        row = cells.get(("gaussian-complex", d, 50), {})
        asked = f" ({row['digits_as_b']})" if "digits_as_b" in row else ""
        yield Target(
            f"(c) asked for the digits of (b)'s midpoints{asked}, d = {d}: times faster than (b)",
            "at least 1",
            _times(ratio, why),
            None if ratio is None else ratio >= 1,
        )


def _ratio(
    cells: dict[tuple[str, int, int], Row], d: int, digits: int, top: str, bottom: str
) -> tuple[float | None, str]:
    row = cells.get(("gaussian-complex", d, digits))
    if row is None:
        return None, "no such cell"
    for method in (top, bottom):
        if method not in row["seconds"]:
            return None, f"({method}) {row['notes'].get(method, 'not run')}"
    return row["seconds"][top] / row["seconds"][bottom], ""


def _times(ratio: float | None, why: str) -> str:
    return why if ratio is None else f"{ratio:.3g}"


def _hard_spectra(cells: dict[tuple[str, int, int], Row]) -> Iterator[Target]:
    for d in (8, 16):
        simple = cells.get(("gaussian-complex", d, 50))
        for family in HARD:
            row = cells.get((family, d, 50))
            text = f"(c) {family} against the simple case, d = {d}, 50 digits: times slower"
            if row is None or simple is None or not _both(row, simple):
                yield Target(text, "at most 5, same accuracy", "no such cell", None)
                continue
            ratio = row["seconds"]["c"] / simple["seconds"]["c"]
            error = row["errors"].get("c")
            accurate = error is not None and error <= -row["digits"]
            shown = "unknown" if error is None else f"1e{error:.1f}"
            yield Target(
                text,
                "at most 5, same accuracy",
                f"{ratio:.3g}, error {shown}",
                ratio <= 5 and accurate,
            )


def _both(row: Row, simple: Row) -> bool:
    return "c" in row["seconds"] and "c" in simple["seconds"]


def _growth(rows: Sequence[Row]) -> Target:
    points = [p for p in cost_points(rows, "d", "c", 50) if 16 <= p[0] <= 64]
    slope = exponent(points) if len(points) >= 3 else None
    sizes = ", ".join(str(int(d)) for d, _ in points)
    return Target(
        "(c) cost in d at 50 digits, fitted exponent from d = 16 to 64",
        "at most 3.3",
        "too few sizes" if slope is None else f"{slope:.2f} over d = {sizes}",
        None if slope is None else slope <= 3.3,
    )


def _second_round(cells: dict[tuple[str, int, int], Row]) -> Iterator[Target]:
    for d in (32, 64):
        row = cells.get(("gaussian-complex", d, 50), {})
        text = f"record and choice of α, d = {d}, 50 digits: share of (c), %"
        if "c" not in row.get("seconds", {}):
            yield Target(text, "below 20", "no such cell", None)
            continue
        share = 100 * row["record_seconds"] / row["seconds"]["c"]
        yield Target(text, "below 20", f"{share:.0f}", share < 20)
    for d in (2, 4, 8, 16, 32, 48):
        for method in "cg":
            share = cells.get(("gaussian-complex", d, 50), {}).get("measuring", {}).get(method)
            text = f"({method}) measuring residuals and errors, d = {d}, 50 digits: share of it, %"
            yield Target(
                text,
                "at most 40" if d >= 16 else "reported",
                "not measured" if share is None else f"{100 * share:.0f}",
                None if share is None else d < 16 or share <= 0.4,
            )
    wanted = [
        ("gaussian-complex", d, 10_000, m, x) for m in "cs" for d, x in ((4, 2.0), (16, 12.0))
    ]
    wanted += [(f, d, 50, m, 2.0) for f in FAR for d in (4, 8) for m in "cs"]
    for family, d, digits, method, most in wanted:
        if (family, d) == ("al-mohy-higham", 8):
            continue
        row = cells.get((family, d, digits), {})
        seconds = row.get("seconds", {}).get(method)
        why = row.get("notes", {}).get(method, "no such cell")
        text = f"({method}) {family}, d = {d}, {digits} digits: seconds"
        met = False if row and seconds is None else None if seconds is None else seconds < most
        yield Target(text, f"below {most:g}", why if seconds is None else f"{seconds:.3g}", met)
    simple = cells.get(("gaussian-complex", 16, 50))
    for family in STRUCTURED:
        row = cells.get((family, 16, 50))
        text = f"(c) {family} against the simple case, d = 16, 50 digits: times slower"
        if row is None or simple is None or not _both(row, simple):
            yield Target(text, "at most 10", "no such cell", None)
            continue
        ratio = row["seconds"]["c"] / simple["seconds"]["c"]
        yield Target(text, "at most 10", f"{ratio:.3g}", ratio <= 10)


def _beside(extras: Row) -> Iterator[Target]:
    """What no cell measures."""
    for key, text, asked, good in (
        ("checker 32 50", "standard-library checker, d = 32, 50 digits: seconds", "below 2",
         lambda x: x < 2),
        ("checker 8 1000", "standard-library checker, d = 8, 1000 digits: seconds", "below 3",
         lambda x: x < 3),
        ("memory 10000", "(c) peak memory, d = 16, 10 000 digits, MB", "below 400",
         lambda x: x < 400),
        ("busy over wall", "processor over wall time of (c), d = 32, threads left alone",
         "at most 1.1", lambda x: x <= 1.1),
        ("study", "study, d = 4, 50 digits, 2 workers, with its store: problems a second",
         "at least 56 (10 000 in 3 minutes)", lambda x: x >= 10_000 / 180),
        ("rate multiprecision", "(c) d = 4, 50 digits: problems a second of processor time",
         "reported", lambda x: True),
        ("rate default", "(s) d = 4, 50 digits: problems a second of processor time",
         "reported", lambda x: True),
    ):  # fmt: skip
        value = extras.get(key)
        shown = "not measured" if value is None else f"{value:.3g}"
        yield Target(text, asked, shown, None if value is None else good(value))


def _start(start: dict[str, float]) -> Iterator[Target]:
    for name, text, most in (
        ("solve", "whole process, solve of a d = 2 problem, seconds", 0.8),
        ("--help", "whole process, --help, seconds", 0.3),
    ):
        value = start.get(name)
        shown = "not measured" if value is None else f"{value:.3f}"
        yield Target(text, f"below {most:g}", shown, None if value is None else value < most)


def _errors(rows: Sequence[Row]) -> Iterator[Target]:
    own = [(row, row["errors"]["c"]) for row in rows if "c" in row["errors"]]
    worst = max((error + row["digits"] for row, error in own), default=None)
    yield Target(
        "(c) forward error of the worst weight against the promise, all cells",
        "at most 10^-digits",
        "no cell" if worst is None else f"10^{worst:.1f} of it at most, {len(own)} cells",
        None if worst is None else worst <= 0,
    )
    for mine, other, words in (
        ("c", "a", "(a)'s, same digits asked"),
        ("c", "b proved", "what (b)'s balls prove, same digits asked"),
        ("c", "b", "(b)'s midpoints, same digits asked"),
        ("c as b", "b", "(b)'s midpoints, (c) asked for as many digits as they have"),
    ):
        pairs = [
            (row, row["errors"][mine] - row["errors"][other])
            for row, _ in own
            if mine in row["errors"] and other in row["errors"]
        ]
        gap = max((g for _, g in pairs), default=None)
        worse = sum(g > _NO_WORSE for _, g in pairs)
        yield Target(
            f"(c) forward error against {words}",
            "no worse (within 10^0.5)",
            "no cell"
            if gap is None
            else f"at most 10^{gap:.1f} of it; worse in {worse} of {len(pairs)} cells",
            None if gap is None else worse == 0,
        )


def _planning(entries: list[Entry]) -> Iterator[Target]:
    done = [entry for entry in entries if "measured" in entry]
    failed = len(entries) - len(done)
    for method, name in (("c", "multiprecision"), ("d", "ball")):
        share = at_most_once(entries, method)
        yield Target(
            f"({method}) {name} path recomputes at most once",
            "95 % of solves",
            "not measured"
            if share is None
            else f"{100 * share:.1f} % of {len(done)}"
            + (f", {failed} without a result" if failed else ""),
            None if share is None else share >= 0.95 and failed == 0,
        )
    near = within(entries, FEW)
    worst = max((abs(e["predicted"] - e["measured"]) for e in done), default=math.nan)
    yield Target(
        f"digits lost, predicted against measured: within {FEW:g} digits",
        "95 % of solves",
        f"{100 * near:.1f} % of {len(done)}; worst off by {worst:.1f}" if done else "not measured",
        near >= 0.95 if done else None,
    )


def _memory(memory: Row | None) -> Target:
    text = "(c) peak memory of a whole process, d = 64, 1000 digits, MB"
    if memory is None:
        return Target(text, "reported", "not measured", None)
    shown = f"{memory['peak']:.0f} ({memory['start']:.0f} before solving)"
    return Target(text, "reported", shown, True)
