#!/usr/bin/env python3
"""Hold what ``solve`` returns against proofs and against code that shares nothing with it.

    python scripts/campaign.py [--count 2000] [--seed 0] [--out out/campaign.jsonl] [--fresh]
    python scripts/campaign.py --beyond --out out/beyond.jsonl
    python scripts/campaign.py --pencils --count 1000 --out out/pencils.jsonl

Problem j of a seed is always the same: a family of ``verify`` (hard and huge data too) or small
Gaussian rationals, size 1 to 12, 1 to 300 digits, α from the rule ``auto``, the paper's α > 0 or a
number, windings of c, the principal, the smallest-norm or a random branch, the multiprecision, the
ball or the default path (``campaigns/drawing.py``).  With p = 10^−digits each outcome is

  inside     both residuals ‖f(Xi) − Yi‖/‖Yi‖ of the weights as returned are at most p and not above
             what the solution tells (``residuals.py``: python-flint's ``acb_mat.exp`` alone; plain
             mpmath too for one in {every}); every matrix in the ball enclosure of each exact weight
             is within p·‖Wj‖ of the weight returned
  VIOLATION  a proved lower bound breaks the promise or what the solution tells
  CRASH      an exception that is no typed error
  TIME-OUT   no answer within {seconds} s of processor time (d ≤ 8; four times that beyond)
  REFUSED    a typed error instead of an answer, which it may give
  UNDECIDED  the judges could not tell

With ``--beyond`` the problems are those that the theorem's hypotheses leave out
(``campaigns/deciding.py``: singular X1, X2, D in every combination, outputs of any rank, d ≤ 8),
solved on the default path, and the answer, which is known from how the problem is made, is

  solution     residuals as above; both checkers accept its certificate and refuse a forged one
  no solution  its statement and numbers hold by the standard library's fractions, and so on
  open         a singular pencil for which no first layer was found: an answer, but counted

With ``--pencils`` they are singular pencils alone, each with a solution (``campaigns/pencils.py``);
with ``--reals`` real problems for which real weights are asked, d ≤ 12 (``campaigns/reals.py``).

A wrong answer is a VIOLATION, and REFUSED does not pass.

One JSON line a problem is appended to the file as it ends, and a second start goes on where the
first stopped; a file of other settings or of another state of the package or of the judges is
refused.  Two worker processes, one BLAS thread each.  Exit status 0 if all are inside or refused, 1
otherwise, 2 for options and files that cannot be used, 130 interrupted.  One problem again, with
what is known of it: ``--index J``.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import itertools
import json
import math
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from campaigns import deciding, drawing, judging, pencils, reals
from campaigns.drawing import Draw
from campaigns.judging import (
    BAD,
    CRASH,
    INSIDE,
    JUDGING_SECONDS,
    MPMATH_EVERY,
    REFUSED,
    TIME_OUT,
)

from deepexp_exact.threads import ONE_THREAD
from deepexp_exact.workers import Lost, in_pool

FORMAT = "deepexp-exact/campaign"
#: Seconds of processor time (a loaded machine is no reason) a solve may take at d ≤ 8;
#: campaigns/judging.py gives four times that beyond.
TIME_LIMIT = 20
__doc__ = (__doc__ or "").format(every=MPMATH_EVERY, seconds=TIME_LIMIT)


#: The judge of each kind of problems, and the option that asks for it.
KINDS: dict[str, tuple[Any, str]] = {
    "judging": (judging, ""),
    "deciding": (deciding, "--beyond "),
    "pencils": (pencils, "--pencils "),
    "reals": (reals, "--reals "),
}


def refuse(words: str) -> NoReturn:
    print(f"campaign: {words}", file=sys.stderr)
    raise SystemExit(2)


def digest() -> str:
    """SHA-256 of the sources of the package and of what judges it: results of two states never
    mix."""
    import deepexp_exact

    root, scripts = Path(deepexp_exact.__file__).parent, Path(__file__).parent
    judges = [scripts / "campaign.py", scripts / "residuals.py", *scripts.glob("campaigns/*.py")]
    total = hashlib.sha256()
    for base, files in ((scripts, judges), (root, root.rglob("*.py"))):
        for path in sorted(files):
            total.update(str(path.relative_to(base)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def header(seed: int, seconds: int, kind: str) -> dict[str, Any]:
    from deepexp_exact.certificate import installed_versions

    return {
        "kind": kind,
        "format": FORMAT,
        "version": 1,
        "seed": seed,
        "time_limit": seconds,
        "sources": digest(),
        "versions": installed_versions(),
    }


def resume(stream: BinaryIO, head: dict[str, Any], fresh: bool) -> dict[int, dict[str, Any]]:
    """Rows that are already in the file; a line cut short by a kill is left out and removed."""
    stream.seek(0)
    text, first = stream.read(), json.dumps(head).encode()
    *whole, cut = text.split(b"\n")
    found, start = parsed(whole[0]) if whole else {}, first[: len(b'{"kind"')]
    if text and (
        found.get("format") != FORMAT if whole else text[: len(start)] != start[: len(text)]
    ):
        refuse(f"{stream.name} is not of a campaign: --out FILE writes elsewhere")
    if fresh or not whole:
        stream.truncate(0)
        stream.write(first + b"\n")
        stream.flush()
        return {}
    if found != head:
        differs = ", ".join(key for key in head | found if found.get(key) != head.get(key))
        refuse(
            f"{stream.name} is of other settings, versions or sources ({differs}): --fresh starts "
            "again, --out FILE writes elsewhere"
        )
    rows = {}
    for number, line in enumerate(whole[1:], 2):
        row = parsed(line)
        if "index" not in row:
            refuse(f"{stream.name}, line {number}, is damaged: take it out, or start with --fresh")
        rows[row["index"]] = row
    if cut:
        stream.truncate(len(text) - len(cut))
    return rows


def parsed(line: bytes) -> dict[str, Any]:
    """The object of a line; empty where it is none."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def results(
    todo: Sequence[Draw], workers: int, seconds: int, kind: str
) -> Iterator[dict[str, Any]]:
    """Rows as they end.  A worker that dies costs the problem in hand: a crash, or a time-out."""
    most = 4 * (4.0 * seconds + JUDGING_SECONDS)  # by the clock, for a call that never returns
    calls = [(asdict(one), seconds) for one in todo]
    with contextlib.closing(
        in_pool(f"campaigns.{kind}:examine_json", calls, workers, most)
    ) as stream:
        for index, answer in stream:
            if isinstance(answer, Lost):
                result = TIME_OUT if answer.seconds >= most else CRASH
                lost = {"result": result, "reason": answer.reason, "seconds": answer.seconds}
                answer = asdict(todo[index]) | lost
            yield answer


def chosen(made: Any, seed: int, only: Sequence[str] | None) -> Iterator[Draw]:
    """The problems of the campaign, all or those of some families."""
    drawn = (made.draw(seed, j) for j in itertools.count())
    return (one for one in drawn if not only or one.family in only)


def summary(rows: Sequence[dict[str, Any]], options: str) -> list[str]:
    """Counts by family and class, every problem not inside with its command, worst cases;
    ``options``: those that draw the same problems."""
    counts = Counter(row["result"] for row in rows)
    right = [name for name in deciding.ANSWERS if name in counts] or [INSIDE]
    classes = ", ".join(f"{counts[name]} {name}" for name in (*right, REFUSED, *BAD))
    out = [f"{len(rows)} problems: {classes}"]
    families = sorted({row["family"] for row in rows})
    for family in families:
        of = Counter(row["result"] for row in rows if row["family"] == family)
        out.append(f"  {family:<22}" + ", ".join(f"{n} {name}" for name, n in sorted(of.items())))
    judged = [row for row in rows if row["result"] in (INSIDE, deciding.SOLVED)]
    for key in ("path", "label", "construction"):
        of = Counter(str(row[key]) for row in judged if key in row)
        if of:
            told = ", ".join(f"{n} {k}" for k, n in sorted(of.items()))
            out.append(f"{right[0]} by {key}: {told}")
    asked = sum("mpmath" in row for row in rows)
    out.append(f"residuals by acb_mat.exp for all that are {right[0]}, by mpmath too for {asked}")
    for row in sorted(rows, key=lambda r: (r["result"], r["index"])):
        if row["result"] not in right:
            out.append(f"  {row['result']} {describe(row)}: {row['reason']}")
            out.append(f"    python scripts/campaign.py {options} --index {row['index']}")
    for words, measure in (
        ("closest to the residual promised (log10 of proved/promised)", nearness),
        ("digits carried beyond those asked", lambda r: float(r["carried"] - r["digits"])),
        ("slowest answers (s of processor time)", lambda r: float(r["solve_seconds"])),
    ):
        out.append(words)
        for row in sorted(judged, key=measure, reverse=True)[:5]:
            out.append(f"  {measure(row):8.2f}  {describe(row)}")
    return out


def describe(row: dict[str, Any]) -> str:
    return (
        f"index {row['index']}: {row.get('problem', row['family'])}, {row['digits']} digits, "
        f"path {row['path']}, alpha {row['alpha']} ({row.get('alpha_used', '?')[:40]}), "
        f"winding {row['turn']}, {row['branch']}"
    )


def nearness(row: dict[str, Any]) -> float:
    """log10 of the largest proved number over 10^−digits; 0 is the limit."""
    found = (*row["residuals"], *row["proved"])
    return max((v for v in found if v is not None), default=-math.inf) + row["digits"]


def whole_number(least: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r}: give a whole number, {least} or more")
        return int(text)

    return parse


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    count = whole_number(1)
    parser.add_argument("--count", type=count, default=2000, help="problems (default 2000)")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.add_mutually_exclusive_group()
    for kind, words in (
        ("deciding", "beyond the theorem's hypotheses"),
        ("pencils", "singular pencils alone"),
        ("reals", "real weights for real data"),
    ):
        option = KINDS[kind][1].strip()
        asked.add_argument(option, dest="kind", action="store_const", const=kind, help=words)
    parser.set_defaults(kind="judging")
    parser.add_argument("--workers", type=count, default=2)
    parser.add_argument(
        "--time-limit", type=count, default=TIME_LIMIT, help="processor seconds, d ≤ 8"
    )
    parser.add_argument("--out", type=Path, default=Path("out/campaign.jsonl"), metavar="FILE")
    parser.add_argument("--fresh", action="store_true", help="start the file again")
    parser.add_argument("--family", action="append", help="only this family; may be repeated")
    parser.add_argument(
        "--index", type=whole_number(0), help="this problem alone, printed, not written"
    )
    options = parser.parse_args()
    names = drawn_by(options.kind).families()
    for name in options.family or ():
        if name not in names:
            parser.error(f"no family {name}; families: {', '.join(names)}")
    return options


def drawn_by(kind: str) -> Any:
    """The module that draws the problems of a kind."""
    return drawing if kind == "judging" else KINDS[kind][0]


def main() -> int:
    options = arguments()
    os.environ |= dict.fromkeys(ONE_THREAD, "1")
    bad = BAD if options.kind == "judging" else (*BAD, REFUSED)
    try:
        if options.index is None:
            return campaign(options, bad)
        one = drawn_by(options.kind).draw(options.seed, options.index)
        row = KINDS[options.kind][0].examine(one, options.time_limit)
        print(json.dumps(row, indent=1, allow_nan=False))
        return int(row["result"] in bad)
    except KeyboardInterrupt:
        return 130
    except BlockingIOError:
        refuse(f"another campaign writes to {options.out}")
    except OSError as error:
        refuse(f"{error.filename or options.out}: {error.strerror}")


def campaign(options: argparse.Namespace, bad: Sequence[str]) -> int:
    """Run what is not in the file yet, and tell of all."""
    from deepexp_exact.report.terminal import progress

    head, made = header(options.seed, options.time_limit, options.kind), drawn_by(options.kind)
    problems = chosen(made, options.seed, options.family)
    drawn = list(itertools.islice(problems, options.count))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    interrupted = False
    with options.out.open("a+b") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        done = resume(stream, head, options.fresh)
        todo = [one for one in drawn if one.index not in done]
        found = results(todo, options.workers, options.time_limit, options.kind)
        with progress("campaign") as tell, contextlib.closing(found):
            try:
                for number, row in enumerate(found, len(drawn) - len(todo) + 1):
                    stream.write(json.dumps(row, allow_nan=False).encode() + b"\n")
                    stream.flush()
                    done[row["index"]] = row
                    tell(f"{row['family']} {row['result']}", number, options.count)
            except KeyboardInterrupt:
                interrupted = True
    rows = [done[one.index] for one in drawn if one.index in done]
    limit = "" if options.time_limit == TIME_LIMIT else f" --time-limit {options.time_limit}"
    print("\n".join(summary(rows, f"{KINDS[options.kind][1]}--seed {options.seed}{limit}")))
    print(f"rows: {options.out}")
    if interrupted:
        return 130
    return int(any(row["result"] in bad for row in rows) or not rows)


if __name__ == "__main__":
    sys.exit(main())
