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
first stopped; a file of other settings or of another state of the package is refused.  Two worker
processes, one BLAS thread each.  Exit status 0 if all are inside or refused, 1 otherwise, 130
interrupted.  One problem again, with what is known of it: ``--index J``.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import itertools
import json
import math
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

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


def digest() -> str:
    """SHA-256 of the package's sources and of this script: results of two states never mix."""
    import deepexp_exact

    root = Path(deepexp_exact.__file__).parent
    total = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(root.rglob("*.py")):
        total.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
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


def resume(path: Path, head: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """Rows that are already in the file; a line cut short by a kill is left out and removed."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(head) + "\n", encoding="utf-8")
        return {}
    lines = path.read_text(encoding="utf-8").split("\n")
    whole = lines[:-1]
    if not whole or json.loads(whole[0]) != head:
        raise SystemExit(
            f"{path} is of other settings, versions or sources (--fresh starts again, --out FILE "
            "writes elsewhere)"
        )
    if lines[-1]:
        with path.open("r+", encoding="utf-8") as stream:
            stream.truncate(len("\n".join(whole).encode()) + 1)
    rows = [json.loads(line) for line in whole[1:]]
    return {row["index"]: row for row in rows}


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
                kind = TIME_OUT if answer.seconds >= most else CRASH
                lost = {"result": kind, "reason": answer.reason, "seconds": answer.seconds}
                answer = asdict(todo[index]) | lost
            yield answer


def chosen(made: Any, seed: int, only: Sequence[str] | None) -> Iterator[Draw]:
    """The problems of the campaign, all or those of some families."""
    names = made.families()
    unknown = set(only or ()) - set(names)
    if unknown:
        raise SystemExit(f"no family {', '.join(sorted(unknown))}; families: {', '.join(names)}")
    drawn = (made.draw(seed, j) for j in itertools.count())
    return (one for one in drawn if not only or one.family in only)


def summary(rows: Sequence[dict[str, Any]], seed: int) -> list[str]:
    """Counts by family and class, every problem not inside with its command, worst cases."""
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
            which = f"--{_kind_of(row)} " if "expected" in row else ""
            again = f"{which}--seed {seed} --index {row['index']}"
            out.append(f"    python scripts/campaign.py {again}")
    for words, measure in (
        ("closest to the residual promised (log10 of proved/promised)", nearness),
        ("digits carried beyond those asked", lambda r: float(r["carried"] - r["digits"])),
        ("slowest answers (s of processor time)", lambda r: float(r["solve_seconds"])),
    ):
        out.append(words)
        for row in sorted(judged, key=measure, reverse=True)[:5]:
            out.append(f"  {measure(row):8.2f}  {describe(row)}")
    return out


def _kind_of(row: dict[str, Any]) -> str:
    if str(row.get("problem", "")).startswith("real-"):
        return "reals"
    return "pencils" if row["family"] in pencils.families() else "beyond"


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


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=2000, help="problems (default 2000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--beyond", action="store_true", help="beyond the theorem's hypotheses")
    parser.add_argument("--pencils", action="store_true", help="singular pencils alone")
    parser.add_argument("--reals", action="store_true", help="real weights for real data")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--time-limit", type=int, default=TIME_LIMIT, help="processor seconds, d ≤ 8"
    )
    parser.add_argument("--out", type=Path, default=Path("out/campaign.jsonl"), metavar="FILE")
    parser.add_argument("--fresh", action="store_true", help="start the file again")
    parser.add_argument("--family", action="append", help="only this family; may be repeated")
    parser.add_argument("--index", type=int, help="this problem alone, printed, not written")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    os.environ |= dict.fromkeys(ONE_THREAD, "1")
    kinds = {"reals": options.reals, "pencils": options.pencils, "deciding": options.beyond}
    kind = next((name for name, asked in kinds.items() if asked), "judging")
    judge: Any = {"reals": reals, "pencils": pencils, "deciding": deciding, "judging": judging}[
        kind
    ]
    made: Any = drawing if judge is judging else judge
    bad = BAD if judge is judging else (*BAD, REFUSED)
    if options.index is not None:
        row = judge.examine(made.draw(options.seed, options.index), options.time_limit)
        print(json.dumps(row, indent=1, allow_nan=False))
        return int(row["result"] in bad)
    if options.fresh:
        options.out.unlink(missing_ok=True)
    head = header(options.seed, options.time_limit, kind)
    done = resume(options.out, head)
    drawn = list(itertools.islice(chosen(made, options.seed, options.family), options.count))
    todo = [one for one in drawn if one.index not in done]
    from deepexp_exact.report.terminal import progress

    interrupted = False
    with (
        options.out.open("a", encoding="utf-8") as stream,
        progress("campaign") as tell,
        contextlib.closing(results(todo, options.workers, options.time_limit, kind)) as found,
    ):
        try:
            for row in found:
                stream.write(json.dumps(row, allow_nan=False) + "\n")
                stream.flush()
                done[row["index"]] = row
                tell(f"{row['family']} {row['result']}", len(done), options.count)
        except KeyboardInterrupt:
            interrupted = True
    rows = [done[one.index] for one in drawn if one.index in done]
    print("\n".join(summary(rows, options.seed)))
    print(f"rows: {options.out}")
    if interrupted:
        return 130
    return int(any(row["result"] in bad for row in rows) or not rows)


if __name__ == "__main__":
    sys.exit(main())
